import * as E from 'fp-ts/lib/Either.js'
import { LineReader } from '#schemas/line/reader.js'
import type { Recorded } from '#schemas/recorded.js'
import type { Disk } from '../disk/disk.js'
import { indexOf } from './index-file.js'
import { bytesAt } from '../read/lines.js'
import { nodeDisk } from '../disk/node-disk.js'
import { FRAME_PLAIN_BYTES } from '../compress/seek-table.js'
import { KEY_LISTING, keyOf, MARK_EVENTS, ROW, type SegmentIndex } from './segment-index.js'
import { segmentsOf, type Segment } from '../disk/segments.js'
import { BadLine, type EventIndex, type Told } from '../store/event-index.js'

/** Pieces of segments that stay in memory. */
const PIECES_MAX = 16

/**
 * Reads single events of a run without reading what lies between: each line's own sum is checked, heads are not. An
 * open run is seen as long as it was when its index was opened.
 */
export class RunIndex implements EventIndex {
  readonly #disk: Disk
  readonly #segments: readonly Segment[]
  readonly #indexes: readonly SegmentIndex[]
  readonly #pieces = new Map<string, Buffer>()
  readonly #reader = new LineReader()

  private constructor(disk: Disk, segments: readonly Segment[], indexes: readonly SegmentIndex[]) {
    this.#disk = disk
    this.#segments = segments
    this.#indexes = indexes
  }

  /** Opens the indexes of a run's segments; builds those that are missing, which reads these segments once. */
  static async open(
    dir: string,
    { disk = nodeDisk, progress }: { disk?: Disk; progress?: (segment: string) => void } = {},
  ): Promise<RunIndex> {
    const segments = await segmentsOf(disk, dir)
    const indexes: SegmentIndex[] = []
    for (const [i, segment] of segments.entries()) {
      progress?.(segment.name)
      indexes.push(await indexOf(disk, { dir, segment, next: segments[i + 1] }))
    }
    return new RunIndex(disk, segments, indexes)
  }

  /** Last event of the run. */
  get lastSeq(): number {
    return this.#indexes.reduce((last, index) => Math.max(last, index.last), 0)
  }

  /** First event of the segment in this place. */
  firstOf(segment: number): number {
    return this.#indexes[segment]?.first ?? 0
  }

  /** Every event with a cause behind `seq`, by sequence. */
  *toldBehind(seq: number): Generator<Told> {
    for (const told of this.#rowsFrom(seq + 1)) if (told.key !== KEY_LISTING) yield told
  }

  /** Listings of markets and tokens up to `atMost`. */
  async listings(atMost: number): Promise<Recorded[]> {
    const found: Recorded[] = []
    for (const told of this.#rowsFrom(1)) {
      if (told.seq > atMost) break
      if (told.key === KEY_LISTING) found.push(await this.at(told))
    }
    return found
  }

  /** The event that begins a signal or an order: `SignalRaised` or `OrderPlaced`. */
  async find(kind: 'signal' | 'order', id: string): Promise<Recorded | undefined> {
    const key = keyOf(kind, id)
    for (const told of this.#rowsFrom(1)) {
      if (told.key !== key) continue
      const row = await this.at(told)
      const { event } = row
      if (kind === 'signal' && event.type === 'SignalRaised' && event.data.signal === id) return row
      if (kind === 'order' && event.type === 'OrderPlaced' && event.data.order === id) return row
    }
    return undefined
  }

  /** The event with this sequence; undefined where the run has none. Rejects where its line is damaged. */
  async row(seq: number): Promise<Recorded | undefined> {
    const segment = this.#indexes.findIndex(({ first, last }) => seq >= first && seq <= last)
    const index = this.#indexes[segment]
    if (!index || seq < 1) return undefined
    const behind = seq - index.first
    let byte = index.marks[Math.floor(behind / MARK_EVENTS)] ?? 0
    for (let left = behind % MARK_EVENTS; ;) {
      const line = await this.#line(segment, byte)
      // A line of the framing counts for nothing.
      if (line[2] === 110 && left-- === 0) return this.#decoded(line, seq)
      byte += line.length
    }
  }

  /** A told event. Rejects where its line is damaged. */
  async at({ seq, segment, byte }: Told): Promise<Recorded> {
    return this.#decoded(await this.#line(segment, byte), seq)
  }

  *#rowsFrom(seq: number): Generator<Told> {
    for (const [segment, { last, rows }] of this.#indexes.entries()) {
      if (last < seq) continue
      for (let i = firstFrom(rows, seq); i < rows.length; i += ROW)
        yield { seq: rows[i]!, byte: rows[i + 1]!, cause: rows[i + 2]!, key: rows[i + 3]!, segment }
    }
  }

  #decoded(line: Buffer, seq: number): Recorded {
    const kind = this.#reader.over(line).read(0, line.length - 1)
    if (kind === 0) throw new BadLine(`event ${seq}: ${this.#reader.fault?.message ?? 'no line'}`)
    const row = this.#reader.recorded(kind)
    if (E.isLeft(row)) throw new BadLine(`event ${seq}: ${row.left.message}`)
    if (row.right.seq !== seq)
      throw new BadLine(`event ${row.right.seq} stands where ${seq} should`)
    return row.right
  }

  /** The whole line that begins at an offset. */
  async #line(segment: number, byte: number): Promise<Buffer> {
    const piece = await this.#piece(segment, Math.floor(byte / FRAME_PLAIN_BYTES))
    const from = byte % FRAME_PLAIN_BYTES
    const end = piece.indexOf(10, from)
    if (end >= 0) return piece.subarray(from, end + 1)
    const next = await this.#piece(segment, Math.floor(byte / FRAME_PLAIN_BYTES) + 1)
    const length = next.indexOf(10) + 1
    if (length === 0)
      throw new BadLine(`no line begins at byte ${byte} of ${this.#nameOf(segment)}`)
    return Buffer.concat([piece.subarray(from), next.subarray(0, length)])
  }

  async #piece(segment: number, number: number): Promise<Buffer> {
    const name = `${segment}/${number}`
    const known = this.#pieces.get(name)
    if (known) return known
    const at = this.#segments[segment]!
    const bytes = await bytesAt(this.#disk, at, number * FRAME_PLAIN_BYTES, FRAME_PLAIN_BYTES)
    const oldest = this.#pieces.keys().next()
    if (this.#pieces.size >= PIECES_MAX && !oldest.done) this.#pieces.delete(oldest.value)
    this.#pieces.set(name, bytes)
    return bytes
  }

  #nameOf(segment: number): string {
    return this.#segments[segment]?.name ?? ''
  }
}

/** Place of the first row at or behind `seq`. */
function firstFrom(rows: readonly number[], seq: number): number {
  let [low, high] = [0, rows.length / ROW]
  while (low < high) {
    const middle = (low + high) >> 1
    if (rows[middle * ROW]! < seq) low = middle + 1
    else high = middle
  }
  return low * ROW
}
