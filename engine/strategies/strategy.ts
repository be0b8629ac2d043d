import type { SignalLeg } from '#schemas/events/signal.js'
import type { GroupFacts, MarketFacts } from '#engine/core/market.js'
import type { BookView } from '#engine/book/view.js'
import type { Watch } from '#engine/book/watch.js'

/** What a rule may look at: books, and the time of the input that it is asked about. No clock, no randomness. */
export interface World {
  /** µs since the epoch. */
  readonly tUs: number
  readonly book: (token: number) => BookView
}

/** What a rule would do, before ids and gates. */
export interface Proposal {
  /** Market of the first leg. */
  readonly market: number
  /** The event whose outcomes the legs are; only for a basket. */
  readonly group?: string
  /** Shares of every leg, 1e-6. */
  readonly size: number
  /** 1e-6 dollar on the books as they stand, rounded up. */
  readonly cost: number
  readonly fee: number
  /** Expected net in bps of the payout, rounded down. */
  readonly edge: number
  readonly ttlMs: number
  readonly legs: readonly SignalLeg[]
}

/**
 * One rule. It is asked after every whole frame, about markets or about groups of them, and answers with what it would do
 * or nothing. It may remember, but only what it was told: same questions, same answers.
 */
export interface Strategy {
  readonly name: string
  /** About each market whose books the frame touched. */
  readonly look?: (market: MarketFacts, world: World) => Proposal | undefined
  /** About each group of markets of which the frame touched one. */
  readonly lookAtGroup?: (group: GroupFacts, world: World) => Proposal | undefined
  /**
   * The cheap test of `look`, which must hold wherever `look` would answer, or would remember something that it did not:
   * books of which it says no are never shown. It is asked again when the market's facts change, and `look` once after the
   * test has ceased to hold. Nothing: `look` never answers about this market as it is. A rule without it sees every change.
   */
  readonly watch?: (market: MarketFacts) => Watch | undefined
  /** As `watch`, for `lookAtGroup`. */
  readonly watchGroup?: (group: GroupFacts) => Watch | undefined
  /** All that it remembers, for a checkpoint: plain values, maps and sets. */
  readonly save: () => unknown
  /** Takes up what `save` of the same rule gave. */
  readonly load: (saved: unknown) => void
}
