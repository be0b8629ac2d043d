import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { Config } from '#schemas/config.js'
import { folderStore } from '#engine/log/store/folder-store.js'
import { HarvestDatabase } from '#projections/sinks/harvest/database.js'
import { foldRun } from './folding.js'
import { harvestRuns } from './runs.js'

const [HOUR_US, DAY_US] = [3_600_000_000, 86_400_000_000]
/** What runs that are gone left in the tables: a rebuild begins with it. */
export const BASE = 'harvest-base.db'

/** What went. */
export interface Gone {
  readonly partitions: readonly string[]
  readonly runs: readonly string[]
}

/**
 * Lets raw samples go that are older than the retention: their partitions, and the sealed runs whose every event is older. Before a run goes, the
 * rest of what it says is folded into the base that a rebuild begins with.
 */
export async function retain(of: {
  readonly runsDir: string
  readonly config: Config
  readonly nowUs: number
  readonly db: HarvestDatabase | undefined
  /** The run that is being written. */
  readonly but?: string
}): Promise<Gone> {
  const { runsDir, config, nowUs, db, but } = of
  const beforeUs = nowUs - config.harvest.retention_days * DAY_US
  const partitions = db?.dropBefore(beforeUs) ?? []
  const store = folderStore(runsDir)
  const runs: string[] = []
  const all = await harvestRuns(store)
  for (const [k, { run, runId, status, manifest }] of all.entries()) {
    // A run lasts until the next one begins, but for those that were begun beside it: at most its own length.
    const nextUs = all[k + 1]?.manifest?.startedUs
    const lengthUs = config.harvest.run_hours * HOUR_US
    const endUs = Math.max(
      nextUs ?? Number.POSITIVE_INFINITY,
      (manifest?.startedUs ?? 0) + lengthUs,
    )
    if (status !== 'sealed' || run === but || endUs >= beforeUs) continue
    const base = await HarvestDatabase.open(join(runsDir, BASE))
    try {
      const startedUs = manifest?.startedUs ?? 0
      await foldRun(base, { store, dir: run, startedUs, stop: new AbortController().signal })
      base.dropBefore(beforeUs)
    } finally {
      base.close()
    }
    if (E.isRight(await store.remove(run))) runs.push(runId)
  }
  return { partitions, runs }
}
