import * as E from 'fp-ts/lib/Either.js'
import { nodeDisk } from '../disk/node-disk.js'
import { Packer } from '../compress/packer.js'
import { readable, type Readable } from '../read/readable.js'
import { segmentsOf } from '../disk/segments.js'
import { diskStore, type Writing } from './disk-store.js'
import { footprintOf, removeRun, tidyRuns } from './folders.js'
import type { RunStore } from './run-store.js'

/** What serves a store of folders natively. */
export interface FolderServing extends Writing {
  /** The module of the thread that compresses; the one that does it in TypeScript where it is absent. */
  readonly packing?: URL | undefined
}

/** Runs in folders of this machine; a run goes by the path of its folder. */
export function folderStore(
  runsDir = 'runs',
  { packing, ...writing }: FolderServing = {},
): RunStore {
  return diskStore(
    { disk: nodeDisk, runsDir, writing },
    {
      upkeep: (dir, how) => new Packer({ ...how, dir, worker: packing }),
      scan: async (dir, api, patience) => {
        const segments = await segmentsOf(nodeDisk, dir)
        return api.scanOver(
          segments.map(({ path }) => path),
          patience,
        )
      },
      files: async dir =>
        E.map(({ segments, lastSeq, head }: Readable) => ({ files: segments, lastSeq, head }))(
          await readable(dir),
        ),
      footprint: async dir => footprintOf(dir),
      remove: removeRun,
      tidy: () => tidyRuns(runsDir),
    },
  )
}
