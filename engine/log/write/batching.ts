import assert from 'node:assert'
import { LineWriter } from '#schemas/line/writer.js'
import type { EncodedTurns } from '#schemas/encoded-turns.js'
import type { Recorded } from '#schemas/recorded.js'
import { ZERO_HEAD, type Head } from '../prove/blake3.js'
import {
  PENDING_BYTES_MAX,
  SEGMENT_EVENT_BYTES,
  TURN_BYTES_MAX,
  type LogEnd,
  type LogFault,
  type Mark,
} from '../event-log.js'
import { markOf } from '../disk/mark.js'
import { encodeTurn, faultOf } from './staging.js'

/** A staging buffer is closed and written as a whole once it holds this many bytes; afterwards it is used again. */
export const CHUNK_BYTES = 262_144
/** Capacity of a staging buffer: most chunks end within it, so that few grow. */
const CAPACITY = 2 * CHUNK_BYTES
/** Idle buffers that are kept for the next commits: as many as may wait at once. */
const SPARE_MAX = PENDING_BYTES_MAX / CHUNK_BYTES

/** Where a log stands behind a whole commit: all that a writer needs to go on. */
export interface Position extends LogEnd {
  /** The segment of the last commit; 0 before the first. */
  readonly segment: number
  /** Bytes of event lines in it. */
  readonly segmentBytes: number
  /** Offset behind its commit line in the (uncompressed) file. */
  readonly byte: number
  /** Whether the last event is `RunEnded`. */
  readonly hasEnded: boolean
}

/** A log without events. */
export const ORIGIN: Position = {
  lastSeq: 0,
  commits: 0,
  head: ZERO_HEAD,
  segment: 0,
  segmentBytes: 0,
  byte: 0,
  hasEnded: false,
}

/** Whole commits that wait to be written: bytes of one segment, valid until `written` is called. */
export interface Batch {
  readonly bytes: Uint8Array
  /** Where the log stands behind these bytes. */
  readonly after: Position
}

/** How events are framed. */
export interface BatchingOptions {
  readonly runId: string
  /** Most events of one commit; a longer turn is kept whole. */
  readonly commitEvents: number
  /** For tests only: where segments roll. */
  readonly segmentBytes?: number
}

interface Chunk {
  readonly writer: LineWriter
  taken: number
  closed: number
  after: Position
}

/**
 * Makes commits of turns, in memory: encodes event lines into staging buffers, closes commits, begins new segments, derives heads. Owns its
 * buffers and `head`, whose state must be the one at `position`. Touches no disk and no clock.
 */
export class Batching {
  readonly #run: BatchingOptions
  readonly #head: Head
  readonly #segmentMax: number
  readonly #queue: Chunk[] = []
  readonly #spare: LineWriter[] = []
  #chunk: Chunk
  #position: Position
  #lastSeq: number
  #hasEnded: boolean
  #openStart = 0
  #openEvents = 0
  #segment: number
  #segmentBytes: number
  #byte: number
  #queuedBytes = 0

