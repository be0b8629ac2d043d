import type { Action, Bucket, TimeInForce } from '#schemas/reasons.js'
import type { Side } from '#schemas/levels.js'

/** What the engine asks of the world. An effect leaves only after the turn that asked for it is durable. */
export type Effect =
  | SendOrder
  | SubmitOrder
  | CancelOrder
  | CancelEverything
  | CancelStranger
  | QueryOrder
  | RequestHoldings
  | RequestOpenOrders
  | Convert
  | RequestSnapshot

/** A new order. */
export interface SendOrder {
  readonly tag: 'SendOrder'
  readonly order: string
  readonly token: number
  readonly side: Side
  /** Worst price, 1e-4 dollar. */
  readonly limit: number
  /** 1e-6 share. */
  readonly size: number
  /** Sequence number of the `OrderPlaced`. */
  readonly seq: number
  /** What it is for, and how liquid its signal's worst leg was: what a simulated exchange may look at. */
  readonly action: Action
  readonly bucket: Bucket
  readonly tif: TimeInForce
  /** Post-only: refused where it would match at once. */
  readonly isPostOnly: boolean
  /** End of a GTD order, µs; Infinity for none. */
  readonly untilUs: number
}

/** The order that was signed may leave. */
export interface SubmitOrder {
  readonly tag: 'SubmitOrder'
  readonly order: string
  /** Sequence number of the `OrderSigned`. */
  readonly seq: number
}

/** Cancel everything of this account, please. */
export interface CancelEverything {
  readonly tag: 'CancelEverything'
  /** Sequence number of the `CancelAllRequested`. */
  readonly seq: number
}

/** Take an order out of the exchange's book, please. */
export interface CancelOrder {
  readonly tag: 'CancelOrder'
  readonly order: string
  /** The venue's id of it; empty where it was never signed. */
  readonly venueOrder: string
  /** Which request of this order, from 1. */
  readonly request: number
  /** Sequence number of the `CancelRequested`. */
  readonly seq: number
}

/** Cancel an order of this account that is none of ours. */
export interface CancelStranger {
  readonly tag: 'CancelStranger'
  readonly venueOrder: string
  /** Sequence number of the `StrangerCancelled`. */
  readonly seq: number
}

/** What became of an order? */
export interface QueryOrder {
  readonly tag: 'QueryOrder'
  readonly order: string
  /** The venue's id of it; empty where it was never signed. */
  readonly venueOrder: string
  /** Question about this order, from 1. */
  readonly query: number
  /** Sequence number of the `OrderQueried`. */
  readonly seq: number
}

/** What do we hold? */
export interface RequestHoldings {
  readonly tag: 'RequestHoldings'
  /** The signal after which; empty for none. */
  readonly signal: string
  /** Tokens that we hold or may hold: of these the venue's own balance is wanted, however lately it changed. */
  readonly tokens: readonly number[]
  /** Sequence number of the `HoldingsRequested`. */
  readonly seq: number
}

/** Which orders of ours do you have? */
export interface RequestOpenOrders {
  readonly tag: 'RequestOpenOrders'
  /** Sequence number of the `OpenOrdersRequested`. */
  readonly seq: number
}

/** Turn tokens of this account into others, or into cash, please. */
export interface Convert {
  readonly tag: 'Convert'
  readonly conversion: string
  readonly gives: readonly number[]
  readonly takes: readonly number[]
  /** 1e-6 share of each. */
  readonly size: number
  /** What a share of each brings, 1e-4 dollar. */
  readonly pays: number
  /** Sequence number of the `ConversionRequested`. */
  readonly seq: number
}

/** The whole book of a token, please: for the feed that owns it. A recorded feed cannot answer it. */
export interface RequestSnapshot {
  readonly tag: 'RequestSnapshot'
  readonly token: number
}
