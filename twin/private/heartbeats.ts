import { createHash } from 'node:crypto'
import { jsonOf, said, type Answer, type Asked } from '../answer.js'
import type { Credentials } from '../auth/credentials.js'
import type { TwinClock } from '../clock.js'
import type { Exchange } from '../exchange/exchange.js'

/** Silence after which a key's orders are cancelled, and how often that is looked for, ms (the venue, 2026). */
const [SILENCE_MS, LOOK_MS] = [10_000, 5_000]

/** The dead man's switch: who once sent a heartbeat and falls silent loses every open order of that key. */
export class Heartbeats {
  readonly #exchange: Exchange
  readonly #clock: TwinClock
  readonly #beats = new Map<string, { id: string; atMs: number; count: number }>()
  #isLooking = false

  constructor(exchange: Exchange, clock: TwinClock) {
    this.#exchange = exchange
    this.#clock = clock
  }

  /** Answers `POST /v1/heartbeats`: the next id, or the expected one where another was sent. */
  beat({ apiKey }: Credentials, { body }: Asked): Answer {
    const value = jsonOf(body)
    const sent =
      typeof value === 'object' && value !== null && 'heartbeat_id' in value
        ? value.heartbeat_id
        : ''
    const last = this.#beats.get(apiKey)
    if (last && sent !== last.id) {
      const told = { error_msg: 'Invalid Heartbeat ID', heartbeat_id: last.id }
      return { status: 400, body: JSON.stringify(told) }
    }
    const count = (last?.count ?? 0) + 1
    const id = createHash('sha256').update(`${apiKey} ${count}`).digest('hex').slice(0, 32)
    this.#beats.set(apiKey, { id, atMs: this.#clock.nowMs(), count })
    if (!this.#isLooking) this.#look()
    return said({ heartbeat_id: id })
  }

  #look(): void {
    this.#isLooking = true
    this.#clock.after(LOOK_MS, () => {
      const nowMs = this.#clock.nowMs()
      for (const [apiKey, { atMs }] of this.#beats) {
        if (nowMs - atMs <= SILENCE_MS) continue
        this.#beats.delete(apiKey)
        for (const order of this.#exchange.open())
          if (order.owner.apiKey === apiKey) this.#exchange.cancel(order)
      }
      if (this.#beats.size > 0) this.#look()
      else this.#isLooking = false
    })
  }
}
