import { placesBehind, placesFrom, type TapePlace } from '#engine/book/tape-cut.js'
import type { EventOf } from '#schemas/registry.js'
import { allPasses, type PassGround } from '../pass-threads.js'
import type { TrialJob } from '../pass-jobs.js'
import type { Taped } from '../tape.js'
import { joined } from './score.js'
import type { Trial } from './trial.js'
import { judged, type Verdict } from './walk-forward.js'

/** A run that candidates are tried on. */
export interface TriedRun extends Taped {
  /** `RunStarted` of each candidate over it, the base first. */
  readonly started: readonly EventOf<'RunStarted'>[]
}

/** The times of a run's first and last input, µs; none where it has no input. */
export function spanOf({ tapes, inputs }: Taped): readonly [firstUs: number, lastUs: number] | [] {
  if (inputs === 0) return []
  const [first, last] = placesBehind(tapes, [0, inputs - 1])
  return [first!.nextUs, last!.nextUs]
}

/** Where each fold begins, µs, and behind the last where it ends: equal parts of the time from the first to the last input. */
export function bordersOf(spans: readonly (readonly number[])[], folds: number): readonly number[] {
  const times = spans.flat()
  const firstUs = Math.min(...times)
  const lengthUs = Math.max(...times) + 1 - firstUs
  return Array.from({ length: folds + 1 }, (_, k) => firstUs + Math.floor((lengthUs * k) / folds))
}

/**
 * Trades every candidate over every fold of every run, and over each run throughout, and judges them. Undefined where the operator stopped it before all had traded: what is
 * left would be judged by other data than the rest.
 */
export async function optimized(
  runs: readonly TriedRun[],
  borders: readonly number[],
  { bankrolls, ground }: { bankrolls: readonly number[]; ground: Omit<PassGround, 'runs'> },
): Promise<Verdict | undefined> {
  const places = runs.map(({ tapes }) => placesFrom(tapes, borders))
  const folds = borders.slice(1).map((_, k): Part => [k, k + 1])
  const whole: Part = [0, folds.length]
  const parts = folds.length === 1 ? folds : [...folds, whole]
  const asked = bankrolls.flatMap((_, candidate) =>
    parts.flatMap(part => jobsOf(runs, places, { candidate, part, borders })),
  )
  const jobs = asked.map(({ job }) => job)
  const results = await allPasses(jobs, { ...ground, runs: runs.map(({ tapes }) => tapes) })
  const trials = new Map<string, Trial[]>()
  for (const [k, { key }] of asked.entries()) {
    const result = results[k]
    if (result?.tag !== 'trial') return undefined
    trials.set(key, [...(trials.get(key) ?? []), result.trial])
  }
  const trialOf = (candidate: number, part: Part): Trial =>
    joined(trials.get(keyOf(candidate, part)) ?? [])
  return judged(
    bankrolls.map((bankroll, candidate) => ({
      bankroll,
      folds: folds.map(part => trialOf(candidate, part)),
      throughout: trialOf(candidate, whole),
    })),
  )
}

/** Between which borders: of a fold two that follow each other, else the first and the last. */
type Part = readonly [from: number, until: number]

interface Asked {
  readonly key: string
  readonly job: TrialJob
}

/** One candidate over one part of the time: a pass over each run that has inputs in it, in the order of the runs. */
function jobsOf(
  runs: readonly TriedRun[],
  places: readonly (readonly TapePlace[])[],
  { candidate, part, borders }: { candidate: number; part: Part; borders: readonly number[] },
): Asked[] {
  return runs.flatMap(({ started }, run) => {
    const [from, until] = [places[run]![part[0]]!, places[run]![part[1]]!]
    if (from.inputs === until.inputs) return []
    const window = { fromUs: borders[part[0]]!, from, until }
    return [{ key: keyOf(candidate, part), job: { run, started: started[candidate]!, window } }]
  })
}

const keyOf = (candidate: number, [from, until]: Part): string => `${candidate}/${from}-${until}`
