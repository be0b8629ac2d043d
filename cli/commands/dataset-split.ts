import { microCell, msCell } from '#projections/csv.js'
import { distinctOf } from '#projections/reports/ledger.js'
import {
  overfitOf,
  PARTS,
  resultOf,
  walkForward,
  within,
  type PartName,
  type Step,
  type StepResult,
} from '#projections/reports/split.js'
import { Refusal, textOf, textsOf, wholeOf, type Call, type Command } from '../command.js'
import { decimalOf, SHARE } from '../decimal-option.js'
import { tableOf } from '../format/table.js'
import { ledgersOf, stopped, type LedgerOf } from '../ledgers.js'
import { rangesIn, type Range } from '../seq-ranges.js'
import { riskOfFiles } from '../sweep-file.js'
import { writeWhole } from '../write-whole.js'
import {
  nameOf,
  rowRatioOf,
  SHARE_GRID_HELP,
  SHARE_GRID_OPTIONS,
  shareGridOf,
} from './shadow-sweep.js'

const USAGE = 'dataset-split DIR… --train F --validation F --test F [--steps N] [--out FILE]'
const STEPS_MAX = 1_000

/** `polaris dataset-split`: what to fit on, what to choose by, and what to keep unseen; and how much a choice would have lost. */
export const datasetSplitCommand: Command = {
  name: 'dataset-split',
  summary: 'walk-forward splits of runs by event time, and how much the best choice overfits',
  usage: USAGE,
  example: 'dataset-split runs/demo --train 0.6 --validation 0.2 --test 0.2 --steps 3',
  options: {
    train: { type: 'string' },
    validation: { type: 'string' },
    test: { type: 'string' },
    steps: { type: 'string' },
    results: { type: 'string', multiple: true },
    out: { type: 'string' },
    ...SHARE_GRID_OPTIONS,
  },
  help: {
    '--train F': 'part of each step that is fitted on (default: 0.6)',
    '--validation F': 'part that is chosen by (default: 0.2)',
    '--test F':
      'part that is kept unseen, and how far a step lies behind the one before (default: 0.2)',
    '--steps N': 'how many steps (default: 3)',
    '--results TRAIN,VALIDATION':
      'two shadow_sweep.csv of a step, repeatable; otherwise each step is swept here',
    ...SHARE_GRID_HELP,
    '--out FILE': 'where the ranges go (default: split.json)',
  },
  run: async call => {
    const { values } = call
    const asked = askedOf(call)
    const [grid, ratio] = [shareGridOf(values), rowRatioOf(values)]
    const given = textsOf(values, 'results').map(riskOfFiles)
    const ledgers = await ledgersOf(call, USAGE)
    if (!ledgers) return stopped(call)
    const runs = distinctOf(ledgers)
    const fromUs = Math.min(...runs.map(run => run.firstUs))
    const toUs = Math.max(...runs.map(run => run.lastUs)) + 1
    const steps = walkForward({ fromUs, toUs }, asked)
    const ranges = await rangesOf(runs, steps, call)
    if (!ranges) return stopped(call)
    const results = given.length > 0 ? [] : steps.map(step => resultOf(runs, step, { grid, ratio }))
    const risks = given.length > 0 ? given : results.map(({ risk }) => risk)
    const split = { asked, steps, runs, ranges, results, risks, overfit: overfitOf(risks) }
    const file = textOf(values, 'out') ?? 'split.json'
    writeWhole(file, `${JSON.stringify(fileOf(split), null, 2)}\n`)
    say(call, split)
    call.say(`wrote ${file}`)
    return { code: 0, json: { ...fileOf(split), file } }
  },
}

interface Split {
  readonly asked: ReturnType<typeof askedOf>
  readonly steps: readonly Step[]
  readonly runs: readonly LedgerOf[]
  /** By run, then by step. */
  readonly ranges: readonly (readonly Readonly<Record<PartName, Range | undefined>>[])[]
  readonly results: readonly StepResult[]
  readonly risks: readonly (number | undefined)[]
  readonly overfit: number
}

