import type { Database, Statement } from 'better-sqlite3'
import type { Change } from '#projections/harvest/change.js'
import type { HarvestTable, HarvestTableName } from '#projections/harvest/tables.js'
import { sqlite } from '../sqlite-addon.js'
import { ViewDatabase } from '../sqlite.js'
import { copyTables } from './copy-tables.js'
import { HARVEST_LAYOUT, OWN_TABLES, ROW_TABLES, rowTableSql, upsertSql } from './layout.js'
import { Partitions, RAW } from './partitions.js'
import { KIND_OF, PART_QUERIES, samplesSql } from './queries.js'

/** How long a writer waits for another one, ms. */
const BUSY_MS = 60_000

/** How far a run is folded into the tables. */
export interface Folded {
  readonly runId: string
  readonly startedUs: number
  readonly lastSeq: number
  readonly head: string
  /** Of the fold behind `lastSeq`. */
  readonly state: string
}

/** The tables of what collectors brought, in the database beside the runs. */
export class HarvestDatabase {
  readonly db: Database
  readonly partitions: Partitions
  readonly #rows = new Map<string, Statement>()
  readonly #own = new Map<string, Statement>()
  readonly #tokens = new Map<string, number>()
  readonly #markets = new Map<string, number>()

  private constructor(db: Database) {
    this.db = db
    this.partitions = new Partitions(db)
  }

  /** Opens or makes the file. Throws where it is another program's database. */
  static async open(path: string, { isReadonly = false } = {}): Promise<HarvestDatabase> {
    const views = await ViewDatabase.open(path, { isReadonly })
    views.close()
    const Sqlite = await sqlite()
    const made = new HarvestDatabase(new Sqlite(path, { timeout: BUSY_MS, readonly: isReadonly }))
    if (isReadonly) return made
    made.db.pragma('journal_mode = WAL')
    made.db.pragma('synchronous = NORMAL')
    made.#make()
    return made
  }

  /** Whether the database has these tables at all. */
  get isThere(): boolean {
    return (
      this.db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'harvest_runs'").get() !== undefined
    )
  }

  /** How far a run is folded; undefined: not at all, or into other tables than today's. */
  folded(runId: string): Folded | undefined {
    const row = this.db
      .prepare('SELECT * FROM harvest_runs WHERE run_id = ? AND layout = ?')
      .get(runId, HARVEST_LAYOUT) as
      { started_us: number; last_seq: number; head: string; state: string } | undefined
    return (
      row && {
        runId,
        startedUs: row.started_us,
        lastSeq: row.last_seq,
        head: row.head,
        state: row.state,
      }
    )
  }

