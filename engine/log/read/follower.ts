import * as E from 'fp-ts/lib/Either.js'
import { LineReader } from '#schemas/line/reader.js'
import type { Recorded } from '#schemas/recorded.js'
import type { Disk } from '../disk/disk.js'
import type { LogFault } from '../event-log.js'
import { commitLineOf, segmentLineOf } from '../disk/framing.js'
import { rowsOf } from './jsonl-reader.js'
import { nodeDisk } from '../disk/node-disk.js'
import { openSource, SegmentReader, type Found } from './segment-reader.js'
import { segmentsOf, type Segment } from '../disk/segments.js'

/** A place between two commits, as a follower goes on from there. */
export interface FollowPlace {
  readonly lastSeq: number
  readonly segment: number
  /** Offset behind a commit line in the (uncompressed) segment; 0: before its first line. */
  readonly byte: number
}

/** A whole commit that a follower met. `bytes` is valid until the next one. */
export interface FollowedCommit {
  readonly bytes: Uint8Array
  readonly firstSeq: number
  readonly lastSeq: number
  readonly file: string
  /** Offset of the first event line in the segment. */
  readonly start: number
}

/**
 * Reads a log while it is written, from its first event on or behind a place, each commit once. Sums of lines are checked where
 * rows are asked for; heads are not: that is for who reads a log that somebody else may have touched.
 */
export class Follower {
  readonly #dir: string
  readonly #disk: Disk
  readonly #lines = new LineReader()
  #open: Opened | undefined
  #number = 0
  #lastSeq = 0

  #from: FollowPlace | undefined

  constructor(dir: string, disk: Disk = nodeDisk, from?: FollowPlace) {
    this.#dir = dir
    this.#disk = disk
    this.#from = from
    this.#number = from ? from.segment - 1 : 0
    this.#lastSeq = from?.lastSeq ?? 0
  }

  /** Last sequence that was handed out. */
  get lastSeq(): number {
    return this.#lastSeq
  }

  /** Behind the last commit that was handed out. */
  get place(): FollowPlace {
    const byte = this.#open?.reader.offset ?? this.#from?.byte
    const lastSeq = this.#lastSeq
    // Between two segments: the next one is entered at its first line.
    if (byte === undefined) return { lastSeq, segment: this.#number + 1, byte: 0 }
    return { lastSeq, segment: this.#open ? this.#number : this.#number + 1, byte }
  }

  /** Commits that are whole now and end at or before `untilSeq`, in order, decoded. A fault is the last item. */
  async *rows(untilSeq: number): AsyncGenerator<E.Either<LogFault, readonly Recorded[]>> {
    for await (const read of this.commits(untilSeq)) {
      if (E.isLeft(read)) yield read
      else yield rowsOf(this.#lines, read.right, read.right.firstSeq)
    }
  }

  /** The same as bytes, of which nothing but the framing was looked at. */
  async *commits(untilSeq: number): AsyncGenerator<E.Either<LogFault, FollowedCommit>> {
    try {
      while (this.#lastSeq < untilSeq) {
        const next = await this.#next(untilSeq)
        if (!next) return
        yield next
        if (E.isLeft(next)) return
      }
    } catch (error) {
      yield E.left({ tag: 'Unreadable', dir: this.#dir, cause: String(error) })
    }
  }

  /** Lets go of the file. */
  async close(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    await open?.reader.close()
  }

  /** The next commit; undefined where none is whole, or where it goes beyond `untilSeq`. */
  async #next(untilSeq: number): Promise<E.Either<LogFault, FollowedCommit> | undefined> {
    for (;;) {
      const open = this.#open ?? (await this.#enter())
      if (!open) return undefined
      const { segment, reader } = open
      const found = (await reader.next()) ?? (await this.#more(open))
      if (found === 'later') return undefined
      if (found === 'over') {
        await this.close()
        continue
      }
      const line = commitLineOf(reader.buffer.subarray(found.mark, found.end))
      const start = reader.offsetOf(found.start)
      if (!line || line.n <= this.#lastSeq) return E.left(damaged(segment, start, 'not a commit'))
      if (line.n > untilSeq) {
        reader.unread(found)
        return undefined
      }
      const bytes = reader.buffer.subarray(found.start, found.mark)
      const firstSeq = this.#lastSeq + 1
      this.#lastSeq = line.n
      return E.right({ bytes, firstSeq, lastSeq: line.n, file: segment.name, start })
    }
  }

  /** Looks again behind the end. A segment is over when there is a next one and nothing more in this. */
  async #more({ segment, reader }: Opened): Promise<Found | 'later' | 'over'> {
    const isFollowed = (await segmentsOf(this.#disk, this.#dir)).some(
      ({ number }) => number === segment.number + 1,
    )
    reader.again()
    return (await reader.next()) ?? (isFollowed ? 'over' : 'later')
  }

  /** Opens the next segment, once its first line is whole. */
  async #enter(): Promise<Opened | undefined> {
    const wanted = this.#number + 1
    const segments = await segmentsOf(this.#disk, this.#dir)
    const segment = segments.find(({ number }) => number === wanted)
    if (!segment) return undefined
    const from = this.#from?.byte ?? 0
    const reader = new SegmentReader(
      await openSource(this.#disk, segment, { from, grows: true }),
      from,
    )
    const opening = from > 0 ? undefined : await reader.opening()
    if (from === 0 && (!opening || segmentLineOf(opening)?.first !== this.#lastSeq + 1)) {
      await reader.close()
      return undefined
    }
    this.#from = undefined
    this.#number = wanted
    this.#open = { segment, reader }
    return this.#open
  }
}

interface Opened {
  readonly segment: Segment
  readonly reader: SegmentReader
}

const damaged = ({ name: file }: Segment, byte: number, message: string): LogFault => ({
  tag: 'Damaged',
  ...{ file, line: 0, byte, message },
})
