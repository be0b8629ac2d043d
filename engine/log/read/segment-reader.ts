import { isMissing, type Disk, type DiskFile } from '../disk/disk.js'
import { COMMIT_BYTES_MAX } from '../event-log.js'
import { FRAME_BYTES_MAX } from '../disk/framing.js'
import { frameAt } from '../compress/seek-table.js'
import type { Segment } from '../disk/segments.js'
import { ZstdFrames } from '../compress/zstd-frames.js'

const CHUNK = 1_048_576
const PACKED_CHUNK = 16_384
/** What unpacking gives at once, at most: one block. */
const UNPACKED_CHUNK = 131_072
/** Most bytes that stay behind when the next chunk comes: less than one commit, with its segment line. */
const RESERVE = COMMIT_BYTES_MAX + FRAME_BYTES_MAX
const MARK = Buffer.from('\n{"commit":')
/** The part of it that is looked for: no letter of it begins anything in the lines that a log consists of. */
const RARE = Buffer.from('mmit":')
const RARE_AT = MARK.indexOf(RARE)

/** Uncompressed bytes of a segment, in order. */
export interface Source {
  /** Bytes that it will give at most; absent where that is not known. */
  readonly length?: number
  /** Fills the start of `into`; 0 at the end. Rejects where the disk fails or the packing is damaged. */
  readonly read: (into: Uint8Array) => Promise<number>
  readonly close: () => Promise<void>
}

/**
 * Opens a segment at an offset, as long as it is now: what is appended later is not seen, unless it `grows`. Where it
 * `seeks`, a compressed segment is entered by its table, else unpacked from its start.
 */
export async function openSource(
  disk: Disk,
  segment: Segment,
  { from = 0, grows = false, seeks = true } = {},
): Promise<Source> {
  const { file, isPacked } = await opened(disk, segment)
  try {
    const size = grows && !isPacked ? Infinity : await file.size()
    return isPacked ? await packed(file, seeks ? size : 0, from) : plain(file, size, from)
  } catch (error) {
    await file.close()
    throw error
  }
}

/** A segment that was plain when it was listed may be compressed by now. */
async function opened(
  disk: Disk,
  { path, isPacked }: Segment,
): Promise<{ file: DiskFile; isPacked: boolean }> {
  try {
    return { file: await disk.open(path, 'read'), isPacked }
  } catch (error) {
    if (isPacked || !isMissing(error)) throw error
    const file = await disk.open(`${path}.zst`, 'read').catch(() => undefined)
    if (!file) throw error
    return { file, isPacked: true }
  }
}

/** Offsets of one commit in the reader's buffer: event lines in [start, mark), commit line in [mark, end). */
export interface Found {
  readonly start: number
  readonly mark: number
  readonly end: number
}

/**
 * Finds whole commits in a segment, in bounded memory: two buffers, one read ahead. Trusts nothing: it only looks for
 * the first segment line and the commit lines. What it found is valid until the next call.
 */
export class SegmentReader {
  /** Valid bytes end where it ends. */
  buffer: Buffer = Buffer.alloc(0)
  /** Bytes before a chunk, for what stays behind of the one before. */
  readonly #reserve: number
  #full: Buffer
  readonly #source: Source
  #other: Buffer
  #ahead: Promise<number>
  #at: number
  #end: number
  #base: number
  #isDone = false

  constructor(source: Source, from = 0) {
    this.#source = source
    // Buffers of a short segment are short: four megabytes for each of thousands of small runs would keep the garbage collector busy.
    const { length = Infinity } = source
    this.#reserve = Math.min(RESERVE, length)
    const size = this.#reserve + Math.min(CHUNK, Math.max(1, length))
    this.#full = Buffer.allocUnsafeSlow(size)
    this.#other = Buffer.allocUnsafeSlow(size)
    this.#at = this.#end = this.#reserve
    this.#base = from - this.#reserve
    this.#ahead = this.#readAhead()
  }

  /** Opens a segment at an offset: 0, or behind a commit line. */
  static async open(
    disk: Disk,
    segment: Segment,
    { from = 0, seeks = true } = {},
  ): Promise<SegmentReader> {
    return new SegmentReader(await openSource(disk, segment, { from, seeks }), from)
  }

  /** Offset in the segment of a place in `buffer`. */
  offsetOf(place: number): number {
    return this.#base + place
  }

  /** Offset in the segment behind all that was found. */
  get offset(): number {
    return this.#base + this.#at
  }

