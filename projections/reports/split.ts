import { mulDivFloor } from '#schemas/units.js'
import { WINDOW } from '../print-window.js'
import type { RunLedger } from './ledger.js'
import { bestOf, sweepShadows, type ShareGrid, type SweepPoint } from './shadow-sweep.js'
import type { Tally } from './tally.js'

/** Parts of a step, in their order in time. */
export const PARTS = ['train', 'validation', 'test'] as const
/** One of them. */
export type PartName = (typeof PARTS)[number]

/** A stretch of event time in µs; the end does not belong to it. */
export interface Stretch {
  readonly fromUs: number
  readonly toUs: number
}

/** A step of a walk forward: what is fitted on, what is chosen by, and what was never looked at. */
export type Step = Readonly<Record<PartName, Stretch>>

/**
 * Walks a window of the parts, as bps that add up to 10,000, over a stretch of time: each step begins one test part later, so
 * that the test parts follow each other, and the last one ends where the stretch does. Equal arguments, equal steps.
 */
export function walkForward(
  { fromUs, toUs }: Stretch,
  { parts, steps }: { readonly parts: Readonly<Record<PartName, number>>; readonly steps: number },
): readonly Step[] {
  const { train, validation, test } = parts
  const length = mulDivFloor(toUs - fromUs, 10_000, 10_000 + (steps - 1) * test)
  // All counted from the beginning, so that one step's end is to the µs where the next one's test begins.
  const at = (bps: number): number => fromUs + mulDivFloor(length, bps, 10_000)
  return Array.from({ length: steps }, (_, k) => {
    const start = k * test
    const [fitted, chosen] = [at(start + train), at(start + train + validation)]
    return {
      train: { fromUs: at(start), toUs: fitted },
      validation: { fromUs: fitted, toUs: chosen },
      test: { fromUs: chosen, toUs: k === steps - 1 ? toUs : at(start + 10_000) },
    }
  })
}

/** A run with the signals whose whole window lies in a stretch: none of them saw what comes behind it. */
export const within = <R extends RunLedger>(run: R, { fromUs, toUs }: Stretch): R => ({
  ...run,
  entries: run.entries.filter(({ shadow: { tUs } }) => tUs >= fromUs && tUs + WINDOW.toUs < toUs),
})

/** What a choice made on one part earned there and on others. */
export interface StepResult {
  /** The best of the sweep on the training part. */
  readonly chosen: SweepPoint
  readonly tallies: Readonly<Record<PartName, Tally>>
  /** In 1e-6; undefined where a part has no rows to be judged by. */
  readonly risk: number | undefined
}

/** Chooses the best point of a grid on the training part, and says what it is worth on the parts behind. */
export function resultOf(
  runs: readonly RunLedger[],
  step: Step,
  { grid, ratio }: { readonly grid: ShareGrid; readonly ratio: number },
): StepResult {
  const sweep = (part: PartName): readonly SweepPoint[] =>
    sweepShadows(
      runs.map(run => within(run, step[part])),
      { grid, ratio },
    )
  const points = { train: sweep('train'), validation: sweep('validation'), test: sweep('test') }
  const chosen = bestOf(points.train) ?? points.train[0]!
  const at = points.train.indexOf(chosen)
  const tallies = {
    train: chosen.tally,
    validation: points.validation[at]!.tally,
    test: points.test[at]!.tally,
  }
  return { chosen, tallies, risk: riskOf(tallies.train, tallies.validation) }
}

/** What of a tally a step is judged by. */
export type Judged = Pick<Tally, 'rows' | 'pnl' | 'legging'>

/**
 * How much worse a choice was where it was not made: max(0, (train − validation) ÷ |train|) of the profit a row, plus the
 * difference of their legging; in 1e-6, rounded down. A training part that earned nothing is lost whole where the other lost.
 * Undefined where either has no rows.
 */
export function riskOf(train: Judged, validation: Judged): number | undefined {
  if (train.rows === 0 || validation.rows === 0) return undefined
  const [a, n] = [BigInt(train.pnl), BigInt(train.rows)]
  const [b, m] = [BigInt(validation.pnl), BigInt(validation.rows)]
  const lost = a * m - b * n
  const size = (a < 0n ? -a : a) * m
  const share = size === 0n ? (b < 0n ? MILLION : 0n) : (lost * MILLION) / size
  return Math.max(0, Number(share)) + Math.abs(train.legging - validation.legging)
}

const MILLION = 1_000_000n

/** Mean risk of the steps that have one, in 1e-6, rounded down; 1 where none has. */
export function overfitOf(risks: readonly (number | undefined)[]): number {
  const known = risks.filter(risk => risk !== undefined)
  if (known.length === 0) return 1_000_000
  return Math.floor(known.reduce((sum, risk) => sum + risk, 0) / known.length)
}
