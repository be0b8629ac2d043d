import { mulDivFloor } from '#schemas/units.js'
import { pairedTest, type PairedTest } from './paired-test.js'
import { isDrawdownFine, isExecuted, joined, leggingOf, scoreOf, type Score } from './score.js'
import type { Trial } from './trial.js'

const ONE = 1_000_000
/** Most of the overfit score that is let through, 1e-6. */
const OVERFIT_MAX = 500_000
/** Steps cannot be riskier than this, 1e-6: a gain of nearly nothing divides by nearly nothing. */
const RISK_MAX = 1_000 * ONE

/** A candidate as it traded each fold, the earliest first; the base is the first candidate. */
export interface Tried {
  /** Cash that it begins with, 1e-6 dollar. */
  readonly bankroll: number
  readonly folds: readonly Trial[]
  /** All runs without a border between folds: what is bought early ties up cash to the end. */
  readonly throughout: Trial
}

/** What was best on one fold, and what it did on the next. */
export interface Step {
  /** Number of the fold that it was chosen on, from 1; the next one judges it. */
  readonly fold: number
  /** Index of the candidate. */
  readonly winner: number
  readonly trainNet: number
  readonly validationNet: number
  /** Part of what was earned that was not earned again, and the change of legging: 1e-6, rounded down. */
  readonly risk: number
}

/** A condition of promotion, and whether it holds. */
export interface Gate {
  readonly name: string
  readonly isPassed: boolean
  readonly why: string
}

/** A candidate with its scores: over all folds, over those that choose (all but the last), and what the others earned. */
export interface Rated {
  readonly score: Score
  readonly train: Score
  /** Over all folds but the first, 1e-6 dollar. */
  readonly validationNet: number
  /** Over each run in one go, 1e-6 dollar. */
  readonly throughoutNet: number
  readonly whole: Trial
}

/** What came of all candidates. */
export interface Verdict {
  readonly rated: readonly Rated[]
  readonly steps: readonly Step[]
  /** Mean risk of the steps, 1e-6, rounded down; a whole one where there are none. */
  readonly overfit: number
  /** Index of the candidate that is best on all folds but the last; the earliest of equals, so that a tie keeps the base. */
  readonly winner: number
  readonly test: PairedTest
  readonly gates: readonly Gate[]
  /** Whether the winner is another than the base and passes all gates. */
  readonly isPromoted: boolean
}

/** Judges candidates by how they traded. */
export function judged(all: readonly Tried[]): Verdict {
  const rated = all.map(ratedOf)
  const steps = stepsOf(all)
  const risks = steps.reduce((sum, { risk }) => sum + risk, 0)
  const overfit = steps.length === 0 ? ONE : Math.floor(risks / steps.length)
  const winner = bestOf(rated.map(({ train }) => train.total))
  const validating = (k: number): readonly Trial[] => all[k]?.folds.slice(1) ?? []
  const test = pairedTest(validating(winner), validating(0), all.length - 1)
  const { bankroll } = all[winner]!
  const gates = gatesOf(rated[winner]!, rated[0]!, { overfit, test, bankroll })
  const isPromoted = winner !== 0 && gates.every(({ isPassed }) => isPassed)
  return { rated, steps, overfit, winner, test, gates, isPromoted }
}

function ratedOf({ folds, throughout, bankroll }: Tried): Rated {
  const whole = joined(folds)
  const choosing = folds.slice(0, Math.max(1, folds.length - 1))
  return {
    whole,
    score: scoreOf(whole, bankroll),
    train: scoreOf(joined(choosing), bankroll),
    validationNet: joined(folds.slice(1)).path.net,
    throughoutNet: throughout.path.net,
  }
}

function stepsOf(all: readonly Tried[]): readonly Step[] {
  const folds = all[0]?.folds.length ?? 0
  return Array.from({ length: Math.max(0, folds - 1) }, (_, k) => {
    const scores = all.map(({ folds: of, bankroll }) => scoreOf(of[k]!, bankroll).total)
    const winner = bestOf(scores)
    const [train, validation] = [all[winner]!.folds[k]!, all[winner]!.folds[k + 1]!]
    const [trainNet, validationNet] = [train.path.net, validation.path.net]
    const legging = Math.abs(leggingOf(train) - leggingOf(validation))
    return {
      ...{ fold: k + 1, winner, trainNet, validationNet },
      risk: lostOf(trainNet, validationNet) + legging,
    }
  })
}

/** max(0, (train − validation) ÷ |train|), 1e-6, rounded down; where nothing was earned or lost, a loss counts whole. */
function lostOf(train: number, validation: number): number {
  if (validation >= train) return 0
  if (train === 0) return ONE
  return Math.min(RISK_MAX, mulDivFloor(train - validation, ONE, Math.abs(train)))
}

function gatesOf(
  { score, validationNet, throughoutNet, whole }: Rated,
  base: Rated,
  { overfit, test, bankroll }: { overfit: number; test: PairedTest; bankroll: number },
): readonly Gate[] {
  const gate = (name: string, isPassed: boolean, why: string): Gate => ({ name, isPassed, why })
  return [
    gate('net', score.net > 0, 'net > 0'),
    gate('drawdown', isDrawdownFine(score, bankroll), 'drawdown ≤ 8 % of the bankroll'),
    gate('execution', isExecuted(whole), 'at least 2 % of its signals fill'),
    gate('score', score.total >= 0, 'score ≥ 0'),
    gate('validation', validationNet > 0, 'net > 0 on the folds that judge'),
    gate('overfit', overfit <= OVERFIT_MAX, 'overfit score ≤ 0.5'),
    gate('better', test.chance <= test.chanceMax, 'beats the base by more than chance'),
    gate('throughout', throughoutNet > base.throughoutNet, 'beats the base over whole runs too'),
    gate('steady', test.withoutBestFold > 0, 'beats the base without its best fold too'),
  ]
}

/** The first of the highest. */
function bestOf(scores: readonly number[]): number {
  return scores.reduce((best, score, k) => (score > scores[best]! ? k : best), 0)
}
