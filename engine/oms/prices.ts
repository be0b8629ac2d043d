import { PRICE_MAX } from '#schemas/units.js'
import type { Quote } from '#engine/core/quote.js'

const BPS = 10_000

/** How far above the best ask later legs may be bought: half the expected net edge, at most `mostBps`; nothing from 0 down. */
export function chaseBudget(edgeBps: number, mostBps: number): number {
  return edgeBps <= 0 ? 0 : Math.min(Math.floor(edgeBps / 2), mostBps)
}

/** The most that a leg may ever pay: its own limit, or the ask at the signal plus the budget, whichever is higher. */
export function capOf(
  leg: { limit: number; ask: number },
  budgetBps: number,
  tick: number,
): number {
  return Math.max(leg.limit, above({ base: leg.ask, bps: budgetBps, tick }))
}

/**
 * Limit of a chase: the best ask now plus this step, but no less than what the signal counted on and no more than the cap.
 * Rounded down to the tick, so that the budget is never exceeded.
 */
export function chaseLimit(
  { ask, tick }: Quote,
  of: { stepBps: number; limit: number; cap: number },
): number {
  return Math.min(of.cap, Math.max(of.limit, above({ base: ask, bps: of.stepBps, tick })))
}

/** Limit of a step out: the best bid now less this step, rounded up to the tick; 0 where nobody bids. */
export function flattenLimit({ bid, tick }: Quote, stepBps: number): number {
  if (bid <= 0) return 0
  return Math.max(tick, Math.ceil((bid * (BPS - stepBps)) / BPS / tick) * tick)
}

/** `base` plus `bps`, rounded down to the tick and kept on the grid. */
function above({ base, bps, tick }: { base: number; bps: number; tick: number }): number {
  const raised = Math.floor((base * (BPS + bps)) / BPS / tick) * tick
  return Math.min(raised, PRICE_MAX - tick)
}
