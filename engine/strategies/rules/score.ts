import { METRICS } from '#schemas/rule-codecs.js'
import { mulDivFloor } from '#schemas/units.js'

/** Metrics of a hit, each from 0 to 10,000. */
export type Metrics = Readonly<Partial<Record<(typeof METRICS)[number], number>>>

/** Where a metric is full. */
const FULL = {
  /** bps of payout. */
  edge: 500,
  /** 1e-6 dollar in the first three asks of the thinnest leg. */
  liquidity: 5_000_000_000,
  /** bps of mid; the narrower the better. */
  spread: 500,
  /** ms until the market is decided; the sooner the better, as what is bought is cash again then. */
  time_to_end: 86_400_000,
  /** bps of the price that moved. */
  velocity: 1_000,
  /** Hundredths of a standard deviation. */
  vol_surge: 600,
  /** bps of payout. */
  gap: 1_000,
  /** Bids less asks within five per cent, in bps of both. */
  imbalance: 10_000,
} as const satisfies Record<(typeof METRICS)[number], number>

/** How much of a metric there is, 0 … 10,000: every metric on the same scale, so that weights mean what they say. */
export const partOf = (metric: (typeof METRICS)[number], value: number): number =>
  mulDivFloor(Math.max(0, Math.min(value, FULL[metric])), 10_000, FULL[metric])

/** How much there is of a metric that is the better the smaller it is. */
export const restOf = (metric: 'spread' | 'time_to_end', value: number): number =>
  10_000 - partOf(metric, value)

/**
 * A score in hundredths of a point, 0 … 10,000: the base, and of what is left to a hundred the weighted mean of the metrics. It is a hundred only
 * where every metric that has a weight is full. A weight whose metric a rule does not know counts as an empty metric.
 */
export function scoreOf(
  base: number,
  weights: Readonly<Partial<Record<(typeof METRICS)[number], number>>>,
  metrics: Metrics,
): number {
  let [sum, all] = [0, 0]
  for (const name of METRICS) {
    const weight = weights[name] ?? 0
    sum += weight * (metrics[name] ?? 0)
    all += weight
  }
  const least = 100 * base
  return all === 0 ? least : least + mulDivFloor(10_000 - least, sum, 10_000 * all)
}
