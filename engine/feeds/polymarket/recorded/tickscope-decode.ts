import { ASK, BID } from '#schemas/levels.js'
import { PRICE_MAX } from '#schemas/units.js'
import { priceOfDouble, sizeOfDouble } from '../../decimal.js'
import { FeedFault } from '../../feed.js'
import type { Rows } from './tickscope-rows.js'

/** One row in our units. */
export interface Row {
  readonly tUs: number
  readonly isTrade: boolean
  readonly key: string
  readonly side: typeof BID | typeof ASK
  /** 1e-4 dollar. */
  readonly price: number
  /** 1e-6 share: new size of the level, or size of the print. */
  readonly size: number
  /** The venue's best after the change, 1e-4 dollar; 0 and 10,000 where it has none. */
  readonly bid: number
  readonly ask: number
  readonly where: string
}

/** A row that is whole but says nothing we can use. */
export interface OddRow {
  readonly odd: string
  /** Whose book lacks a level by it; undefined where none does. */
  readonly key?: string
  readonly tUs?: number
  readonly where: string
}

/** Row `i` of a range. A wrong type is a `FeedFault`, a value that does not fit our units an `OddRow`. */
export function rowAt({ file, from, columns }: Rows, i: number): Row | OddRow {
  const where = `${file}: row ${from + i + 1}`
  const wrong = (column: keyof Rows['columns'], expected: string): FeedFault =>
    new FeedFault(`${column} is ${String(columns[column][i])}`, where, expected)
  const number = (column: keyof Rows['columns']): number => {
    const value = columns[column][i]
    if (typeof value === 'number') return value
    throw wrong(column, 'a number')
  }
  const [time, side, type, key] = [
    columns.timestamp[i],
    columns.side[i],
    columns.event_type[i],
    columns.asset_id[i],
  ]
  if (!(time instanceof Date) || Number.isNaN(time.getTime())) throw wrong('timestamp', 'a time')
  if (side !== 'BID' && side !== 'ASK') throw wrong('side', 'BID or ASK')
  if (typeof key !== 'string' || key === '') throw wrong('asset_id', 'a token id')
  if (type !== 'PRICE_CHANGE' && type !== 'LAST_TRADE')
    return { odd: `event type ${String(type)}`, where }
  const [at, size] = [priceOfDouble(number('price')), sizeOfDouble(number('size'))]
  const [bid, ask] = [priceOfDouble(number('best_bid')), priceOfDouble(number('best_ask'))]
  const book = type === 'PRICE_CHANGE' ? { key, tUs: time.getTime() * 1_000 } : {}
  if (typeof at === 'string') return { odd: `price ${at}`, where, ...book }
  if (typeof size === 'string') return { odd: `size ${size}`, where, ...book }
  if (typeof bid === 'string' || typeof ask === 'string')
    return { odd: `best price ${typeof bid === 'string' ? bid : ask}`, where }
  if (at <= 0 || at >= PRICE_MAX) return { odd: 'price not between 0 and 1', where, ...book }
  if (size < 0 || bid < 0 || bid > PRICE_MAX || ask < 0)
    return { odd: 'negative number', where, ...book }
  const isTrade = type === 'LAST_TRADE'
  return {
    tUs: time.getTime() * 1_000,
    isTrade,
    key,
    side: side === 'BID' ? BID : ASK,
    price: at,
    size,
    bid,
    ask: ask === 0 || ask > PRICE_MAX ? PRICE_MAX : ask,
    where,
  }
}

/** Whether two rows are the two sides of one change: p on one token, 1 − p on another, opposite sides, same size. */
export const areMirrored = (a: Row, b: Row): boolean =>
  !a.isTrade &&
  !b.isTrade &&
  a.tUs === b.tUs &&
  a.side !== b.side &&
  a.size === b.size &&
  a.price + b.price === PRICE_MAX &&
  a.key !== b.key