  /**
   * Makes changes of a run, all of them or none. With `Folded`, says how far it is folded with them; with its name alone they are ahead of what
   * that says.
   */
  apply(changes: readonly Change[], of: Folded | { readonly runId: string }): void {
    const write = this.db.transaction(() => {
      if ('state' in of) this.#progress(of)
      const { id } = this.#statement('SELECT id FROM harvest_runs WHERE run_id = ?').get(
        of.runId,
      ) as {
        id: number
      }
      for (const change of changes) this.#makeOne(change, id)
      if (this.partitions.isChanged) this.#defineSamples()
    })
    try {
      write.immediate()
      this.partitions.isChanged = false
    } catch (error) {
      // What was known of tables and numbers may have been taken back.
      this.partitions.forget()
      this.#tokens.clear()
      this.#markets.clear()
      throw error
    }
  }

  /** Drops partitions of raw samples that end before this time; their names. */
  dropBefore(tUs: number): readonly string[] {
    return this.db
      .transaction(() => {
        const gone = this.partitions.dropBefore(tUs)
        if (gone.length > 0) this.#defineSamples()
        this.partitions.isChanged = false
        return gone
      })
      .immediate()
  }

  /** A query over a table; of samples over those from a time on (µs), and other rows of it likewise. */
  selectSql(
    table: HarvestTable,
    { fromUs, fromIso }: { fromUs?: number; fromIso?: string } = {},
  ): string {
    const kind = KIND_OF[table.name as HarvestTableName]
    const columns = table.columns.map(([name]) => `"${name}"`).join(', ')
    const order = table.key.map(name => `"${name}"`).join(', ')
    if (kind !== undefined)
      return `SELECT ${columns} FROM (${samplesSql(kind, this.partitions.names(kind), fromUs)})`
    const where =
      fromIso === undefined || table.time === undefined
        ? ''
        : `WHERE "${table.time}" >= '${fromIso}'`
    return `SELECT ${columns} FROM "${table.name}" ${where} ORDER BY ${order}`
  }

  /** Takes everything out: the tables are as new. */
  clear(): void {
    this.db
      .transaction(() => {
        for (const name of this.partitions.all()) this.db.exec(`DROP TABLE "${name}"`)
        for (const { name } of ROW_TABLES) this.db.exec(`DROP TABLE IF EXISTS "${name}"`)
        for (const name of Object.keys(OWN_TABLES)) this.db.exec(`DROP TABLE IF EXISTS "${name}"`)
      })
      .immediate()
    this.#rows.clear()
    this.#own.clear()
    this.#tokens.clear()
    this.#markets.clear()
    this.partitions.forget()
    this.#make()
  }

  /** Takes over all that another database of these tables holds. This one is empty. */
  copyFrom(file: string): void {
    copyTables(this.db, file)
    this.db.transaction(() => this.#defineSamples()).immediate()
  }

  /** When the oldest day begins of which there are raw samples, µs; undefined where there are none. */
  oldestUs(): number | undefined {
    const days = RAW.flatMap(kind => this.partitions.names(kind).slice(0, 1)).map(name =>
      name.slice(-8),
    )
    const day = days.sort()[0]
    return day === undefined
      ? undefined
      : Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:00:00Z`) * 1_000
  }

  close(): void {
    this.db.close()
  }

  #progress({ runId, startedUs, lastSeq, head, state }: Folded): void {
    this.#statement(
      `INSERT INTO harvest_runs (run_id, started_us, last_seq, head, state, layout) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (run_id) DO UPDATE SET started_us = excluded.started_us, last_seq = excluded.last_seq, head = excluded.head,
       state = excluded.state, layout = excluded.layout`,
    ).run(runId, startedUs, lastSeq, head, state, HARVEST_LAYOUT)
  }

  #make(): void {
    this.db
      .transaction(() => {
        for (const [name, sql] of Object.entries(OWN_TABLES))
          this.db.exec(`CREATE TABLE IF NOT EXISTS "${name}" ${sql}`)
        for (const table of ROW_TABLES) this.db.exec(rowTableSql(table))
        for (const [name, sql] of Object.entries(PART_QUERIES)) this.#define(name, sql)
        this.#defineSamples()
      })
      .immediate()
  }

  #defineSamples(): void {
    for (const [name, kind] of Object.entries(KIND_OF))
      this.#define(name, samplesSql(kind, this.partitions.names(kind)))
  }

  #define(name: string, sql: string): void {
    const there = this.db
      .prepare("SELECT sql FROM sqlite_master WHERE type = 'view' AND name = ?")
      .get(name) as { sql: string } | undefined
    if (there?.sql === `CREATE VIEW "${name}" AS ${sql}`) return
    this.db.exec(`DROP VIEW IF EXISTS "${name}"; CREATE VIEW "${name}" AS ${sql}`)
  }

  #makeOne(change: Change, run: number): void {
    switch (change.tag) {
      case 'row':
        this.#row(change.table).run(...change.cells)
        return
      case 'token':
        this.#tokens.set(change.token, this.#tokenOf(change.token, change.market))
        return
      case 'minute':
        this.#statement(
          `INSERT OR REPLACE INTO harvest_minutes VALUES (${Array(14).fill('?').join(', ')})`,
        ).run(...[change.minuteUs, this.#tokenOf(change.token), run, ...change.bar, change.tUs])
        return
      case 'health':
        this.#statement('INSERT OR REPLACE INTO harvest_health VALUES (?, ?, ?, ?, ?)').run(
          ...[change.minuteUs, change.source, change.status, run, JSON.stringify(change.latencies)],
        )
        return
      case 'sample':
        this.#sample(change)
    }
  }

  #sample({ kind, tUs, of, numbers }: Extract<Change, { tag: 'sample' }>): void {
    const id = kind === 'state' ? this.#marketOf(of) : this.#tokenOf(of)
    this.partitions.put(kind, tUs, [id, ...(kind === 'l2' ? levelsOf(numbers) : numbers)])
    if (kind !== 'top') return
    const [bid = 0, ask = 0, last = 0, source = 0] = numbers
    this.#statement(
      `INSERT INTO harvest_latest VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (of) DO UPDATE SET at = excluded.at, bid = excluded.bid,
       ask = excluded.ask, last = excluded.last, source = excluded.source WHERE excluded.at >= at`,
    ).run(id, tUs, bid, ask, last, source)
  }

  /** The number of a token, given at first sight. */
  #tokenOf(token: string, market?: string): number {
    const known = this.#tokens.get(token)
    if (known !== undefined && market === undefined) return known
    if (market !== undefined)
      this.#statement(
        'INSERT INTO harvest_tokens (token_id, market_id) VALUES (?, ?) ON CONFLICT (token_id) DO UPDATE SET market_id = excluded.market_id',
      ).run(token, market)
    const row = this.#statement('SELECT id FROM harvest_tokens WHERE token_id = ?').get(token) as
      { id: number } | undefined
    if (!row) throw new Error(`token ${token} was sampled before it was described`)
    this.#tokens.set(token, row.id)
    return row.id
  }

  #marketOf(market: string): number {
    const known = this.#markets.get(market)
    if (known !== undefined) return known
    this.#statement('INSERT OR IGNORE INTO harvest_markets (market_id) VALUES (?)').run(market)
    const { id } = this.#statement('SELECT id FROM harvest_markets WHERE market_id = ?').get(
      market,
    ) as { id: number }
    this.#markets.set(market, id)
    return id
  }

  #row(table: string): Statement {
    const known = this.#rows.get(table)
    if (known) return known
    const of = ROW_TABLES.find(({ name }) => name === table)
    if (!of) throw new Error(`${table} takes no rows`)
    const made = this.db.prepare(upsertSql(of))
    this.#rows.set(table, made)
    return made
  }

  #statement(sql: string): Statement {
    const known = this.#own.get(sql)
    if (known) return known
    const made = this.db.prepare(sql)
    this.#own.set(sql, made)
    return made
  }
}

/** `[source, levels of the bid side, prices and sizes…]` as it is stored: both sides as JSON. */
function levelsOf(numbers: readonly number[]): readonly [number, string, string] {
  const [source = 0, bids = 0] = numbers
  const side = (from: number, to: number): string => {
    const pairs: (readonly [number, number])[] = []
    for (let i = from; i < to; i += 2) pairs.push([numbers[i] ?? 0, numbers[i + 1] ?? 0])
    return JSON.stringify(pairs)
  }
  return [source, side(2, 2 + 2 * bids), side(2 + 2 * bids, numbers.length)]
}