  /** Whether bytes follow what was found: after the last commit, a tail. */
  get hasRest(): boolean {
    return this.#end > this.#at
  }

  /** The first line, newline included; undefined where no line begins the segment. Call once, first. */
  async opening(): Promise<Uint8Array | undefined> {
    do {
      const end = this.buffer.indexOf(10, this.#at)
      if (end >= 0) {
        const line = this.buffer.subarray(this.#at, end + 1)
        this.#at = end + 1
        return line
      }
    } while (this.#end - this.#at <= FRAME_BYTES_MAX && (await this.#more()))
    return undefined
  }

  /** The next commit; undefined where no whole one follows within the size that a commit may have. */
  async next(): Promise<Found | undefined> {
    do {
      const newline = this.#mark()
      if (newline >= 0) {
        const end = this.buffer.indexOf(10, newline + 1) + 1
        if (end > 0) {
          const start = this.#at
          this.#at = end
          return { start, mark: newline + 1, end }
        }
      }
    } while (this.#end - this.#at <= COMMIT_BYTES_MAX && (await this.#more()))
    return undefined
  }

  /** Where the line break before the next commit line stands; −1 for nowhere yet. */
  #mark(): number {
    const { buffer } = this
    for (let from = this.#at; ;) {
      const rare = buffer.indexOf(RARE, from)
      if (rare < 0) return -1
      const start = rare - RARE_AT
      if (start >= this.#at && MARK.compare(buffer, start, rare, 0, RARE_AT) === 0) return start
      from = rare + 1
    }
  }

  /** Looks again behind the end of a source that grows. */
  again(): void {
    if (!this.#isDone) return
    this.#isDone = false
    this.#ahead = this.#readAhead()
  }

  /** Goes back to before a commit that was just found. */
  unread(found: Found): void {
    this.#at = found.start
  }

  async close(): Promise<void> {
    await this.#ahead.catch(() => 0)
    await this.#source.close()
  }

  async #more(): Promise<boolean> {
    if (this.#isDone) return false
    const length = await this.#ahead
    if (length === 0) {
      this.#isDone = true
      return false
    }
    const rest = this.#end - this.#at
    const next = this.#other
    this.#full.copy(next, this.#reserve - rest, this.#at, this.#end)
    this.#base += this.#end - this.#reserve
    this.#at = this.#reserve - rest
    this.#end = this.#reserve + length
    this.#other = this.#full
    this.#full = next
    this.buffer = next.subarray(0, this.#end)
    this.#ahead = this.#readAhead()
    return true
  }

  #readAhead(): Promise<number> {
    const reading = this.#source.read(this.#other.subarray(this.#reserve))
    reading.catch(() => 0) // awaited later, by `#more` or `close`
    return reading
  }
}

function plain(file: DiskFile, size: number, from: number): Source {
  let at = from
  return {
    ...(Number.isFinite(size) && { length: Math.max(0, size - from) }),
    read: async into => {
      const most = Math.min(into.length, size - at)
      if (most <= 0) return 0
      const read = await file.read(into.subarray(0, most), at)
      at += read
      return read
    },
    close: () => file.close(),
  }
}

/** A table is looked for at the end of `size` bytes: in 0 there is none. */
async function packed(file: DiskFile, size: number, from: number): Promise<Source> {
  const frame = await frameAt(file, size, from)
  const source = unpacking(file, frame.packed, await ZstdFrames.open())
  const passed = new Uint8Array(UNPACKED_CHUNK)
  for (let skip = from - frame.plain; skip > 0;) {
    const read = await source.read(passed.subarray(0, skip))
    if (read === 0) break
    skip -= read
  }
  return source
}

function unpacking(file: DiskFile, from: number, unpack: ZstdFrames): Source {
  const input = new Uint8Array(PACKED_CHUNK)
  const output: Uint8Array[] = []
  let at = from
  let isDone = false
  return {
    read: async into => {
      while (output.length === 0 && !isDone) {
        const read = await file.read(input, at)
        at += read
        isDone = read === 0
        const unpacked = unpack.push(input.slice(0, read))
        output.push(...unpacked.filter(chunk => chunk.length > 0))
        if (isDone) unpack.end()
      }
      const first = output[0]
      if (!first) return 0
      const length = Math.min(first.length, into.length)
      into.set(first.subarray(0, length))
      if (length === first.length) output.shift()
      else output[0] = first.subarray(length)
      return length
    },
    close: () => file.close(),
  }
}
