import { CancelRequested, OrderClosed, OrderQueried } from '#schemas/events/order.js'
import type { DecisionConfig } from '#schemas/config.js'
import type { CancelReason, OrderResult, Reject } from '#schemas/reasons.js'
import type { EventOf } from '#schemas/registry.js'
import { OrderWithheld } from '#schemas/events/venue.js'
import { shares, usdc } from '#schemas/units.js'
import type { Turn } from '#engine/core/turn.js'
import type { Deadline } from './deadline.js'
import { bookFill } from './fills.js'
import type { OrdersPort } from './port.js'
import { Settlements } from './settlements.js'
import {
  isLeg,
  mayRest,
  pendingOrder,
  placedOf,
  resultOf,
  type Order,
  type OrderTerms,
} from './order.js'

/** Most orders remembered after they closed, so that a late report finds its order; the oldest give way. */
const CLOSED_MAX = 4_096

/** Refusals that count for no stop. */
const OF_THE_MOMENT: ReadonlySet<Reject> = new Set(['rate-limited', 'venue-unavailable'])

/**
 * Every order from placed to closed, whosever it is, for every time in force. Answers may come in any order and more than
 * once; an order without one is asked about until its deadline, and then counts as unknown.
 */
export class Orders {
  /** Open orders and the last ones that closed, by id. */
  readonly all = new Map<string, Order>()
  /** Open orders that are no leg of a signal. */
  readonly live = new Map<string, Order>()
  placed = 0
  /** Fills that a venue has not settled yet. */
  readonly settlements: Settlements
  /** In logs of the first schemas what was acknowledged was the most that could fill. */
  isStrict = false
  config: DecisionConfig['oms']
  readonly #port: OrdersPort
  readonly #closed: string[] = []

  constructor(config: DecisionConfig['oms'], port: OrdersPort) {
    this.config = config
    this.#port = port
    this.settlements = new Settlements(port)
  }

