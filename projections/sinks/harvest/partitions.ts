import type { Database, Statement } from 'better-sqlite3'
import { isoOf } from '#projections/iso.js'
import { SAMPLES, type SampleKind } from '#projections/harvest/change.js'

const DAY_US = 86_400_000_000

interface Layout {
  /** Columns behind `at` and `of`, with their types. */
  readonly columns: readonly string[]
  /** Length of the date in the name: a day, or a month. */
  readonly digits: 8 | 6
}

/** How samples of each kind lie in their partitions: one table a UTC day, or a month; `at` µs, `of` the number of a token or market. */
export const LAYOUTS: Readonly<Record<SampleKind, Layout>> = {
  top: { columns: ['bid', 'ask', 'last', 'source'], digits: 8 },
  depth: { columns: ['bid1', 'bid2', 'bid5', 'ask1', 'ask2', 'ask5', 'source'], digits: 8 },
  l2: { columns: ['source', 'bids', 'asks'], digits: 8 },
  state: { columns: ['active', 'closed', 'archived', 'spread', 'liquidity', 'volume'], digits: 6 },
}
/** Kinds whose old partitions go. */
export const RAW: readonly SampleKind[] = ['top', 'depth', 'l2']
const isText = (column: string): boolean => column === 'bids' || column === 'asks'

/** The table of a kind of samples at a time. */
export function partitionOf(kind: SampleKind, tUs: number): string {
  const day = isoOf(tUs).slice(0, 10).replaceAll('-', '')
  return `harvest_${kind}_${day.slice(0, LAYOUTS[kind].digits)}`
}

/** Partitions of a database: made when their first sample comes, dropped whole. */
export class Partitions {
  readonly #db: Database
  readonly #inserts = new Map<string, Statement>()
  /** The day that a kind was asked for last, with its statement: samples come in the order of time. */
  readonly #last = new Map<SampleKind, { readonly day: number; readonly insert: Statement }>()
  /** Whether queries over partitions have to be made anew. */
  isChanged = false

  constructor(db: Database) {
    this.#db = db
  }

  /** Names of the tables of a kind, oldest first. */
  names(kind: SampleKind): string[] {
    const rows = this.#db
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB ? ORDER BY name")
      .all(`harvest_${kind}_[0-9]*`) as { name: string }[]
    return rows.map(({ name }) => name)
  }

  /** Puts a sample in its partition; one of the same moment takes the place of the one before. */
  put(kind: SampleKind, tUs: number, values: readonly (number | string)[]): void {
    const day = Math.floor(tUs / DAY_US)
    let last = this.#last.get(kind)
    if (last?.day !== day) {
      last = { day, insert: this.#insert(kind, tUs) }
      this.#last.set(kind, last)
    }
    last.insert.run(tUs, ...values)
  }

  /** Drops partitions of raw samples that end before this time; their names. */
  dropBefore(tUs: number): string[] {
    const gone = RAW.flatMap(kind => this.names(kind).filter(name => name < partitionOf(kind, tUs)))
    for (const name of gone) this.#db.exec(`DROP TABLE "${name}"`)
    this.forget()
    if (gone.length > 0) this.isChanged = true
    return gone
  }

  /** Tables may be others than before: a transaction was taken back, or some were dropped. */
  forget(): void {
    this.#inserts.clear()
    this.#last.clear()
  }

  /** Every partition of every kind. */
  all(): string[] {
    return SAMPLES.flatMap(kind => this.names(kind))
  }

  #insert(kind: SampleKind, tUs: number): Statement {
    const name = partitionOf(kind, tUs)
    const known = this.#inserts.get(name)
    if (known) return known
    const { columns } = LAYOUTS[kind]
    const there = this.#db.prepare('SELECT 1 FROM sqlite_master WHERE name = ?').get(name)
    if (there === undefined) {
      const typed = columns.map(
        column => `${column} ${isText(column) ? 'TEXT' : 'INTEGER'} NOT NULL`,
      )
      this.#db.exec(
        `CREATE TABLE "${name}" (at INTEGER NOT NULL, of INTEGER NOT NULL, ${typed.join(', ')}, PRIMARY KEY (at, of)) STRICT, WITHOUT ROWID`,
      )
      this.isChanged = true
    }
    const marks = Array(columns.length + 2).fill('?')
    const insert = this.#db.prepare(`INSERT OR REPLACE INTO "${name}" VALUES (${marks.join(', ')})`)
    this.#inserts.set(name, insert)
    return insert
  }
}
