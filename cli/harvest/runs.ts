import type { ListedRun, RunStore } from '#engine/log/store/run-store.js'
import { HARVEST } from '#engine/harvest/harvester.js'
import { HarvestMemory } from '#engine/harvest/memory.js'
import { rowsOf } from '../runs.js'

/** Runs of collectors in a store, oldest first. */
export async function harvestRuns(store: RunStore): Promise<readonly ListedRun[]> {
  const runs = (await store.list()).filter(
    ({ manifest }) => manifest?.source.split('+')[0] === HARVEST,
  )
  const startOf = ({ manifest }: ListedRun): number => manifest?.startedUs ?? 0
  return runs.sort((a, b) => startOf(a) - startOf(b) || (a.name < b.name ? -1 : 1))
}

/** What collectors know by the log of their run. */
export async function memoryOf(dir: string, store: RunStore): Promise<HarvestMemory> {
  const memory = new HarvestMemory()
  for await (const rows of rowsOf(dir, { store })) for (const { event } of rows) memory.take(event)
  return memory
}
