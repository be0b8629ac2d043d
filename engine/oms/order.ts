import type { Side } from '#schemas/levels.js'
import type { EventOf } from '#schemas/registry.js'
import type { Action, Bucket, OrderResult, TimeInForce } from '#schemas/reasons.js'
import { OrderPlaced } from '#schemas/events/order.js'
import { price, shares } from '#schemas/units.js'

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
  /** What its strategy says that it is for. */
  readonly purpose?: string | undefined
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

/** The decision to place an order. */
export function placedOf(terms: OrderTerms): EventOf<'OrderPlaced'> {
  const { id, owner, action, leg, attempt, actionAttempt, scope, token, side, size } = terms
  const { limit, tif, isPostOnly, untilUs, purpose } = terms
  return OrderPlaced.make({
    ...{ order: id, signal: owner, leg, attempt, action, rung: actionAttempt, token, side },
    limit: price(limit),
    size: shares(size),
    ...(scope !== 'shared' && { scope }),
    ...(tif !== 'FAK' && { tif }),
    ...(isPostOnly && { post: true }),
    ...(tif === 'GTD' && { until: untilUs }),
    ...(purpose !== undefined && { purpose }),
  })
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

/** How the order ended, once the exchange has said that it is over and every fill that it counts is booked; else undefined. */
export function resultOf(order: Order): OrderResult | undefined {
  if (order.filled >= order.size) return 'full'
  const over = mayRest(order) ? order.final : (order.final ?? order.acknowledged)
  if (over === undefined || order.filled < over) return undefined
  if (order.ending !== undefined && mayRest(order)) return order.ending
  return order.filled === 0 ? 'none' : 'partial'
}
