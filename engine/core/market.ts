import type { FeeSchedule } from '#schemas/units.js'

/** What is known of a market: facts of the feed, folded. Sizes in 1e-6 share. */
export interface MarketFacts extends FeeSchedule {
  readonly market: number
  readonly minSize: number
  /** Tokens by outcome index, as far as listed. */
  readonly tokens: readonly number[]
  readonly isResolved: boolean
}

/** What is known of a token. */
export interface TokenFacts {
  readonly token: number
  readonly market: number
  readonly index: number
}
