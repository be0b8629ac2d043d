import { BID, type Side } from '#schemas/levels.js'
import type { EventOf } from '#schemas/registry.js'
import type { Action, Bucket, FillRefusal, OrderResult, TimeInForce } from '#schemas/reasons.js'
import { costOf, proceedsOf } from '#schemas/units.js'

type Fill = EventOf<'FillReported'>['data']

/**
 * Whose an order is, by its action: a signal's leg (fire, chase, flatten), the quote or single order of an instance, or the
 * operator's exit.
 */
export interface Owned {
  /** Signal, instance, or id of the command. */
  readonly owner: string
  readonly action: Action
  /** Index of the signal's leg; 0 where it is no leg. */
  readonly leg: number
}

/** What an order is made with. */
export interface OrderTerms extends Owned {
  readonly id: string
  readonly attempt: number
  /** Attempt within this action, from 1. */
  readonly actionAttempt: number
  readonly scope: string
  readonly token: number
  readonly side: Side
  /** Worst price, 1e-4 dollar. */
  readonly limit: number
  /** 1e-6 share. */
  readonly size: number
  readonly tif: TimeInForce
  readonly isPostOnly: boolean
  /** End of a GTD order, µs; Infinity for none. */
  readonly untilUs: number
  readonly bucket: Bucket
}

/** One order: pending → resting → cancelling → closed. Owned and changed by the OMS. */
export interface Order extends Owned {
  readonly id: string
  readonly scope: string
  readonly token: number
  readonly side: Side
  readonly limit: number
  readonly size: number
  readonly tif: TimeInForce
  readonly untilUs: number
  /** The venue's id of it, once it is signed; empty until then, and for ever at an exchange that takes orders unsigned. */
  venueOrder: string
  /** Sequence number of its `OrderPlaced`, and when that was. */
  readonly seq: number
  readonly placedUs: number
  /** Without an answer by then the exchange is asked about it, or its outcome is unknown; µs, Infinity while it rests. */
  deadlineUs: number
  /** When asking ends, µs; 0: nobody asks. */
  askedUntilUs: number
  /** How often it was asked about since it last had an answer. */
  queries: number
  /** What the exchange said matched at once; undefined until it answers. */
  acknowledged: number | undefined
  /** Requests to cancel it so far. */
  cancels: number
  /** What the exchange says matched in all, once it says that the order is over; undefined until then. */
  final: number | undefined
  /** How it is over, where the exchange says so. */
  ending: 'cancelled' | 'expired' | undefined
  result: OrderResult | undefined
  filled: number
  cash: number
  fee: number
  readonly trades: Set<string>
}

/** An order as it is when it was placed and nobody has answered. */
export function pendingOrder(
  { id, owner, action, leg, scope, token, side, limit, size, tif, untilUs }: OrderTerms,
  placed: Pick<Order, 'seq' | 'placedUs' | 'deadlineUs' | 'askedUntilUs'>,
): Order {
  return {
    ...{ id, owner, action, leg, scope, token, side, limit, size, tif, untilUs },
    ...placed,
    venueOrder: '',
    queries: 0,
    cancels: 0,
    acknowledged: undefined,
    final: undefined,
    ending: undefined,
    result: undefined,
    filled: 0,
    cash: 0,
    fee: 0,
    trades: new Set(),
  }
}

/** Whether the order may stay in the exchange's book. */
export const mayRest = ({ tif }: { readonly tif: TimeInForce }): boolean =>
  tif === 'GTC' || tif === 'GTD'

/** Whether it belongs to a signal's legs. */
export const isLeg = ({ action }: Owned): boolean =>
  action === 'fire' || action === 'chase' || action === 'flatten'

/** Under which name cash and shares are reserved for it: a signal reserves once for all its orders. */
export const reserveKeyOf = (order: Owned & { readonly id: string }): string =>
  isLeg(order) ? order.owner : order.id

/**
 * Whether a fill is new and fits its order: `new`, `repeat`, or why it does not fit. A fill that comes after the order was
 * acknowledged for less, cancelled or closed is ordinary, as long as the order has room for it; `isStrict` is the rule of the
 * first logs, where what was acknowledged was the most.
 */
export function judge(
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
const DUST = 10_000

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
export function fillOrder(order: Order, fill: Fill): number {
  const cash =
    order.side === BID ? 0 - costOf(fill.price, fill.size) : proceedsOf(fill.price, fill.size)
  order.trades.add(fill.trade)
  order.filled += fill.size
  order.cash += cash
  order.fee += fill.fee
  return cash
}

/** How the order ended, once the exchange has said that it is over and every fill that it counts is booked; else undefined. */
export function resultOf(order: Order): OrderResult | undefined {
  if (order.filled >= order.size) return 'full'
  const over = mayRest(order) ? order.final : (order.final ?? order.acknowledged)
  if (over === undefined || order.filled < over) return undefined
  if (order.ending !== undefined && mayRest(order)) return order.ending
  return order.filled === 0 ? 'none' : 'partial'
}
