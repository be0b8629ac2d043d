import type { SignalLeg } from '#schemas/events/signal.js'
import { ASK, BID } from '#schemas/levels.js'
import type { Bucket } from '#schemas/reasons.js'
import { PRICE_MAX } from '#schemas/units.js'
import { notionalOf as topDepthOf } from '#engine/book/view.js'
import type { EngineState } from './state.js'

/** Ask levels whose depth a leg is judged by. */
const LEVELS = 3
/** Liquid: spread of the worst leg below this many bps … */
const SPREAD_BELOW = 20
/** … and its first three asks hold more than this, in 1e-6 dollar. */
const DEPTH_ABOVE = 500_000_000
/** A leg without a bid has no mid. */
const NO_SPREAD = 10_000

/** How easy a signal's worst leg is to trade, and what that was judged by. */
export interface Judged {
  readonly bucket: Bucket
  /** Index of the worst leg: the one whose first three asks hold least; the first of equals. */
  readonly worst: number
  /** bps of mid, rounded up. */
  readonly spread: number
  /** 1e-6 dollar, rounded down. */
  readonly depth: number
  /** The same for every leg. */
  readonly topDepth: readonly number[]
}

/** The bucket by the worst leg. Source: the frozen rule of the earlier system Razor. */
export function bucketOf(state: EngineState, legs: readonly SignalLeg[]): Judged {
  const topDepth = legs.map(({ token, side }) =>
    topDepthOf(state.book(token), side === BID ? ASK : BID, LEVELS),
  )
  const depth = Math.min(...topDepth)
  const worst = topDepth.indexOf(depth)
  const leg = legs[worst]
  const spread = leg && leg.bid > 0 && leg.ask < PRICE_MAX ? spreadOf(leg) : NO_SPREAD
  const isTight = isTightIn(state, leg) ?? spread < SPREAD_BELOW
  const bucket = isTight && depth > DEPTH_ABOVE ? 'liquid' : 'thin'
  return { bucket, worst, spread, depth, topDepth }
}

/** By the rule in ticks, where that is chosen: one cent is over 100 bps at any price, but may be a single tick. */
function isTightIn(state: EngineState, leg: SignalLeg | undefined): boolean | undefined {
  const { rule, ticks_max: most } = state.config.bucket
  if (rule === 'bps') return undefined
  if (!leg || leg.bid <= 0 || leg.ask >= PRICE_MAX) return false
  return leg.ask - leg.bid <= most * state.book(leg.token).tick
}

/** (ask − bid) ÷ mid in bps, rounded up. */
function spreadOf({ bid, ask }: SignalLeg): number {
  return Math.ceil((20_000 * (ask - bid)) / (ask + bid))
}
