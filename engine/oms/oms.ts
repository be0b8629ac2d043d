import { OrderClosed, OrderFilled, OrderPlaced, FillRefused } from '#schemas/events/order.js'
import { LegsSettled, type SignalLeg } from '#schemas/events/signal.js'
import { orderId } from '#schemas/ids.js'
import type { OrderResult, Stop } from '#schemas/reasons.js'
import type { EventOf } from '#schemas/registry.js'
import { shares, usdc } from '#schemas/units.js'
import type { Turn } from '#engine/core/turn.js'
import { matchable, outcomeOf, thinnestFirst, type Legs } from './legs.js'
import { fillOrder, judge, resultOf, type Order } from './order.js'

/** What the OMS asks of the rest of the engine; `run/step` hands it in, so that this room knows no other. */
export interface OmsPort {
  readonly isStopped: () => boolean
  readonly trip: (turn: Turn, of: { cause: number; why: Stop; detail: string }) => void
  readonly accepted: () => void
  readonly rejected: (turn: Turn, of: { cause: number; order: string }) => void
  readonly booked: (order: Order, fill: { size: number; cash: number; fee: number }) => void
  /** The signal is over. An unknown one keeps its reservation: it counts as full exposure. */
  readonly settled: (signal: string, isKnown: boolean) => void
}

/** Most orders remembered after they closed, so that a late report finds its order; the oldest give way. */
const CLOSED_MAX = 4_096

/**
 * Order management in its smallest form: the legs of a signal are fired serially, thinnest first, as immediate-or-cancel
 * orders; each later leg asks for no more than the earlier ones filled. Every order and every signal gets its terminal
 * event; what stays unmatched is a position.
 */
export class Oms {
  readonly open = new Map<string, Legs>()
  readonly orders = new Map<string, Order>()
  readonly #timeoutUs: number
  readonly #port: OmsPort
  readonly #closed: string[] = []

  constructor(timeoutMs: number, port: OmsPort) {
    this.#timeoutUs = timeoutMs * 1_000
    this.#port = port
  }

  /** When the next order without an answer becomes unknown, in µs; Infinity for none. */
  get deadlineUs(): number {
    let soonest = Number.POSITIVE_INFINITY
    if (this.open.size === 0) return soonest
    for (const { orders } of this.open.values()) {
      const last = orders[orders.length - 1]
      if (last && last.result === undefined) soonest = Math.min(soonest, last.deadlineUs)
    }
    return soonest
  }

  /** Whether a signal of this market is in flight. */
  isBusy(market: number): boolean {
    for (const legs of this.open.values()) if (legs.market === market) return true
    return false
  }

  /** Fires an approved signal. `thickness` per leg decides the order. */
  begin(
    turn: Turn,
    of: {
      signal: string
      market: number
      legs: readonly SignalLeg[]
      thickness: readonly number[]
      seq: number
    },
  ): void {
    const legs: Legs = { ...of, turns: thinnestFirst(of.thickness), orders: [] }
    this.open.set(of.signal, legs)
    this.#fire(turn, legs, of.seq)
  }

  acknowledged(turn: Turn, { data }: EventOf<'OrderAcknowledged'>): void {
    const order = this.orders.get(data.order)
    if (!order || order.result !== undefined) return
    this.#port.accepted()
    order.acknowledged = data.filled
    this.#closeIfDone(turn, order)
  }

  rejected(turn: Turn, { data }: EventOf<'OrderRejected'>): void {
    const order = this.orders.get(data.order)
    if (!order || order.result !== undefined) return
    this.#port.rejected(turn, { cause: turn.input.seq, order: order.id })
    this.#close(turn, order, 'rejected')
  }

  /** Nobody knows what became of an order: no new risk, and its exposure stays. */
  unknown(turn: Turn, id: string): void {
    const order = this.orders.get(id)
    if (!order || order.result !== undefined) return
    this.#port.trip(turn, { cause: turn.input.seq, why: 'unknown-outcome', detail: order.id })
    this.#close(turn, order, 'unknown')
  }

