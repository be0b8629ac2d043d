import type { Disk } from './disk.js'

const NAME = /^events-(\d{6,})\.jsonl(\.zst)?$/

/** One file of event lines. */
export interface Segment {
  readonly number: number
  readonly name: string
  readonly path: string
  /** Compressed with Zstandard. */
  readonly isPacked: boolean
}

/** The file name of a segment, from 1. */
export const segmentName = (number: number): string =>
  `events-${String(number).padStart(6, '0')}.jsonl`

/** The segment that lies at a path; undefined where its name is none of a segment. */
export function segmentOf(path: string): Segment | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const match = NAME.exec(name)
  if (!match) return undefined
  return { number: Number(match[1]), name, path, isPacked: match[2] !== undefined }
}

/** The segments of a run by number; where one lies there both plain and compressed, the plain one. */
export async function segmentsOf(disk: Disk, dir: string): Promise<readonly Segment[]> {
  const found = new Map<number, Segment>()
  for (const name of await disk.list(dir)) {
    const segment = segmentOf(`${dir}/${name}`)
    if (!segment || name.replace('.zst', '') !== segmentName(segment.number)) continue
    if (found.has(segment.number) && segment.isPacked) continue
    found.set(segment.number, segment)
  }
  return [...found.values()].sort((a, b) => a.number - b.number)
}
