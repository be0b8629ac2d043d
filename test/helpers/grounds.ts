import { diskStore } from '#engine/log/store/disk-store.js'
import { folderStore } from '#engine/log/store/folder-store.js'
import { MEMORY_RUNS, memoryStore } from '#engine/log/store/memory-store.js'
import { MemoryDisk, type Pace } from '#engine/log/disk/memory-disk.js'
import { MortalDisk } from '#engine/log/testing/mortal-disk.js'
import type { RunStore } from '#engine/log/store/run-store.js'

/** Where a run of a test lives and dies. */
export interface Ground {
  readonly store: RunStore
  readonly run: string
  /** Whether a disk is at work that no clock of a test moves. */
  readonly isBusy: boolean
  /** How long a write or a sync takes from now on. */
  pace: Pace
  /**
   * Kills whoever writes: what was durable is found again, in a store of its own, and so many bytes of what was on its way.
   */
  readonly crash: (tornBytes: number) => Promise<void>
}

/** Where segments roll: a run of seconds has several. */
const SEGMENT_BYTES = 200_000
const AT_ONCE: Pace = () => undefined

/** In memory. */
export function memoryGround(): Ground {
  const disk = new MemoryDisk(() => ground.pace())
  let store = memoryStore({ segmentBytes: SEGMENT_BYTES }, disk)
  const ground: Ground = {
    get store() {
      return store
    },
    run: `${MEMORY_RUNS}/live`,
    isBusy: false,
    pace: AT_ONCE,
    crash: async tornBytes => {
      ground.pace = AT_ONCE
      store = store.crash(tornBytes)
    },
  }
  return ground
}

/** In a folder of this machine. */
export function folderGround(runsDir: string): Ground {
  const shelf = folderStore(runsDir)
  const next = () => new MortalDisk(() => ground.pace())
  const over = (disk: MortalDisk): RunStore =>
    diskStore({ disk, runsDir, writing: { segmentBytes: SEGMENT_BYTES } }, shelf)
  const ground: Ground = {
    get store() {
      return store
    },
    run: `${runsDir}/live`,
    get isBusy() {
      return disk.isBusy
    },
    pace: AT_ONCE,
    crash: async tornBytes => {
      ground.pace = AT_ONCE
      await disk.kill(tornBytes)
      disk = next()
      store = over(disk)
    },
  }
  let disk = next()
  let store = over(disk)
  return ground
}
