import { decimalText } from '../texts.js'
import { keyedNumber } from './keyed.js'

/** A book stays as it is for so long, ms. */
const STEP_MS = 7_000
/** Levels of a side: mostly some, now and then more than anybody keeps. */
const [LEVELS, LEVELS_MAX] = [10, 26]

/** A book of the twin at one moment: price in 1e-4 dollar, size in 1e-6 share, best first. */
export interface StepBook {
  /** When it became what it is, ms. */
  readonly sinceMs: number
  readonly bids: readonly (readonly [price: number, size: number])[]
  readonly asks: readonly (readonly [price: number, size: number])[]
  readonly last: number
}

/** The book of a token at a time: a function of both, so that what was served can be known again. Each book stands still for seven seconds. `deep`: so many levels a side. */
export function stepBook(token: string, nowMs: number, deep?: number): StepBook {
  const step = Math.floor(nowMs / STEP_MS)
  const n = keyedNumber(token, step)
  const mid = 1_000 + (keyedNumber(token) % 8_000)
  const bid = Math.floor((mid + (n % 7) * 100 - 300) / 100) * 100
  const ask = bid + 100 * (1 + ((n >>> 4) % 4))
  const side = (best: number, way: number, salt: number, count: number) =>
    Array.from({ length: count }, (_, k) => {
      // Every third step a level is left out; sizes have parts of a share.
      const price = best + way * 100 * (k + (k > 2 ? (n >>> 9) % 2 : 0))
      return [price, ((((n >>> salt) % 900) + 1) * (k + 1) * 1_000_000) / 4] as const
    }).filter(([price]) => price > 0 && price < 10_000)
  const isEmpty = n % 53 === 0
  const levels = (salt: number): number =>
    deep ?? (n % 17 === 0 ? LEVELS_MAX : 1 + ((n >>> salt) % LEVELS))
  return {
    sinceMs: step * STEP_MS,
    bids: isEmpty ? [] : side(bid, -1, 3, levels(12)),
    asks: side(ask, 1, 7, levels(17)),
    last: bid,
  }
}

/** As the venue writes a book: worst level first, `timestamp` in ms. */
export function bookText(of: {
  token: string
  market: string
  nowMs: number
  skewMs: number
  deep?: number | undefined
}): string {
  const { sinceMs, bids, asks, last } = stepBook(of.token, of.nowMs, of.deep)
  const levels = (side: StepBook['bids']) =>
    [...side]
      .reverse()
      .map(([price, size]) => ({ price: decimalText(price, 4), size: decimalText(size, 6) }))
  return JSON.stringify({
    ...{ market: of.market, asset_id: of.token, timestamp: `${sinceMs + of.skewMs}`, hash: '' },
    ...{ bids: levels(bids), asks: levels(asks) },
    ...{
      min_order_size: '5',
      tick_size: '0.01',
      neg_risk: false,
      last_trade_price: decimalText(last, 4),
    },
  })
}
