import { mulDivFloor } from '#schemas/units.js'
import { ratioOf } from '#projections/csv.js'
import type { Path, Trial } from './trial.js'

/** Parts of the bankroll and of the signals in hundredths, as the experiment profiles of the earlier system have them. */
const HUNDRED = 100
/** Most that may be lost from a peak, of the bankroll. */
const DRAWDOWN_MAX = 8
/** Part of the signals that may be refused before it counts. */
const REFUSED_FREE = 60
/** Part of the signals that should be executed at least. */
const EXECUTED_MIN = 2
/** What each counts: 1.8 of the drawdown that is too much, 0.7 and 0.8 of the bankroll for the parts of signals. */
const [DRAWDOWN_WEIGHT, REFUSED_WEIGHT, EXECUTED_WEIGHT] = [180, 70, 80]

/** A score and what it is made of, 1e-6 dollar; penalties are what they take, rounded up. */
export interface Score {
  readonly total: number
  readonly net: number
  readonly drawdown: number
  readonly drawdownPenalty: number
  readonly rejectPenalty: number
  readonly executionPenalty: number
}

/** Trials one after another, as if it were one. */
export function joined(trials: readonly Trial[]): Trial {
  const sum = (of: (trial: Trial) => number): number =>
    trials.reduce((all, one) => all + of(one), 0)
  return {
    path: trials.reduce<Path>((before, { path }) => followed(before, path), NOWHERE),
    signals: sum(({ signals }) => signals),
    refused: sum(({ refused }) => refused),
    executed: sum(({ executed }) => executed),
    legged: sum(({ legged }) => legged),
    broken: sum(({ broken }) => broken),
    outcomes: trials.flatMap(({ outcomes }, k) =>
      outcomes.map(of => ({ ...of, key: `${k}/${of.key}` })),
    ),
  }
}

/**
 * What was earned, less what the way there or the manner of it takes. What the earlier system counts besides is left out: how far an
 * expectation was missed (a signal expects to fill whole, and the books fill a part), errors of the system and resources, of which
 * a simulated exchange has none.
 */
export function scoreOf(
  { path: { net, drawdown }, signals, refused, executed }: Trial,
  bankroll: number,
): Score {
  const free = mulDivFloor(bankroll, DRAWDOWN_MAX, HUNDRED)
  const drawdownPenalty = mulDivCeil(Math.max(0, drawdown - free), DRAWDOWN_WEIGHT, HUNDRED)
  // Parts of signals in hundredths of one; without signals there is no such part.
  const refusedToo = Math.max(0, HUNDRED * refused - REFUSED_FREE * signals)
  const executedToo = Math.max(0, EXECUTED_MIN * signals - HUNDRED * executed)
  const ofBankroll = (weight: number, part: number): number =>
    signals === 0 ? 0 : mulDivCeil(bankroll, weight * part, HUNDRED * HUNDRED * signals)
  const rejectPenalty = ofBankroll(REFUSED_WEIGHT, refusedToo)
  const executionPenalty = ofBankroll(EXECUTED_WEIGHT, executedToo)
  const total = net - drawdownPenalty - rejectPenalty - executionPenalty
  return { total, net, drawdown, drawdownPenalty, rejectPenalty, executionPenalty }
}

/** Whether no more than the bankroll allows was lost from a peak. */
export const isDrawdownFine = ({ drawdown }: Score, bankroll: number): boolean =>
  drawdown <= mulDivFloor(bankroll, DRAWDOWN_MAX, HUNDRED)

/** Whether enough of the signals were executed. */
export const isExecuted = ({ signals, executed }: Trial): boolean =>
  signals > 0 && HUNDRED * executed >= EXECUTED_MIN * signals

/** Part of the signals with legs that did not end in complete sets, 1e-6, rounded down; 0 without any. */
export const leggingOf = ({ legged, broken }: Trial): number =>
  legged === 0 ? 0 : ratioOf(broken, legged)

const NOWHERE: Path = { net: 0, peak: 0, trough: 0, drawdown: 0 }

function followed(before: Path, path: Path): Path {
  return {
    net: before.net + path.net,
    peak: Math.max(before.peak, before.net + path.peak),
    trough: Math.min(before.trough, before.net + path.trough),
    drawdown: Math.max(before.drawdown, path.drawdown, before.peak - before.net - path.trough),
  }
}

const mulDivCeil = (a: number, b: number, c: number): number => 0 - mulDivFloor(0 - a, b, c)
