import assert from 'node:assert'
import * as t from 'io-ts'

interface PriceBrand {
  readonly Price: unique symbol
}
interface SharesBrand {
  readonly Shares: unique symbol
}
interface UsdcBrand {
  readonly Usdc: unique symbol
}
interface BpsBrand {
  readonly Bps: unique symbol
}
/** Codec of a safe whole number in a range that `name` states; a plain number in code. */
export const whole = (name: string, holds: (n: number) => boolean): t.Type<number> => {
  const is = (u: unknown): u is number => Number.isSafeInteger(u) && holds(Number(u))
  return new t.Type(name, is, (u, c) => (is(u) ? t.success(u) : t.failure(u, c)), t.identity)
}

/** Any safe whole number. */
export const Int = whole('whole number', () => true)

/** The highest price: $1.0000, in 1e-4 dollar. */
export const PRICE_MAX = 10_000

/** Price of one outcome share, in 1e-4 dollar, 0 … 10,000: 5_250 is $0.5250. Every venue tick is a whole number of it. */
export const Price = t.brand(
  t.Int,
  (n): n is t.Branded<t.Int, PriceBrand> => n >= 0 && n <= PRICE_MAX,
  'Price',
)
export type Price = t.TypeOf<typeof Price>

/** A quantity of shares, in 1e-6 share, 0 … 2^53 − 1: real levels hold 21 million shares. */
export const Shares = t.brand(
  t.Int,
  (n): n is t.Branded<t.Int, SharesBrand> => n >= 0 && Number.isSafeInteger(n),
  'Shares',
)
export type Shares = t.TypeOf<typeof Shares>

/** Cash, in 1e-6 dollar; negative is what we owe or paid. */
export const Usdc = t.brand(
  t.Int,
  (n): n is t.Branded<t.Int, UsdcBrand> => Number.isSafeInteger(n),
  'Usdc',
)
export type Usdc = t.TypeOf<typeof Usdc>

/** A rate in 1e-4: 25 is 0.25 %. */
export const Bps = t.brand(
  t.Int,
  (n): n is t.Branded<t.Int, BpsBrand> => Number.isSafeInteger(n),
  'Bps',
)
export type Bps = t.TypeOf<typeof Bps>

/** Asserts a price in 1e-4 dollar. */
export const price = (n: number): Price => made(Price.is, n, 'Price')
/** Asserts a size in 1e-6 share. */
export const shares = (n: number): Shares => made(Shares.is, n, 'Shares')
/** Asserts an amount in 1e-6 dollar. */
export const usdc = (n: number): Usdc => made(Usdc.is, n, 'Usdc')
/** Asserts a rate in 1e-4. */
export const bps = (n: number): Bps => made(Bps.is, n, 'Bps')
/** What a buy costs, in 1e-6 dollar. Rounds up, so that an edge is never overstated. */
export const costOf = (at: number, size: number): Usdc => notional(at, size, Math.ceil)

/** What a sale brings, in 1e-6 dollar. Rounds down. */
export const proceedsOf = (at: number, size: number): Usdc => notional(at, size, Math.floor)

/** The price as seen from the other outcome of the same market: what YES bids at p, NO offers at 1 − p. */
export const mirrored = (at: number): number => PRICE_MAX - at

/** How a market charges takers: rate in bps of `shares × (p(1−p))^exponent`; how that is rounded is its venue's. */
export interface FeeSchedule {
  readonly feeRate: number
  readonly feeExponent: number
}

/** A sum of sizes or of money that stays in its units: what would leave them is the most they hold. */
export const sumOf = (a: number, b: number): number => Math.min(Number.MAX_SAFE_INTEGER, a + b)

/** `floor(a × b ÷ c)` for whole numbers, exact at any size that fits 2^53 at the end. */
export const mulDivFloor = (a: number, b: number, c: number): number => {
  const product = a * b
  if (Math.abs(product) <= Number.MAX_SAFE_INTEGER) return Math.floor(product / c)
  const [num, den] = [BigInt(a) * BigInt(b), BigInt(c)]
  const quotient = num / den
  return Number(num % den !== 0n && num < 0n !== den < 0n ? quotient - 1n : quotient)
}

/** A whole number in so many whole parts as equal as can be; what is left over is in the first. */
export function equalParts(total: number, count: number): number[] {
  const each = Math.floor(total / count)
  return Array.from({ length: count }, (_, k) => (k === 0 ? total - each * (count - 1) : each))
}

function notional(at: number, size: number, round: (x: number) => number): Usdc {
  const whole = Math.floor(size / PRICE_MAX) // split, so that every product stays exact
  const rest = size - whole * PRICE_MAX
  return usdc(at * whole + round((at * rest) / PRICE_MAX))
}

function made<T extends number>(is: (n: unknown) => n is T, n: number, name: string): T {
  if (!is(n)) assert.fail(`Invariant: ${n} is not a ${name}`)
  return n
}
