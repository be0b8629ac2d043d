import { mulDivFloor } from '#schemas/units.js'

/** One line of RFC 4180, without its end. */
export const csvLine = (cells: readonly string[]): string => cells.map(quoted).join(',')

const PRICES: readonly string[] = Array.from({ length: 10_001 }, (_, price) => decimal(price, 4))

/** A price (1e-4 dollar) with 4 decimals. */
export const priceCell = (price: number): string => PRICES[price] ?? decimal(price, 4)

/** A size or cash (1e-6) with 6 decimals. */
export const microCell = (micro: number): string => decimal(micro, 6)

/** A ratio with 6 decimals, rounded down; empty where there is nothing to divide by. */
export const ratioCell = (part: number, whole: number): string =>
  whole === 0 ? '' : decimal(ratioOf(part, whole), 6)

/** A ratio in 1e-6, rounded down. */
export const ratioOf = (part: number, whole: number): number => mulDivFloor(part, 1_000_000, whole)

/** Milliseconds of a time in µs, rounded down. */
export const msCell = (tUs: number): string => String(Math.floor(tUs / 1_000))

/** A best bid, empty where there is none. */
export const bidCell = (bid: number): string => (bid === 0 ? '' : priceCell(bid))

/** A best ask, empty where there is none. */
export const askCell = (ask: number): string => (ask === 10_000 ? '' : priceCell(ask))

/** BUY or SELL. */
export const sideCell = (side: 0 | 1): string => (side === 0 ? 'BUY' : 'SELL')

/** Distinct codes, sorted, joined by commas; empty for none. */
export const codesCell = (codes: Iterable<string>): string => [...new Set(codes)].sort().join(',')

/** A reason of an event as a code: `venue-refused` is `VENUE_REFUSED`. */
export const codeOf = (reason: string): string => reason.toUpperCase().replaceAll('-', '_')

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}

function decimal(n: number, places: 4 | 6): string {
  const unit = places === 4 ? 10_000 : 1_000_000
  const size = Math.abs(n)
  const rest = size % unit
  const digits = String(rest + unit).slice(1)
  return `${n < 0 ? '-' : ''}${(size - rest) / unit}.${digits}`
}