  constructor(options: BatchingOptions, head: Head, position: Position) {
    this.#run = options
    this.#head = head
    this.#segmentMax = options.segmentBytes ?? SEGMENT_EVENT_BYTES
    this.#position = position
    this.#lastSeq = position.lastSeq
    this.#hasEnded = position.hasEnded
    this.#segment = position.segment
    this.#segmentBytes = position.segmentBytes
    this.#byte = position.byte
    this.#chunk = { writer: new LineWriter(CAPACITY), taken: 0, closed: 0, after: position }
    if (this.#segment === 0 || this.#segmentBytes > this.#segmentMax) this.#roll()
  }

  /** Last sequence taken. */
  get lastSeq(): number {
    return this.#lastSeq
  }

  /** Where the log stands behind the last closed commit. */
  get position(): Position {
    return this.#position
  }

  /** The position behind the last closed commit; undefined where its segment is over, or events follow it already. */
  get mark(): Mark | undefined {
    const { hasEnded: _, ...place } = this.#position
    const { segment, lastSeq } = place
    if (segment !== this.#segment || lastSeq !== this.#lastSeq || lastSeq === 0) return undefined
    return markOf({ ...place, hasher: Buffer.from(this.#head.mark).toString('hex') })
  }

  /** Whether the last event taken is `RunEnded`. */
  get lastEnds(): boolean {
    return this.#hasEnded
  }

  /** Events in the commit that is still open. */
  get openEvents(): number {
    return this.#openEvents
  }

  /** Whether there are closed commits that nobody took. */
  get hasClosed(): boolean {
    return this.#queue.length > 0 || this.#chunk.closed > this.#chunk.taken
  }

  /** Bytes staged or taken but not `written`. */
  get pendingBytes(): number {
    return this.#queuedBytes + this.#chunk.writer.length
  }

  /** Takes one turn; see `LogWriter.append`. */
  append(turn: readonly Recorded[]): LogFault | undefined {
    if (this.#hasEnded) return { tag: 'Sealed' }
    assert(this.pendingBytes < 2 * PENDING_BYTES_MAX, 'Invariant: append waits for ready')
    const writer = this.#chunk.writer
    const start = writer.length
    const fault = encodeTurn(writer, turn, this.#lastSeq)
    if (fault) return fault
    if (writer.length - this.#openStart > TURN_BYTES_MAX) {
      writer.truncate(start)
      this.close()
      return this.append(turn)
    }
    this.#hasEnded = turn[turn.length - 1]?.event.type === 'RunEnded'
    this.#took(turn.length)
    return undefined
  }

  /** Takes turns that are encoded already; see `LogWriter.appendEncoded`. */
  appendEncoded(turns: EncodedTurns): LogFault | undefined {
    if (this.#hasEnded) return { tag: 'Sealed' }
    assert(this.pendingBytes < 2 * PENDING_BYTES_MAX, 'Invariant: append waits for ready')
    const fault = faultOf(turns, this.#lastSeq)
    if (fault) return fault
    const { bytes, ends, count } = turns
    for (let i = 0, start = 0; i < count; i++) {
      const end = ends[2 * i]!
      if (this.#chunk.writer.length - this.#openStart + end - start > TURN_BYTES_MAX) this.close()
      this.#chunk.writer.raw(bytes.subarray(start, end))
      this.#took(1)
      start = end
    }
    return undefined
  }

  #took(events: number): void {
    this.#lastSeq += events
    this.#openEvents += events
    const segmentBytes = this.#segmentBytes + this.#chunk.writer.length - this.#openStart
    if (this.#openEvents >= this.#run.commitEvents || segmentBytes > this.#segmentMax) this.close()
  }

  /** Closes the open commit, if there is one with events in it. */
  close(): void {
    if (this.#openEvents === 0) return
    const chunk = this.#chunk
    const writer = chunk.writer
    this.#head.update(writer.bytes.subarray(this.#openStart))
    const head = this.#head.digest()
    const commits = this.#position.commits + 1
    this.#segmentBytes += writer.length - this.#openStart
    writer.commit({ commit: commits, n: this.#lastSeq, head })
    this.#byte += writer.length - this.#openStart
    this.#position = {
      lastSeq: this.#lastSeq,
      commits,
      head,
      segment: this.#segment,
      segmentBytes: this.#segmentBytes,
      byte: this.#byte,
      hasEnded: this.#hasEnded,
    }
    chunk.closed = writer.length
    chunk.after = this.#position
    this.#openEvents = 0
    this.#openStart = writer.length
    if (this.#segmentBytes > this.#segmentMax) this.#roll()
    else if (writer.length >= CHUNK_BYTES) this.#next()
  }

  /** The next closed commits to write, in order; undefined when all were taken. One at a time. */
  take(): Batch | undefined {
    const chunk = this.#queue[0] ?? this.#chunk
    if (chunk.closed === chunk.taken) return undefined
    return { bytes: chunk.writer.bytes.subarray(chunk.taken, chunk.closed), after: chunk.after }
  }

  /** The batch that `take` gave is written: its bytes may be used again. */
  written({ bytes }: Batch): void {
    const chunk = this.#queue[0] ?? this.#chunk
    chunk.taken += bytes.length
    if (chunk !== this.#chunk) {
      if (chunk.taken < chunk.closed) return
      this.#queue.shift()
      this.#queuedBytes -= chunk.writer.length
      chunk.writer.reset()
      if (this.#spare.length < SPARE_MAX) this.#spare.push(chunk.writer)
    } else if (chunk.taken === chunk.writer.length) {
      chunk.writer.reset()
      chunk.taken = chunk.closed = this.#openStart = 0
    }
  }

  #next(): void {
    if (this.#chunk.closed > 0) {
      this.#queue.push(this.#chunk)
      this.#queuedBytes += this.#chunk.writer.length
      const writer = this.#spare.pop() ?? new LineWriter(CAPACITY)
      this.#chunk = { writer, taken: 0, closed: 0, after: this.#position }
    }
    this.#openStart = 0
  }

  #roll(): void {
    this.#next()
    this.#segment++
    this.#segmentBytes = 0
    const { head, lastSeq } = this.#position
    this.#head.restart(head)
    this.#chunk.writer.segment({
      segment: this.#segment,
      run: this.#run.runId,
      first: lastSeq + 1,
      head,
    })
    this.#openStart = this.#byte = this.#chunk.writer.length
  }
}
