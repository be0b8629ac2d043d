import { ratioCell } from '#projections/csv.js'
import type { Call } from '../command.js'
import type { Chosen } from '../grid.js'
import { leggingOf } from '../optimize/score.js'
import type { Verdict } from '../optimize/walk-forward.js'
import { dollars } from './money.js'
import { tableOf } from './table.js'

/** What was judged, and how. */
export interface Judged {
  readonly verdict: Verdict
  readonly versions: readonly string[]
  /** What each candidate changes. */
  readonly sets: readonly Chosen[]
  readonly runs: number
  readonly inputs: number
  readonly suggest: string | null
}

const ONE = 1_000_000
/** Candidates that a table for people shows. */
const ROWS_MAX = 30

/** Tells a trader what came of the candidates, and why one is suggested or none. */
export function sayVerdict(call: Call, judged: Judged): void {
  const { verdict, versions, sets, runs, inputs, suggest } = judged
  const { steps, overfit, winner, test, gates, isPromoted } = verdict
  const folds = steps.length + 1
  call.say(
    `${inputs.toLocaleString('en')} inputs of ${runs} ${runs === 1 ? 'run' : 'runs'}, ${folds} folds, ${sets.length} candidates`,
  )
  call.say('')
  for (const line of tableOf(rowsOf(judged))) call.say(line)
  if (sets.length > ROWS_MAX) call.say(`… and ${sets.length - ROWS_MAX} more (--json has them all)`)
  call.say('')
  for (const { fold, winner: best, trainNet, validationNet, risk } of steps)
    call.say(
      `fold ${fold} chooses ${versions[best]} (${dollars(trainNet)}), fold ${fold + 1} gives ${dollars(validationNet)}: risk ${ratio(risk)}`,
    )
  call.say(`overfit score ${ratio(overfit)}`)
  call.say(
    `${versions[winner]} against the base: ${dollars(test.difference)} over ${test.pairs} signals that differ; chance ${ratio(test.chance)}, at most ${ratio(test.chanceMax)}`,
  )
  for (const { name, isPassed, why } of gates)
    call.say(`  ${isPassed ? 'passed' : 'failed'}  ${name.padEnd(10)}  ${why}`)
  if (isPromoted) call.say(`suggested: ${versions[winner]}, in ${suggest}`)
  else if (winner === 0) call.say('nothing is suggested: no candidate is better than the base')
  else call.say(`nothing is suggested: ${versions[winner]} failed a gate`)
}

function rowsOf({ verdict, versions, sets }: Judged): readonly (readonly string[])[] {
  const keys = [...new Set(sets.flatMap(set => Object.keys(set)))]
  const shown = [...sets.keys()].filter(k => k < ROWS_MAX || k === verdict.winner)
  const rows = shown.map(k => {
    const { score, train, validationNet, throughoutNet, whole } = verdict.rated[k]!
    const values = keys.map(key => sets[k]![key] ?? '')
    const { net, drawdown, total } = score
    const money = [net, drawdown, total, train.total, validationNet, throughoutNet].map(dollars)
    const legging = ratio(leggingOf(whole))
    const mark = k === verdict.winner ? 'best' : ''
    return [versions[k] ?? '', ...values, String(whole.signals), legging, ...money, mark]
  })
  const facts = [
    'signals',
    'legging',
    'net',
    'drawdown',
    'score',
    'chosen by',
    'judged by',
    'throughout',
    '',
  ]
  return [['version', ...keys, ...facts], ...rows]
}

const ratio = (micro: number): string => ratioCell(micro, ONE)
