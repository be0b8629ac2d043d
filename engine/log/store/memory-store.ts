import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { finished } from 'node:stream/promises'
import * as E from 'fp-ts/lib/Either.js'
import type { LogFault } from '../event-log.js'
import { commits } from '../read/jsonl-reader.js'
import { LOCK_NAME } from '../disk/lock.js'
import { damagedAt } from '../read/tail.js'
import { verifyRun } from '../prove/verify.js'
import { diskStore, type Shelf, type Writing } from './disk-store.js'
import { MemoryDisk } from '../disk/memory-disk.js'
import type { RunFiles, RunStore, Upkeep } from './run-store.js'

/** A store that ends with the process: complete, so that whole runs live, crash and are proven in it without a file. */
export interface MemoryStore extends RunStore {
  /**
   * The power goes: whoever writes here halts at its next write or sync. Answers with the store as it is found again:
   * what was durable (with durability `commit` all that was acknowledged), and of what was on its way the first `tornBytes`
   * of each log; the rest is gone.
   */
  readonly crash: (tornBytes?: number) => MemoryStore
}

/** The folder whose runs a memory store lists: a run goes by `runs/NAME`. */
export const MEMORY_RUNS = 'runs'

/** Of how a memory store writes only where segments roll can be chosen, for tests. */
type MemoryWriting = Pick<Writing, 'segmentBytes'>

/** A new, empty store in memory. */
export function memoryStore(writing: MemoryWriting = {}, disk = new MemoryDisk()): MemoryStore {
  return {
    ...diskStore({ disk, runsDir: MEMORY_RUNS, writing }, shelfOf(disk)),
    crash: tornBytes => memoryStore(writing, disk.crash(tornBytes)),
  }
}

function shelfOf(disk: MemoryDisk): Shelf {
  return {
    upkeep: () => NOTHING_TO_DO,
    scan: async () => undefined,
    files: (run, temporary) => written(disk, run, temporary),
    footprint: async run => ({ bytes: disk.sizeBelow(run), bar: '' }),
    remove: (run, archive) => removed(disk, run, archive),
    tidy: async () => undefined,
  }
}

/** Memory keeps what is over as it is: no thread could reach it. */
const NOTHING_TO_DO: Upkeep = {
  left: 0,
  add: () => undefined,
  takeOn: async () => undefined,
  settled: async () => undefined,
}

/** Writes a run's event lines into one file of this machine. */
async function written(
  disk: MemoryDisk,
  run: string,
  temporary: string,
): Promise<E.Either<LogFault, RunFiles>> {
  await mkdir(temporary, { recursive: true })
  const path = join(temporary, 'events.jsonl')
  const file = createWriteStream(path)
  let [lastSeq, head] = [0, '0'.repeat(64)]
  for await (const commit of commits(run, 1, { disk })) {
    if (E.isLeft(commit)) {
      file.destroy()
      return commit
    }
    file.write(Buffer.from(commit.right.bytes))
    ;({ lastSeq, head } = commit.right)
  }
  file.end()
  await finished(file)
  return E.right({ files: lastSeq > 0 ? [{ path, isPacked: false }] : [], lastSeq, head })
}

async function removed(
  disk: MemoryDisk,
  run: string,
  archive?: string,
): Promise<E.Either<LogFault, void>> {
  const release = await disk.lock(`${run}/${LOCK_NAME}`)
  if (!release) return E.left({ tag: 'Held', dir: run })
  try {
    if (archive !== undefined) {
      const target = `${archive}/${basename(run)}`
      if (disk.sizeBelow(target) > 0) return E.left({ tag: 'Exists', dir: target })
      const { status, firstBad, cause = status } = await verifyRun(run, { disk })
      if (firstBad) return E.left(damagedAt(firstBad))
      if (status !== 'intact') return E.left({ tag: 'Unreadable', dir: run, cause })
      disk.copyBelow(run, target)
    }
    disk.removeBelow(run)
    return E.right(undefined)
  } finally {
    await release()
  }
}
