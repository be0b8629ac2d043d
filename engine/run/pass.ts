import assert from 'node:assert'
import { LineReader } from '#schemas/line/reader.js'
import { BookChanged, TradePrinted } from '#schemas/events/feed.js'
import { ASK, BID } from '#schemas/levels.js'
import { price, shares } from '#schemas/units.js'
import { RunEnded } from '#schemas/events/run.js'
import type { Event, EventOf } from '#schemas/registry.js'
import { FOUND, TapeReader, type Tape } from '#engine/book/tape.js'
import type { TapePlace } from '#engine/book/tape-cut.js'
import type { Turn } from '#engine/core/turn.js'
import { shutDown } from './run.js'
import { startEngine, type Parts } from './start.js'
import type { EngineLoop, SavedEngine } from './engine-loop.js'

/** What an engine is to be taken over. */
export interface Pass {
  readonly started: EventOf<'RunStarted'>
  /** All feed inputs, in order. */
  readonly tapes: readonly Tape[]
  readonly parts?: Parts
}

/** Hears of the turns that are more than their input. */
export type EachTurn = (turn: Turn) => void

/**
 * Takes an engine of its own over feed inputs that are decoded already, from the first to the end of the source. The turns
 * are those of a run over the same inputs; `each` hears of those that are more than their input.
 */
export function passOver({ started, tapes, parts }: Pass, each: EachTurn): EngineLoop<never> {
  const pass = new TapePass({ started, ...(parts && { parts }) }, each)
  pass.over(tapes)
  return pass.end()
}

/** An engine of its own on its way over tapes. */
export class TapePass {
  readonly loop: EngineLoop<never>
  readonly #started: EventOf<'RunStarted'>
  readonly #places = new Places()
  #isBegun = false

  constructor({ started, parts }: Omit<Pass, 'tapes'>, each: EachTurn) {
    this.#started = started
    this.loop = startEngine<never>(
      started,
      turn => {
        each(turn)
        return undefined
      },
      parts,
    )
  }

  /** Takes up what an engine saved behind an input: the tapes go on from its place. */
  load(saved: SavedEngine): void {
    this.#isBegun = true
    this.loop.load(saved)
  }

  /** Begins the run where nothing did, at the time of the first input of these tapes. */
  begin(tapes: readonly Tape[]): void {
    const first = tapes.find(({ inputs }) => inputs > 0)
    if (first) this.#begin(this.#places.firstUs(first))
  }

  /** Takes what is on these tapes, from `place` on where one is named. */
  over(tapes: readonly Tape[], place?: TapePlace): void {
    this.begin(tapes)
    for (let k = place?.tape ?? 0; k < tapes.length; k++) {
      const isCut = place !== undefined && k === place.tape
      if (tapes[k]!.inputs > 0) this.#overOne(tapes[k]!, isCut ? place : { at: 0, tapeUs: 0 })
    }
  }

  /** Takes one input more that stands on no tape, behind what is due before it. */
  take(tUs: number, event: Event): void {
    this.#begin(tUs)
    this.loop.catchUp(Math.max(tUs, this.loop.tUs))
    this.loop.take(tUs, event)
  }

  /** The source is over: what is pending is answered, and the run ends in order. */
  end(): EngineLoop<never> {
    const { loop } = this
    this.#begin(0)
    shutDown(loop)
    loop.catchUp(Number.POSITIVE_INFINITY)
    loop.take(loop.tUs, RunEnded.make({ why: 'source-ended' }))
    return loop
  }

  #begin(tUs: number): void {
    if (this.#isBegun) return
    this.#isBegun = true
    this.loop.take(tUs, this.#started)
  }

  #overOne(tape: Tape, from: { readonly at: number; readonly tapeUs: number }): void {
    const loop = this.loop
    let { at, tapeUs } = from
    for (;;) {
      const walked = loop.walkTape(tape, { at, tapeUs })
      if (walked.why === 'end') return
      const event = this.#places.event(tape, walked)
      ;({ at, tapeUs } = this.#places)
      const isFolded = walked.why === 'actionable'
      if (!isFolded) loop.catchUp(Math.max(tapeUs, loop.tUs))
      loop.take(tapeUs, event, isFolded)
    }
  }
}

/** Reads single entries of tapes as events. */
class Places {
  /** Behind the entry that was read, and its time. */
  at = 0
  tapeUs = 0
  readonly #reader = new TapeReader()
  readonly #lines = new LineReader()

  firstUs(tape: Tape): number {
    const reader = this.#reader.over(tape, 0, 0)
    reader.next()
    return reader.tUs
  }

  event(tape: Tape, from: { readonly at: number; readonly tapeUs: number }): Event {
    const reader = this.#reader.over(tape, from.at, from.tapeUs)
    const held = reader.next()
    this.at = reader.at
    this.tapeUs = reader.tUs
    if (held === FOUND.changes)
      return BookChanged.make({ d: Array.from(reader.changes.subarray(0, reader.length)) })
    if (held === FOUND.trade) {
      const { price: at, size, ...of } = reader.trade()
      return TradePrinted.make({
        ...of,
        side: of.side === BID ? BID : ASK,
        price: price(at),
        size: shares(size),
      })
    }
    const lines = this.#lines.over(tape.lines)
    const kind = lines.next(reader.offset)
    const row = kind === 0 ? undefined : lines.recorded(kind)
    assert(row?._tag === 'Right', 'Invariant: a tape holds lines of a proven log')
    return row.right.event
  }
}
