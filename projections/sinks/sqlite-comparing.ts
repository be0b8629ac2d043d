import type { Database } from 'better-sqlite3'
import type { Cells, FileView } from '../view.js'
import type { RowSink } from './files.js'
import { storedOf, valueOf, type Stored } from './sqlite-tables.js'

/** What the database holds of one view of a run beside a fresh fold. */
export interface Kept {
  readonly name: string
  readonly version: number
  readonly rows: number
  readonly same: boolean
}

/** Rows of a fresh fold beside those that the database holds, in their order. */
export class Comparing implements RowSink {
  readonly #views: ReadonlyMap<string, Compared>

  constructor(db: Database, runId: string, views: readonly FileView[]) {
    const versions = db.prepare('SELECT view, version FROM run_views WHERE run_id = ?').all(runId)
    const held = new Map(
      (versions as { view: string; version: number }[]).map(row => [row.view, row]),
    )
    this.#views = new Map(
      views.flatMap(view => {
        const version = held.get(view.name)?.version
        return version === undefined ? [] : [[view.name, comparedOf(db, runId, view, version)]]
      }),
    )
  }

  put({ name }: FileView, rows: readonly Cells[]): void {
    const compared = this.#views.get(name)
    if (!compared?.same) return
    for (const cells of rows) {
      const row = nextOf(compared.rows)
      compared.count++
      if (row && isSame(compared.stored, cells, row)) continue
      compared.same = false
      compared.rows.return?.()
      return
    }
  }

  /** The log is over: what the database holds beyond it differs too. */
  end(): Kept[] {
    return [...this.#views.values()].map(of => {
      if (of.same && nextOf(of.rows)) of.same = false
      of.rows.return?.()
      const { name, version } = of.view
      return { name, version, rows: of.count, same: of.same }
    })
  }
}

interface Compared {
  readonly view: FileView
  readonly stored: readonly Stored[]
  readonly rows: IterableIterator<readonly unknown[]>
  count: number
  same: boolean
}

function comparedOf(db: Database, runId: string, view: FileView, version: number): Compared {
  const stored = storedOf(view)
  const same = version === view.version
  const names = stored.map(({ name }) => `"${name}"`).join(', ')
  const sql = `SELECT ${names} FROM "${view.name}" WHERE run_id = ? ORDER BY rowid`
  const none: readonly unknown[][] = []
  const rows = same ? db.prepare(sql).raw().iterate(runId) : none.values()
  return { view, stored, rows: rows as Compared['rows'], count: 0, same }
}

function nextOf(rows: Compared['rows']): readonly unknown[] | undefined {
  const { done, value } = rows.next() as { done?: boolean; value: readonly unknown[] }
  return done === true ? undefined : value
}

const isSame = (stored: readonly Stored[], cells: Cells, row: readonly unknown[]): boolean =>
  stored.every(({ at, kind }, k) => valueOf(cells[at] ?? '', kind) === row[k])
