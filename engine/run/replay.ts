import assert from 'node:assert'
import { BAD, LineReader } from '#schemas/line/reader.js'
import { LineWriter } from '#schemas/line/writer.js'
import type { Recorded } from '#schemas/recorded.js'
import { kindOf, type EventOf } from '#schemas/registry.js'
import type { Turn } from '#engine/core/turn.js'
import type { AnswerEvent } from '#engine/gateways/gateway.js'
import { startEngine, type Parts } from './start.js'
import type { SavedEngine, EngineLoop } from './engine-loop.js'

/** The first place where a log is not what its own inputs give. Lines as they stand, without the newline. */
export interface Divergence {
  readonly seq: number
  /** The line in the log; empty where it ends. */
  readonly expected: string
  /** The line that the engine made; empty where it makes none. */
  readonly got: string
}

const text = new TextDecoder()

/**
 * Runs a log again: feed inputs and commands are taken from it; answers, clock and decisions are derived anew; and every
 * line so made is compared with the log's own, byte for byte.
 */
export class Replay {
  /** The engine, from the first line on. */
  loop: EngineLoop<Divergence> | undefined
  /** Feed inputs so far: where a source has to go on. */
  get ordinal(): number {
    return this.loop?.state.ordinal ?? 0
  }
  isEnded = false
  readonly #parts: Parts
  readonly #untilSeq: number
  readonly #reader = new LineReader()
  readonly #writer = new LineWriter()
  #bytes: Uint8Array = new Uint8Array(0)
  #view: DataView = new DataView(new ArrayBuffer(0))
  #at = 0

  constructor(parts: Parts = {}, untilSeq = Number.POSITIVE_INFINITY) {
    this.#parts = parts
    this.#untilSeq = untilSeq
  }

  /** Takes up a checkpoint of the run that began with `started`, before the first line: the next line is the one behind it. */
  load(started: EventOf<'RunStarted'>, saved: SavedEngine): void {
    this.loop = startEngine(started, turn => this.#compare(turn), this.#parts)
    this.loop.load(saved)
  }

  /** Takes whole turns as lines. Returns the first divergence, or `done` once `untilSeq` is reached. */
  lines(bytes: Uint8Array): Divergence | 'done' | undefined {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#at = 0
    this.#reader.over(bytes)
    for (;;) {
      const isFolded = this.#walk()
      if (this.#at >= bytes.length) return undefined
      const row = this.#next()
      if ('expected' in row) return row
      if (row.seq > this.#untilSeq) return 'done'
      const found = this.#turn(row, isFolded)
      if (found) return found
    }
  }

  /** Passes the lines that give the engine nothing to do. Whether the line that it then stands at is folded. */
  #walk(): boolean {
    if (!this.loop) return false
    const { at, why } = this.loop.walk(this.#bytes, this.#at, this.#untilSeq)
    this.#at = at
    return why === 'actionable'
  }

  #turn(row: Recorded, isFolded: boolean): Divergence | undefined {
    const { event } = row
    if (event.type === 'RunStarted') {
      if (this.loop) return this.#differs('')
      this.loop = startEngine(event, turn => this.#compare(turn), this.#parts)
    }
    const loop = this.loop
    if (!loop) return this.#differs('')
    const kind = kindOf(event.type)
    // Whatever is due comes first; before the end of a run in event time all that is pending does.
    const isTimed = kind === 'feed' || event.type === 'RunRecovered' || loop.isWall
    const untilUs = isTimed ? row.tUs : Number.POSITIVE_INFINITY
    const { dueUs } = loop
    if (dueUs <= untilUs && dueUs !== Number.POSITIVE_INFINITY) {
      if (!loop.isWall || !loop.isVenue) return loop.takeDue()
      return loop.takeTick(event.type === 'ClockTicked' ? row.tUs : dueUs)
    }
    // A venue's answers are inputs: what it said is given back.
    if (kind === 'answer' && loop.isVenue)
      return loop.takeAnswer(row.tUs, row.cause, event as AnswerEvent)
    if (kind !== 'feed' && kind !== 'run') return this.#differs('')
    if (event.type === 'RunEnded') this.isEnded = true
    return loop.take(row.tUs, event, isFolded)
  }

  /** The next line of the log as an input. A decision here is one too many. */
  #next(): Recorded | Divergence {
    const kind = this.#reader.next(this.#at)
    if (kind === BAD) return this.#differs(this.#reader.fault?.message ?? '')
    const row = this.#reader.recorded(kind)
    return row._tag === 'Right' ? row.right : this.#differs(row.left.message)
  }

  #compare(turn: Turn): Divergence | undefined {
    const writer = this.#writer
    writer.reset()
    const { rows } = turn
    for (let i = 0; i < rows.length; i++) {
      const { seq, tUs, cause, event } = rows[i]!
      writer.event(seq, tUs, cause, event)
    }
    if (!writer.isAt(this.#view, this.#at)) return this.#firstDifference(turn, writer.bytes)
    this.#at += writer.length
    return undefined
  }

  #firstDifference(turn: Turn, made: Uint8Array): Divergence {
    let from = 0
    for (const { seq } of turn.rows) {
      const end = made.indexOf(10, from)
      const got = text.decode(made.subarray(from, end))
      const expected = this.#at < this.#bytes.length ? this.#line() : ''
      if (got !== expected) return { seq, expected, got }
      this.#at = this.#lineEnd() + 1
      from = end + 1
    }
    assert.fail('Invariant: lines that differ as bytes differ as text')
  }

  #differs(got: string): Divergence {
    return { seq: (this.loop?.lastSeq ?? 0) + 1, expected: this.#line(), got }
  }

  #line(): string {
    return text.decode(this.#bytes.subarray(this.#at, this.#lineEnd()))
  }

  #lineEnd(): number {
    const end = this.#bytes.indexOf(10, this.#at)
    return end < 0 ? this.#bytes.length : end
  }
}
