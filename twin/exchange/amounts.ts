import { decimalText, priceText, sizeText } from '../texts.js'
import { DOLLAR, ONE, worthDown } from './money.js'
import type { OrderSide, OrderType } from './order.js'

/** What two amounts of an order mean. */
export interface Terms {
  /** 1e-4 dollar. */
  readonly price: number
  /** 1e-6 share. */
  readonly size: number
  /** 1e-6 dollar: only of a BUY that does not rest. */
  readonly budget: number | undefined
}

/** Amounts as they are signed, 1e-6 of a share or dollar. */
export interface Amounts {
  readonly maker: number
  readonly taker: number
  readonly side: OrderSide
  readonly type: OrderType
  /** 1e-4 dollar. */
  readonly tick: number
}

/** Decimals of dollars that an order may have, by tick (the venue, 2026). */
const AMOUNT_DECIMALS: ReadonlyMap<number, number> = new Map([
  [1_000, 3],
  [100, 4],
  [50, 5],
  [25, 6],
  [10, 5],
  [1, 6],
])
/** 1e-6 in the finest step of a size, 0.01 share, and of what a market BUY spends, 0.01 dollar. */
const CENT = 10_000
/** Four decimals of a share: as coarse as a market BUY may be on any grid, since the venue's texts name four and five. */
const COARSE = 100

/**
 * Price and size of an order, computed again as the venue does it; a text of the venue where the amounts are too fine, are not
 * what price and size give, or the price is off the grid or out of range. `id` is named in the texts.
 */
export function termsOf(id: string, of: Amounts): Terms | string {
  const isMarketBuy = of.side === 'BUY' && (of.type === 'FOK' || of.type === 'FAK')
  return isMarketBuy ? marketBuy(id, of) : sized(id, of)
}

/** An order for shares: its dollars are the product of size and a price on the grid. */
function sized(id: string, { maker, taker, side, tick }: Amounts): Terms | string {
  const [dollars, size] = side === 'BUY' ? [maker, taker] : [taker, maker]
  const places = decimalsOf(tick)
  if (size % CENT !== 0 || dollars % 10 ** (6 - places) !== 0) {
    const [made, taken] = side === 'BUY' ? [places, 2] : [2, places]
    return `invalid amounts, the ${side.toLowerCase()} orders maker amount supports a max accuracy of ${made} decimals, taker amount a max of ${taken} decimals`
  }
  const price = onGrid((dollars * DOLLAR) / size, tick)
  const due = worthDown(price, size)
  if (due === dollars)
    return isInRange(price, tick) ? { price, size, budget: undefined } : offGrid(id, price, tick)
  // Less than a cent away it was meant to be this price, and was rounded too far.
  if (Math.abs(due - dollars) >= CENT) return offGrid(id, (dollars * DOLLAR) / size, tick)
  return amountsText(side === 'BUY' ? 'maker' : 'taker', [price, size], [due, dollars])
}

/** A BUY for dollars: its shares are what they buy at a price on the grid, rounded either way. */
function marketBuy(id: string, { maker, taker, tick }: Amounts): Terms | string {
  const places = decimalsOf(tick)
  const unit = 10 ** (6 - places)
  if (maker % CENT !== 0 || taker % unit !== 0)
    return `invalid amounts, the market buy orders maker amount supports a max accuracy of 2 decimals, taker amount a max of ${places} decimals`
  const exact = (maker * DOLLAR) / taker
  const price = onGrid(exact, tick)
  if (!isInRange(price, tick)) return offGrid(id, exact, tick)
  const shares = (maker * DOLLAR) / price
  if (Math.abs(shares - taker) < Math.max(unit, COARSE))
    return { price, size: taker, budget: maker }
  if (Math.abs(worthDown(price, taker) - maker) >= CENT) return offGrid(id, exact, tick)
  const due = Math.floor(shares / unit) * unit
  return amountsText('taker', [price, maker], [due, taker])
}

const decimalsOf = (tick: number): number => AMOUNT_DECIMALS.get(tick) ?? 4

const onGrid = (price: number, tick: number): number => Math.round(price / tick) * tick

const isInRange = (price: number, tick: number): boolean => price >= tick && price <= DOLLAR - tick

function offGrid(id: string, price: number, tick: number): string {
  const said = decimalText(Math.round((price * ONE) / DOLLAR), 6)
  return `order ${id} is invalid. Price (${said}) breaks minimum tick size rule: ${priceText(tick)}`
}

/** Misspelt as the venue has it. */
function amountsText(
  which: 'maker' | 'taker',
  [price, size]: readonly [number, number],
  [due, given]: readonly [number, number],
): string {
  return `invalid amounts, the ${which} amount for a $${priceText(price)} order of size ${sizeText(size)} should be '${sizeText(due)}' but the value submited is '${sizeText(given)}'. Please check if you are using the latest version of the 'clob-client' library`
}
