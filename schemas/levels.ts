import * as t from 'io-ts'
import { PRICE_MAX } from './units.js'

/** Numbers per change in memory: token, side, price, size, venue's best bid, venue's best ask. */
export const CHANGE = 6
export const BID = 0
export const ASK = 1
/** In memory, for a best that the venue did not state with its change. */
export const UNSAID = -1

/** 0 buys (bid side of a book), 1 sells (ask side). */
export const Side = t.union([t.literal(BID), t.literal(ASK)], 'Side')
export type Side = t.TypeOf<typeof Side>

const isCount = (n: unknown): n is number => Number.isSafeInteger(n) && Number(n) >= 0
const isPrice = (n: unknown): n is number => isCount(n) && n <= PRICE_MAX

/**
 * The level changes of one frame. Stored as `[[token,side,price,size,bid,ask],…]`, or with four members where the
 * venue states no best; `bid` 0 and `ask` 10,000 say that the venue's book has none. In memory one flat array, `CHANGE`
 * numbers each, with `UNSAID` for a best that is not stated. `size` is the new total at that price, 0 removes it.
 */
export const Changes: t.Type<readonly number[], readonly (readonly number[])[], unknown> =
  new t.Type(
    'Changes',
    (u): u is readonly number[] => Array.isArray(u) && u.length % CHANGE === 0,
    (u, context) => {
      if (!Array.isArray(u) || u.length === 0) return t.failure(u, context)
      const flat: number[] = []
      for (const row of u as unknown[]) {
        if (!Array.isArray(row) || (row.length !== CHANGE && row.length !== 4))
          return t.failure(u, context)
        const [token, side, at, size, bid, ask] = row as unknown[]
        if (!isCount(token) || !Side.is(side) || !isPrice(at) || !isCount(size))
          return t.failure(u, context)
        if (row.length === CHANGE && !(isPrice(bid) && isPrice(ask))) return t.failure(u, context)
        flat.push(token, side, at, size, isCount(bid) ? bid : UNSAID, isCount(ask) ? ask : UNSAID)
      }
      return t.success(flat)
    },
    flat => {
      const rows: number[][] = []
      for (let i = 0; i < flat.length; i += CHANGE)
        rows.push(flat.slice(i, flat[i + 4] === UNSAID ? i + 4 : i + CHANGE))
      return rows
    },
  )

/**
 * One side of a whole book, best first. Stored as `[[price,size],…]`; in memory flat, price and size in turn. Prices
 * are distinct, sizes above 0.
 */
export const Levels: t.Type<readonly number[], readonly (readonly number[])[], unknown> =
  new t.Type(
    'Levels',
    (u): u is readonly number[] => Array.isArray(u) && u.length % 2 === 0,
    (u, context) => {
      if (!Array.isArray(u)) return t.failure(u, context)
      const flat: number[] = []
      for (const row of u as unknown[]) {
        if (!Array.isArray(row) || row.length !== 2) return t.failure(u, context)
        const [at, size] = row as unknown[]
        if (!isPrice(at) || !isCount(size) || size === 0) return t.failure(u, context)
        flat.push(at, size)
      }
      return t.success(flat)
    },
    flat => {
      const rows: number[][] = []
      for (let i = 0; i < flat.length; i += 2) rows.push(flat.slice(i, i + 2))
      return rows
    },
  )
