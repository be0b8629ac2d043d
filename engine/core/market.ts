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

/** The markets that are the outcomes of one event. */
export interface GroupFacts {
  /** The venue's own id of the event. */
  readonly group: string
  /** Markets that are not resolved yet, by outcome. */
  readonly open: readonly MarketFacts[]
  /**
   * Whether exactly one YES of `open` will pay: the venue says that exactly one outcome does, all of its outcomes are
   * here, none can be added or split, and those that are resolved already did not pay.
   */
  readonly isComplete: boolean
}

/** A marketable buy is worth at least a dollar (1e-6 dollar). Source: Polymarket order rules, seen 2026-10. */
export const MARKETABLE_BUY_MIN = 1_000_000

/** The venue takes sizes of two decimals: 0.01 share. Source: Polymarket order rules, seen 2026-10. */
export const SIZE_STEP = 10_000
