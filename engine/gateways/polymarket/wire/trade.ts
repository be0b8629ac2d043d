import type { Settlement } from '#schemas/reasons.js'
import { hashIn, isObject, microIn, priceIn, textIn } from './texts.js'

/** One resting order's part in a trade. */
export interface MakerPart {
  readonly order: string
  /** The venue's token of that order: the taker's, or its complement. */
  readonly token: string
  /** 1e-4 dollar, of that token. */
  readonly price: number
  /** 1e-6 share. */
  readonly size: number
}

/** A trade as the venue tells it, over the user channel or REST. */
export interface Trade {
  readonly id: string
  readonly state: Settlement
  readonly takerOrder: string
  readonly token: string
  /** Of the taker, 1e-4 dollar and 1e-6 share. */
  readonly price: number
  readonly size: number
  readonly makers: readonly MakerPart[]
  readonly tx: string
}

/** One fill of one of our orders in a trade. */
export interface TradeFill {
  readonly order: string
  /** Trade id; behind a `/` which of the resting orders it was matched with. */
  readonly trade: string
  readonly token: string
  readonly price: number
  readonly size: number
  readonly isMaker: boolean
}

const STATES: ReadonlyMap<string, Settlement> = new Map([
  ['MATCHED', 'matched'],
  ['MATCHED_NOT_BROADCASTED', 'matched'],
  ['MINED', 'mined'],
  ['CONFIRMED', 'confirmed'],
  ['RETRYING', 'retrying'],
  ['FAILED', 'failed'],
])

/**
 * Reads a trade, or says what of it does not fit. REST writes states with a prefix, the channel does not.
 * Source: Polymarket CLOB documentation and captured frames, 2024–2026.
 */
export function tradeOf(value: unknown): Trade | { readonly odd: string } {
  if (!isObject(value)) return { odd: 'a trade that is no object' }
  const id = textIn(value, 'id')
  if (id === '' || id.includes('/') || id.includes('|')) return { odd: `a trade with id '${id}'` }
  const named = textIn(value, 'status').replace(/^TRADE_STATUS_/, '')
  const state = STATES.get(named)
  if (!state) return { odd: `trade ${id} has status '${named.slice(0, 40)}'` }
  const takerOrder = hashIn(value, 'taker_order_id')
  const [price, size] = [priceIn(value, 'price'), microIn(value, 'size')]
  const token = textIn(value, 'asset_id')
  if (takerOrder === undefined || price === undefined || !size || token === '')
    return { odd: `trade ${id} lacks its order, price, size or token` }
  const parts = value['maker_orders']
  const makers = Array.isArray(parts) ? (parts as readonly unknown[]).map(partOf) : []
  if (makers.includes(undefined)) return { odd: `trade ${id} has a maker that cannot be read` }
  const tx = textIn(value, 'transaction_hash')
  const known = makers.flatMap(part => part ?? [])
  return { id, state, takerOrder, token, price, size, makers: known, tx }
}

function partOf(value: unknown): MakerPart | undefined {
  if (!isObject(value)) return undefined
  const order = hashIn(value, 'order_id')
  const [price, size] = [priceIn(value, 'price'), microIn(value, 'matched_amount')]
  const token = textIn(value, 'asset_id')
  if (order === undefined || price === undefined || size === undefined || token === '')
    return undefined
  return { order, token, price, size }
}

/**
 * The fills of one order in a trade, none where it has no part in it. A resting order's fill is its own part. The taker's are one for each
 * resting order that it met: at that one's price, or at one dollar less that where it stood on the complement (both bought, or both sold).
 */
export function fillsOf(trade: Trade, order: string): TradeFill[] {
  const own = trade.makers.filter(part => part.order === order)
  const asMaker = own.map(({ token, price, size }, k) => ({
    ...{ order, token, price, size, isMaker: true },
    trade: own.length === 1 ? trade.id : `${trade.id}/own${k}`,
  }))
  if (trade.takerOrder !== order) return asMaker
  const { id, token, makers } = trade
  const sum = makers.reduce((total, { size }) => total + size, 0)
  // Where the parts are not the whole its own figures are what holds.
  if (makers.length === 0 || sum !== trade.size)
    return [
      ...asMaker,
      { order, trade: id, token, price: trade.price, size: trade.size, isMaker: false },
    ]
  const asTaker = makers.map((part, k) => ({
    ...{ order, token, size: part.size, isMaker: false },
    trade: `${id}/${k}`,
    price: part.token === token ? part.price : 10_000 - part.price,
  }))
  return [...asMaker, ...asTaker.filter(({ size }) => size > 0)]
}

/** A page of the venue's lists: its entries and where the next begins; undefined where it is none, an empty cursor at the end. */
export function pageOf(
  value: unknown,
): { readonly data: readonly unknown[]; readonly next: string } | undefined {
  if (Array.isArray(value)) return { data: value as readonly unknown[], next: '' }
  if (!isObject(value) || !Array.isArray(value['data'])) return undefined
  const next = textIn(value, 'next_cursor')
  return { data: value['data'] as readonly unknown[], next: next === 'LTE=' ? '' : next }
}
