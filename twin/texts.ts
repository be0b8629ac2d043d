/** A whole number of `10^-places` as the venue writes decimals: no trailing zeros, no exponent. */
export function decimalText(units: number, places: number): string {
  const scale = 10 ** places
  const part = units % scale
  const whole = String(Math.floor(units / scale))
  if (part === 0) return whole
  return `${whole}.${String(part).padStart(places, '0').replace(/0+$/, '')}`
}

/** A price in 1e-4 dollar, as the venue writes it. */
export const priceText = (price: number): string => decimalText(price, 4)

/** A size in 1e-6 share, as the venue writes it. */
export const sizeText = (size: number): string => decimalText(size, 6)
