import type { Database, Statement } from 'better-sqlite3'
import { ALL_VIEWS } from '../registry.js'
import type { Cells, FileView } from '../view.js'
import type { RowSink } from './files.js'
import { Comparing } from './sqlite-comparing.js'
import { sqlite } from './sqlite-addon.js'
import {
  insertSql,
  ROWS_AT_ONCE,
  storedOf,
  tableSql,
  valueOf,
  type Stored,
} from './sqlite-tables.js'

/** Name of the database beside the runs. */
export const DATABASE = 'polaris.db'
/** How long a writer waits for another one. */
const BUSY_MS = 60_000
/** Layout of the tables that are not views; another one is refused. */
const LAYOUT = 1

/** What `runs` holds of a run. */
export interface RunRow {
  readonly runId: string
  readonly mode: string
  readonly parent: string
  readonly status: string
  readonly head: string
  readonly lastSeq: number
  readonly startedUs: number
  readonly tag: string
  readonly configDigest: string
}

/** Views that are tables of the database: all with columns. */
export const isKept = ({ columns }: FileView): boolean => columns.length > 0

/** The views of many runs as typed tables in one SQLite file. */
export class ViewDatabase {
  readonly #db: Database

  private constructor(db: Database) {
    this.#db = db
  }

  /** Opens or makes the file; better-sqlite3 is loaded here. Throws where it is no such database. */
  static async open(path: string, { isReadonly = false } = {}): Promise<ViewDatabase> {
    const Sqlite = await sqlite()
    const db = new Sqlite(path, { timeout: BUSY_MS, readonly: isReadonly })
    try {
      const layout = Number(db.pragma('user_version', { simple: true }))
      if (layout !== LAYOUT && !(layout === 0 && !isReadonly && isEmpty(db)))
        throw new Error(`the database has layout ${layout}, this version writes ${LAYOUT}`)
      if (isReadonly) return new ViewDatabase(db)
      db.pragma('journal_mode = WAL')
      db.pragma('synchronous = NORMAL')
      const made = new ViewDatabase(db)
      made.#make()
      return made
    } catch (error) {
      db.close()
      throw error
    }
  }

  /** Runs that hold rows of a view at another version than this program's, or of another end of their log: they are to be rebuilt. */
  stale(): string[] {
    const now = new Map(ALL_VIEWS.map(({ name, version }) => [name, version]))
    const old = this.#held().filter(({ view, version }) => now.get(view) !== version)
    return [...new Set(old.map(row => row.run_id))]
  }

  /** Names of the views that the database holds of a run, at whatever version. */
  viewsOf(runId: string): readonly string[] {
    return this.#held()
      .filter(row => row.run_id === runId)
      .map(({ view }) => view)
  }

  /** Whether the database holds anything of a run. */
  holds(runId: string): boolean {
    return this.#db.prepare('SELECT 1 FROM runs WHERE run_id = ?').get(runId) !== undefined
  }

