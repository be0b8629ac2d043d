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

/** The segments of a run by number; where one lies there both plain and compressed, the plain one. */
export async function segmentsOf(disk: Disk, dir: string): Promise<readonly Segment[]> {
  const found = new Map<number, Segment>()
  for (const name of await disk.list(dir)) {
    const match = NAME.exec(name)
    if (!match) continue
    const number = Number(match[1])
    const isPacked = match[2] !== undefined
    if (name.replace('.zst', '') !== segmentName(number)) continue
    if (found.has(number) && isPacked) continue
    found.set(number, { number, name, path: `${dir}/${name}`, isPacked })
  }
  return [...found.values()].sort((a, b) => a.number - b.number)
}
