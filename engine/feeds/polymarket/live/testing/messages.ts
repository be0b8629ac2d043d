import { createHash } from 'node:crypto'
import type { MarketMeta } from '../../../recorded/market-meta.js'

/** A market of the venue's kind, by number: its condition id. */
export const conditionOf = (k: number): string => `0x${`${k}`.padStart(64, 'c0')}`
/** Its two tokens, YES first. */
export const tokensOf = (k: number): readonly [string, string] => [
  `${k}`.padStart(77, '7'),
  `${k}`.padStart(77, '8'),
]

/** What discovery says of it. */
export const metaOf = (k: number): MarketMeta => ({
  ...{ venue: 'polymarket', key: conditionOf(k), question: `Will it be ${k}?` },
  ...{ negRisk: false, minSize: 5_000_000, feeRate: 0, feeExponent: 1 },
  tokens: tokensOf(k).map((key, index) => ({ key, outcome: index ? 'No' : 'Yes', tick: 100 })),
})

type Levels = readonly (readonly [price: string, size: string])[]

/** A book of the first market's YES where nothing else is said. */
export interface BookSaid {
  readonly market?: number
  readonly asset?: string
  readonly atMs: number
  readonly bids?: Levels
  readonly asks?: Levels
  readonly hash?: string
}

/** The answer of `/book`, with the venue's hash. */
export function restBook(said: BookSaid): string {
  const text = summary(said, '')
  const hash = said.hash ?? createHash('sha1').update(text).digest('hex')
  return summary(said, hash)
}

/** The hash of a book, as changes state it. */
export const hashOf = (said: BookSaid): string =>
  createHash('sha1').update(summary(said, '')).digest('hex')

/** A `book` message of the market channel. */
export function bookMessage(said: BookSaid): string {
  const value = JSON.parse(restBook(said)) as Record<string, unknown>
  return JSON.stringify({ ...value, event_type: 'book' })
}

/** A level of a `price_change`. */
export interface RowSaid {
  readonly asset?: string
  readonly price: string
  readonly size: string
  readonly side?: 'BUY' | 'SELL'
  readonly hash?: string
}

/** A `price_change` message of the market channel, of the first market where nothing else is said. */
export function changeMessage(atMs: number, rows: readonly RowSaid[], market = 1): string {
  return JSON.stringify({
    market: conditionOf(market),
    price_changes: rows.map(({ asset = tokensOf(market)[0], price, size, side = 'BUY', hash }) => ({
      ...{ asset_id: asset, price, size, side },
      ...(hash !== undefined && { hash }),
      ...{ best_bid: '0.4', best_ask: '0.6' },
    })),
    timestamp: `${atMs}`,
    event_type: 'price_change',
  })
}

/** A `last_trade_price` message of the market channel. */
export const tradeMessage = (atMs: number, price = '0.5', market = 1): string =>
  JSON.stringify({
    ...{ market: conditionOf(market), asset_id: tokensOf(market)[0], price, size: '12.5' },
    ...{ fee_rate_bps: '0', side: 'BUY', timestamp: `${atMs}`, transaction_hash: '0xfe' },
    event_type: 'last_trade_price',
  })

function summary({ market = 1, asset, atMs, bids, asks }: BookSaid, hash: string): string {
  const side = (levels: Levels): string =>
    levels.map(([price, size]) => `{"price":"${price}","size":"${size}"}`).join()
  return (
    `{"market":"${conditionOf(market)}","asset_id":"${asset ?? tokensOf(market)[0]}",` +
    `"timestamp":"${atMs}","hash":"${hash}","bids":[${side(bids ?? [['0.4', '10']])}],` +
    `"asks":[${side(asks ?? [['0.6', '10']])}],"min_order_size":"5","tick_size":"0.01",` +
    `"neg_risk":false,"last_trade_price":"0.5"}`
  )
}
