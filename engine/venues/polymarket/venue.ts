import { usdc } from '#schemas/units.js'
import { curveFee, FIVE_DECIMALS, isBelow } from '../fees.js'
import { onGrid, same, settledAt, winnerTakesAll } from '../rules.js'
import type { Venue } from '../venue.js'
import { bookHash } from './book-hash.js'

/** Words for a market that pays both outcomes the same. Source: UMA resolutions of the venue's markets. */
const SPLIT = ['50-50', '50/50', 'unknown/50-50', 'tie', 'draw']

/**
 * Polymarket. Takers pay `C × rate × (p(1−p))^exponent`, rounded up to five decimals, and nothing below the first of them;
 * makers pay nothing. A marketable buy is worth a dollar, sizes have two decimals. Source: fee and order documentation as
 * of 2026-10; the rounding direction is ours (costs round up).
 */
export const polymarket: Venue = {
  name: 'polymarket',
  takerFee: (at, size, fees) =>
    isBelow({ at, size, least: FIVE_DECIMALS }, fees)
      ? usdc(0)
      : curveFee({ at, size, step: FIVE_DECIMALS }, fees),
  makerFee: () => usdc(0),
  merges: true,
  marketableBuyMin: 1_000_000,
  sizeStep: 10_000,
  minSize: 5_000_000,
  ticks: [1_000, 100, 50, 25, 10, 1],
  isPrice: onGrid,
  isOneBook: false,
  worstFees: { feeRate: 700, feeExponent: 1 },
  bookHash,
  payouts: (said, outcomes) => {
    const isSplit = SPLIT.some(word => same(word, said.label ?? '') || same(word, said.winner))
    if (isSplit && outcomes.length === 2) return [5_000, 5_000]
    return settledAt(said.settles, outcomes) ?? winnerTakesAll(said, outcomes)
  },
}
