import { OpenOrdersRequested, StrangerCancelled } from '#schemas/events/order.js'
import { RunReconciled } from '#schemas/events/risk.js'
import type { EventOf } from '#schemas/registry.js'
import type { Turn } from '#engine/core/turn.js'
import type { Deadline } from '#engine/oms/deadline.js'
import type { Oms } from '#engine/oms/oms.js'
import type { Holdings } from './holdings.js'

/** What a recovery works with. */
export interface Recovering {
  readonly oms: Oms
  readonly holdings: Holdings
  /** How long an answer may take, ms. */
  readonly timeoutMs: () => number
  /** How often the exchange's list of open orders is compared with ours, ms; 0: only after a crash. */
  readonly listEveryMs: () => number
}

/**
 * What a run at a venue does after a crash before it takes new risk: every order without an end is asked about; the exchange
 * lists the orders that it has of us, and those that no log knows are cancelled; then positions are compared. Only when all of
 * that is done new risk is allowed.
 */
export class Recovery {
  isActive = false
  /** Orders whose outcome has to be found out. */
  readonly #orders = new Set<string>()
  #count = 0
  #hasOpenOrders = false
  #requestedUs = 0
  #cause = 0
  readonly #of: Recovering

  constructor(of: Recovering) {
    this.#of = of
  }

  /** The run goes on after a crash. */
  begin(turn: Turn): void {
    this.isActive = true
    this.#orders.clear()
    for (const { id } of this.#of.oms.unended()) this.#orders.add(id)
    this.#count = this.#orders.size
    this.#hasOpenOrders = false
    this.#of.holdings.question = undefined
    this.#request(turn)
  }

  /**
   * The exchange lists the orders that it has of us. One that it should have and does not is asked about: its last word was
   * lost. One that is none of ours is cancelled.
   */
  listed(turn: Turn, { data: { orders, strangers } }: EventOf<'OpenOrdersReported'>): void {
    this.#hasOpenOrders = true
    const theirs = new Set<string>(orders)
    const { book } = this.#of.oms
    for (const order of [...book.live.values()]) {
      const isSettled = order.acknowledged !== undefined && order.queries === 0
      if (isSettled && order.seq < turn.input.cause && !theirs.has(order.id)) book.late(turn, order)
    }
    // One that counts as over and is open all the same must go like one that we do not know.
    const zombies = orders.flatMap(id => {
      const order = this.#of.oms.orders.get(id)
      return order?.result !== undefined && order.venueOrder !== '' ? order.venueOrder : []
    })
    for (const venueOrder of [...strangers, ...zombies]) {
      const seq = turn.decide(turn.input.seq, StrangerCancelled.make({ venueOrder }))
      turn.ask({ tag: 'CancelStranger', venueOrder, seq })
    }
  }

  /** Behind each input: asks for positions once all orders are accounted for. */
  advance(turn: Turn): void {
    if (!this.isActive) return
    const { oms, holdings } = this.#of
    for (const id of this.#orders) {
      const order = oms.orders.get(id)
      const isKnown =
        !order || order.result !== undefined || (order.queries === 0 && order.cancels === 0)
      if (isKnown && turn.input.event.type !== 'RunRecovered') this.#orders.delete(id)
    }
    if (this.#orders.size > 0 || !this.#hasOpenOrders || holdings.question) return
    holdings.ask(turn, turn.input.seq, '')
  }

  /** Positions were compared and fit. */
  confirmed(turn: Turn): void {
    if (!this.isActive || this.#orders.size > 0 || !this.#hasOpenOrders) return
    this.isActive = false
    turn.decide(turn.input.seq, RunReconciled.make({ orders: this.#count }))
  }

  /** When a lost answer is asked for again, or the list of open orders is to be compared. */
  deadline(soonest: Deadline): Deadline {
    const dueUs = this.#dueUs
    return dueUs < soonest.dueUs ? { dueUs, cause: this.#cause } : soonest
  }

  ticked(turn: Turn): void {
    if (turn.tUs < this.#dueUs) return
    if (!this.isActive) this.#hasOpenOrders = false
    else this.#of.holdings.question = undefined
    this.#request(turn)
  }

  /** All that it remembers, for a checkpoint. */
  save() {
    return {
      isActive: this.isActive,
      orders: this.#orders,
      count: this.#count,
      hasOpenOrders: this.#hasOpenOrders,
      requestedUs: this.#requestedUs,
      cause: this.#cause,
    }
  }

  load(saved: ReturnType<Recovery['save']>): void {
    this.isActive = saved.isActive
    for (const id of saved.orders) this.#orders.add(id)
    this.#count = saved.count
    this.#hasOpenOrders = saved.hasOpenOrders
    this.#requestedUs = saved.requestedUs
    this.#cause = saved.cause
  }

  get #dueUs(): number {
    if (this.isActive) return this.#requestedUs + this.#of.timeoutMs() * 1_000
    const every = this.#of.listEveryMs()
    if (every === 0 || this.#of.oms.book.live.size === 0) return Number.POSITIVE_INFINITY
    return this.#requestedUs + every * 1_000
  }

  #request(turn: Turn): void {
    this.#requestedUs = turn.tUs
    this.#cause = turn.input.seq
    if (this.#hasOpenOrders) return
    const seq = turn.decide(turn.input.seq, OpenOrdersRequested.make({}))
    turn.ask({ tag: 'RequestOpenOrders', seq })
  }
}
