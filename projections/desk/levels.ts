import type { Bps } from '#schemas/units.js'
import type { SignalRecord, SignalStep } from './history.js'

/** How urgent a signal is. */
export const LEVELS = ['P1', 'P2', 'P3'] as const
export type Level = (typeof LEVELS)[number]

/** Expected net edge at which a score is full, bps of payout. */
const FULL_EDGE_BPS = 500

/**
 * P1: legs that pay whatever happens (complete sets, conversions). P2: what depends on the outcome. P3: a repeat, which nobody need look
 * at twice. As the earlier system graded its rules.
 */
export function levelOf({ data, steps }: Pick<SignalRecord, 'data' | 'steps'>): Level {
  if (steps.some(({ state }) => state === 'repeat')) return 'P3'
  return data.legs.length > 1 ? 'P1' : 'P2'
}

/** 0 … 100 by expected net edge alone: 500 bps of payout are full. One unit for all rules, so signals of any two compare. */
export const scoreOf = (edge: Bps): number =>
  Math.min(100, Math.max(0, Math.floor((edge * 100) / FULL_EDGE_BPS)))

/** The last step of a signal behind an event; undefined where there was none by then. */
export function lastStepAt(
  { steps }: Pick<SignalRecord, 'steps'>,
  seq: number,
): SignalStep | undefined {
  let last: SignalStep | undefined
  for (const step of steps) if (step.seq <= seq) last = step
  return last
}
