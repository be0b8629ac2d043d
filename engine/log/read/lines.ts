import type { Disk } from '../disk/disk.js'
import { commitLineOf, FRAME_BYTES_MAX, type CommitLine } from '../disk/framing.js'
import { openSource } from './segment-reader.js'
import type { Segment } from '../disk/segments.js'

const CHUNK = 1_048_576
/** A line longer than this is shown cut. No whole line is. */
const LINE_MAX = 2 * CHUNK

/** One line as it lies in a segment; the bytes are valid during the visit. */
export interface Line {
  /** With its newline, where it has one. */
  readonly bytes: Buffer
  /** From 1. */
  readonly number: number
  /** Offset of its first byte. */
  readonly byte: number
  readonly isWhole: boolean
}

/** Shows a segment's lines in order, also a last one without newline, until `visit` returns true. For the slow path. */
export async function eachLine(
  disk: Disk,
  segment: Segment,
  visit: (line: Line) => boolean,
): Promise<void> {
  const source = await openSource(disk, segment)
  let buffer = Buffer.alloc(0)
  let number = 1
  let byte = 0
  try {
    for (;;) {
      const chunk = Buffer.alloc(CHUNK)
      // Packing that breaks off ends the lines that can be shown.
      const length = await source.read(chunk).catch(() => 0)
      buffer = Buffer.concat([buffer, chunk.subarray(0, length)])
      let at = 0
      for (let end = buffer.indexOf(10); end >= 0; end = buffer.indexOf(10, at)) {
        const bytes = buffer.subarray(at, end + 1)
        if (visit({ bytes, number, byte: byte + at, isWhole: true })) return
        at = end + 1
        number++
      }
      byte += at
      buffer = buffer.subarray(at)
      if (length === 0 || buffer.length > LINE_MAX) break
    }
    if (buffer.length > 0) visit({ bytes: buffer, number, byte, isWhole: false })
  } finally {
    await source.close()
  }
}

/** The line that begins a segment, newline included; undefined where none does. */
export async function firstLineOf(disk: Disk, segment: Segment): Promise<Buffer | undefined> {
  const bytes = await bytesAt(disk, segment, 0, FRAME_BYTES_MAX)
  const end = bytes.indexOf(10)
  return end < 0 ? undefined : bytes.subarray(0, end + 1)
}

/** The first event line of a segment, newline included; empty where there is none. */
export async function secondLineOf(disk: Disk, segment: Segment): Promise<Buffer> {
  const bytes = await bytesAt(disk, segment, 0, CHUNK)
  const start = bytes.indexOf(10) + 1
  return bytes.subarray(start, bytes.indexOf(10, start) + 1)
}

/** The commit line that ends at an offset of a segment; undefined where none does. */
export async function commitEndingAt(
  disk: Disk,
  segment: Segment,
  byte: number,
): Promise<CommitLine | undefined> {
  const from = Math.max(0, byte - FRAME_BYTES_MAX)
  const before = await bytesAt(disk, segment, from, byte - from)
  if (from + before.length !== byte) return undefined
  return commitLineOf(before.subarray(before.lastIndexOf(10, -2) + 1))
}

/** Up to `length` bytes of a segment from `byte` on: fewer only at its end. */
export async function bytesAt(
  disk: Disk,
  segment: Segment,
  byte: number,
  length: number,
): Promise<Buffer> {
  const source = await openSource(disk, segment, { from: byte })
  const bytes = Buffer.alloc(length)
  let done = 0
  try {
    for (let read = 1; read > 0 && done < length; done += read)
      read = await source.read(bytes.subarray(done))
  } finally {
    await source.close()
  }
  return bytes.subarray(0, done)
}

/** Whether a whole commit line lies at or behind `byte` of a segment: then what is there was once taken for written. */
export async function hasCommitLine(disk: Disk, segment: Segment, byte: number): Promise<boolean> {
  let isThere = false
  await eachLine(disk, segment, line => {
    isThere = line.byte >= byte && line.bytes[2] === 99 && commitLineOf(line.bytes) !== undefined
    return isThere
  })
  return isThere
}
