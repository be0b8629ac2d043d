import { commitText, segmentText, summed } from '#schemas/line/frame-lines.js'

/** The line that opens a segment. */
export interface SegmentLine {
  readonly segment: number
  readonly run: string
  readonly first: number
  /** Head of all before this segment. */
  readonly head: string
}

/** The line that ends a commit. */
export interface CommitLine {
  readonly commit: number
  /** Sequence of the commit's last event. */
  readonly n: number
  /** Head after it. */
  readonly head: string
}

/** A run id is at most this long, so that a segment line has a bound. */
export const RUN_ID_MAX = 128
/** No segment line and commit line together are longer than this. */
export const FRAME_BYTES_MAX = 1_536

const COMMIT =
  /^\{"commit":(\d{1,16}),"n":(\d{1,16}),"head":"([0-9a-f]{64})","x":"[0-9a-f]{8}"\}\n$/

/** Reads a commit line, newline included; undefined for any other bytes than the canonical ones with their sum. */
export function commitLineOf(line: Uint8Array): CommitLine | undefined {
  if (line.length > FRAME_BYTES_MAX) return undefined
  const found = COMMIT.exec(latin1(line))
  if (!found) return undefined
  const [, commit, n, head] = found
  if (commit === undefined || n === undefined || head === undefined) return undefined
  const read = { commit: Number(commit), n: Number(n), head }
  return same(summed(commitText(read)), line) ? read : undefined
}

/** Reads a segment line, newline included; undefined for any other bytes than the canonical ones with their sum. */
export function segmentLineOf(line: Uint8Array): SegmentLine | undefined {
  if (line.length > FRAME_BYTES_MAX) return undefined
  let row: Partial<Record<keyof SegmentLine, unknown>> | null
  try {
    row = JSON.parse(Buffer.from(line).toString('utf8')) as typeof row
  } catch {
    return undefined
  }
  const { segment, run, first, head } = row ?? {}
  if (typeof segment !== 'number' || typeof first !== 'number') return undefined
  if (typeof run !== 'string' || typeof head !== 'string' || head.length !== 64) return undefined
  const read = { segment, run, first, head }
  return same(summed(segmentText(read)), line) ? read : undefined
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
