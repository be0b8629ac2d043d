import type { DiskFile } from '../disk/disk.js'

// The seekable format of Zstandard: frames of whole chunks, then a skippable frame that lists them. Every decoder reads
// such a file as one stream. Source: zstd, contrib/seekable_format, version 0.1.1, seen 2026-11.
const SKIPPABLE = 0x184d2a5e
const SEEKABLE = 0x8f92eab1
const [HEADER, ENTRY, FOOTER] = [8, 8, 9]
/** A table lists at most this many frames: a larger one is not read, and the file is unpacked from its start. */
const FRAMES_MAX = 65_536
/** Plain bytes of one frame: what is unpacked to read anywhere. Larger ones are no smaller on disk, and slower. */
export const FRAME_PLAIN_BYTES = 1_048_576

/** One frame of a compressed file: bytes packed and plain. */
export interface Frame {
  readonly packed: number
  readonly plain: number
}

/** The skippable frame that ends a seekable file. */
export function seekTable(frames: readonly Frame[]): Uint8Array {
  const bytes = Buffer.alloc(HEADER + frames.length * ENTRY + FOOTER)
  bytes.writeUInt32LE(SKIPPABLE, 0)
  bytes.writeUInt32LE(bytes.length - HEADER, 4)
  frames.forEach(({ packed, plain }, i) => {
    bytes.writeUInt32LE(packed, HEADER + i * ENTRY)
    bytes.writeUInt32LE(plain, HEADER + i * ENTRY + 4)
  })
  bytes.writeUInt32LE(frames.length, bytes.length - FOOTER)
  bytes.writeUInt32LE(SEEKABLE, bytes.length - 4)
  return bytes
}

/**
 * Offsets, packed and plain, of the frame that holds a plain offset; those of the file's start where it has no table.
 * A wrong table leads to bytes that do not verify, never to wrong events.
 */
export async function frameAt(file: DiskFile, size: number, plain: number): Promise<Frame> {
  const start = { packed: 0, plain: 0 }
  if (plain === 0) return start
  const footer = await bytesOf(file, size - FOOTER, FOOTER)
  const count = footer.length < FOOTER ? 0 : footer.readUInt32LE(0)
  const isTable = count > 0 && count <= FRAMES_MAX && footer.readUInt32LE(5) === SEEKABLE
  if (!isTable || footer[4] !== 0) return start
  const entries = await bytesOf(file, size - FOOTER - count * ENTRY, count * ENTRY)
  if (entries.length < count * ENTRY) return start
  const at = { ...start }
  for (let i = 0; i < count; i++) {
    const next = at.plain + entries.readUInt32LE(i * ENTRY + 4)
    if (next > plain) break
    at.packed += entries.readUInt32LE(i * ENTRY)
    at.plain = next
  }
  return at
}

async function bytesOf(file: DiskFile, at: number, length: number): Promise<Buffer> {
  if (at < 0) return Buffer.alloc(0)
  const bytes = Buffer.alloc(length)
  let done = 0
  for (let read = 1; read > 0 && done < length; done += read)
    read = await file.read(bytes.subarray(done), at + done)
  return bytes.subarray(0, done)
}
