import { mulDivFloor, PRICE_MAX } from '#schemas/units.js'
import type { Context, Proposal } from '../strategy.js'
import type { MarketFacts } from '#engine/core/market.js'
import { outright } from '../outright.js'
import type { Common } from './params.js'

/** Dearest price of an order, 1e-4 dollar, where no tick says more. */
const PRICE_TOP = 9_999

/**
 * Buys an outcome that a rule holds to be worth `fair` (1e-4 dollar) at what its asks cost, up to the price that leaves the least edge. The edge is
 * what is left of the payout, after fees, if the rule is right.
 */
export function bought(
  market: MarketFacts,
  { token, fair }: { readonly token: number; readonly fair: number },
  { book, params }: Context & { readonly params: Common },
): Proposal | undefined {
  const limit = Math.min(PRICE_TOP, fair - params.min_edge_bps)
  if (limit <= 0) return undefined
  const made = outright(market, token, { book: book(token), limit, most: params.size_max_micro })
  if (!made) return undefined
  const { size, cost, fee, leg } = made
  const worth = mulDivFloor(size, Math.max(0, Math.min(PRICE_MAX, fair)), PRICE_MAX)
  const edge = mulDivFloor(worth - cost - fee, 10_000, size)
  return { market: market.market, size, cost, fee, edge, ttlMs: params.ttl_ms, legs: [leg] }
}
