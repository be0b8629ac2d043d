import type { Usdc } from '#schemas/units.js'
import type { MarketFacts } from '#engine/core/market.js'
import { kalshi } from './kalshi/venue.js'
import { polymarket } from './polymarket/venue.js'
import { sim } from './sim/venue.js'
import { unknown } from './unknown/venue.js'
import type { Venue } from './venue.js'

/** The registry version (`RunStarted.schema`) from which on a market is charged as its own venue charges. */
const VENUES_SINCE = 3

/** The venues that are known, by the name that stands in `MarketListed`. */
const VENUES: ReadonlyMap<string, Venue> = new Map(
  [polymarket, kalshi, sim].map(venue => [venue.name, venue]),
)

/** Before venues were told apart every market was charged alike; what such runs decided is decided so for ever. */
const ONE_FOR_ALL = 'before venues'

/**
 * Under which rules a market of a run stands: a name that a checkpoint can keep. `venue` as in `MarketListed`, `schema` as
 * in `RunStarted`: a run keeps the rules that it was recorded under.
 */
export function rulesOf(venue: string, schema: number): string {
  if (schema < VENUES_SINCE) return ONE_FOR_ALL
  return VENUES.has(venue) ? venue : unknown.name
}

/** The venue of a name that `rulesOf` gave, or of `MarketListed`; the worst case where nobody knows it. */
export const venueNamed = (rules: string): Venue =>
  rules === ONE_FOR_ALL ? sim : (VENUES.get(rules) ?? unknown)

/** What a fill that takes liquidity of this market is charged, 1e-6 dollar. */
export const takerFee = (market: MarketFacts, at: number, size: number): Usdc =>
  venueNamed(market.rules).takerFee(at, size, market)

/** What a fill of an order that rested in this market is charged, 1e-6 dollar. */
export const makerFee = (market: MarketFacts, at: number, size: number): Usdc =>
  venueNamed(market.rules).makerFee(at, size, market)
