import { join } from 'node:path'
import { microCell } from '#projections/csv.js'
import { day14, FROZEN, type Day14 } from '#projections/reports/day14.js'
import { reportJson, reportMarkdown } from '#projections/reports/day14-text.js'
import { VIEWS_DIR } from '#projections/sinks/files.js'
import { textOf, type Call, type Command } from '../command.js'
import { decimalOf, RATIO, type Bounds } from '../decimal-option.js'
import { dollars } from '../format/money.js'
import { ledgersOf, stopped } from '../ledgers.js'
import { PROFILE_HELP, PROFILE_OPTIONS, profileOf } from '../shadow-profile.js'
import { writeWhole } from '../write-whole.js'

const USAGE = 'day14-report DIR… [--out DIR]'
const CASH: Bounds = { unit: 1_000_000, least: -1e15, most: 1e15 }

/** `polaris day14-report`: may real money be tried, by what the shadow accounts earned? */
export const day14ReportCommand: Command = {
  name: 'day14-report',
  summary: 'GO or NO GO by the shadow accounts of one or more runs, with a stress view beside it',
  usage: USAGE,
  example: 'day14-report runs/demo',
  options: {
    out: { type: 'string' },
    'min-total-pnl': { type: 'string' },
    'min-set-ratio': { type: 'string' },
    'max-legging-share': { type: 'string' },
    ...PROFILE_OPTIONS,
  },
  help: {
    '--out DIR': 'where report.json and report.md go (default: views/ of the first run in time)',
    '--min-total-pnl D': 'the sum of all results must be above this many dollars (frozen: 0)',
    '--min-set-ratio D':
      'a row below this ratio failed (frozen: 0.85, under the name min_avg_set_ratio)',
    '--max-legging-share D': 'most of the rows that may fail (frozen: 0.15)',
    ...PROFILE_HELP,
  },
  run: async call => {
    const { values } = call
    const thresholds = {
      minPnl: decimalOf(values, 'min-total-pnl', CASH) ?? FROZEN.minPnl,
      minRatio: decimalOf(values, 'min-set-ratio', RATIO) ?? FROZEN.minRatio,
      maxLegging: decimalOf(values, 'max-legging-share', RATIO) ?? FROZEN.maxLegging,
    }
    const profile = profileOf(values)
    const runs = await ledgersOf(call, USAGE)
    if (!runs) return stopped(call)
    const report = day14(runs, { profile, thresholds })
    const out = textOf(values, 'out') ?? join(runs[0]?.dir ?? '', VIEWS_DIR)
    const files = [join(out, 'report.json'), join(out, 'report.md')] as const
    writeWhole(files[0], reportJson(report))
    writeWhole(files[1], reportMarkdown(report))
    say(call, report, files)
    return { code: report.isGo ? 0 : 1, json: factsOf(report, files) }
  },
}

function factsOf({ scores, overall, ...report }: Day14, files: readonly string[]) {
  const { ok, total, bad, otherRun, schemaMismatch } = scores
  return {
    go: report.isGo,
    reasons: report.reasons,
    runs: report.runs.map(({ runId, head }) => ({ runId, head })),
    rows: { total, ok: ok.length, bad, otherRun, schemaMismatch },
    totalPnlMicro: overall.pnl,
    setRatioMicro: { ...report.ratios, average: overall.ratioAverage },
    leggingShareMicro: overall.legging,
    failed: overall.failed,
    withoutFill: overall.withoutFill,
    thresholdsMicro: report.thresholds,
    stress: report.stress.map(({ name, tally }) => ({
      ...{ name, rows: tally.rows, totalPnlMicro: tally.pnl, worst20PnlMicro: tally.worst },
      ...{ setRatioMicro: tally.ratioAverage, leggingShareMicro: tally.legging },
    })),
    files,
  }
}

function say(call: Call, report: Day14, files: readonly string[]): void {
  const { overall, scores, stress } = report
  const why = report.isGo ? '' : `: ${report.reasons.join(', ')}`
  call.say(`GO_NO_GO=${report.isGo ? 'GO' : 'NO GO'}${why}`)
  call.say(
    `${overall.failed} of ${overall.rows} valid rows failed, ${overall.withoutFill} of them because nothing filled; ${scores.total - overall.rows} rows do not count`,
  )
  for (const { name, tally } of stress)
    call.say(
      `${name.padEnd(20)} shadow profit ${dollars(tally.pnl)}, legging ${microCell(tally.legging)}`,
    )
  for (const file of files) call.say(`wrote ${file}`)
}
