import assert from 'node:assert'
import { LineWriter } from '#schemas/line/writer.js'
import type { EncodedTurns } from '#schemas/encoded-turns.js'
import type { Recorded } from '#schemas/recorded.js'
import { TURN_BYTES_MAX, type LogFault } from '../event-log.js'

/** Staged lines are handed to the journal once they are this many bytes, even where their commit is still open. */
const STAGED_BYTES = 262_144
const CAPACITY = 2 * STAGED_BYTES
const FIRST_TURNS = 1_024

/**
 * Encodes one turn at the end of a writer's buffer. A turn that is out of order or too big leaves the buffer as it was; the fault says why.
 */
export function encodeTurn(
  writer: LineWriter,
  turn: readonly Recorded[],
  lastSeq: number,
): LogFault | undefined {
  const start = writer.length
  let seq = lastSeq
  for (let i = 0; i < turn.length; i++) {
    const row = turn[i]!
    if (row.seq !== seq + 1) {
      writer.truncate(start)
      return { tag: 'OutOfOrder', expected: seq + 1, received: row.seq }
    }
    seq++
    writer.event(seq, row.tUs, row.cause, row.event)
  }
  const bytes = writer.length - start
  if (bytes <= TURN_BYTES_MAX) return undefined
  writer.truncate(start)
  return { tag: 'TurnTooBig', bytes, most: TURN_BYTES_MAX }
}

/** Why encoded turns cannot follow `lastSeq`: a gap, or too many bytes. Undefined where they can. */
export function faultOf(
  { firstSeq, length }: Pick<EncodedTurns, 'firstSeq' | 'length'>,
  lastSeq: number,
): LogFault | undefined {
  if (firstSeq !== lastSeq + 1)
    return { tag: 'OutOfOrder', expected: lastSeq + 1, received: firstSeq }
  if (length > TURN_BYTES_MAX) return { tag: 'TurnTooBig', bytes: length, most: TURN_BYTES_MAX }
  return undefined
}

/** Where commits and segments end. */
export interface StagingOptions {
  readonly commitEvents: number
  readonly segmentBytes: number
}

/**
 * Encoded turns that were appended and not yet handed to the native journal. It counts events and bytes by the journal's own rule for
 * the end of a commit, so that a full commit is handed over at once.
 */
export class Staging {
  readonly #writer = new LineWriter(CAPACITY)
  readonly #of: StagingOptions
  #turns = new Uint32Array(2 * FIRST_TURNS)
  #count = 0
  #lastSeq: number
  #hasEnded = false
  #openEvents = 0
  #openBytes = 0
  #segmentBytes: number
  #isDue = false

  constructor(of: StagingOptions, at: { lastSeq: number; segmentBytes: number }) {
    this.#of = of
    this.#lastSeq = at.lastSeq
    this.#segmentBytes = at.segmentBytes
    this.#roll()
  }

  /** Last sequence taken. */
  get lastSeq(): number {
    return this.#lastSeq
  }

  /** Whether the last event taken is `RunEnded`. */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** Events in the commit that is open, handed over or not. */
  get openEvents(): number {
    return this.#openEvents
  }

  /** Whether a commit is full, or there is enough to be handed over. */
  get isDue(): boolean {
    return this.#isDue
  }

  /** Turns staged. */
  get count(): number {
    return this.#count
  }

  /** End and number of events of each staged turn. */
  get turns(): Uint32Array {
    return this.#turns
  }

  /** The staged lines, valid until the next turn. */
  get bytes(): Uint8Array {
    return this.#writer.bytes
  }

  /** Length of the staged lines. */
  get length(): number {
    return this.#writer.length
  }

  /** Takes one turn; see `LogWriter.append`. */
  append(turn: readonly Recorded[]): LogFault | undefined {
    if (this.#hasEnded) return { tag: 'Sealed' }
    const start = this.#writer.length
    const fault = encodeTurn(this.#writer, turn, this.#lastSeq)
    if (fault || turn.length === 0) return fault
    this.#lastSeq += turn.length
    this.#hasEnded = turn[turn.length - 1]?.event.type === 'RunEnded'
    this.#note(turn.length)
    this.#measure(this.#writer.length - start, turn.length)
    return undefined
  }

  /** Counts turns that are handed to the journal without being staged; nothing may be staged then. The fault is that of `append`. */
  pass(turns: EncodedTurns): LogFault | undefined {
    assert(this.#count === 0, 'Invariant: what was staged goes first')
    if (this.#hasEnded) return { tag: 'Sealed' }
    const fault = faultOf(turns, this.#lastSeq)
    if (fault) return fault
    const { count, ends } = turns
    for (let i = 0, start = 0; i < count; i++) {
      const end = ends[2 * i]!
      this.#measure(end - start, 1)
      start = end
    }
    this.#lastSeq += count
    this.#isDue = false
    return undefined
  }

  /** Forgets what was handed over; `isClosed`: the open commit was closed behind it. */
  reset(isClosed: boolean): void {
    this.#writer.reset()
    this.#count = 0
    this.#isDue = false
    if (isClosed) this.#close()
  }

  #note(events: number): void {
    const at = 2 * this.#count++
    if (at === this.#turns.length) {
      const grown = new Uint32Array(2 * at)
      grown.set(this.#turns)
      this.#turns = grown
    }
    this.#turns[at] = this.#writer.length
    this.#turns[at + 1] = events
  }

  #measure(bytes: number, events: number): void {
    const { commitEvents, segmentBytes } = this.#of
    if (this.#openBytes + bytes > TURN_BYTES_MAX) this.#full()
    this.#openBytes += bytes
    this.#openEvents += events
    const isOver = this.#segmentBytes + this.#openBytes > segmentBytes
    if (this.#openEvents >= commitEvents || isOver) this.#full()
    else if (this.#writer.length >= STAGED_BYTES) this.#isDue = true
  }

  #full(): void {
    this.#isDue = true
    this.#close()
  }

  #close(): void {
    this.#segmentBytes += this.#openBytes
    this.#openBytes = this.#openEvents = 0
    this.#roll()
  }

  #roll(): void {
    if (this.#segmentBytes > this.#of.segmentBytes) this.#segmentBytes = 0
  }
}
