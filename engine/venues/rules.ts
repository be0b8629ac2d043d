import { PRICE_MAX } from '#schemas/units.js'
import type { NamedOutcome, Resolution } from './venue.js'

/** A plain grid: whole ticks strictly between nothing and a dollar. */
export const onGrid = (at: number, tick: number): boolean =>
  Number.isSafeInteger(at) && at > 0 && at < PRICE_MAX && at % tick === 0

/** The winner by its id, or by its label: a dollar for it, nothing for the others. */
export function winnerTakesAll(
  { winner, label = '' }: Resolution,
  outcomes: readonly NamedOutcome[],
): readonly number[] | undefined {
  const fits = (outcome: NamedOutcome): boolean =>
    winner === '' ? label !== '' && same(outcome.outcome, label) : outcome.key === winner
  if (outcomes.filter(fits).length !== 1) return undefined
  return outcomes.map(outcome => (fits(outcome) ? PRICE_MAX : 0))
}

/** What the first of two outcomes pays says what the second one does: together they pay a dollar. */
export function settledAt(
  settles: number | undefined,
  outcomes: readonly NamedOutcome[],
): readonly number[] | undefined {
  const fits = settles !== undefined && Number.isSafeInteger(settles)
  if (!fits || settles < 0 || settles > PRICE_MAX || outcomes.length !== 2) return undefined
  return [settles, PRICE_MAX - settles]
}

/** Whether two labels are the same word: case and surrounding space do not count. */
export const same = (a: string, b: string): boolean =>
  a.trim().toLowerCase() === b.trim().toLowerCase()
