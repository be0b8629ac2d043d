import * as E from 'fp-ts/lib/Either.js'
import { LineReader } from '#schemas/line/reader.js'
import type { Recorded } from '#schemas/recorded.js'
import type { Disk } from '../disk/disk.js'
import type { LogFault, LogReader, Mark } from '../event-log.js'
import { segmentLineOf } from '../disk/framing.js'
import { firstLineOf } from './lines.js'
import { placeOf } from '../disk/mark.js'
import { nodeDisk } from '../disk/node-disk.js'
import type { ScanApi } from '../prove/scan.js'
import type { Segment } from '../disk/segments.js'
import { damagedAt, judgeTail, lineAt } from './tail.js'
import { LogVerifier, type CommitBytes } from './log-verifier.js'
import { ReadAhead, type AheadOptions } from './read-ahead.js'

/** How commits are read. */
export interface CommitsOptions {
  readonly disk?: Disk
  /** Derives heads; TypeScript where it is absent, with a thread that reads a long log ahead. */
  readonly api?: ScanApi | undefined
  readonly ahead?: AheadOptions
}

/**
 * The whole commits of a run as bytes, heads verified, from the one that holds `fromSeq` on. An open log is read up to
 * its last whole commit; a fault is the last item. `bytes` is valid until the next item.
 */
export async function* commits(
  dir: string,
  fromSeq = 1,
  { disk = nodeDisk, api, ahead }: CommitsOptions = {},
): AsyncGenerator<E.Either<LogFault, CommitBytes>, void, undefined> {
  let steps: Steps | undefined
  try {
    const verifier = await LogVerifier.of(disk, dir, Infinity, api)
    if (verifier.segments.length === 0) return
    verifier.startAt(await segmentWith(disk, verifier.segments, fromSeq))
    steps = disk === nodeDisk && !api ? new ReadAhead(verifier, ahead) : verifier
    for await (const step of rest(disk, verifier, steps))
      if (E.isLeft(step) || step.right.lastSeq >= fromSeq) yield step
  } catch (error) {
    yield E.left({ tag: 'Unreadable', dir, cause: String(error) })
  } finally {
    await steps?.close()
  }
}

/** A run on disk as its reader sees it: every head, sum and codec is checked on the way. */
export function jsonlReader(dir: string, disk: Disk = nodeDisk): LogReader {
  return {
    read: async function* (fromSeq) {
      const reader = new LineReader()
      for await (const commit of commits(dir, fromSeq, { disk })) {
        const rows = E.isLeft(commit) ? commit : rowsOf(reader, commit.right, fromSeq)
        if (E.isRight(rows)) yield rows
        else {
          const { file } = E.isRight(commit) ? commit.right : { file: '' }
          yield E.left(await numbered(rows.left, { disk, path: `${dir}/${file}` }))
          return
        }
      }
    },
  }
}

/** The rows of one commit from `fromSeq` on. */
export function rowsOf(
  reader: LineReader,
  commit: Pick<CommitBytes, 'bytes' | 'firstSeq' | 'lastSeq' | 'file' | 'start'>,
  fromSeq: number,
): E.Either<LogFault, readonly Recorded[]> {
  const { firstSeq, lastSeq, file, start } = commit
  const { buffer, byteOffset, length } = commit.bytes
  const bytes = Buffer.from(buffer, byteOffset, length)
  const rows: Recorded[] = []
  // The line's number within the file is not known here; its offset is.
  const damaged = (at: number, message: string): E.Either<LogFault, never> =>
    E.left({ tag: 'Damaged', file, line: 0, byte: start + at, message })
  reader.over(bytes)
  let at = 0
  for (let seq = firstSeq; at < length; seq++) {
    const end = bytes.indexOf(10, at)
    const kind = reader.read(at, end)
    if (kind === 0) return damaged(at, reader.fault?.message ?? 'not a line')
    if (reader.seq !== seq || seq > lastSeq)
      return damaged(at, `n is ${reader.seq}, expected ${seq} of ${lastSeq}`)
    if (seq >= fromSeq) {
      const row = reader.recorded(kind)
      if (E.isLeft(row)) return damaged(at, row.left.message)
      rows.push(row.right)
    }
    at = end + 1
  }
  return E.right(rows)
}

/** A fault within a commit, with the number of its line, which nobody counted until now. */
async function numbered(fault: LogFault, at: { disk: Disk; path: string }): Promise<LogFault> {
  if (fault.tag !== 'Damaged' || fault.line > 0) return fault
  const isPacked = at.path.endsWith('.zst')
  const segment = { number: 0, name: fault.file, path: at.path, isPacked }
  return { ...fault, line: await lineAt(at.disk, segment, fault.byte) }
}

/** The whole commits of a run behind a mark, heads verified from there on. As `commits` else. */
export async function* commitsBehind(
  dir: string,
  mark: Mark,
  disk: Disk = nodeDisk,
): AsyncGenerator<E.Either<LogFault, CommitBytes>, void, undefined> {
  let steps: Steps | undefined
  try {
    const verifier = await LogVerifier.of(disk, dir)
    const place = placeOf(mark)
    if (!place || !verifier.startBehind(place)) return
    steps = disk === nodeDisk ? new ReadAhead(verifier) : verifier
    yield* rest(disk, verifier, steps)
  } catch (error) {
    yield E.left({ tag: 'Unreadable', dir, cause: String(error) })
  } finally {
    await steps?.close()
  }
}

type Steps = Pick<LogVerifier, 'next' | 'close'>

async function* rest(
  disk: Disk,
  verifier: LogVerifier,
  steps: Steps,
): AsyncGenerator<E.Either<LogFault, CommitBytes>, void, undefined> {
  for (;;) {
    const step = await steps.next()
    if (step.tag === 'commit') {
      yield E.right(step)
      continue
    }
    const tail = await judgeTail(disk, verifier, step)
    if (tail.tag === 'damaged') yield E.left(damagedAt(tail.bad))
    return
  }
}

/** The place of the last segment that begins at or before `seq`. Segment lines are trusted to say where they begin. */
async function segmentWith(disk: Disk, segments: readonly Segment[], seq: number): Promise<number> {
  if (seq <= 1) return 0
  let [low, high] = [0, segments.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((await firstOf(disk, segments[middle]!)) <= seq) low = middle
    else high = middle - 1
  }
  return low
}

async function firstOf(disk: Disk, segment: Segment): Promise<number> {
  const line = await firstLineOf(disk, segment).catch(() => undefined)
  return (line && segmentLineOf(line)?.first) ?? Infinity
}