  /** A deadline has come: orders without an answer are unknown. */
  ticked(turn: Turn, tUs: number): void {
    for (const legs of [...this.open.values()]) {
      const last = legs.orders[legs.orders.length - 1]
      if (last && last.result === undefined && last.deadlineUs <= tUs) this.unknown(turn, last.id)
    }
  }

  filled(turn: Turn, { data: fill }: EventOf<'FillReported'>): void {
    const { order: id, trade } = fill
    const order = this.orders.get(id)
    const verdict = judge(order, fill)
    if (verdict === 'repeat') return
    if (verdict !== 'new' || !order) {
      const reason = verdict === 'new' ? 'unknown-order' : verdict
      const cause = turn.decide(turn.input.seq, FillRefused.make({ order: id, trade, reason }))
      this.#port.trip(turn, { cause, why: 'fill-mismatch', detail: `${id} ${trade}: ${reason}` })
      return
    }
    const cash = fillOrder(order, fill)
    turn.decide(
      turn.input.seq,
      OrderFilled.make({ ...booked(fill), cash: usdc(cash), fee: fill.fee }),
    )
    this.#port.booked(order, { size: fill.size, cash, fee: fill.fee })
    if (order.result === undefined) this.#closeIfDone(turn, order)
  }

  #fire(turn: Turn, legs: Legs, cause: number): void {
    const index = legs.turns[legs.orders.length]
    const leg = index === undefined ? undefined : legs.legs[index]
    const size = matchable(legs)
    if (index === undefined || !leg || size === 0 || this.#port.isStopped()) {
      this.#settle(turn, legs, cause)
      return
    }
    const attempt = 1
    const id = orderId({ signal: legs.signal, leg: index, attempt })
    const { token, side, limit } = leg
    const seq = turn.decide(
      cause,
      OrderPlaced.make({
        order: id,
        signal: legs.signal,
        leg: index,
        attempt,
        token,
        side,
        limit,
        size: shares(size),
      }),
    )
    const order: Order = {
      id,
      signal: legs.signal,
      leg: index,
      token,
      side,
      limit,
      size,
      seq,
      deadlineUs: turn.tUs + this.#timeoutUs,
      acknowledged: undefined,
      result: undefined,
      filled: 0,
      cash: 0,
      fee: 0,
      trades: new Set(),
    }
    this.orders.set(id, order)
    legs.orders.push(order)
    turn.ask({ tag: 'SendOrder', order: id, token, side, limit, size, seq })
  }

  #closeIfDone(turn: Turn, order: Order): void {
    const result = resultOf(order)
    if (result) this.#close(turn, order, result)
  }

  #close(turn: Turn, order: Order, result: OrderResult): void {
    order.result = result
    const { id, filled, cash, fee } = order
    const closed = OrderClosed.make({
      order: id,
      result,
      filled: shares(filled),
      cash: usdc(cash),
      fee: usdc(fee),
    })
    const seq = turn.decide(turn.input.seq, closed)
    this.#forgetOldest(id)
    const legs = this.open.get(order.signal)
    if (!legs) return
    if (result === 'unknown') this.#settle(turn, legs, seq)
    else this.#fire(turn, legs, seq)
  }

  #settle(turn: Turn, legs: Legs, cause: number): void {
    const { result, matched } = outcomeOf(legs)
    const settled = legs.legs.map(({ token }, leg) => {
      const order = legs.orders.find(one => one.leg === leg)
      return {
        token,
        filled: shares(order?.filled ?? 0),
        cash: usdc(order?.cash ?? 0),
        fee: usdc(order?.fee ?? 0),
      }
    })
    const { signal } = legs
    turn.decide(
      cause,
      LegsSettled.make({ signal, result, matched: shares(matched), legs: settled }),
    )
    this.open.delete(signal)
    this.#port.settled(signal, result !== 'unknown')
  }

  #forgetOldest(id: string): void {
    this.#closed.push(id)
    if (this.#closed.length <= CLOSED_MAX) return
    const oldest = this.#closed.shift()
    if (oldest !== undefined) this.orders.delete(oldest)
  }
}

function booked({ order, trade, token, side, price, size }: EventOf<'FillReported'>['data']) {
  return { order, trade, token, side, price, size }
}