function askedOf({ values }: Call) {
  const bounds = { ...SHARE, least: 1 }
  const parts = {
    train: decimalOf(values, 'train', bounds) ?? 6_000,
    validation: decimalOf(values, 'validation', bounds) ?? 2_000,
    test: decimalOf(values, 'test', bounds) ?? 2_000,
  }
  const sum = parts.train + parts.validation + parts.test
  if (sum !== 10_000)
    throw new Refusal(
      'usage',
      `train, validation and test add up to ${sum / 10_000}`,
      'command line',
      'three parts of 1',
    )
  const steps = wholeOf(values, 'steps', 1) ?? 3
  if (steps <= STEPS_MAX) return { parts, steps }
  throw new Refusal('usage', `--steps is ${steps}`, '--steps', `at most ${STEPS_MAX}`)
}

/** First and last events of every part, by run. */
async function rangesOf(
  runs: readonly LedgerOf[],
  steps: readonly Step[],
  call: Call,
): Promise<Split['ranges'] | undefined> {
  const all: Split['ranges'][number][] = []
  for (const { dir, lastSeq } of runs) {
    const stretches = steps.flatMap(step => PARTS.map(part => step[part]))
    const found = await rangesIn(dir, { stretches, untilSeq: lastSeq, stop: call.stop })
    if (!found) return undefined
    all.push(
      steps.map((_, k) => {
        const [train, validation, test] = found.slice(k * PARTS.length)
        return { train, validation, test }
      }),
    )
  }
  return all
}

function fileOf({ asked, steps, runs, ranges, results, risks, overfit }: Split) {
  const partOf = (k: number, part: PartName) => ({
    from_us: steps[k]![part].fromUs,
    to_us: steps[k]![part].toUs,
    runs: runs.flatMap((run, r) => {
      const range = ranges[r]?.[k]?.[part]
      if (!range) return []
      const { firstSeq: first_seq, lastSeq: last_seq, firstUs, lastUs } = range
      const times = { first_us: firstUs, last_us: lastUs }
      return [{ run_id: run.runId, head: run.head, first_seq, last_seq, ...times }]
    }),
    signals: signalsIn(runs, steps[k]!, part),
  })
  return {
    parts_bps: asked.parts,
    steps: steps.map((_, k) => ({
      step: k + 1,
      train: partOf(k, 'train'),
      validation: partOf(k, 'validation'),
      test: partOf(k, 'test'),
      ...(results[k] ? { chosen: chosenOf(results[k]) } : {}),
      risk_micro: risks[k] ?? null,
    })),
    overfit_micro: overfit,
  }
}

const signalsIn = (runs: readonly LedgerOf[], step: Step, part: PartName): number =>
  runs.reduce((sum, run) => sum + within(run, step[part]).entries.length, 0)

function chosenOf({ chosen: { profile }, tallies }: StepResult) {
  const { shareBps, dumpBps } = profile
  const of = (part: PartName) => {
    const { rows, pnl, pnlAverage, legging } = tallies[part]
    return { rows, pnl_micro: pnl, average_micro: pnlAverage, legging_micro: legging }
  }
  return {
    ...{ liquid_bps: shareBps.liquid, thin_bps: shareBps.thin, dump_bps: dumpBps },
    ...{ train: of('train'), validation: of('validation'), test: of('test') },
  }
}

function say(call: Call, split: Split): void {
  const { steps, runs, ranges, results, risks, overfit } = split
  const rows = steps.flatMap((step, k) =>
    PARTS.map(part => {
      const found = ranges.flatMap(run => run[k]?.[part] ?? [])
      const events = found.reduce((sum, { firstSeq, lastSeq }) => sum + lastSeq - firstSeq + 1, 0)
      const times = [msCell(step[part].fromUs), msCell(step[part].toUs)]
      return [`${k + 1}`, part, ...times, `${events}`, `${signalsIn(runs, step, part)}`]
    }),
  )
  for (const line of tableOf([['step', 'part', 'from_ms', 'to_ms', 'events', 'signals'], ...rows]))
    call.say(line)
  call.say('')
  const riskText = (risk: number | undefined): string =>
    risk === undefined ? 'no rows to judge by' : microCell(risk)
  for (const [k, risk] of risks.entries()) {
    const result = results[k]
    const choice = result ? `${nameOf(result.chosen)}; ` : ''
    call.say(`step ${k + 1}: ${choice}risk ${riskText(risk)}`)
  }
  const judged = risks.filter(risk => risk !== undefined).length
  call.say(`overfit score ${microCell(overfit)} over ${judged} of ${risks.length} steps`)
}
