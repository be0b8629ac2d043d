/** Why a decimal is not a whole number of units. */
export type Unfit = 'not a decimal' | 'finer than the unit' | 'too large'

/** Decimal places of a price: the unit is 1e-4 dollar. */
const PRICE_PLACES = 4
/** Decimal places of a size: the unit is 1e-6 share. */
const SIZE_PLACES = 6

const [ZERO, NINE, DOT, MINUS] = [48, 57, 46, 45]

/** Exact price in 1e-4 dollar from a decimal string; never through a float. */
export const priceFrom = (text: string): number | Unfit => scaled(text, PRICE_PLACES)

/** Exact size in 1e-6 share from a decimal string; may be negative (a signed delta). */
export const sizeFrom = (text: string): number | Unfit => scaled(text, SIZE_PLACES)

/**
 * The decimal `text` × 10^places as an exact whole number. Takes `1`, `-1.50`, `.5`, `1.`; no exponent, no space, no
 * plus. Digits beyond `places` must be zero.
 */
export function scaled(text: string, places: number): number | Unfit {
  const negative = text.charCodeAt(0) === MINUS
  let [value, digits, left, isFine] = [0, 0, -1, true]
  for (let i = negative ? 1 : 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === DOT && left === -1) left = places
    else if (code < ZERO || code > NINE) return 'not a decimal'
    else {
      digits++
      if (left === 0) isFine &&= code === ZERO
      else {
        value = value * 10 + (code - ZERO)
        if (left > 0) left--
      }
    }
  }
  if (digits === 0) return 'not a decimal'
  if (!isFine) return 'finer than the unit'
  for (let i = left === -1 ? places : left; i > 0; i--) value *= 10
  // Rounding is monotone: a value beyond 2^53 − 1 can never come out below it.
  if (value > Number.MAX_SAFE_INTEGER) return 'too large'
  return negative && value !== 0 ? -value : value
}

/** Price in 1e-4 dollar from a double that a recorder made of a decimal. */
export const priceOfDouble = (x: number): number | Unfit => nearest(x, 10 ** PRICE_PLACES)

/** Size in 1e-6 share from a double that a recorder made of a decimal. */
export const sizeOfDouble = (x: number): number | Unfit => nearest(x, 10 ** SIZE_PLACES)

/**
 * The whole number nearest to `x × unit`. `x` must be within 1e-9 (relative below 1, absolute above, plus the double's
 * own rounding) of that many units, else it is finer than the unit.
 */
function nearest(x: number, unit: number): number | Unfit {
  if (!Number.isFinite(x)) return 'not a decimal'
  const units = Math.round(x * unit)
  if (!Number.isSafeInteger(units)) return 'too large'
  const size = Math.abs(x)
  const slack = 1e-9 * Math.min(size, 1) + size * 2 ** -51
  return Math.abs(units / unit - x) <= slack ? (units === 0 ? 0 : units) : 'finer than the unit'
}

/** The venue's price grids, coarse to fine, in 1e-4 dollar. */
export const TICKS = [1_000, 100, 50, 25, 10, 1] as const

/** The coarser of `tick` and the grids below it on which `at` lies; all in 1e-4 dollar. */
export function tickHolding(tick: number, at: number): number {
  if (at % tick === 0) return tick
  for (const grid of TICKS) if (grid < tick && at % grid === 0) return grid
  return 1
}
