import { HARVEST_TABLES, type HarvestTable } from '#projections/harvest/tables.js'

/** Grows with the tables: a database of another layout is rebuilt. */
export const HARVEST_LAYOUT = 1

const TYPES = {
  text: 'TEXT',
  integer: 'INTEGER',
  real: 'REAL',
  flag: 'INTEGER',
  time: 'TEXT',
} as const

/** Tables that take rows themselves. */
export const ROW_TABLES: readonly HarvestTable[] = (
  HARVEST_TABLES as readonly HarvestTable[]
).filter(({ isQuery }) => isQuery !== true)

/** What the database keeps besides: which run is folded how far, numbers of tokens and markets, parts of minutes, newest prices. */
export const OWN_TABLES: Readonly<Record<string, string>> = {
  harvest_runs: `(id INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, started_us INTEGER NOT NULL, last_seq INTEGER NOT NULL,
    head TEXT NOT NULL, state TEXT NOT NULL, layout INTEGER NOT NULL) STRICT`,
  harvest_tokens:
    '(id INTEGER PRIMARY KEY, token_id TEXT NOT NULL UNIQUE, market_id TEXT NOT NULL) STRICT',
  harvest_markets: '(id INTEGER PRIMARY KEY, market_id TEXT NOT NULL UNIQUE) STRICT',
  harvest_minutes: `(minute INTEGER NOT NULL, of INTEGER NOT NULL, run INTEGER NOT NULL, open_us INTEGER NOT NULL,
    open INTEGER NOT NULL, high INTEGER NOT NULL, low INTEGER NOT NULL, close_us INTEGER NOT NULL, close INTEGER NOT NULL,
    spread_min INTEGER NOT NULL, spread_max INTEGER NOT NULL, spread_sum INTEGER NOT NULL, count INTEGER NOT NULL,
    updated_us INTEGER NOT NULL, PRIMARY KEY (minute, of, run)) STRICT, WITHOUT ROWID`,
  harvest_health: `(minute INTEGER NOT NULL, source TEXT NOT NULL, status TEXT NOT NULL, run INTEGER NOT NULL,
    latencies TEXT NOT NULL, PRIMARY KEY (minute, source, status, run)) STRICT, WITHOUT ROWID`,
  harvest_latest: `(of INTEGER PRIMARY KEY, at INTEGER NOT NULL, bid INTEGER NOT NULL, ask INTEGER NOT NULL,
    last INTEGER NOT NULL, source INTEGER NOT NULL) STRICT`,
}

/** Makes a table that takes rows. */
export function rowTableSql({ name, key, columns }: HarvestTable): string {
  const typed = columns.map(([column, type]) => `"${column}" ${TYPES[type]}`)
  return `CREATE TABLE IF NOT EXISTS "${name}" (${typed.join(', ')}, PRIMARY KEY (${key.join(', ')})) STRICT, WITHOUT ROWID`
}

/** Puts a row in the place of the one with its key. */
export function upsertSql({ name, columns }: HarvestTable): string {
  return `INSERT OR REPLACE INTO "${name}" VALUES (${columns.map(() => '?').join(', ')})`
}
