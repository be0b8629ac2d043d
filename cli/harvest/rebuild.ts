import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunStore } from '#engine/log/store/run-store.js'
import { HARVEST_TABLES, type HarvestTable } from '#projections/harvest/tables.js'
import { HarvestDatabase } from '#projections/sinks/harvest/database.js'
import { DATABASE } from '#projections/sinks/sqlite.js'
import type { Call } from '../command.js'
import { BASE } from './retain.js'
import { bringAll, openTables, type Brought } from './tables.js'

/** Later than any sample, µs. */
const FAR_US = Date.UTC(9_999, 0) * 1_000

/** What `migrate` is asked of the tables of collectors. */
export interface Bringing {
  readonly runsDir: string
  readonly store: RunStore
  readonly call: Call
  readonly file: string | undefined
}

/** Brings every run of collectors into the tables; with `isAnew`, from nothing: from what runs that are gone left, and every log that is there. */
export async function bringTables(
  { runsDir, store, call, file }: Bringing,
  isAnew: boolean,
): Promise<readonly Brought[]> {
  const db = await openTables(runsDir, { file })
  try {
    if (isAnew) fromBase(db, runsDir)
    return await bringAll(db, { store, call })
  } finally {
    db.close()
  }
}

/** Whether a table holds what a replay of all logs gives. */
export interface TableCheck {
  readonly name: string
  readonly rows: number
  readonly same: boolean
}

/** Folds every log anew beside the tables, and compares each table, row by row. Undefined: nothing was ever brought. */
export async function checkTables({
  runsDir,
  store,
  call,
  file,
}: Bringing): Promise<readonly TableCheck[] | undefined> {
  const there = file ?? join(runsDir, DATABASE)
  if (!existsSync(there)) return undefined
  const temporary = mkdtempSync(join(tmpdir(), 'polaris-check-'))
  const kept = await openTables(runsDir, { isReadonly: true, file })
  try {
    if (!kept.isThere) return undefined
    const fresh = await HarvestDatabase.open(join(temporary, DATABASE))
    try {
      fromBase(fresh, runsDir)
      await bringAll(fresh, { store, call })
      // Days of raw samples that went are not missing.
      fresh.dropBefore(kept.oldestUs() ?? FAR_US)
      return (HARVEST_TABLES as readonly HarvestTable[]).map(table => {
        call.progress(`comparing ${table.name}`)
        const [is, was] = [digestOf(kept, table), digestOf(fresh, table)]
        return { name: table.name, rows: is.rows, same: is.digest === was.digest }
      })
    } finally {
      fresh.close()
    }
  } finally {
    kept.close()
    rmSync(temporary, { recursive: true, force: true })
  }
}

function fromBase(db: HarvestDatabase, runsDir: string): void {
  db.clear()
  const base = join(runsDir, BASE)
  if (existsSync(base)) db.copyFrom(base)
}

/** What a table shows, in the order of its keys. */
export function digestOf(
  db: HarvestDatabase,
  { name, key }: HarvestTable,
): { readonly rows: number; readonly digest: string } {
  const hash = createHash('sha256')
  let rows = 0
  const order = key.map(column => `"${column}"`).join(', ')
  for (const row of db.db.prepare(`SELECT * FROM "${name}" ORDER BY ${order}`).raw().iterate()) {
    hash.update(JSON.stringify(row))
    rows++
  }
  return { rows, digest: hash.digest('hex') }
}
