import { FillRefused, OrderFilled } from '#schemas/events/order.js'
import { BID } from '#schemas/levels.js'
import type { FillRefusal } from '#schemas/reasons.js'
import type { EventOf } from '#schemas/registry.js'
import { costOf, proceedsOf, usdc } from '#schemas/units.js'
import type { Turn } from '#engine/core/turn.js'
import { mayRest, type Order } from './order.js'
import type { OrdersPort } from './port.js'
import type { Settlements } from './settlements.js'

type Fill = EventOf<'FillReported'>['data']

/** What a fill is judged by and booked in. */
export interface FillDesk {
  readonly all: ReadonlyMap<string, Order>
  readonly settlements: Settlements
  readonly isStrict: boolean
  readonly port: OrdersPort
}

/** Books a report of a fill, or refuses it and stops trading. Answers its order where it is booked; a repeat is left out. */
export function bookFill(
  { all, settlements, isStrict, port }: FillDesk,
  turn: Turn,
  fill: Fill,
): Order | undefined {
  const { order: id, trade, token, side, price: at, size, fee, maker } = fill
  const order = all.get(id)
  if (settlements.isVoid(id, trade)) return undefined
  const verdict = judge(order, fill, isStrict)
  if (verdict === 'repeat') return undefined
  const { seq } = turn.input
  if (verdict !== 'new' || !order) {
    const reason = verdict === 'new' ? 'unknown-order' : verdict
    const cause = turn.decide(seq, FillRefused.make({ order: id, trade, reason }))
    const [detail, scope] = [`${id} ${trade}: ${reason}`, order?.scope ?? 'shared']
    port.trip(turn, { cause, why: 'fill-mismatch', detail, scope })
    return undefined
  }
  const cash = fillOrder(order, fill)
  const data = { order: id, trade, token, side, price: at, size, cash: usdc(cash), fee }
  const { scope, owner, leg, action } = order
  turn.decide(
    seq,
    OrderFilled.make({
      ...data,
      ...(scope !== 'shared' && { scope }),
      ...(maker !== undefined && { maker }),
    }),
  )
  const cost = port.booked(turn, order, { price: at, size, cash, fee })
  if (order.venueOrder !== '') settlements.add({ ...data, cost, scope, owner, leg, action })
  return order
}

/**
 * Whether a fill is new and fits its order: `new`, `repeat`, or why it does not fit. A fill that comes after the order was
 * acknowledged for less, cancelled or closed is ordinary, as long as the order has room for it; `isStrict` is the rule of the
 * first logs, where what was acknowledged was the most.
 */
function judge(
  order: Order | undefined,
  fill: Fill,
  isStrict: boolean,
): 'new' | 'repeat' | FillRefusal {
  if (!order) return 'unknown-order'
  if (order.trades.has(fill.trade)) return 'repeat'
  if (fill.token !== order.token || fill.side !== order.side) return 'wrong-token'
  if (order.side === BID ? fill.price > order.limit : fill.price < order.limit)
    return 'beyond-limit'
  if (order.venueOrder !== '') return fitsSigned(order, fill) ? 'new' : 'exceeds-order'
  // What the exchange refused cannot have filled: one of its two answers is wrong.
  const acknowledged = isStrict ? (order.acknowledged ?? order.size) : order.size
  const most = order.result === 'rejected' ? 0 : acknowledged
  if (order.filled + fill.size > Math.min(most, order.size)) return 'exceeds-order'
  return 'new'
}

/** Most that a venue fills beyond the size of an order by its rounding, 1e-6 share. Source: reports of 2025–26, at most 0.01 share. */
export const DUST = 10_000

/**
 * Whether a signed order has room for a fill. What was signed bounds it: what it costs at its limit, and where it may rest its
 * size. An immediate buy is signed over dollars: at a better price it may bring more shares than it asked for. A fill of an order that
 * counted as refused or not found is what happened all the same.
 */
function fitsSigned(order: Order, { price, size }: Fill): boolean {
  if (order.filled + size <= order.size + DUST) return true
  if (order.side !== BID || mayRest(order)) return false
  return costOf(price, size) - order.cash <= costOf(order.limit, order.size)
}

/** Books a fill on its order. Returns the change of our cash before the fee: costs round up, proceeds down. */
function fillOrder(order: Order, fill: Fill): number {
  const cash =
    order.side === BID ? 0 - costOf(fill.price, fill.size) : proceedsOf(fill.price, fill.size)
  order.trades.add(fill.trade)
  order.filled += fill.size
  order.cash += cash
  order.fee += fill.fee
  return cash
}
