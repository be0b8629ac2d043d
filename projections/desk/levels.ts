import { USED } from '#schemas/rule-codecs.js'
import type { SignalRecord, SignalStep } from './history.js'

/** How urgent a signal is. */
export const LEVELS = ['P1', 'P2', 'P3'] as const
export type Level = (typeof LEVELS)[number]

/** Expected net edge at which a score is full, bps of payout. */
const FULL_EDGE_BPS = 500

/**
 * As a rule says it of its own signals. Of others: P1 has legs that pay whatever happens (complete sets, conversions), P2 what depends on the outcome. A repeat,
 * which nobody need look at twice, is P3.
 */
export function levelOf({ data, steps }: Pick<SignalRecord, 'data' | 'steps'>): Level {
  if (steps.some(({ state }) => state === 'repeat')) return 'P3'
  const said = LEVELS[(usedIn(data, USED.level) ?? 0) - 1]
  return said ?? (data.legs.length > 1 ? 'P1' : 'P2')
}

/**
 * 0 … 100, rounded down: a rule's own score, else by expected net edge alone, of which 500 bps of payout are full. One unit of edge for all, so signals of
 * any two compare.
 */
export function scoreOf(data: SignalRecord['data']): number {
  const said = usedIn(data, USED.score)
  const score = said === undefined ? (data.edge * 100) / FULL_EDGE_BPS : said / 100
  return Math.min(100, Math.max(0, Math.floor(score)))
}

const usedIn = ({ used }: SignalRecord['data'], name: string): number | undefined =>
  used?.find(([of]) => of === name)?.[1]

/** The last step of a signal behind an event; undefined where there was none by then. */
export function lastStepAt(
  { steps }: Pick<SignalRecord, 'steps'>,
  seq: number,
): SignalStep | undefined {
  let last: SignalStep | undefined
  for (const step of steps) if (step.seq <= seq) last = step
  return last
}
