import type { RunFacts } from '../arb/run-facts.js'

/** A stretch of event time, µs; both ends belong to it. */
export interface Window {
  readonly fromUs: number
  readonly toUs: number
}

/** A run of a report, and from which time on it is forgotten (µs; Infinity: never). */
export interface ReportRun {
  readonly facts: RunFacts
  readonly forgottenUs: number
}

/** From the first to the last event of all runs, or so many hours before the last. */
export function windowOf(runs: readonly ReportRun[], sinceHours: number | undefined): Window {
  const toUs = Math.max(...runs.map(({ facts }) => facts.lastUs))
  const firstUs = Math.min(...runs.map(({ facts }) => facts.firstUs))
  const fromUs = sinceHours === undefined ? firstUs : toUs - sinceHours * 3_600_000_000
  return { fromUs, toUs }
}

/** What of all runs lies in a window and is not forgotten. */
export function within<T extends { readonly tUs: number }>(
  runs: readonly ReportRun[],
  { fromUs, toUs }: Window,
  of: (facts: RunFacts) => readonly T[],
): readonly (T & { readonly run: RunFacts })[] {
  return runs.flatMap(({ facts, forgottenUs }) =>
    of(facts).flatMap(one =>
      one.tUs >= fromUs && one.tUs <= toUs && one.tUs < forgottenUs ? [{ ...one, run: facts }] : [],
    ),
  )
}

/** Adds numbers up. */
export const total = <T>(all: readonly T[], of: (one: T) => number): number =>
  all.reduce((sum, one) => sum + of(one), 0)
