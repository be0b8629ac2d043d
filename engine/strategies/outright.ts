import type { SignalLeg } from '#schemas/events/signal.js'
import { BID } from '#schemas/levels.js'
import { costOf, price, shares } from '#schemas/units.js'
import { execute, type BookView } from '#engine/book/view.js'
import type { MarketFacts } from '#engine/core/market.js'
import { takerFee, venueNamed } from '#engine/venues/registry.js'

/** One outcome bought on the book as it stands. Money in 1e-6 dollar, rounded up; size in 1e-6 share. */
export interface Outright {
  readonly size: number
  readonly cost: number
  readonly fee: number
  readonly leg: SignalLeg
}

/**
 * Buys as much of one outcome as its asks hold up to a price, at most so much, in whole size steps, with the worst level touched as the
 * limit. Nothing where that is too little for the venue.
 */
export function outright(
  market: MarketFacts,
  token: number,
  { book, limit, most }: { book: BookView; limit: number; most: number },
): Outright | undefined {
  const { marketableBuyMin, sizeStep } = venueNamed(market.rules)
  const { filled } = execute(book, { side: BID, size: most, limit })
  const size = filled - (filled % sizeStep)
  if (size < Math.max(market.minSize, sizeStep)) return undefined
  const fee = (at: number, part: number): number => takerFee(market, at, part)
  const bought = execute(book, { side: BID, size, limit, fee })
  if (costOf(bought.worst, size) < marketableBuyMin) return undefined
  const [bid, ask] = [price(book.bestBid), price(book.bestAsk)]
  const { cash: cost, fee: fees, worst } = bought
  const leg: SignalLeg = { token, side: BID, limit: price(worst), size: shares(size), bid, ask }
  return { size, cost, fee: fees, leg }
}
