/** 1e-6 dollar as text: `$1,234.56`, with as many decimals as are not zero (at least two). */
export function dollars(micro: number): string {
  const sign = micro < 0 ? '−' : ''
  return `${sign}$${decimal(Math.abs(micro), 6, 2)}`
}

/** 1e-6 share as text. */
export const sharesText = (micro: number): string => decimal(micro, 6, 0)

/** A price in 1e-4 dollar as text: `0.5230`. */
export const priceText = (price: number): string => decimal(price, 4, 4)

function decimal(n: number, places: number, least: number): string {
  const scale = 10 ** places
  const whole = Math.floor(n / scale)
  const rest = String(n - whole * scale)
    .padStart(places, '0')
    .replace(/0+$/, '')
    .padEnd(least, '0')
  const grouped = String(whole).replace(/\B(?=(\d{3})+$)/g, ',')
  return rest === '' ? grouped : `${grouped}.${rest}`
}
