import type { DecisionConfig } from '#schemas/config.js'
import type { SignalLeg } from '#schemas/events/signal.js'
import type { Gate, Refusal } from '#schemas/reasons.js'
import { BID } from '#schemas/levels.js'
import { costOf, PRICE_MAX } from '#schemas/units.js'
import { TRUST_BITS } from '#engine/book/book.js'
import type { MarketFacts } from '#engine/core/market.js'
import { takerFee } from '#engine/venues/registry.js'
import type { Exposure } from './exposure.js'
import type { Stopper } from './hard-stop.js'

/** What the gate must know of a signal and of the moment. */
export interface Intent {
  /** Whether a market of it is decided. */
  readonly isResolved: boolean
  /** Signals in flight. */
  readonly open: number
  /** Gates that are closed to it, in their order. */
  readonly gates: readonly Gate[]
  /** Per leg: bits against its book, and its age in µs. */
  readonly books: readonly { readonly distrust: number; readonly ageUs: number }[]
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

/** Every reason that holds against the intent, in their fixed order; none lets it through. */
export function refusals(
  intent: Intent,
  notional: number,
  { risk, exposure, stop }: { risk: DecisionConfig['risk']; exposure: Exposure; stop: Stopper },
): Refusal[] {
  const bits = intent.books.reduce((all, { distrust }) => all | distrust, 0)
  const reasons: Refusal[] = []
  if (stop.isStopped) reasons.push('hard-stop')
  if (stop.isPaused) reasons.push('paused')
  if (intent.isResolved) reasons.push('market-closed')
  if (notional > exposure.free) reasons.push('insufficient-bankroll')
  if (notional > risk.signal_notional_max_micro) reasons.push('signal-notional')
  if (exposure.total + notional > risk.exposure_max_micro) reasons.push('exposure')
  reasons.push(...intent.gates)
  if (intent.open >= risk.open_max) reasons.push('too-many-open')
  if (bits & TRUST_BITS['no-snapshot']) reasons.push('no-snapshot')
  if (bits & TRUST_BITS['feed-lost']) reasons.push('feed-lost')
  if (bits & TRUST_BITS['tick-epoch']) reasons.push('tick-epoch')
  if (bits & TRUST_BITS.crossed) reasons.push('book-crossed')
  if (bits & TRUST_BITS.suspect) reasons.push('book-suspect')
  if (bits & TRUST_BITS['hash-differs']) reasons.push('hash-differs')
  if (bits & TRUST_BITS.incomplete) reasons.push('book-incomplete')
  if (intent.books.some(({ ageUs }) => ageUs > risk.book_age_max_ms * 1_000))
    reasons.push('book-stale')
  return reasons
}
