import { ASK, BID } from '#schemas/levels.js'
import { PRICE_MAX } from '#schemas/units.js'
import { priceFrom, sizeFrom } from '../../decimal.js'
import { FeedFault } from '../../feed.js'
import type { TextLevel } from './book-hash.js'
import type { Tally } from '../../recorded/import-feed.js'
import { maybeTextIn, objectsIn, textIn } from '../../recorded/wire.js'
import type { Wire } from '../../recorded/wire.js'

/** A level in whole units: 1e-4 dollar, 1e-6 share. */
export interface Level {
  readonly at: number
  readonly size: number
}

/** A price and a size as a level; undefined and counted where they do not fit, a `FeedFault` where they are no number. */
export function levelOf(level: TextLevel, where: string, tally: Tally): Level | undefined {
  const [at, size] = [priceFrom(level.price), sizeFrom(level.size)]
  if (at === 'not a decimal') throw new FeedFault(`price is "${level.price}"`, where, 'a decimal')
  if (size === 'not a decimal') throw new FeedFault(`size is "${level.size}"`, where, 'a decimal')
  if (typeof at === 'string') tally.skip(`price ${at}`, where)
  else if (typeof size === 'string') tally.skip(`size ${size}`, where)
  else if (at <= 0 || at >= PRICE_MAX) tally.skip('price not between 0 and 1', where)
  else if (size < 0) tally.skip('negative size', where)
  else return { at, size }
  return undefined
}

/** One side of a `book` message, in the venue's words. */
export function textLevelsIn(wire: Wire, side: typeof BID | typeof ASK): readonly TextLevel[] {
  // Before 2025 the sides were called buys and sells.
  const [now, once] = side === BID ? ['bids', 'buys'] : ['asks', 'sells']
  const key = wire.value[now] === undefined && wire.value[once] !== undefined ? once : now
  return objectsIn(wire, key).map(level => ({
    price: textIn(level, 'price'),
    size: textIn(level, 'size'),
  }))
}

/** The price of a level, 1e-4 dollar, whatever its size; undefined where it is none that a book can hold. */
export function representable(text: string): number | undefined {
  const at = priceFrom(text)
  return typeof at === 'number' && at > 0 && at < PRICE_MAX ? at : undefined
}

/** One side of a snapshot. */
export interface FlatSide {
  /** Price and size in turn, best first, each price once (the last statement holds), no empty levels. */
  readonly levels: number[]
  /** How many do not fit our units, and are left out. */
  readonly unfit: number
}

/** One side of a snapshot in our units. */
export function flatLevels(
  levels: readonly TextLevel[],
  side: typeof BID | typeof ASK,
  { where, tally }: { readonly where: string; readonly tally: Tally },
): FlatSide {
  let unfit = 0
  const byPrice = new Map<number, number>()
  for (const each of levels) {
    const level = levelOf(each, where, tally)
    if (!level) {
      unfit++
      continue
    }
    if (byPrice.has(level.at)) tally.skip('level stated twice', where)
    if (level.size === 0) tally.skip('empty level in a snapshot', where)
    else byPrice.set(level.at, level.size)
  }
  const sorted = [...byPrice].sort(([a], [b]) => (side === BID ? b - a : a - b))
  return { levels: sorted.flat(), unfit }
}

/** The venue's best bid after a change: 0 for none, undefined where it does not say. */
export const bestBidIn = (wire: Wire): number | undefined => bestIn(wire, 'best_bid', 0)

/** The venue's best ask after a change: 10,000 for none, undefined where it does not say. */
export const bestAskIn = (wire: Wire): number | undefined => bestIn(wire, 'best_ask', PRICE_MAX)

function bestIn(wire: Wire, key: string, none: number): number | undefined {
  const text = maybeTextIn(wire, key)
  if (text === undefined) return undefined
  if (text === '') return none
  const best = priceFrom(text)
  if (best === 'not a decimal' || (typeof best === 'number' && best < 0))
    throw new FeedFault(`${key} is "${text}"`, wire.where, 'a decimal or nothing')
  if (typeof best === 'string' || best > PRICE_MAX) return undefined
  return best === 0 ? none : best
}
