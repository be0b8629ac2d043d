import { join } from 'node:path'
import {
  BRAIN_COLUMNS,
  BRAIN_GRID,
  leastEdgeOf,
  type Brain,
  type BrainPoint,
} from '#projections/reports/brain.js'
import { cellsOf, csvOf } from '#projections/reports/csv-table.js'
import { bestOf } from '#projections/reports/shadow-sweep.js'
import { VIEWS_DIR } from '#projections/sinks/files.js'
import { BACKEND_HELP, backendOf } from '../backend.js'
import { BrainPasses } from '../brain-passes.js'
import { Refusal, textOf, wholeOf, type Call, type Command, type Values } from '../command.js'
import { dollars } from '../format/money.js'
import { tableOf } from '../format/table.js'
import { runDirsOf, stopped } from '../ledgers.js'
import { PROFILE_HELP, PROFILE_OPTIONS, profileOf } from '../shadow-profile.js'
import { writeWhole } from '../write-whole.js'
import { rowRatioOf } from './shadow-sweep.js'

const USAGE =
  'brain-sweep DIR… [--min-edge N1,N2…] [--premium N1,…] [--cooldown N1,…] [--set KEY=VALUE…]'

/** `polaris brain-sweep`: what other thresholds would have signalled, and what the shadow accounts say of it. */
export const brainSweepCommand: Command = {
  name: 'brain-sweep',
  summary: 'signals and shadow accounts of runs under a grid of least edge, premium and cooldown',
  usage: USAGE,
  example: 'brain-sweep runs/demo --min-edge 10,40 --premium 80 --cooldown 1000',
  options: {
    'min-edge': { type: 'string' },
    premium: { type: 'string' },
    cooldown: { type: 'string' },
    'flat-fee': { type: 'string' },
    'min-set-ratio': { type: 'string' },
    backend: { type: 'string' },
    out: { type: 'string' },
    ...PROFILE_OPTIONS,
  },
  help: {
    '--min-edge N1,N2…': 'least net edges, bps (default: 10,20,30,40)',
    '--premium N1,N2…': 'risk premiums, bps (default: 60,80,100)',
    '--cooldown N1,N2…': 'ms in which the same offer is no new signal (default: 500,1000,2000)',
    '--flat-fee N':
      'bps taken off the edge beside what markets charge (default: 0; Razor: 210, whatever they charge)',
    '--min-set-ratio D': 'a row below this ratio failed (default: 0.85)',
    '--set KEY=VALUE': 'a value that all of them share',
    '--backend B': BACKEND_HELP,
    '--out FILE': 'where the table goes (default: views/brain_sweep.csv of the first run)',
    ...PROFILE_HELP,
  },
  run: async call => {
    const { values } = call
    const grid = gridOf(values)
    const [profile, ratio] = [profileOf(values), rowRatioOf(values)]
    const dirs = runDirsOf(call, USAGE)
    const backend = backendOf(textOf(values, 'backend') ?? 'auto', 'replay')
    const passes = await BrainPasses.over(dirs, call, backend)
    const points: BrainPoint[] = []
    for (const [k, brain] of grid.entries()) {
      if (!passes || call.stop.aborted) return stopped(call)
      call.progress(`combination ${k + 1} of ${grid.length}`)
      points.push(await passes.point(brain, { profile, ratio }))
    }
    const file = textOf(values, 'out') ?? join(dirs[0] ?? '', VIEWS_DIR, 'brain_sweep.csv')
    writeWhole(file, csvOf(BRAIN_COLUMNS, points))
    say(call, points)
    call.say(`${passes?.passes ?? 0} passes for ${points.length} combinations; wrote ${file}`)
    const best = bestOf(points.filter(isJudged))
    const json = { rows: points.map(factsOf), best: best ? factsOf(best) : null }
    return { code: 0, json: { ...json, passes: passes?.passes ?? 0, file } }
  },
}

/** Every combination; the cooldown changes fastest. */
function gridOf(values: Values): readonly Brain[] {
  const flatFee = wholeOf(values, 'flat-fee') ?? 0
  const edges = wholesOf(values, 'min-edge', BRAIN_GRID.minEdge)
  const premiums = wholesOf(values, 'premium', BRAIN_GRID.premium)
  const cooldowns = wholesOf(values, 'cooldown', BRAIN_GRID.cooldownMs)
  return edges.flatMap(minEdge =>
    premiums.flatMap(premium =>
      cooldowns.map(cooldownMs => ({ minEdge, premium, cooldownMs, flatFee })),
    ),
  )
}

/** Whole numbers parted by commas, or these. */
function wholesOf(values: Values, name: string, fallback: readonly number[]): readonly number[] {
  const text = textOf(values, name)
  if (text === undefined) return fallback
  const numbers = text.split(',').map(part => wholeOf({ [name]: part }, name) ?? 0)
  if (new Set(numbers).size === numbers.length) return numbers
  throw new Refusal('usage', `--${name} names a value twice`, `--${name}`, 'N1,N2…, each once')
}

function say(call: Call, points: readonly BrainPoint[]): void {
  const isShown = (name: string): boolean => !/^(run_id|flat_fee_bps|rows_.*)$/.test(name)
  const columns = BRAIN_COLUMNS.filter(([name]) => isShown(name))
  for (const line of tableOf(cellsOf(columns, points))) call.say(line)
  const best = bestOf(points.filter(isJudged))
  if (!best) {
    call.say('no combination signals anything')
    return
  }
  const { minEdge, premium, cooldownMs } = best.brain
  const words = `least edge ${minEdge}, premium ${premium}, cooldown ${cooldownMs} ms`
  call.say(`best: ${words}: ${dollars(best.tally.pnl)} by ${best.tally.rows} signals`)
}

/** Nothing signalled is nothing earned: that is no best. */
const isJudged = ({ tally }: BrainPoint): boolean => tally.rows > 0

function factsOf({ runId, brain, signals, repeats, bad, tally }: BrainPoint) {
  return {
    ...{ runId, ...brain, leastEdge: leastEdgeOf(brain), signals, repeats },
    ...{ rowsOk: tally.rows, rowsBad: bad, totalPnlMicro: tally.pnl },
    ...{ averagePnlMicro: tally.pnlAverage, setRatioMicro: tally.ratioAverage },
    ...{ leggingMicro: tally.legging, worst20PnlMicro: tally.worst },
  }
}
