import { mulDivFloor, PRICE_MAX } from '#schemas/units.js'
import type { TimeInForce } from '#schemas/reasons.js'
import type { Side } from '#schemas/levels.js'
import type { Refused } from './refused.js'

/** The two sides of a signed order: what we give and what we take at least, in 1e-6 of a dollar or of a share. */
export interface Amounts {
  readonly makerAmount: number
  readonly takerAmount: number
}

/** What the engine asks for. */
export interface Asked {
  /** 0 buys, 1 sells. */
  readonly side: Side
  /** Worst price, 1e-4 dollar. Every tick of the venue is a whole number of it. */
  readonly price: number
  /** 1e-6 share. */
  readonly size: number
  /** The market's tick, 1e-4 dollar. */
  readonly tick: number
  readonly tif: TimeInForce
}

/** Ticks of the venue, 1e-4 dollar. Source: rounding table of `@polymarket/clob-client-v2` 1.1.0 (2026-11-29). */
const TICKS: readonly number[] = [1_000, 100, 50, 25, 10, 1]

/** 0.01, in millionths: sizes, and what an immediate buy spends, have two decimals. */
const CENT = 10_000
/** The last decimal of what an immediate order takes, in millionths: the fourth, or the third on the coarsest tick. */
const fineOf = (tick: number): number => (tick === 1_000 ? 1_000 : 100)

/**
 * The amounts that are signed, or why there are none. A price off the tick's grid is refused, never moved.
 *
 * A resting order (GTC, GTD) is for the size cut to two decimals; the money is its exact product with the price.
 *
 * An immediate buy (FAK, FOK) spends the product cut to a cent, so never more than price × size, and takes what that buys at the price, cut to
 * four decimals (three where the tick is $0.1): which alone may put its price above the limit, by less than one unit of the last of them. It is
 * cut, not rounded up, since an order a hair short of the limit would not meet a price at it. An immediate sale gives the size cut to two
 * decimals and takes the exact product, as a resting one does: the venue computes it again.
 *
 * An immediate buy is an amount of **money** to the venue: at better prices than the limit it brings more shares than `size`.
 *
 * Source: rounding of `@polymarket/clob-client-v2` 1.1.0, and the venue's limits of decimals (order documentation, 2026-10).
 */
export function amountsOf(asked: Asked): Amounts | Refused {
  const { side, price, size, tick, tif } = asked
  const fine = fineOf(tick)
  const wrong = misfit(asked)
  if (wrong !== undefined) return { refused: wrong }
  const shares = size - (size % CENT)
  // Hundredths of a share times 1e-4 dollar are millionths of a dollar: exact, and below 2^53 for every size.
  const money = (shares / CENT) * price
  if (side === 1) return whole(shares, money, asked)
  if (tif === 'GTC' || tif === 'GTD') return whole(money, shares, asked)
  const spent = mulDivFloor(price, size, PRICE_MAX * CENT) * CENT
  return whole(spent, mulDivFloor(spent, PRICE_MAX, price * fine) * fine, asked)
}

function misfit({ price, size, tick }: Asked): string | undefined {
  if (!TICKS.includes(tick))
    return `tick ${tick} is none of the venue's; expected one of ${TICKS.join(', ')} (1e-4 $)`
  if (!Number.isSafeInteger(price) || price < tick || price > PRICE_MAX - tick)
    return `price ${price} is out of range; expected ${tick} to ${PRICE_MAX - tick} (1e-4 $)`
  if (price % tick !== 0)
    return `price ${price} is off the grid; expected a multiple of the tick ${tick} (1e-4 $)`
  if (!Number.isSafeInteger(size) || size <= 0)
    return `size ${size} is no quantity; expected a whole number above 0 (1e-6 share)`
  return undefined
}

function whole(
  makerAmount: number,
  takerAmount: number,
  { price, size }: Asked,
): Amounts | Refused {
  if (makerAmount > 0 && takerAmount > 0) return { makerAmount, takerAmount }
  return {
    refused: `size ${size} at price ${price} is nothing once it is cut to the venue's decimals; expected more (1e-6 share)`,
  }
}
