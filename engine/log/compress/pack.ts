import { writeAll, type Disk, type DiskFile } from '../disk/disk.js'
import { FRAME_PLAIN_BYTES, seekTable, type Frame } from './seek-table.js'
import { openSource } from '../read/segment-reader.js'
import { segmentName, type Segment } from '../disk/segments.js'

/** Compresses bytes into one Zstandard frame. */
export type Compress = (plain: Uint8Array) => Uint8Array

/** What became of a segment: bytes before and after. */
export interface PackedSegment {
  readonly plain: number
  readonly packed: number
}

/**
 * Replaces a segment that is over by its compressed form. The compressed file is complete, synced and proven to unpack
 * to the same bytes before it gets its name, and has its name durably before the plain one goes; a crash at any moment
 * leaves one of them whole, and where both are there the plain one counts. Rejects where the disk fails, or where the
 * compressed bytes are not what was put in.
 */
export async function packSegment(
  disk: Disk,
  dir: string,
  { segment, compress }: { segment: Segment; compress: Compress },
): Promise<PackedSegment> {
  const path = `${segment.path}.zst`
  const frames = await writePacked(disk, { segment, path: `${path}.tmp`, compress })
  const draft = { ...segment, path: `${path}.tmp`, isPacked: true }
  if (!(await isSame(disk, segment, draft)))
    throw new Error(`${segment.name} does not unpack to the same bytes`)
  await disk.rename(`${path}.tmp`, path)
  await disk.syncDir(dir)
  await disk.remove(segment.path)
  await disk.syncDir(dir)
  const sum = (of: keyof Frame): number => frames.reduce((total, frame) => total + frame[of], 0)
  return { plain: sum('plain'), packed: sum('packed') }
}

/** Makes a compressed segment plain again, the same way round, so that it can be written on. */
export async function unpackSegment(disk: Disk, dir: string, segment: Segment): Promise<Segment> {
  const name = segmentName(segment.number)
  const path = `${dir}/${name}`
  const file = await disk.open(`${path}.tmp`, 'over')
  const source = await openSource(disk, segment)
  try {
    const chunk = new Uint8Array(FRAME_PLAIN_BYTES)
    let at = 0
    for (let read = await source.read(chunk); read > 0; read = await source.read(chunk)) {
      await writeAll(file, chunk.subarray(0, read), at)
      at += read
    }
    await file.sync()
  } finally {
    await source.close()
    await file.close()
  }
  await disk.rename(`${path}.tmp`, path)
  await disk.syncDir(dir)
  await disk.remove(segment.path)
  await disk.syncDir(dir)
  return { ...segment, name, path, isPacked: false }
}

async function writePacked(
  disk: Disk,
  { segment, path, compress }: { segment: Segment; path: string; compress: Compress },
): Promise<Frame[]> {
  const frames: Frame[] = []
  const from = await disk.open(segment.path, 'read')
  const into = await disk.open(path, 'over').catch(async (error: unknown) => {
    await from.close()
    throw error
  })
  try {
    const plain = new Uint8Array(FRAME_PLAIN_BYTES)
    let [read, written] = [0, 0]
    for (let length = await fill(from, plain, read); length > 0;) {
      const packed = compress(plain.subarray(0, length))
      await writeAll(into, packed, written)
      frames.push({ plain: length, packed: packed.length })
      read += length
      written += packed.length
      length = await fill(from, plain, read)
    }
    await writeAll(into, seekTable(frames), written)
    await into.sync()
    return frames
  } finally {
    await from.close()
    await into.close()
  }
}

/** Fills `into` from an offset on; less only at the end of the file. */
async function fill(file: DiskFile, into: Uint8Array, at: number): Promise<number> {
  let done = 0
  for (let read = 1; read > 0 && done < into.length; done += read)
    read = await file.read(into.subarray(done), at + done)
  return done
}

/** Whether two segments hold the same bytes, unpacked. */
async function isSame(disk: Disk, a: Segment, b: Segment): Promise<boolean> {
  const [one, other] = [await openSource(disk, a), await openSource(disk, b)]
  try {
    const [left, right] = [Buffer.alloc(65_536), Buffer.alloc(65_536)]
    for (;;) {
      const length = await other.read(right)
      let there = 0
      for (let read = 1; read > 0 && there < length; there += read)
        read = await one.read(left.subarray(there, length))
      if (there !== length || left.compare(right, 0, length, 0, length) !== 0) return false
      if (length === 0) return (await one.read(left)) === 0
    }
  } finally {
    await one.close()
    await other.close()
  }
}
