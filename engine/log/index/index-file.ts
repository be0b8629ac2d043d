import { digestOf } from '../prove/blake3.js'
import { readSmall, replaceFile, type Disk } from '../disk/disk.js'
import { segmentLineOf } from '../disk/framing.js'
import { commitEndingAt, firstLineOf } from '../read/lines.js'
import { openSource } from '../read/segment-reader.js'
import { Indexer, type SegmentIndex } from './segment-index.js'
import type { Segment } from '../disk/segments.js'

/** Folder of the indexes of a run's closed segments. */
export const INDEX = 'index'
const FORMAT = 1
const CHUNK = 1_048_576

/** Head and length of a segment that is over. */
interface Closing {
  readonly head: string
  readonly bytes: number
}

/** The index of one segment: as it was kept, where that fits the log; else built by reading the segment once. */
export async function indexOf(
  disk: Disk,
  of: { dir: string; segment: Segment; next: Segment | undefined },
): Promise<SegmentIndex> {
  const { dir, segment, next } = of
  const kept = await read(disk, dir, segment.number).catch(() => undefined)
  if (kept && (await fits(disk, { segment, next, kept }))) return kept
  const index = await buildIndex(disk, segment)
  // Kept only where the segment is over; where the directory takes no files, the next reader builds it again.
  if (next) await writeIndex(disk, dir, segment, index).catch(() => undefined)
  return index
}

/** Reads a segment once and says where things stand in it. */
export async function buildIndex(disk: Disk, segment: Segment): Promise<SegmentIndex> {
  const indexer = new Indexer()
  const source = await openSource(disk, segment)
  try {
    for (;;) {
      const bytes = Buffer.allocUnsafe(CHUNK)
      const length = await source.read(bytes)
      if (length === 0) return indexer.index
      indexer.take(bytes.subarray(0, length))
    }
  } finally {
    await source.close()
  }
}

/** Keeps the index of a segment that is over: temporary file, sync, rename. */
export async function writeIndex(
  disk: Disk,
  dir: string,
  segment: Segment,
  index: SegmentIndex,
): Promise<void> {
  const end = await commitEndingAt(disk, segment, index.bytes)
  if (end?.n !== index.last) return // not over, or not whole: there is nothing to bind it to
  const body = JSON.stringify({ format: FORMAT, head: end.head, ...index })
  const text = `${JSON.stringify({ sum: await digestOf(body) }).slice(0, -1)},"index":${body}}\n`
  const folder = `${dir}/${INDEX}`
  await disk.makeDir(folder)
  await replaceFile(disk, { dir: folder, name: nameOf(segment.number), bytes: Buffer.from(text) })
}

const nameOf = (number: number): string => `${number}.json`

async function read(
  disk: Disk,
  dir: string,
  number: number,
): Promise<(SegmentIndex & Closing) | undefined> {
  const bytes = await readSmall(disk, `${dir}/${INDEX}/${nameOf(number)}`)
  const text = Buffer.from(bytes ?? []).toString()
  const found = /^\{"sum":"([0-9a-f]{64})","index":/.exec(text)
  if (!found) return undefined
  const body = text.slice(found[0].length, -2)
  if ((await digestOf(body)) !== found[1]) return undefined
  // Its sum is right: it is what `writeIndex` wrote.
  const index = JSON.parse(body) as SegmentIndex & Closing & { readonly format: number }
  return index.format === FORMAT ? index : undefined
}

async function fits(
  disk: Disk,
  {
    segment,
    next,
    kept,
  }: { segment: Segment; next: Segment | undefined; kept: SegmentIndex & Closing },
): Promise<boolean> {
  if (!next) {
    const end = await commitEndingAt(disk, segment, kept.bytes)
    return end?.head === kept.head && end.n === kept.last
  }
  const line = await firstLineOf(disk, next)
  const opening = line && segmentLineOf(line)
  return opening?.head === kept.head && opening.first === kept.last + 1
}
