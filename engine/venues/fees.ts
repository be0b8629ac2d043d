import { usdc, PRICE_MAX, type FeeSchedule, type Usdc } from '#schemas/units.js'

/** A hundredth of a tenth of a cent and a cent, in 1e-6 dollar: what venues round their fees to. */
export const [FIVE_DECIMALS, CENT] = [10, 10_000]

/**
 * `C × rate × (p(1−p))^exponent` for one fill, rounded up to whole `step` (1e-6 dollar); exact at any size. Fails as an
 * invariant where a market's rate makes the fee leave the units: listings refuse such rates.
 */
export function curveFee(
  { at, size, step }: { at: number; size: number; step: number },
  { feeRate, feeExponent }: FeeSchedule,
): Usdc {
  if (feeRate === 0 || size === 0) return usdc(0)
  const { scaled, unit } = exactly(at, size, { feeRate, feeExponent })
  const steps = unit * BigInt(step)
  return usdc(Number((scaled + steps - 1n) / steps) * step)
}

/** Whether the fee, before it is rounded, is less than `least` (1e-6 dollar). */
export function isBelow(
  { at, size, least }: { at: number; size: number; least: number },
  fees: FeeSchedule,
): boolean {
  const { scaled, unit } = exactly(at, size, fees)
  return scaled < unit * BigInt(least)
}

/** The fee as a fraction: `scaled ÷ unit` in 1e-6 dollar. */
function exactly(
  at: number,
  size: number,
  { feeRate, feeExponent }: FeeSchedule,
): { scaled: bigint; unit: bigint } {
  const spread = BigInt(at) * BigInt(PRICE_MAX - at)
  const exponent = BigInt(feeExponent)
  return {
    scaled: BigInt(size) * BigInt(feeRate) * spread ** exponent,
    unit: 10_000n * 100_000_000n ** exponent,
  }
}
