import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { RunStore } from '#engine/log/store/run-store.js'
import { DATABASE } from '#projections/sinks/sqlite.js'
import { HarvestDatabase } from '#projections/sinks/harvest/database.js'
import { Refusal, type Call } from '../command.js'
import { runIdOf } from '../runs.js'
import { foldRun } from './folding.js'
import { harvestRuns } from './runs.js'

/** The database of a runs directory, for collectors' tables. */
export async function openTables(
  runsDir: string,
  how: { isReadonly?: boolean; file?: string | undefined } = {},
): Promise<HarvestDatabase> {
  const file = how.file ?? join(runsDir, DATABASE)
  try {
    if (how.isReadonly !== true) mkdirSync(dirname(file), { recursive: true })
    return await HarvestDatabase.open(file, how.isReadonly === true ? { isReadonly: true } : {})
  } catch (error) {
    throw new Refusal(
      'database',
      error instanceof Error ? error.message : String(error),
      file,
      `a database that 'polaris harvest' or 'polaris migrate' wrote`,
    )
  }
}

/** What became of the tables of one run. */
export interface Brought {
  readonly runId: string
  readonly lastSeq: number
  readonly isWhole: boolean
}

/** Brings every run of collectors into the tables, oldest first; one that was brought before goes on where it ended. */
export async function bringAll(
  db: HarvestDatabase,
  { store, call, but }: { store: RunStore; call: Call; but?: string },
): Promise<readonly Brought[]> {
  const brought: Brought[] = []
  for (const { run, manifest, runId } of await harvestRuns(store)) {
    if (run === but || call.stop.aborted) continue
    const isWhole = await foldRun(db, {
      ...{ store, dir: run, startedUs: manifest?.startedUs ?? 0, stop: call.stop },
      progress: events =>
        call.progress(`${runId}: ${events.toLocaleString('en')} events in the tables`),
    })
    brought.push({ runId, lastSeq: db.folded(runIdOf(run))?.lastSeq ?? 0, isWhole })
  }
  return brought
}
