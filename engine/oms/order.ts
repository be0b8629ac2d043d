import { BID, type Side } from '#schemas/levels.js'
import type { EventOf } from '#schemas/registry.js'
import type { FillRefusal, OrderResult } from '#schemas/reasons.js'
import { costOf, proceedsOf } from '#schemas/units.js'

type Fill = EventOf<'FillReported'>['data']

/** One immediate-or-cancel order from placed to closed. Owned and changed by the OMS. */
export interface Order {
  readonly id: string
  readonly signal: string
  readonly leg: number
  readonly token: number
  readonly side: Side
  readonly limit: number
  readonly size: number
  /** Sequence number of its `OrderPlaced`. */
  readonly seq: number
  /** Without an answer by then the exchange is asked about it, or its outcome is unknown; µs. */
  deadlineUs: number
  /** When asking ends, µs; 0: nobody asks. */
  readonly askedUntilUs: number
  /** How often it was asked about. */
  queries: number
  /** What the exchange said matched; undefined until it answers. */
  acknowledged: number | undefined
  result: OrderResult | undefined
  filled: number
  cash: number
  fee: number
  readonly trades: Set<string>
}

/** Whether a fill is new and fits its order: `new`, `repeat`, or why it does not fit. */
export function judge(order: Order | undefined, fill: Fill): 'new' | 'repeat' | FillRefusal {
  if (!order) return 'unknown-order'
  if (order.trades.has(fill.trade)) return 'repeat'
  if (fill.token !== order.token || fill.side !== order.side) return 'wrong-token'
  if (order.side === BID ? fill.price > order.limit : fill.price < order.limit)
    return 'beyond-limit'
  // What the exchange refused cannot have filled: one of its two answers is wrong.
  const most = order.result === 'rejected' ? 0 : (order.acknowledged ?? order.size)
  if (order.filled + fill.size > Math.min(most, order.size)) return 'exceeds-order'
  return 'new'
}

/** Books a fill on its order. Returns the change of our cash before the fee: costs round up, proceeds down. */
export function fillOrder(order: Order, fill: Fill): number {
  const cash =
    order.side === BID ? 0 - costOf(fill.price, fill.size) : proceedsOf(fill.price, fill.size)
  order.trades.add(fill.trade)
  order.filled += fill.size
  order.cash += cash
  order.fee += fill.fee
  return cash
}

/** How the order ended, once the exchange has answered and every fill it announced is booked; else undefined. */
export function resultOf(order: Order): OrderResult | undefined {
  if (order.filled === order.size) return 'full'
  if (order.acknowledged === undefined || order.filled < order.acknowledged) return undefined
  return order.filled === 0 ? 'none' : 'partial'
}
