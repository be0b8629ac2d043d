import { LineReader } from '#schemas/line/reader.js'
import type { Disk } from '../disk/disk.js'
import { PENDING_BYTES_MAX, type LogFault } from '../event-log.js'
import { commitLineOf, segmentLineOf } from '../disk/framing.js'
import { eachLine, hasCommitLine, type Line } from './lines.js'
import type { Segment } from '../disk/segments.js'
import type { Stop, StopKind, LogVerifier } from './log-verifier.js'

/** Where a run is not as it was written, and how. */
export interface Bad {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** Offset of the line's first byte in the (uncompressed) file. */
  readonly byte: number
  readonly kind: BadKind
  readonly message: string
}
/** What is wrong at a place: how the verifier stopped there, or one of these. */
export type BadKind =
  | Exclude<StopKind, 'end' | 'tail'>
  /** A line's bytes do not give its sum; a line is not of the canonical form. */
  | 'sum'
  | 'form'
  /** Lines that were there are gone from the end. */
  | 'cut'
  /** Something follows `RunEnded`. */
  | 'after-end'
  /** A small file is not the bytes that were written, or contradicts the log. */
  | 'manifest'
  | 'witness'
  | 'signature'

/** What lies behind the last whole commit: nothing, what a crash leaves, or damage. */
export type Tail =
  | Readonly<{ tag: 'clean' }>
  | Readonly<{ tag: 'torn'; bytes: number }>
  | Readonly<{ tag: 'damaged'; bad: Bad }>

/**
 * Judges what lies behind a stop. Bytes at the end of the last segment are a torn tail; they are damage where a whole
 * commit line stands among them, since a crash leaves nothing whole behind what it tore.
 */
export async function judgeTail(disk: Disk, verifier: LogVerifier, stop: Stop): Promise<Tail> {
  if (stop.kind === 'end') return { tag: 'clean' }
  const segment = verifier.segments[stop.index]!
  const isLast = stop.index === verifier.segments.length - 1
  const isTear = isLast && !segment.isPacked && stop.kind !== 'packing'
  if (!isTear || (await hasCommitLine(disk, segment, stop.byte)))
    return { tag: 'damaged', bad: await locate(disk, verifier, stop) }
  return { tag: 'torn', bytes: (await sizeOf(disk, segment)) - stop.byte }
}

/** Finds the first line behind a stop that is not as it was written, by the lines' sums and numbers. */
export async function locate(disk: Disk, verifier: LogVerifier, stop: Stop): Promise<Bad> {
  const { file, message } = stop
  const segment = verifier.segments[stop.index]!
  const inspect = inspector(stop)
  let bad: Omit<Bad, 'file'> | undefined
  let [line, byte] = [1, 0]
  await eachLine(disk, segment, at => {
    ;[line, byte] = [at.number + 1, at.byte + at.bytes.length]
    if (at.byte < stop.byte) return false
    const found = inspect(at)
    if (found) bad = { line: at.number, byte: at.byte, ...found }
    return bad !== undefined
  })
  if (stop.kind === 'packing') return { file, line, byte, kind: 'packing', message }
  return { file, ...(bad ?? { line, byte, kind: 'cut', message: 'more was written here' }) }
}

/** Bytes that a disk keeps or loses as one. */
const SECTOR = 512

/**
 * Whether a sector behind `byte` is empty: then the last write was never synced, so nothing in it was acknowledged, and
 * whole lines may stand behind what the disk did not keep. Writing is synced before this many bytes are on their way.
 */
export async function hasHole(disk: Disk, segment: Segment, byte: number): Promise<boolean> {
  const size = await sizeOf(disk, segment)
  if (size - byte > PENDING_BYTES_MAX) return false
  const file = await disk.open(segment.path, 'read')
  try {
    const bytes = Buffer.alloc(size - byte)
    for (let at = 0, read = 1; read > 0; at += read)
      read = await file.read(bytes.subarray(at), byte + at)
    for (let at = byte; at < size; at += SECTOR - (at % SECTOR)) {
      const sector = bytes.subarray(at - byte, at - byte + SECTOR - (at % SECTOR))
      if (sector.every(value => value === 0)) return true
    }
    return false
  } finally {
    await file.close()
  }
}

/** The number of the line that begins at `byte`. */
export async function lineAt(disk: Disk, segment: Segment, byte: number): Promise<number> {
  let number = 1
  await eachLine(disk, segment, line => {
    number = line.number
    return line.byte >= byte
  })
  return number
}

/** Bytes of a segment's file. */
export const sizeOf = async (disk: Disk, { path }: Segment): Promise<number> => {
  const file = await disk.open(path, 'read')
  return file.size().finally(() => file.close())
}

/** The same place, as the port says it. */
export const damagedAt = ({ file, line, byte, message }: Bad): LogFault => ({
  tag: 'Damaged',
  file,
  line,
  byte,
  message,
})

type Finding = Pick<Bad, 'kind' | 'message'>

function inspector(stop: Stop): (line: Line) => Finding | undefined {
  const reader = new LineReader()
  const says = (kind: BadKind, message: string): Finding => ({ kind, message })
  let seq = stop.lastSeq
  return ({ bytes, byte, isWhole }) => {
    if (byte === 0 && stop.kind === 'segment') return says('segment', stop.message)
    if (!isWhole) return says('cut', 'the line is cut')
    if (byte === 0 && segmentLineOf(bytes)) return undefined
    if (bytes[2] === 99) {
      const line = commitLineOf(bytes)
      if (!line) return says('commit', 'not a commit line, or its sum is wrong')
      if (line.n !== seq)
        return says('sequence', `the commit ends at ${line.n}, its lines at ${seq}`)
      const isKnown = stop.kind === 'head' || stop.kind === 'sequence'
      return says(isKnown ? stop.kind : 'commit', stop.message)
    }
    const kind = reader.over(bytes).read(0, bytes.length - 1)
    const fault = reader.fault
    if (kind === 0 && fault) return says(fault.kind === 'sum' ? 'sum' : 'form', fault.message)
    seq++
    return reader.seq === seq ? undefined : says('sequence', `n is ${reader.seq}, expected ${seq}`)
  }
}
