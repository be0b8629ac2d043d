import type { FeeSchedule, Usdc } from '#schemas/units.js'

/** An outcome as the venue names it: its own id and its label. */
export interface NamedOutcome {
  readonly key: string
  readonly outcome: string
}

/** What a venue says when it resolves a market, as far as it says it; all of it is untrusted text. */
export interface Resolution {
  /** Id of the winning outcome, or the venue's word for the result; empty where it names none. */
  readonly winner: string
  /** Label of the winning outcome; empty where it names none. */
  readonly label?: string
  /** What one share of the first outcome pays, 1e-4 dollar, where the venue states it (scalar and split results). */
  readonly settles?: number
}

/** What one fill is charged: price in 1e-4 dollar, size in 1e-6 share, and the schedule of its market; 1e-6 dollar. */
export type Fee = (at: number, size: number, fees: FeeSchedule) => Usdc

/** Facts of a market that its venue's hash of a book covers, in the venue's own words. */
export interface HashFacts {
  readonly minOrderSize?: string | undefined
  readonly tickSize?: string | undefined
  readonly negRisk?: boolean | undefined
  readonly lastTradePrice?: string | undefined
  readonly version?: string | undefined
}

/** How a venue hashes a whole book: SHA-1 (lower-case hex) of `head + timestamp + middle + levels + tail`. */
export interface BookHash {
  readonly head: (market: string, key: string) => string
  readonly level: (price: string, size: string) => string
  /** What stands between the time and the end of the levels: both sides, best price last. */
  readonly levels: (bids: string, asks: string) => string
  readonly tail: (facts: HashFacts) => (lastTradePrice: string) => string
}

/** What differs between venues and decides something. Pure: a venue is a table and some arithmetic, never a connection. */
export interface Venue {
  /** As in `MarketListed.venue`. */
  readonly name: string
  /** Fee of a fill that took liquidity. Rounded up, by the venue's own step. */
  readonly takerFee: Fee
  /** Fee of a fill of an order that rested. */
  readonly makerFee: Fee
  /** A marketable buy is worth at least this, 1e-6 dollar; 0 where the venue asks for nothing. */
  readonly marketableBuyMin: number
  /** Whether a share of each outcome of a market can be merged back into a dollar before it is decided. */
  readonly merges: boolean
  /** Sizes are whole multiples of this, 1e-6 share. */
  readonly sizeStep: number
  /** The smallest order where the market itself says nothing, 1e-6 share. */
  readonly minSize: number
  /** Price grids that the venue has, coarse to fine, 1e-4 dollar. */
  readonly ticks: readonly number[]
  /** Whether an order may name this price on a grid of this tick; both in 1e-4 dollar. */
  readonly isPrice: (at: number, tick: number) => boolean
  /** The schedule that a market is charged by where its own is unknown: the dearest that the venue has. */
  readonly worstFees: FeeSchedule
  /**
   * Whether prints name one outcome for both: a print of it is one of the other at 1 − p, its taker on the other side.
   */
  readonly isOneBook: boolean
  /** How whole books are hashed; undefined where the venue hashes none. */
  readonly bookHash?: BookHash
  /**
   * What one share of each outcome pays, 1e-4 dollar, in their order. Undefined where what is said does not decide it: the
   * market is over, and its payout is not known yet.
   */
  readonly payouts: (
    said: Resolution,
    outcomes: readonly NamedOutcome[],
  ) => readonly number[] | undefined
}
