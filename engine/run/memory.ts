import type { RecordedConfig } from '#schemas/config.js'
import type { Bucket, Exchange, Mode } from '#schemas/reasons.js'
import type { MarketFacts } from '#engine/core/market.js'
import type { Proposal, StrategyEvent } from '#engine/strategies/strategy.js'

/** A market with what became of it. Owned and changed by `step`. */
export interface Market extends MarketFacts {
  readonly tokens: number[]
  /** What one share of each token paid, 1e-4 dollar; empty until it is decided. */
  payouts: readonly (readonly [token: number, at: number])[]
  isResolved: boolean
}

/** A signal on its way to the gate. */
export interface Signal {
  readonly signal: string
  readonly instance: string
  readonly strategy: string
  readonly scope: string
  readonly proposal: Proposal
  readonly bucket: Bucket
  /** Per leg: what its first asks hold, 1e-6 dollar. */
  readonly topDepth: readonly number[]
  readonly expiresUs: number
  /** Sequence number of what brought it here: `SignalRaised` or `SignalQueued`. */
  readonly seq: number
}

/** What an instance is still to be told of, in this turn. */
export interface Undelivered {
  readonly instance: string
  readonly event: StrategyEvent
}

/** What a run begins with, as `RunStarted` says it. */
export interface Origin {
  readonly config: RecordedConfig
  readonly mode: Mode
  readonly schema: number
  readonly exchange?: Exchange
}
