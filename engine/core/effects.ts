import type { Action, Bucket } from '#schemas/reasons.js'
import type { Side } from '#schemas/levels.js'

/** What the engine asks of the world. An effect leaves only after the turn that asked for it is durable. */
export type Effect = SendOrder | QueryOrder | RequestHoldings | RequestSnapshot

/** An immediate-or-cancel order. */
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
}

/** What became of an order? */
export interface QueryOrder {
  readonly tag: 'QueryOrder'
  readonly order: string
  /** Question about this order, from 1. */
  readonly query: number
  /** Sequence number of the `OrderQueried`. */
  readonly seq: number
}

/** What do we hold? */
export interface RequestHoldings {
  readonly tag: 'RequestHoldings'
  /** The signal after which. */
  readonly signal: string
  /** Sequence number of the `HoldingsRequested`. */
  readonly seq: number
}

/** The whole book of a token, please. A recorded feed cannot answer it. */
export interface RequestSnapshot {
  readonly tag: 'RequestSnapshot'
  readonly token: number
}
