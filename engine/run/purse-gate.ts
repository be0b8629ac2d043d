import type { Refusal } from '#schemas/reasons.js'
import { ASK, BID } from '#schemas/levels.js'
import { costOf, PRICE_MAX } from '#schemas/units.js'
import type { Turn } from '#engine/core/turn.js'
import type { QuoteIntent } from '#engine/oms/quotes.js'
import { refusals, type Moment } from '#engine/risk/gate.js'
import { makerFee, takerFee, venueNamed } from '#engine/venues/registry.js'
import type { EngineState } from './state.js'

/** What holds for a scope at this moment, whatever it wants. */
export function momentOf(
  state: EngineState,
  turn: Turn,
  of: {
    readonly scope: string
    readonly strategy: string
    readonly cause: number
    readonly tokens: readonly number[]
  },
): Moment {
  const purse = state.purses.of(of.scope)
  const { kill, recovery, holdings, venue, purses, config } = state
  return {
    isStopped: kill.isStoppedFor(of.scope),
    isPaused: kill.isPausedFor(of.scope),
    isShuttingDown: kill.isShuttingDown,
    isRecovering: recovery.isActive || of.tokens.some(token => holdings.uncompared.has(token)),
    hasCondition: venue.conditions.size > 0,
    isResolved: of.tokens.some(token => state.market(state.marketOf[token]!).isResolved),
    free: purse.exposure.free,
    exposure: purse.exposure.total,
    globalExposure: purses.total,
    globalMax: config.risk.global_exposure_max_micro,
    open: state.oms.open.size,
    closed: purse.breakers.against(turn, { cause: of.cause, strategy: of.strategy }),
    books: of.tokens.map(token => ({
      distrust: state.fold.distrustOf(token),
      ageUs: turn.tUs - state.book(token).updatedUs,
    })),
    limits: purse.limits,
  }
}

/** What only speaks against taking on more: who sells what he holds takes on less. */
const OF_NEW_RISK: ReadonlySet<Refusal> = new Set([
  'insufficient-bankroll',
  'signal-notional',
  'exposure',
  'global-exposure',
  'daily-loss',
  'consecutive-failures',
  'strategy-health',
])

/** What one single order is judged by. */
export interface SingleOrder {
  readonly instance: string
  readonly scope: string
  readonly token: number
  readonly side: QuoteIntent['side']
  readonly limit: number
  readonly size: number
  readonly isMaker: boolean
}

/**
 * Risk's word on a quote or a single order: the size that may leave, with cash or shares reserved for it under `id`, or every
 * reason against it. A sell is cut to the shares that nobody else has set aside.
 */
export function gateOrder(
  state: EngineState,
  turn: Turn,
  of: SingleOrder,
  { id, cause }: { id: string; cause: number },
): { readonly size: number } | { readonly reasons: readonly Refusal[] } {
  const { scope, token, side, limit, isMaker } = of
  const market = state.market(state.marketOf[token]!)
  const { exposure } = state.purses.of(scope)
  const { sizeStep } = venueNamed(market.rules)
  const least = Math.max(market.minSize, sizeStep)
  const free = side === BID ? of.size : Math.min(of.size, exposure.freeShares(token))
  const size = free - (free % sizeStep)
  const fee = isMaker ? makerFee : takerFee
  // The fee is highest at one half, so a limit above it bounds the fee there.
  const notional =
    side === BID ? costOf(limit, size) + fee(market, Math.min(limit, PRICE_MAX / 2), size) : 0
  const strategy = state.instances.byId(of.instance)?.strategy ?? ''
  const moment = momentOf(state, turn, { scope, strategy, cause, tokens: [token] })
  const isWayOut = side === ASK && state.letsOut
  const reasons = refusals(moment, notional).filter(
    reason => reason !== 'too-many-open' && !(isWayOut && OF_NEW_RISK.has(reason)),
  )
  if (size < least) {
    const why = of.size - (of.size % sizeStep) < least ? 'below-min-size' : 'insufficient-shares'
    reasons.push(why)
  }
  if (reasons.length > 0) return { reasons }
  if (side === BID) exposure.reserve(id, notional)
  else exposure.reserveShares(id, token, size)
  return { size }
}
