import { curveFee, CENT } from '../fees.js'
import { onGrid, same, settledAt, winnerTakesAll } from '../rules.js'
import type { Venue } from '../venue.js'

/**
 * Kalshi. A fill that takes pays `rate × C × p(1−p)` (rate 0.07 in most series), rounded up to the next cent; a fill of a
 * resting order pays a quarter of that rate in the series that charge makers, and is counted as if all did. The exchange
 * may give back what rounding overcharged over the fills of one order: that is not counted on. Whole contracts, the
 * coarsest step that every series takes. Source: fee schedule of July 2025 and docs.kalshi.com (fee rounding, fixed-point
 * migration), seen 2026-11.
 */
export const kalshi: Venue = {
  name: 'kalshi',
  takerFee: (at, size, fees) => curveFee({ at, size, step: CENT }, fees),
  makerFee: (at, size, { feeRate, feeExponent }) =>
    curveFee({ at, size, step: CENT }, { feeRate: Math.ceil(feeRate / 4), feeExponent }),
  merges: false,
  marketableBuyMin: 0,
  sizeStep: 1_000_000,
  minSize: 1_000_000,
  ticks: [100, 10, 1],
  isPrice: onGrid,
  isOneBook: true,
  worstFees: { feeRate: 700, feeExponent: 1 },
  payouts: (said, outcomes) => {
    if (outcomes.length !== 2) return undefined
    if (same(said.winner, 'yes')) return [10_000, 0]
    if (same(said.winner, 'no')) return [0, 10_000]
    return settledAt(said.settles, outcomes) ?? winnerTakesAll(said, outcomes)
  },
}
