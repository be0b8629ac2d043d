import { ASK, BID } from '#schemas/levels.js'
import type { TokenBook } from '../token-book.js'
import { sharesFor, worthUp } from './money.js'
import { bookSide, inTerms, opposite, type OrderSide, type TwinOrder } from './order.js'
import type { RestingOrders } from './resting.js'

/** Part of a match: so much, at this price of the taker's token, with this order or the simulated market. */
export interface Match {
  /** 1e-4 dollar, of the taker's token. */
  readonly price: number
  /** 1e-6 share. */
  readonly size: number
  /** Undefined for the simulated market. */
  readonly maker: TwinOrder | undefined
}

/** What comes to the market to take what stands there. */
export interface Incoming {
  readonly side: OrderSide
  readonly outcome: 0 | 1
  /** Limit, 1e-4 dollar. */
  readonly price: number
  /** 1e-6 share; not for one that has a budget. */
  readonly size: number
  /** 1e-6 dollar. */
  readonly budget?: number | undefined
}

/**
 * What an incoming order would match, best price first; at one price by the place in the queue, where an order stands
 * behind the simulated size that was there when it came. Changes nothing. `isWhole`: nothing of it would be left. Without a
 * book it matches orders alone.
 */
export function matchesOf(
  incoming: Incoming,
  { resting, book }: { resting: RestingOrders; book?: TokenBook },
): { matches: Match[]; isWhole: boolean } {
  const matches: Match[] = []
  const bucket = bucketOf(incoming)
  const sign = incoming.side === 'BUY' ? 1 : -1
  const side = incoming.side === 'BUY' ? ASK : BID
  const orders = resting.of(opposite(bookSide(incoming)))
  const simulated = book?.simulatedPrices(side) ?? []
  const priceOf = (order: TwinOrder): number =>
    inTerms(order.price, order.outcome, incoming.outcome)
  let [i, j] = [0, 0]
  for (;;) {
    const [order, at] = [orders[i], simulated[j]]
    const prices = [...(order ? [priceOf(order)] : []), ...(at === undefined ? [] : [at])]
    if (prices.length === 0) break
    const price = sign === 1 ? Math.min(...prices) : Math.max(...prices)
    if (sign * (price - incoming.price) > 0 || bucket.left(price) === 0) break
    const queue: TwinOrder[] = []
    for (let next = order; next && priceOf(next) === price; next = orders[++i]) queue.push(next)
    const size = at === price ? (book?.simulatedAt(side, price) ?? 0) : 0
    if (at === price) j++
    for (const match of levelMatches(price, size, queue)) {
      const taken = bucket.take(price, match.size)
      if (taken > 0) matches.push({ ...match, size: taken })
    }
  }
  const last = matches.at(-1)?.price ?? incoming.price
  return { matches, isWhole: bucket.left(last) === 0 }
}

/** Matches of one price in two halves, as a match may be settled in several transactions; one where they are too small. */
export function halved(matches: readonly Match[]): (readonly Match[])[] {
  const first = matches.map(one => ({ ...one, size: Math.floor(one.size / 2 / STEP) * STEP }))
  const rest = matches.map((one, k) => ({ ...one, size: one.size - (first[k]?.size ?? 0) }))
  const some = first.filter(one => one.size > 0)
  return some.length === 0 ? [matches] : [some, rest]
}

/** 1e-6 share in the finest step of a size. */
const STEP = 10_000

/** All that stands at one price, in the order in which it is reached. */
function levelMatches(price: number, simulated: number, queue: readonly TwinOrder[]): Match[] {
  const reached: Match[] = []
  let passed = 0
  for (const maker of queue) {
    const before = Math.min(maker.ahead, simulated) - passed
    if (before > 0) {
      reached.push({ price, size: before, maker: undefined })
      passed += before
    }
    reached.push({ price, size: maker.size - maker.matched, maker })
  }
  if (simulated > passed) reached.push({ price, size: simulated - passed, maker: undefined })
  return reached
}

/** How much an incoming order still wants: shares, or what its dollars buy. */
function bucketOf({ size, budget }: Incoming) {
  let left = budget ?? size
  const wanted = (price: number): number => (budget === undefined ? left : sharesFor(left, price))
  return {
    left: wanted,
    take: (price: number, most: number): number => {
      const taken = Math.min(most, wanted(price))
      left -= budget === undefined ? taken : worthUp(price, taken)
      return taken
    },
  }
}
