import { join } from 'node:path'
import { cellsOf, csvOf } from '#projections/reports/csv-table.js'
import { FROZEN } from '#projections/reports/day14.js'
import {
  bestOf,
  SHARE_GRID,
  SWEEP_COLUMNS,
  sweepShadows,
  type ShareGrid,
  type SweepPoint,
} from '#projections/reports/shadow-sweep.js'
import { within } from '#projections/reports/split.js'
import { VIEWS_DIR } from '#projections/sinks/files.js'
import { textOf, wholeOf, type Command, type Values } from '../command.js'
import { decimalOf, decimalsOf, RATIO, SHARE } from '../decimal-option.js'
import { dollars } from '../format/money.js'
import { tableOf } from '../format/table.js'
import { ledgersOf, stopped } from '../ledgers.js'
import { writeWhole } from '../write-whole.js'

const USAGE = 'shadow-sweep DIR… [--liquid D1,D2…] [--thin D1,…] [--dump D1,…] [--out FILE]'

/** Options that say a grid of shares, and what they mean. */
export const SHARE_GRID_OPTIONS = {
  liquid: { type: 'string' },
  thin: { type: 'string' },
  dump: { type: 'string' },
  'min-set-ratio': { type: 'string' },
} as const
/** Their help. */
export const SHARE_GRID_HELP = {
  '--liquid D1,D2…': 'parts of the volume, liquid bucket (default: 0.2,0.3,0.4)',
  '--thin D1,D2…': 'the same, thin bucket (default: 0.05,0.10,0.15)',
  '--dump D1,D2…': 'how far below the bid a leftover leg is sold (default: 0.03,0.05,0.10)',
  '--min-set-ratio D': 'a row below this ratio failed (default: 0.85)',
}

/** `polaris shadow-sweep`: the ledger under other shares of the volume and other slippage. */
export const shadowSweepCommand: Command = {
  name: 'shadow-sweep',
  summary: 'the shadow accounts of runs under a grid of fill shares and slippage, and the best',
  usage: USAGE,
  example: 'shadow-sweep runs/demo --thin 0.05,0.10',
  options: {
    out: { type: 'string' },
    'from-us': { type: 'string' },
    'to-us': { type: 'string' },
    ...SHARE_GRID_OPTIONS,
  },
  help: {
    ...SHARE_GRID_HELP,
    '--from-us T': 'signals from this event time on, µs (default: all)',
    '--to-us T': 'signals whose window ends before this event time, µs (default: all)',
    '--out FILE': 'where the table goes (default: views/shadow_sweep.csv of the first run in time)',
  },
  run: async call => {
    const [grid, ratio] = [shareGridOf(call.values), rowRatioOf(call.values)]
    const stretch = {
      fromUs: wholeOf(call.values, 'from-us') ?? 0,
      toUs: wholeOf(call.values, 'to-us') ?? Infinity,
    }
    const ledgers = await ledgersOf(call, USAGE)
    if (!ledgers) return stopped(call)
    const runs = ledgers.map(run => within(run, stretch))
    const points = sweepShadows(runs, { grid, ratio })
    const file =
      textOf(call.values, 'out') ?? join(runs[0]?.dir ?? '', VIEWS_DIR, 'shadow_sweep.csv')
    writeWhole(file, csvOf(SWEEP_COLUMNS, points))
    for (const line of tableOf(cellsOf(SHOWN, points))) call.say(line)
    const best = bestOf(points)
    if (best) call.say(`best: ${nameOf(best)}: ${dollars(best.tally.pnl)}`)
    call.say(`wrote ${file}`)
    return {
      code: 0,
      json: { rows: points.map(factsOf), best: best ? factsOf(best) : null, file },
    }
  },
}

/** The grid that the options say, or the earlier system's. */
export const shareGridOf = (values: Values): ShareGrid => ({
  liquid: decimalsOf(values, 'liquid', { ...SHARE, fallback: SHARE_GRID.liquid }),
  thin: decimalsOf(values, 'thin', { ...SHARE, fallback: SHARE_GRID.thin }),
  dump: decimalsOf(values, 'dump', { ...SHARE, fallback: SHARE_GRID.dump }),
})

/** The ratio below which a row failed, 1e-6. */
export const rowRatioOf = (values: Values): number =>
  decimalOf(values, 'min-set-ratio', RATIO) ?? FROZEN.minRatio

/** What differs from row to row. */
const SHOWN = SWEEP_COLUMNS.filter(([name]) => !/^(run_id|rows_.*|set_ratio_threshold)$/.test(name))

/** A point in words. */
export const nameOf = ({ profile: { shareBps, dumpBps } }: SweepPoint): string =>
  `liquid ${shareBps.liquid / 10_000}, thin ${shareBps.thin / 10_000}, dump ${dumpBps / 10_000}`

function factsOf({ runId, profile, ratio, scores, tally }: SweepPoint) {
  return {
    ...{ runId, rowsTotal: scores.total, rowsOk: scores.ok.length },
    rowsBad: scores.total - scores.ok.length,
    ...{ liquidBps: profile.shareBps.liquid, thinBps: profile.shareBps.thin },
    ...{ dumpBps: profile.dumpBps, minSetRatioMicro: ratio },
    ...{ totalPnlMicro: tally.pnl, averagePnlMicro: tally.pnlAverage },
    ...{ setRatioMicro: tally.ratioAverage, leggingMicro: tally.legging },
    worst20PnlMicro: tally.worst,
  }
}
