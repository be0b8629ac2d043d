import type { SignalLeg } from '#schemas/events/signal.js'
import type { Gate, Refusal } from '#schemas/reasons.js'
import { BID } from '#schemas/levels.js'
import { costOf, PRICE_MAX } from '#schemas/units.js'
import { TRUST_BITS } from '#engine/book/book.js'
import type { MarketFacts } from '#engine/core/market.js'
import { takerFee } from '#engine/venues/registry.js'
import type { Limits } from './purses.js'

/** What the gate must know of the moment, of the purse and of the books that an intent is about. Cash in 1e-6 dollar. */
export interface Moment {
  readonly isStopped: boolean
  readonly isPaused: boolean
  readonly isShuttingDown: boolean
  /** After a crash not everything is accounted for yet. */
  readonly isRecovering: boolean
  /** Something about the way to the venue forbids new risk. */
  readonly hasCondition: boolean
  /** Whether a market of it is decided. */
  readonly isResolved: boolean
  /** Cash of the purse that nothing is reserved for. */
  readonly free: number
  /** Positions at cost plus all that is reserved: of the purse, and of all purses. */
  readonly exposure: number
  readonly globalExposure: number
  /** Most of the latter; 0: no limit. */
  readonly globalMax: number
  /** Signals in flight. */
  readonly open: number
  /** Gates that are closed to it, in their order. */
  readonly closed: readonly Gate[]
  /** Per leg: bits against its book, and its age in µs. */
  readonly books: readonly { readonly distrust: number; readonly ageUs: number }[]
  readonly limits: Limits
}

/** The most that the legs can cost at their caps (1e-4 dollar each) and the fees of their markets; rounded up. */
export function notionalOf(
  legs: readonly SignalLeg[],
  caps: readonly number[],
  markets: readonly MarketFacts[],
): number {
  let notional = 0
  for (const [k, { side, limit: plan, size }] of legs.entries()) {
    if (side !== BID) continue
    const limit = Math.max(plan, caps[k]!)
    // The fee is highest at one half, so a limit above it bounds the fee there.
    notional += costOf(limit, size) + takerFee(markets[k]!, Math.min(limit, PRICE_MAX / 2), size)
  }
  return notional
}

/** Every reason that holds against an intent of this cost, in their fixed order; none lets it through. */
export function refusals(of: Moment, notional: number): Refusal[] {
  const { limits } = of
  const bits = of.books.reduce((all, { distrust }) => all | distrust, 0)
  const reasons: Refusal[] = []
  if (of.isStopped) reasons.push('hard-stop')
  if (of.isPaused) reasons.push('paused')
  if (of.isShuttingDown) reasons.push('shutting-down')
  if (of.isRecovering) reasons.push('recovering')
  if (of.hasCondition) reasons.push('venue-condition')
  if (of.isResolved) reasons.push('market-closed')
  if (notional > of.free) reasons.push('insufficient-bankroll')
  if (notional > limits.signal_notional_max_micro) reasons.push('signal-notional')
  if (of.exposure + notional > limits.exposure_max_micro) reasons.push('exposure')
  if (of.globalMax > 0 && of.globalExposure + notional > of.globalMax)
    reasons.push('global-exposure')
  reasons.push(...of.closed)
  if (of.open >= limits.open_max) reasons.push('too-many-open')
  if (bits & TRUST_BITS['no-snapshot']) reasons.push('no-snapshot')
  if (bits & TRUST_BITS['feed-lost']) reasons.push('feed-lost')
  if (bits & TRUST_BITS['tick-epoch']) reasons.push('tick-epoch')
  if (bits & TRUST_BITS.crossed) reasons.push('book-crossed')
  if (bits & TRUST_BITS.suspect) reasons.push('book-suspect')
  if (bits & TRUST_BITS['hash-differs']) reasons.push('hash-differs')
  if (bits & TRUST_BITS.incomplete) reasons.push('book-incomplete')
  if (of.books.some(({ ageUs }) => ageUs > limits.book_age_max_ms * 1_000))
    reasons.push('book-stale')
  return reasons
}