  /** Whether it holds all these views of a run at their version, folded from this end of its log. */
  isCurrent(of: {
    readonly runId: string
    readonly views: readonly FileView[]
    readonly lastSeq: number
    readonly head: string
  }): boolean {
    const at = this.#db
      .prepare('SELECT 1 FROM runs WHERE run_id = ? AND head = ? AND last_seq = ?')
      .get(of.runId, of.head, of.lastSeq)
    const held = new Map(
      this.#held().flatMap(row =>
        row.run_id === of.runId ? [[row.view, row.version] as const] : [],
      ),
    )
    const views = of.views.filter(isKept)
    return at !== undefined && views.every(({ name, version }) => held.get(name) === version)
  }

  /** Makes views of its own anew: queries by name. */
  define(views: Readonly<Record<string, string>>): void {
    this.#db.transaction(() => {
      for (const [name, sql] of Object.entries(views))
        this.#db.exec(`DROP VIEW IF EXISTS "${name}"; CREATE VIEW "${name}" AS ${sql}`)
    })()
  }

  /** Takes rows of a run out of tables from a time on, as their columns of time have it; answers how many by table. */
  forget(
    runId: string,
    of: {
      readonly from: string
      readonly tables: readonly { readonly table: string; readonly column: string }[]
    },
  ): Readonly<Record<string, number>> {
    const held = new Set(this.viewsOf(runId))
    const gone: Record<string, number> = {}
    this.#db.transaction(() => {
      for (const { table, column } of of.tables) {
        if (!held.has(table)) continue
        const sql = `DELETE FROM "${table}" WHERE run_id = ? AND "${column}" >= ?`
        const { changes } = this.#db.prepare(sql).run(runId, of.from)
        gone[table] = changes
        this.#db
          .prepare('UPDATE run_views SET rows = rows - ? WHERE run_id = ? AND view = ?')
          .run(changes, runId, table)
      }
    })()
    return gone
  }

  /** Begins to replace the rows of a run; nobody sees it before `commit`. One at a time. */
  replace(runId: string, views: readonly FileView[]): Replacing {
    return new Replacing(this.#db, runId, views.filter(isKept))
  }

  /** Begins to compare what it holds of a run with rows that come. */
  compare(runId: string, views: readonly FileView[]): Comparing {
    return new Comparing(this.#db, runId, views.filter(isKept))
  }

  close(): void {
    this.#db.close()
  }

  #held(): { run_id: string; view: string; version: number }[] {
    return this.#db.prepare('SELECT run_id, view, version FROM run_views').all() as {
      run_id: string
      view: string
      version: number
    }[]
  }

  #make(): void {
    this.#db.exec(`
      CREATE TABLE IF NOT EXISTS runs (run_id TEXT PRIMARY KEY, mode TEXT, parent TEXT, status TEXT, head TEXT,
        last_seq INTEGER, started_us INTEGER, tag TEXT, config_digest TEXT) STRICT;
      CREATE TABLE IF NOT EXISTS run_views (run_id TEXT, view TEXT, version INTEGER, rows INTEGER,
        PRIMARY KEY (run_id, view)) STRICT;
      PRAGMA user_version = ${LAYOUT};`)
  }
}

/** Rows on their way into the database, all in one transaction. */
export class Replacing implements RowSink {
  readonly #db: Database
  readonly #runId: string
  readonly #tables: ReadonlyMap<string, Table>

  constructor(db: Database, runId: string, views: readonly FileView[]) {
    this.#db = db
    this.#runId = runId
    db.exec('BEGIN IMMEDIATE')
    try {
      this.#tables = new Map(views.map(view => [view.name, this.#tableOf(view)]))
    } catch (error) {
      db.exec('ROLLBACK')
      throw error
    }
  }

  put({ name }: FileView, rows: readonly Cells[]): void {
    this.#tables.get(name)?.put(rows)
  }

  /** All rows are there: they take the place of the old ones. */
  commit(run: RunRow): void {
    const kept = this.#db.prepare('INSERT OR REPLACE INTO run_views VALUES (?, ?, ?, ?)')
    for (const table of this.#tables.values()) {
      table.flush()
      kept.run(this.#runId, table.view.name, table.view.version, table.rows)
    }
    const { runId, mode, parent, status, head, lastSeq, startedUs, tag, configDigest } = run
    this.#outdateOthers(run)
    this.#db
      .prepare('INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(runId, mode, parent, status, head, lastSeq, startedUs, tag, configDigest)
    this.#db.exec('COMMIT')
  }

  /** The old rows stay. */
  abandon(): void {
    if (this.#db.inTransaction) this.#db.exec('ROLLBACK')
  }

  /** Views that were folded from another end of the log and are not replaced now are at version 0, which is none. */
  #outdateOthers({ runId, head, lastSeq }: RunRow): void {
    const isSame = this.#db
      .prepare('SELECT 1 FROM runs WHERE run_id = ? AND head = ? AND last_seq = ?')
      .get(runId, head, lastSeq)
    if (isSame !== undefined) return
    const names = JSON.stringify([...this.#tables.keys()])
    this.#db
      .prepare(
        'UPDATE run_views SET version = 0 WHERE run_id = ? AND view NOT IN (SELECT value FROM json_each(?))',
      )
      .run(runId, names)
  }

  /** The table of a view at its version; where that changed, without the rows of any run. */
  #tableOf(view: FileView): Table {
    const sql = tableSql(view)
    const there = this.#db
      .prepare('SELECT sql FROM sqlite_master WHERE name = ?')
      .get(view.name) as { sql: string } | undefined
    const others = this.#db
      .prepare('SELECT 1 FROM run_views WHERE view = ? AND version NOT IN (0, ?)')
      .get(view.name, view.version)
    if (there && (there.sql !== sql || others !== undefined)) {
      this.#db.exec(`DROP TABLE "${view.name}"`)
      // Version 0 is none: whoever held rows of it is stale.
      this.#db.prepare('UPDATE run_views SET version = 0 WHERE view = ?').run(view.name)
    }
    if (!there || there.sql !== sql || others !== undefined) {
      this.#db.exec(sql)
      this.#db.exec(`CREATE INDEX "${view.name}_run" ON "${view.name}" (run_id)`)
    }
    this.#empty(view)
    return new Table(this.#db, this.#runId, view)
  }

  /** Without the rows of this run. A table that holds no other is emptied at once. */
  #empty({ name }: FileView): void {
    const others = this.#db
      .prepare('SELECT 1 FROM run_views WHERE view = ? AND run_id <> ? AND rows > 0')
      .get(name, this.#runId)
    if (others === undefined) this.#db.exec(`DELETE FROM "${name}"`)
    else this.#db.prepare(`DELETE FROM "${name}" WHERE run_id = ?`).run(this.#runId)
  }
}

/** One table that takes rows. */
class Table {
  readonly view: FileView
  rows = 0
  readonly #db: Database
  readonly #runId: string
  readonly #stored: readonly Stored[]
  readonly #many: Statement
  #values: (string | number | null)[] = []
  #waiting = 0

  constructor(db: Database, runId: string, view: FileView) {
    this.view = view
    this.#db = db
    this.#runId = runId
    this.#stored = storedOf(view)
    this.#many = db.prepare(insertSql(view, ROWS_AT_ONCE))
  }

  put(rows: readonly Cells[]): void {
    this.rows += rows.length
    for (const cells of rows) {
      this.#values.push(this.#runId)
      for (const { at, kind } of this.#stored) this.#values.push(valueOf(cells[at] ?? '', kind))
      if (++this.#waiting < ROWS_AT_ONCE) continue
      this.#many.run(this.#values)
      this.#values = []
      this.#waiting = 0
    }
  }

  flush(): void {
    if (this.#waiting > 0) this.#db.prepare(insertSql(this.view, this.#waiting)).run(this.#values)
    this.#values = []
    this.#waiting = 0
  }
}

const isEmpty = (db: Database): boolean =>
  db.prepare('SELECT 1 FROM sqlite_master').get() === undefined
