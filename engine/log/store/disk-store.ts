import * as E from 'fp-ts/lib/Either.js'
import { isUnborn } from '../birth.js'
import { CheckpointKeeper } from '../checkpoint-keeper.js'
import { checkpointsOf, findCheckpoint, readCheckpoint } from '../checkpoints.js'
import type { Disk } from '../disk.js'
import { Follower } from '../follower.js'
import { commits, commitsBehind, jsonlReader } from '../jsonl-reader.js'
import { nodeDisk } from '../node-disk.js'
import { readable } from '../readable.js'
import { recoverRun } from '../recover.js'
import { createRun, listRuns, readRunInfo, type RunOptions } from '../run-dir.js'
import { RunIndex } from '../run-index.js'
import { verifyRun } from '../verify.js'
import type { Checkpoints, KeepRun, RunEnd, RunStore } from './run-store.js'

/** What only runs in files have: who writes them and compresses what is over. */
export type FolderKeep = Pick<RunOptions, 'journal' | 'fallback' | 'onClosed' | 'segmentBytes'>

/** A store of runs in files. */
export interface DiskStore extends RunStore {
  readonly create: (
    run: string,
    start: Parameters<RunStore['create']>[1],
    keep: KeepRun & FolderKeep,
  ) => ReturnType<RunStore['create']>
  readonly open: (run: string, keep: KeepRun & FolderKeep) => ReturnType<RunStore['open']>
}

/** Runs as folders of a disk, each named by its path; `runsDir` is the folder that is listed. */
export function diskStore(disk: Disk, runsDir: string): DiskStore {
  return {
    list: () => listRuns(runsDir, disk),
    hasBegun: async run => !(await isUnborn(disk, run)),
    info: run => readRunInfo(run, disk),
    create: (run, start, keep) => createRun(start, { ...keep, dir: run, disk }),
    open: (run, keep) => recoverRun({ ...keep, dir: run, disk }),
    commits: (run, { fromSeq = 1, behind, door } = {}) =>
      behind ? commitsBehind(run, behind, disk) : commits(run, fromSeq, { disk, door }),
    rows: async function* (run, fromSeq = 1) {
      yield* jsonlReader(run, disk).read(fromSeq)
    },
    follow: run => new Follower(run, disk),
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

/** Runs in folders of this machine; a run goes by the path of its folder. */
export const folderStore = (runsDir = 'runs'): DiskStore => diskStore(nodeDisk, runsDir)
