import { curveFee, CENT } from '../fees.js'
import { onGrid, settledAt, winnerTakesAll } from '../rules.js'
import type { Venue } from '../venue.js'

/**
 * A venue that nobody here knows: the worst of those that are known. Fees of makers are those of takers, rounded up to
 * the cent; whole shares; a dollar at least.
 */
export const unknown: Venue = {
  name: 'unknown',
  takerFee: (at, size, fees) => curveFee({ at, size, step: CENT }, fees),
  makerFee: (at, size, fees) => curveFee({ at, size, step: CENT }, fees),
  merges: false,
  marketableBuyMin: 1_000_000,
  sizeStep: 1_000_000,
  minSize: 5_000_000,
  ticks: [1_000, 100, 50, 25, 10, 1],
  isPrice: onGrid,
  isOneBook: false,
  worstFees: { feeRate: 700, feeExponent: 1 },
  payouts: (said, outcomes) => settledAt(said.settles, outcomes) ?? winnerTakesAll(said, outcomes),
}