  /** Places an order: the decision and the request. */
  place(turn: Turn, cause: number, terms: OrderTerms): Order {
    const { id, action, token, side, limit, size, tif, isPostOnly, untilUs, bucket } = terms
    const seq = turn.decide(cause, placedOf(terms))
    const order = pendingOrder(terms, { seq, placedUs: turn.tUs, ...this.#patience(turn.tUs) })
    this.placed++
    this.all.set(id, order)
    if (!isLeg(order)) this.live.set(id, order)
    const wanted = { order: id, token, side, limit, size, seq, action, bucket }
    turn.ask({ tag: 'SendOrder', ...wanted, tif, isPostOnly, untilUs })
    return order
  }

  /** Asks for an order to be cancelled; nothing where that was asked already, or it is over. */
  cancel(turn: Turn, order: Order, of: { cause: number; why: CancelReason }): void {
    if (order.result !== undefined || order.cancels > 0) return
    this.#requestCancel(turn, order, of)
  }

  /** The order is signed: it leaves, unless something forbids that since it was decided. */
  signed(turn: Turn, { data }: EventOf<'OrderSigned'>): void {
    const order = this.all.get(data.order)
    const isOver = !order || order.result !== undefined || order.cancels > 0
    const why = isOver ? 'over' : this.#port.withheld(order)
    if (order) order.venueOrder = data.venueOrder
    const { seq } = turn.input
    if (why === undefined) {
      turn.ask({ tag: 'SubmitOrder', order: data.order, seq })
      return
    }
    turn.decide(seq, OrderWithheld.make({ order: data.order, why }))
    if (order && order.result === undefined)
      this.#close(turn, order, mayRest(order) ? 'cancelled' : 'none')
  }

  acknowledged(turn: Turn, { data }: EventOf<'OrderAcknowledged'>): void {
    const order = this.all.get(data.order)
    if (!order || order.result !== undefined) return
    this.#answered(turn, order)
    order.acknowledged = data.filled
    this.#closeIfDone(turn, order)
  }

  rejected(turn: Turn, { data }: EventOf<'OrderRejected'>): void {
    const order = this.all.get(data.order)
    if (!order || order.result !== undefined) return
    // What we held back ourselves, or the venue takes from nobody now, says nothing about our orders.
    if (OF_THE_MOMENT.has(data.reason)) this.#close(turn, order, 'rejected')
    else this.#reject(turn, order)
  }

  /** The exchange took an order out of its book. */
  cancelled(turn: Turn, { data }: EventOf<'OrderCancelled'>): void {
    const order = this.all.get(data.order)
    if (!order || order.result !== undefined) return
    this.#over(turn, order, data.filled, data.why === 'expired' ? 'expired' : 'cancelled')
  }

  /** The exchange has nothing to cancel: it filled, expired, or never came. That is asked. */
  cancelRefused(turn: Turn, { data }: EventOf<'CancelRefused'>): void {
    const order = this.all.get(data.order)
    if (order && order.result === undefined) this.#askOrGiveUp(turn, order)
  }

  /** What the exchange says about an order that it was asked about. */
  reported(
    turn: Turn,
    { data: { order: id, state, filled } }: EventOf<'OrderStatusReported'>,
  ): void {
    const order = this.all.get(id)
    if (!order || order.result !== undefined) return
    switch (state) {
      case 'not-found':
        if (order.filled === 0 && order.acknowledged === undefined) this.#reject(turn, order)
        else this.#over(turn, order, order.filled, 'cancelled')
        return
      case 'closed': {
        const isExpired = order.tif === 'GTD' && turn.tUs >= order.untilUs && order.cancels === 0
        this.#over(turn, order, filled, isExpired ? 'expired' : 'cancelled')
        return
      }
      case 'resting': {
        const wasCancelling = order.cancels > 0
        this.#answered(turn, order)
        order.acknowledged ??= filled
        if (wasCancelling)
          this.#requestCancel(turn, order, { cause: turn.input.seq, why: 'recovery' })
      }
    }
  }

  /** The gateway does not know what became of an order: the exchange is asked. */
  unknown(turn: Turn, { data }: EventOf<'OrderOutcomeUnknown'>): void {
    const order = this.all.get(data.order)
    if (!order || order.result !== undefined) return
    if (data.final === true) this.#close(turn, order, 'unknown')
    else this.#askOrGiveUp(turn, order)
  }

  /** A deadline of this order has come. */
  late(turn: Turn, order: Order): void {
    this.#askOrGiveUp(turn, order)
  }

  filled(turn: Turn, { data }: EventOf<'FillReported'>): void {
    const { all, settlements, isStrict } = this
    const order = bookFill({ all, settlements, isStrict, port: this.#port }, turn, data)
    if (order && order.result === undefined) this.#closeIfDone(turn, order)
  }

  /** The live order that has to be asked about next. */
  deadline(soonest: Deadline): Deadline {
    for (const { deadlineUs, seq } of this.live.values())
      if (deadlineUs < soonest.dueUs) soonest = { dueUs: deadlineUs, cause: seq }
    return soonest
  }

  /** All that it remembers, for a checkpoint. */
  save() {
    const { all, placed } = this
    return { all, placed, closed: this.#closed, settlements: this.settlements.save() }
  }

  load({ all, placed, closed, settlements }: ReturnType<Orders['save']>): void {
    this.settlements.load(settlements)
    for (const [id, order] of all) {
      this.all.set(id, order)
      if (!isLeg(order) && order.result === undefined) this.live.set(id, order)
    }
    this.placed = placed
    this.#closed.push(...closed)
  }

  /** How long an answer may take from this time on. */
  #patience(fromUs: number): Pick<Order, 'deadlineUs' | 'askedUntilUs'> {
    const { answer_timeout_ms, query_deadline_ms } = this.config
    const deadlineUs = fromUs + answer_timeout_ms * 1_000
    const asks = query_deadline_ms > 0
    return { deadlineUs, askedUntilUs: asks ? deadlineUs + query_deadline_ms * 1_000 : 0 }
  }

  #requestCancel(turn: Turn, order: Order, { cause, why }: { cause: number; why: CancelReason }) {
    const seq = turn.decide(cause, CancelRequested.make({ order: order.id, why }))
    order.cancels++
    const isRepeat = order.queries > 0
    if (!isRepeat) Object.assign(order, this.#patience(turn.tUs))
    const { id, venueOrder } = order
    turn.ask({ tag: 'CancelOrder', order: id, venueOrder, request: order.cancels, seq })
  }

  /** The exchange has the order. One that may rest is waited for no longer, but for its own end. */
  #answered(turn: Turn, order: Order): void {
    const isLate = order.queries > 0
    if (order.acknowledged === undefined)
      this.#port.accepted(turn, order, { cause: turn.input.seq, isLate })
    if (!mayRest(order)) return
    order.queries = 0
    if (order.cancels > 0) return
    Object.assign(order, this.#patience(order.untilUs))
  }

  #reject(turn: Turn, order: Order): void {
    this.#port.rejected(turn, order, turn.input.seq)
    this.#close(turn, order, 'rejected')
  }

  #over(turn: Turn, order: Order, filled: number, ending: 'cancelled' | 'expired'): void {
    if (order.acknowledged === undefined) {
      const isLate = order.queries > 0
      this.#port.accepted(turn, order, { cause: turn.input.seq, isLate })
      order.acknowledged = filled
    }
    const isNews = order.final === undefined
    order.final = Math.max(filled, order.filled)
    order.ending = ending
    this.#closeIfDone(turn, order)
    // Fills are on their way: they may take as long as an answer, and the same said again gives no more time.
    if (isNews && order.result === undefined) Object.assign(order, this.#patience(turn.tUs))
  }

  /**
   * Asks what became of an order; after the deadline nobody knows, and its exposure stays. Where nobody asks, trading stops
   * at once.
   */
  #askOrGiveUp(turn: Turn, order: Order): void {
    if (mayRest(order) && order.askedUntilUs === Number.POSITIVE_INFINITY)
      Object.assign(order, this.#patience(turn.tUs)) // it rested until now: patience begins here
    const { id, venueOrder, askedUntilUs: until, scope } = order
    if (until === 0)
      this.#port.trip(turn, { cause: turn.input.seq, why: 'unknown-outcome', detail: id, scope })
    if (turn.tUs >= until) {
      this.#close(turn, order, 'unknown')
      return
    }
    const query = ++order.queries
    order.deadlineUs = Math.min(until, turn.tUs + this.config.query_every_ms * 1_000)
    const seq = turn.decide(turn.input.seq, OrderQueried.make({ order: id, query, until }))
    turn.ask({ tag: 'QueryOrder', order: id, venueOrder, query, seq })
  }

  #closeIfDone(turn: Turn, order: Order): void {
    const result = resultOf(order)
    if (result) this.#close(turn, order, result)
  }

  #close(turn: Turn, order: Order, result: OrderResult): void {
    order.result = result
    this.live.delete(order.id)
    const { id, filled, cash, fee } = order
    const closed = { order: id, result, filled: shares(filled), cash: usdc(cash), fee: usdc(fee) }
    const seq = turn.decide(turn.input.seq, OrderClosed.make(closed))
    this.#forgetOldest(id)
    this.#port.closed(turn, order, seq)
  }

  #forgetOldest(id: string): void {
    this.#closed.push(id)
    if (this.#closed.length <= CLOSED_MAX) return
    const oldest = this.#closed.shift()
    if (oldest !== undefined) this.all.delete(oldest)
  }
}
