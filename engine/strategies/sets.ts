import type { SignalLeg } from '#schemas/events/signal.js'
import { ASK, BID } from '#schemas/levels.js'
import {
  costOf,
  mulDivFloor,
  price,
  PRICE_MAX,
  shares,
  sumOf,
  type FeeSchedule,
} from '#schemas/units.js'
import { execute, type BookView } from '#engine/book/view.js'
import type { MarketFacts } from '#engine/core/market.js'
import { takerFee, venueNamed } from '#engine/venues/registry.js'
import type { Intent, Proposal } from './strategy.js'

/** One outcome of a complete set: the token to buy, its book, and its market. */
export interface Outcome {
  readonly token: number
  readonly book: BookView
  readonly market: MarketFacts
}

/** How much a rule wants. */
export interface Wanted {
  /** Least net edge of the last set, bps of its payout. */
  readonly minEdge: number
  /** Most sets, 1e-6 share. */
  readonly most: number
  readonly ttlMs: number
}

/**
 * Buys equal shares of all outcomes of a complete set, of which exactly one will pay a dollar: as many as still earn the
 * least edge after fees, with the worst level touched as each leg's limit, so that all it counted on can fill. Nothing
 * where that is too little for the venue: a set is never made larger to fit.
 */
export function completeSets(
  outcomes: readonly Outcome[],
  { minEdge, most, ttlMs }: Wanted,
): Proposal | undefined {
  if (asksOf(outcomes) > PRICE_MAX - minEdge) return undefined
  const size = worthwhile(outcomes, minEdge, most)
  const least = outcomes.reduce((min, { market }) => Math.max(min, market.minSize), 1)
  if (size < least) return undefined
  let [cost, fee] = [0, 0]
  const legs: SignalLeg[] = []
  for (const { token, book, market } of outcomes) {
    const bought = execute(book, {
      side: BID,
      size,
      fee: (at, part) => takerFee(market, at, part),
    })
    cost = sumOf(cost, bought.cash)
    fee = sumOf(fee, bought.fee)
    const { marketableBuyMin } = venueNamed(market.rules)
    if (costOf(bought.worst, size) < marketableBuyMin) return undefined
    const [bid, ask] = [price(book.bestBid), price(book.bestAsk)]
    legs.push({ token, side: BID, limit: price(bought.worst), size: shares(size), bid, ask })
  }
  if (sumOf(cost, fee) === Number.MAX_SAFE_INTEGER) return undefined // more than money can count
  // A set pays one dollar, so `size` in 1e-6 share is the payout in 1e-6 dollar.
  const edge = mulDivFloor(size - cost - fee, 10_000, size)
  const [first] = outcomes
  if (!first || edge < minEdge) return undefined
  return { market: first.market.market, size, cost, fee, edge, ttlMs, legs }
}

/** The offer that a proposal is made on, to tell whether it still stands. */
export const offerOf = ({ legs, size }: Proposal): string =>
  `${legs.map(({ limit }) => limit).join('/')}/${size}`

/** The one intent to buy this set. */
export const setIntent = (proposal: Proposal): readonly Intent[] => [{ tag: 'set', proposal }]

/** What one share of each would cost at best, 1e-4 dollar. */
function asksOf(outcomes: readonly Outcome[]): number {
  let sum = 0
  for (const { book } of outcomes) sum += book.bestAsk
  return sum
}

/** Shares for which the next set still earns at least the least edge, in whole size steps. */
function worthwhile(outcomes: readonly Outcome[], minEdge: number, most: number): number {
  const ladders = outcomes.map(({ book, market }) => {
    return { levels: levelsOf(book, most), at: 0, market }
  })
  let size = 0
  while (size < most && ladders.every(({ levels, at }) => at < levels.length)) {
    let edge = PRICE_MAX
    let part = most - size
    for (const { levels, at } of ladders) {
      edge -= levels[at]!
      part = Math.min(part, levels[at + 1]!)
    }
    for (const { levels, at, market } of ladders) edge -= feePerShare(levels[at]!, market)
    if (edge < minEdge) break
    size += part
    for (const ladder of ladders) {
      const left = ladder.levels[ladder.at + 1]! - part
      ladder.levels[ladder.at + 1] = left
      if (left === 0) ladder.at += 2
    }
  }
  const step = outcomes.reduce((most, of) => {
    return Math.max(most, venueNamed(of.market.rules).sizeStep) // each step divides the next
  }, 1)
  return size - (size % step)
}

/** Ask levels, flat and best first, until `most` shares are covered. */
function levelsOf(book: BookView, most: number): number[] {
  const levels: number[] = []
  let depth = 0
  book.walk(ASK, (at, size) => {
    levels.push(at, size)
    depth = sumOf(depth, size)
    return depth < most
  })
  return levels
}

/** Fee of one share in 1e-4 dollar, a real number made of × and ÷ alone. */
function feePerShare(at: number, { feeRate, feeExponent }: FeeSchedule): number {
  let fee = feeRate
  for (let k = 0; k < feeExponent; k++) fee = (fee * at * (PRICE_MAX - at)) / 100_000_000
  return fee
}
