import * as E from 'fp-ts/lib/Either.js'
import { isUnborn } from '../write/birth.js'
import { CheckpointKeeper } from '../checkpoint/checkpoint-keeper.js'
import { checkpointsOf, findCheckpoint, readCheckpoint } from '../checkpoint/checkpoints.js'
import type { Disk } from '../disk/disk.js'
import { Follower } from '../read/follower.js'
import type { JournalApi } from '../write/journal.js'
import { commits, commitsBehind, jsonlReader } from '../read/jsonl-reader.js'
import { readable } from '../read/readable.js'
import { recoverRun } from '../write/recover.js'
import { createRun, listRuns, readRunInfo } from '../write/run-dir.js'
import { RunIndex } from '../index/run-index.js'
import { verifyRun } from '../prove/verify.js'
import type { Checkpoints } from './checkpoint.js'
import type { KeepRun, RunEnd, RunStore } from './run-store.js'

/** What a store of files leaves to where these lie: threads, other programs and the file system itself. */
export type Shelf = Pick<RunStore, 'upkeep' | 'scan' | 'files' | 'footprint' | 'remove' | 'tidy'>

/** How the files of runs are written. */
export interface Writing {
  /** Writes logs in place of TypeScript, on the disk of this machine. */
  readonly journal?: JournalApi | undefined
  /** For tests only: where segments roll. */
  readonly segmentBytes?: number
}

/** Runs as folders of a disk, each named by its path; `runsDir` is the folder that is listed. */
export function diskStore(
  of: { disk: Disk; runsDir: string; writing?: Writing },
  shelf: Shelf,
): RunStore {
  const { disk, runsDir, writing = {} } = of
  const kept = (dir: string, { upkeep, ...keep }: KeepRun) => ({
    ...{ ...keep, ...writing, dir, disk },
    ...(upkeep && {
      onClosed: (segment: number) => {
        upkeep.add(segment)
      },
    }),
  })
  return {
    ...shelf,
    list: () => listRuns(runsDir, disk),
    hasBegun: async run => !(await isUnborn(disk, run)),
    info: run => readRunInfo(run, disk),
    create: (run, start, keep) => createRun(start, kept(run, keep)),
    open: (run, keep) => recoverRun(kept(run, keep)),
    commits: (run, { fromSeq = 1, behind, api } = {}) =>
      behind ? commitsBehind(run, behind, disk) : commits(run, fromSeq, { disk, api }),
    rows: async function* (run, fromSeq = 1) {
      yield* jsonlReader(run, disk).read(fromSeq)
    },
    follow: (run, from) => new Follower(run, disk, from),
    verify: (run, against = {}) => verifyRun(run, { ...against, disk }),
    end: async run =>
      E.map(({ lastSeq, head }: RunEnd) => ({ lastSeq, head }))(await readable(run, disk)),
    index: (run, progress) => RunIndex.open(run, { disk, ...(progress && { progress }) }),
    checkpoints: run => checkpointsIn(disk, run),
  }
}

function checkpointsIn(disk: Disk, dir: string): Checkpoints {
  return {
    list: () => checkpointsOf(disk, dir),
    find: (origin, atMost, remark) => findCheckpoint(disk, dir, { origin, atMost, remark }),
    read: (seq, origin) => readCheckpoint(disk, dir, seq, origin),
    keeper: ({ runId, origin, remark }) =>
      new CheckpointKeeper({ dir, run: runId, origin, remark, disk }),
  }
}
