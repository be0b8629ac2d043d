import assert from 'node:assert'
import { BookChanged } from '#schemas/events/feed.js'
import { RunEnded } from '#schemas/events/run.js'
import type { Recorded } from '#schemas/recorded.js'
import type { LogWriter } from '#engine/log/event-log.js'
import { startEngine, type Parts } from '#engine/run/start.js'
import { configWith, startedWith } from '#engine/run/testing/story.js'
import type { EngineLoop } from '#engine/run/engine-loop.js'
import { openings } from './market.js'

/** Level changes of a frame, `CHANGE` numbers each. */
export type Decode = (bytes: Uint8Array) => readonly number[]

/** Limits so wide that only the rules decide; an exchange that answers at once in event time. */
const WIDE = 1_000_000_000_000_000
const config = configWith({
  strategy: { names: ['parity'] },
  dedup: { ttl_ms: 0 },
  risk: {
    bankroll_micro: WIDE,
    signal_notional_max_micro: WIDE,
    exposure_max_micro: WIDE,
    open_max: 50,
    book_age_max_ms: 3_600_000,
    reconcile: false,
  },
  oms: { signals_max: 50, cooldown_ms: 0 },
  sim: { latency_ms: 0, jitter_ms: 0, fill_model: 'walk' },
})

/** From the bytes of a frame to what the engine does about it: decode, fold, rules, risk, OMS, the line in the log. */
export class Path {
  /** Orders placed so far. */
  orders = 0
  /** Of the last frame: sequence of the event that placed an order, 0 for none. */
  placedSeq = 0
  readonly #loop: EngineLoop<unknown>
  readonly #decode: Decode

  constructor(log: LogWriter, decode: Decode, parts: Parts = {}) {
    this.#decode = decode
    this.#loop = startEngine<unknown>(
      startedWith(config),
      ({ rows }) => {
        this.#note(rows)
        return log.append(rows)
      },
      parts,
    )
    assert.equal(this.#loop.take(1, startedWith(config)), undefined)
    for (const event of openings()) this.#loop.take(1, event)
  }

  /** Takes a frame that arrives at `tUs`. */
  take(bytes: Uint8Array, tUs: number): void {
    const loop = this.#loop
    const d = this.#decode(bytes)
    const fault = loop.catchUp(tUs)
    this.placedSeq = 0 // what was placed just now follows from answers
    assert.equal(fault ?? loop.take(tUs, BookChanged.make({ d })), undefined)
  }

  /** Lets everything pending come due, then ends the run. */
  end(): void {
    this.#loop.catchUp(Number.POSITIVE_INFINITY)
    this.#loop.take(this.#loop.tUs, RunEnded.make({ why: 'source-ended' }))
  }

  #note(rows: readonly Recorded[]): void {
    for (let i = 1; i < rows.length; i++) {
      const { event, seq } = rows[i]!
      if (event.type !== 'OrderPlaced') continue
      this.orders++
      this.placedSeq = seq
    }
  }
}
