/** 1e-4 dollar in a dollar. */
export const DOLLAR = 10_000
/** 1e-6 in one share or one dollar. */
export const ONE = 1_000_000

/** What a size costs at a price, rounded down: 1e-4 dollar and 1e-6 share to 1e-6 dollar. */
export function worthDown(price: number, size: number): number {
  const rest = size % DOLLAR
  return price * Math.floor(size / DOLLAR) + Math.floor((price * rest) / DOLLAR)
}

/** The same, rounded up. */
export function worthUp(price: number, size: number): number {
  const rest = size % DOLLAR
  return price * Math.floor(size / DOLLAR) + Math.ceil((price * rest) / DOLLAR)
}

/** The most shares that a budget buys at a price, 1e-6 share. */
export function sharesFor(budget: number, price: number): number {
  return Number((BigInt(budget) * BigInt(DOLLAR)) / BigInt(price))
}

/** 1e-6 dollar in the least fee, 0.00001 dollar. */
const FEE_STEP = 10n

/**
 * Fee of a taker's fill, 1e-6 dollar: C × rate × (p(1−p))^exponent, up to the next 0.00001 dollar, and nothing where it is
 * below 0.00001 (the venue's rule of 2026, which leaves open how it rounds).
 */
export function takerFee(of: {
  readonly size: number
  /** 1e-4 dollar. */
  readonly price: number
  readonly rateBps: number
  readonly exponent?: number
}): number {
  const exponent = BigInt(of.exponent ?? 1)
  const [price, dollar] = [BigInt(of.price), BigInt(DOLLAR)]
  const fee = BigInt(of.size) * BigInt(of.rateBps) * (price * (dollar - price)) ** exponent
  const scale = dollar * (dollar * dollar) ** exponent
  if (fee < scale * FEE_STEP) return 0
  const steps = (fee + scale * FEE_STEP - 1n) / (scale * FEE_STEP)
  return Number(steps * FEE_STEP)
}
