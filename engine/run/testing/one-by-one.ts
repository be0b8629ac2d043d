import { LineWriter } from '#schemas/line/writer.js'
import type { EventOf } from '#schemas/registry.js'
import { TapeWriter } from '#engine/book/tape-writer.js'
import type { Tape } from '#engine/book/tape.js'
import { packed } from '#engine/core/saved.js'
import type { Turn } from '#engine/core/turn.js'
import type { FeedInput } from '#engine/feeds/feed.js'
import { startEngine, type Parts } from '../start.js'
import { takeWholeRun } from './whole-run.js'

/** A run that passed over nothing. */
export interface OneByOne {
  readonly started: EventOf<'RunStarted'>
  /** Its lines, one behind the other. */
  readonly bytes: Uint8Array
  readonly lastSeq: number
  /** All that engine and exchange remember at the end, as text. */
  readonly saved: string
}

/** Takes every input by itself, from the start to the end of the source; `each` is given every turn. */
export function oneByOne(
  started: EventOf<'RunStarted'>,
  inputs: readonly FeedInput[],
  parts: Parts,
  each: (turn: Turn) => void = () => undefined,
): OneByOne {
  const writer = new LineWriter(1 << 20)
  const loop = startEngine<never>(
    started,
    turn => {
      for (const { seq, tUs, cause, event } of turn.rows) writer.event(seq, tUs, cause, event)
      each(turn)
      return undefined
    },
    parts,
  )
  takeWholeRun(loop, started, inputs)
  return { started, bytes: writer.bytes, lastSeq: loop.lastSeq, saved: packed(loop.save()) }
}

/** The same inputs on a tape. */
export function tapeOf(inputs: readonly FeedInput[]): Tape {
  const writer = new TapeWriter()
  const lines = new LineWriter()
  for (const { tUs, event } of inputs) {
    const { type, data } = event
    if (type === 'BookChanged' && writer.changes(data.d, data.d.length, tUs)) continue
    if (type === 'TradePrinted' && writer.trade(data, tUs)) continue
    lines.reset()
    lines.event(1, tUs, 0, event)
    writer.line(lines.bytes, tUs)
  }
  return writer.take()
}
