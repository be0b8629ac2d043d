import { diskStore, type DiskStore } from './disk-store.js'
import { MemoryDisk } from './memory-disk.js'

/** A store that ends with the process: complete, so that whole runs live, crash and are proven in it without a file. */
export interface MemoryStore extends DiskStore {
  /**
   * The power goes: whoever writes here halts at its next write or sync. Answers with the store as it is found again:
   * what was durable (with durability `commit` all that was acknowledged), and of what was on its way the first `tornBytes`
   * of each log; the rest is gone.
   */
  readonly crash: (tornBytes?: number) => MemoryStore
}

/** The folder whose runs a memory store lists: a run goes by `runs/NAME`. */
export const MEMORY_RUNS = 'runs'

/** A new, empty store in memory. */
export function memoryStore(disk = new MemoryDisk()): MemoryStore {
  return {
    ...diskStore(disk, MEMORY_RUNS),
    crash: tornBytes => memoryStore(disk.crash(tornBytes)),
  }
}
