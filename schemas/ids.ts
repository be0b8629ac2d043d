import * as t from 'io-ts'
import { whole } from './units.js'

const isSmall = (n: number): boolean => n >= 0 && n < 2 ** 31

/** A market within one run: the small integer that `MarketListed` introduced. */
export const MarketId = whole('MarketId', isSmall)
export type MarketId = number

/** A token (one outcome of a market) within one run: the small integer that `TokenListed` introduced. */
export const TokenId = whole('TokenId', isSmall)
export type TokenId = number

/** `s<feed ordinal>-<k>`: the k-th signal of that feed input. Untouched by names, clocks and other decisions. */
export const SignalId = t.string
export type SignalId = t.TypeOf<typeof SignalId>

/** `<signal>.<leg>.<attempt>`. */
export const OrderId = t.string
export type OrderId = t.TypeOf<typeof OrderId>

/** The id of the k-th signal of a feed input. */
export const signalId = (ordinal: number, k: number): SignalId => `s${ordinal}-${k}`

/** The id of one attempt at one leg of a signal; a second attempt is a second order. */
export const orderId = (of: { signal: SignalId; leg: number; attempt: number }): OrderId =>
  `${of.signal}.${of.leg}.${of.attempt}`
