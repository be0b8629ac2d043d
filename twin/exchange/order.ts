import { ASK, BID, type Side } from '#schemas/levels.js'
import type { Credentials } from '../auth/credentials.js'
import type { TwinMarket } from '../markets.js'
import type { Wallet } from './ledger.js'
import { DOLLAR, sharesFor } from './money.js'

/** How long an order may stand, as the venue names it. */
export type OrderType = 'GTC' | 'GTD' | 'FOK' | 'FAK'
/** BUY or SELL of the order's own token. */
export type OrderSide = 'BUY' | 'SELL'

/** An order as the exchange keeps it. Owned by the exchange and changed in place. */
export interface TwinOrder {
  /** Its EIP-712 hash, 0x and 64 hex digits. */
  readonly id: string
  readonly owner: Credentials
  readonly wallet: Wallet
  readonly market: TwinMarket
  readonly asset: string
  /** 0 for the first outcome of the market, 1 for the second. */
  readonly outcome: 0 | 1
  readonly side: OrderSide
  /** Limit, 1e-4 dollar. */
  readonly price: number
  /** 1e-6 share. */
  readonly size: number
  /** What a BUY that does not rest may spend, 1e-6 dollar: such an order is for dollars, not for shares. */
  readonly budget: number | undefined
  readonly type: OrderType
  readonly isPostOnly: boolean
  /** s since the epoch; 0: none. */
  readonly expirationS: number
  readonly createdMs: number
  /** 1e-6 share. */
  matched: number
  /** 1e-6 dollar of the budget that is spent. */
  spent: number
  /** LIVE, MATCHED, CANCELED, CANCELED_…, INVALID. */
  status: string
  /** Ids of its trades. */
  readonly trades: string[]
  /** Simulated size that stands before it in its queue, 1e-6 share. */
  ahead: number
  /** How much of that went away with the last change of its level. */
  cut: number
}

/** Side of the first outcome's book on which an order of the market rests: buying NO is selling YES. */
export const bookSide = ({ side, outcome }: Pick<TwinOrder, 'side' | 'outcome'>): Side =>
  (side === 'BUY') === (outcome === 0) ? BID : ASK

/** The price of the other outcome for the same claim. */
export const mirrored = (price: number): number => DOLLAR - price

/** A price of one outcome, of `of`, in terms of the outcome `as`. */
export const inTerms = (price: number, of: 0 | 1, as: 0 | 1): number =>
  of === as ? price : mirrored(price)

/** Other side of a book. */
export const opposite = (side: Side): Side => (side === BID ? ASK : BID)

/** What is still to be matched of an order at a price, 1e-6 share. */
export function leftOf(order: TwinOrder, price: number): number {
  const { budget, spent, size, matched } = order
  return budget === undefined ? size - matched : sharesFor(budget - spent, price)
}

/** Whether an order rests when it does not match at once. */
export const isResting = ({ type }: Pick<TwinOrder, 'type'>): boolean =>
  type === 'GTC' || type === 'GTD'
