import type { FeeSchedule } from '#schemas/units.js'

/** What is known of a market: facts of the feed, folded. Sizes in 1e-6 share. */
export interface MarketFacts extends FeeSchedule {
  readonly market: number
  /** The venue's own id of it. */
  readonly key: string
  /** What it asks, in the venue's words. */
  readonly question: string
  /** The rules of its venue, by the name that `engine/venues` gave them. */
  readonly rules: string
  readonly minSize: number
  /** Tokens by outcome index, as far as listed. */
  readonly tokens: readonly number[]
  readonly isResolved: boolean
  /** When the venue means to decide it, µs since the epoch; undefined where nobody said. */
  readonly endsUs?: number | undefined
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
