import assert from 'node:assert'
import { LineReader } from '#schemas/line/reader.js'
import { BookChanged, TradePrinted } from '#schemas/events/feed.js'
import { ASK, BID } from '#schemas/levels.js'
import { price, shares } from '#schemas/units.js'
import { RunEnded } from '#schemas/events/run.js'
import type { Event, EventOf } from '#schemas/registry.js'
import { FOUND, TapeReader, type Tape } from '#engine/book/tape.js'
import type { Turn } from '#engine/core/turn.js'
import { shutDown } from './run.js'
import { startEngine, type Parts } from './start.js'
import type { EngineLoop } from './engine-loop.js'

/** What an engine is to be taken over. */
export interface Pass {
  readonly started: EventOf<'RunStarted'>
  /** All feed inputs, in order. */
  readonly tapes: Iterable<Tape>
  readonly parts?: Parts
}

/**
 * Takes an engine of its own over feed inputs that are decoded already, from the first to the end of the source. The turns
 * are those of a run over the same inputs; `each` hears of those that are more than their input.
 */
export function passOver(
  { started, tapes, parts }: Pass,
  each: (turn: Turn) => void,
): EngineLoop<never> {
  const loop = startEngine<never>(
    started,
    turn => {
      each(turn)
      return undefined
    },
    parts,
  )
  const places = new Places()
  let isBegun = false
  for (const tape of tapes) {
    if (tape.inputs === 0) continue
    if (!isBegun) loop.take(places.firstUs(tape), started)
    isBegun = true
    overOne(loop, tape, places)
  }
  if (!isBegun) loop.take(0, started)
  shutDown(loop)
  loop.catchUp(Number.POSITIVE_INFINITY)
  loop.take(loop.tUs, RunEnded.make({ why: 'source-ended' }))
  return loop
}

function overOne(loop: EngineLoop<never>, tape: Tape, places: Places): void {
  let [at, tapeUs] = [0, 0]
  for (;;) {
    const walked = loop.walkTape(tape, { at, tapeUs })
    if (walked.why === 'end') return
    const event = places.event(tape, walked)
    ;({ at, tapeUs } = places)
    const isFolded = walked.why === 'actionable'
    if (!isFolded) loop.catchUp(Math.max(tapeUs, loop.tUs))
    loop.take(tapeUs, event, isFolded)
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
