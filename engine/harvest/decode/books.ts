import { NOT_SAID } from '#schemas/harvest.js'
import { PRICE_MAX } from '#schemas/units.js'
import { priceFrom, sizeFrom } from '#engine/feeds/decimal.js'
import type { SampledBook } from '../ports.js'
import { Row, RowFault, rowsOf, type Refused } from './row.js'

/** `POST /books`: books by token; undefined where the answer is no list. A book of which one level does not fit is refused whole. */
export function booksIn(
  value: unknown,
  refused: Refused,
): readonly (readonly [token: string, book: SampledBook])[] | undefined {
  return rowsOf(value, refused, row => [row.id('asset_id'), bookOf(row)] as const)
}

function bookOf(row: Row): SampledBook {
  const [bids, asks] = [sideOf(row, 'bids', -1), sideOf(row, 'asks', 1)]
  const [bid, ask] = [bids[0], asks[0]]
  if (bid !== undefined && ask !== undefined && bid >= ask)
    throw new RowFault('bids', 'below the asks')
  return {
    bids,
    asks,
    last: lastOf(row.get('last_trade_price')),
    atMs: timeOf(row.get('timestamp')),
  }
}

/** Levels of a side, best first, flat in pairs. The venue writes the best last; that is not relied upon. */
function sideOf(row: Row, key: string, way: 1 | -1): readonly number[] {
  const list = row.get(key)
  if (!Array.isArray(list)) throw new RowFault(key, 'a list of levels')
  const levels: [number, number][] = []
  let isSorted = true
  for (let i = list.length - 1; i >= 0; i--) {
    const level = levelOf((list as readonly unknown[])[i], key)
    const before = levels.at(-1)
    if (before && (level[0] - before[0]) * way <= 0) isSorted = false
    if (level[1] > 0) levels.push(level)
  }
  if (!isSorted) levels.sort(([a], [b]) => (a - b) * way)
  if (!isSorted && levels.some(([price], k) => k > 0 && price === levels[k - 1]?.[0]))
    throw new RowFault(key, 'one level at a price')
  return levels.flat()
}

function levelOf(value: unknown, key: string): [price: number, size: number] {
  if (typeof value === 'object' && value !== null && 'price' in value && 'size' in value) {
    const [price, size] = [value.price, value.size]
    const [at, amount] = [
      typeof price === 'string' ? priceFrom(price) : undefined,
      typeof size === 'string' ? sizeFrom(size) : undefined,
    ]
    if (
      typeof at === 'number' &&
      typeof amount === 'number' &&
      at > 0 &&
      at < PRICE_MAX &&
      amount >= 0
    )
      return [at, amount]
  }
  throw new RowFault(key, 'levels of price and size')
}

function lastOf(value: unknown): number {
  const price = typeof value === 'string' && value !== '' ? priceFrom(value) : NOT_SAID
  return typeof price === 'number' && price >= 0 && price <= PRICE_MAX ? price : NOT_SAID
}

function timeOf(value: unknown): number {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : 0
}
