import * as E from 'fp-ts/lib/Either.js'
import type { Disk } from '../disk/disk.js'
import type { LogFault } from '../event-log.js'
import { nodeDisk } from '../disk/node-disk.js'
import type { Segment } from '../disk/segments.js'
import { damagedAt, judgeTail } from './tail.js'
import { LogVerifier, type Stop } from './log-verifier.js'

/** The files that hold a run's whole commits now, for a reader that is not ours. */
export interface Readable {
  readonly segments: readonly Segment[]
  /** Last sequence of the last whole commit; lines behind it are a torn tail. 0 where there is no whole commit. */
  readonly lastSeq: number
  /** Head there; zeros where there is no whole commit. */
  readonly head: string
}

/**
 * Finds the files with a run's whole commits. Only the last segment is read and its heads verified; the others are listed unread:
 * whether they are intact only `verify` can say.
 */
export async function readable(
  dir: string,
  disk: Disk = nodeDisk,
): Promise<E.Either<LogFault, Readable>> {
  try {
    for (let most = Infinity; ;) {
      const verifier = await LogVerifier.of(disk, dir, most)
      const { segments } = verifier
      if (segments.length === 0) return E.left({ tag: 'Unreadable', dir, cause: 'no segments' })
      const stop = await lastOf(verifier.startAt(segments.length - 1))
      const tail = await judgeTail(disk, verifier, stop)
      if (tail.tag === 'damaged') return E.left(damagedAt(tail.bad))
      const isEmpty = stop.byte === 0 // its first commit is not whole: the one before is the last that counts
      if (isEmpty && segments.length > 1) {
        most = segments.length - 1
        continue
      }
      const { lastSeq, head } = stop
      return E.right({ segments: isEmpty ? [] : segments, lastSeq, head })
    }
  } catch (error) {
    return E.left({ tag: 'Unreadable', dir, cause: String(error) })
  }
}

async function lastOf(verifier: LogVerifier): Promise<Stop> {
  try {
    for (;;) {
      const step = await verifier.next()
      if (step.tag === 'stop') return step
    }
  } finally {
    await verifier.close()
  }
}
