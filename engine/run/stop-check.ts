import { OpenOrdersRequested } from '#schemas/events/order.js'
import { CancelAllRequested, OpenOrdersCleared } from '#schemas/events/venue.js'
import type { EventOf } from '#schemas/registry.js'
import type { Turn } from '#engine/core/turn.js'
import type { Deadline } from '#engine/oms/deadline.js'
import type { KillSwitch } from '#engine/risk/kill-switch.js'

/** What it works with. */
export interface StopChecked {
  readonly kill: KillSwitch
  /** How long an answer may take, ms. */
  readonly timeoutMs: () => number
}

/**
 * After a stop of everything the venue is asked to cancel all orders of the account, and then which it still has, again and again,
 * until it says that there is none.
 */
export class StopCheck {
  #state: 'none' | 'asking' | 'clear' = 'none'
  #requestedUs = 0
  #cause = 0
  readonly #of: StopChecked

  constructor(of: StopChecked) {
    this.#of = of
  }

  /** Behind each input: begins where trading has stopped, and ends where it was cleared. */
  advance(turn: Turn): void {
    if (!this.#of.kill.isStopped) this.#state = 'none'
    else if (this.#state === 'none') this.#request(turn)
  }

  /** The venue lists what it has of us. */
  listed(turn: Turn, { data: { orders, strangers } }: EventOf<'OpenOrdersReported'>): void {
    // A list that was asked for before the stop proves nothing.
    if (this.#state !== 'asking' || turn.input.cause < this.#cause) return
    if (orders.length > 0 || strangers.length > 0) return
    this.#state = 'clear'
    turn.decide(turn.input.seq, OpenOrdersCleared.make({}))
  }

  /** When it asks again. */
  deadline(soonest: Deadline): Deadline {
    if (this.#state !== 'asking') return soonest
    const dueUs = this.#dueUs
    return dueUs < soonest.dueUs ? { dueUs, cause: this.#cause } : soonest
  }

  ticked(turn: Turn): void {
    if (this.#state === 'asking' && turn.tUs >= this.#dueUs) this.#request(turn)
  }

  /** All that it remembers, for a checkpoint. */
  save() {
    return { state: this.#state, requestedUs: this.#requestedUs, cause: this.#cause }
  }

  load({ state, requestedUs, cause }: ReturnType<StopCheck['save']>): void {
    this.#state = state
    this.#requestedUs = requestedUs
    this.#cause = cause
  }

  get #dueUs(): number {
    return this.#requestedUs + this.#of.timeoutMs() * 1_000
  }

  #request(turn: Turn): void {
    this.#state = 'asking'
    this.#requestedUs = turn.tUs
    const all = turn.decide(turn.input.seq, CancelAllRequested.make({}))
    this.#cause = all
    turn.ask({ tag: 'CancelEverything', seq: all })
    turn.ask({ tag: 'RequestOpenOrders', seq: turn.decide(all, OpenOrdersRequested.make({})) })
  }
}
