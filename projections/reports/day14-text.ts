import { bidCell, codesCell, microCell, msCell, ratioCell } from '../csv.js'
import { LEDGER_SCHEMA } from '../shadow-log.js'
import { notesText, type Day14, type Part } from './day14.js'
import type { Scored } from './ledger.js'
import { markdownTable } from './markdown.js'
import { tallyOf, type Tally } from './tally.js'

/** `report.json`: the frozen fields first, what was added behind them. Cash in dollars and ratios with 6 decimals, times in ms. */
export function reportJson(report: Day14): string {
  const { runId, overall, thresholds, scores, isGo, reasons } = report
  const { minRatio } = thresholds
  const facts = {
    schema_version: LEDGER_SCHEMA,
    run_id: runId,
    trade_poll_taker_only: true,
    period: periodOf(report),
    totals: totalsOf(overall),
    by_bucket: totalsBy(['liquid', 'thin'], report.byBucket, minRatio),
    by_strategy: totalsBy(['binary', 'triangle'], report.byShape, minRatio),
    worst_20: report.worst.map(row => ({
      ...{ run_id: row.runId, signal_id: row.shadow.signal },
      ...{ signal_ts_unix_ms: Number(msCell(row.shadow.tUs)), market_id: row.shadow.market },
      ...{ strategy: row.shadow.strategy, bucket: row.shadow.bucket },
      ...{ total_pnl: real(row.account.total), set_ratio: real(row.account.setRatio) },
      notes: codesCell(row.notes),
    })),
    verdict: {
      go: isGo,
      reasons,
      thresholds: {
        min_total_shadow_pnl: real(thresholds.minPnl),
        min_avg_set_ratio: real(minRatio),
        min_row_set_ratio: real(minRatio),
        max_legging_fail_share: real(thresholds.maxLegging),
      },
      legging_fail_share: real(overall.legging),
      rows_failed: overall.failed,
      rows_without_fill: overall.withoutFill,
    },
    stress: Object.fromEntries(report.stress.map(({ name, tally }) => [name, stressed(tally)])),
    rows: rowsOf(scores),
    by_rule: totalsBy([], report.byStrategy, minRatio),
    by_reason: totalsBy([], report.byReason, minRatio),
    runs: report.runs.map(({ runId: run_id, head, mode, source, schema, entries }) => ({
      ...{ run_id, head, mode, source, schema, rows: entries.length },
    })),
  }
  return `${JSON.stringify(facts, null, 2)}\n`
}

/** `report.md`: the same for people, section by section as it always was. */
export function reportMarkdown(report: Day14): string {
  const { isGo, reasons, overall } = report
  const why = isGo ? '' : `: ${reasons.join(', ')}`
  const failed = `${overall.failed} of ${overall.rows} valid rows failed, ${overall.withoutFill} of them because nothing filled`
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ['Run Meta', metaLines(report)],
    ['Overall', overallLines(report)],
    ['Stress', stressLines(report)],
    ['By reason', partLines(['reason'], report.byReason)],
    ['Reason × bucket', partLines(['reason', 'bucket'], report.byReasonAndBucket)],
    ['By notes', partLines(['notes'], report.byNotes)],
    ['By strategy', partLines(['strategy'], report.byStrategy)],
    ['By bucket', partLines(['bucket'], report.byBucket)],
    ['Worst 20 combos', partLines(['notes', 'strategy', 'bucket'], report.worstCombos)],
    ['Worst 20 rows', rowLines(report.worst)],
  ]
  const body = sections.flatMap(([title, lines]) => ['', `## ${title}`, '', ...lines])
  const head = ['# Day 14', '', `GO_NO_GO=${isGo ? 'GO' : 'NO GO'}${why}`, '', `${failed}.`]
  return `${[...head, ...body].join('\n')}\n`
}

/** A decimal of 6 places as the number that prints as it. */
const real = (micro: number): number => Number(microCell(micro))

function periodOf({ runs }: Day14): { start: number; end: number } {
  const start = Math.min(...runs.map(({ firstUs }) => firstUs))
  const end = Math.max(...runs.map(({ lastUs }) => lastUs))
  return { start: Number(msCell(start)), end: Number(msCell(end)) }
}

const totalsOf = ({ rows, pnl, ratioAverage }: Tally) => ({
  signals: rows,
  total_shadow_pnl: real(pnl),
  avg_set_ratio: real(ratioAverage),
})

/** Totals by name: those that are always told first, then what else there is. */
function totalsBy(always: readonly string[], parts: readonly Part[], minRatio: number) {
  const found = new Map(parts.map(({ key, tally }) => [key.join(' '), tally]))
  const names = [...new Set([...always, ...found.keys()])]
  return Object.fromEntries(
    names.map(name => [name, totalsOf(found.get(name) ?? tallyOf([], minRatio))]),
  )
}

const stressed = ({ rows, pnl, ratioAverage, legging, worst }: Tally) => ({
  rows,
  total_pnl_sum: real(pnl),
  avg_set_ratio: real(ratioAverage),
  legging_rate: real(legging),
  worst_20_pnl_sum: real(worst),
})

const rowsOf = ({ total, ok, bad, otherRun, schemaMismatch }: Day14['scores']) => ({
  rows_total: total,
  rows_ok: ok.length,
  rows_bad: bad,
  rows_other_run: otherRun,
  rows_schema_mismatch: schemaMismatch,
})

const listed = (facts: Readonly<Record<string, string | number>>): string[] =>
  Object.entries(facts).map(([name, value]) => `- ${name}: ${value}`)

function metaLines(report: Day14): string[] {
  const { profile, runs } = report
  const { start, end } = periodOf(report)
  const runLines = runs.map(({ runId, mode, source, schema, head }) => [
    ...[runId, mode, source, `${schema}`, head],
  ])
  return [
    ...listed({
      ...{ schema_version: LEDGER_SCHEMA, run_id: report.runId, trade_poll_taker_only: 'true' },
      ...{ period_start_ms: start, period_end_ms: end, profile: profile.name },
      fill_share_liquid: ratioCell(profile.shareBps.liquid, 10_000),
      fill_share_thin: ratioCell(profile.shareBps.thin, 10_000),
      dump_slippage_assumed: ratioCell(profile.dumpBps, 10_000),
    }),
    '',
    ...markdownTable([['run', 'mode', 'source', 'schema', 'head'], ...runLines]),
  ]
}

function overallLines({ scores, overall, ratios, thresholds, ...report }: Day14): string[] {
  return [
    ...listed({
      ...rowsOf(scores),
      ...{ sum_total_pnl: microCell(overall.pnl), sum_pnl_set: microCell(overall.pnlSet) },
      sum_pnl_left_total: microCell(overall.pnlLeft),
      ...{ set_ratio_p50: microCell(ratios.p50), set_ratio_p25: microCell(ratios.p25) },
      ...{ set_ratio_p10: microCell(ratios.p10), set_ratio_avg: microCell(overall.ratioAverage) },
      legging_fail_share: microCell(overall.legging),
      rows_without_fill: overall.withoutFill,
      min_total_shadow_pnl: microCell(thresholds.minPnl),
      'min_avg_set_ratio (of each row, no average)': microCell(thresholds.minRatio),
      max_legging_fail_share: microCell(thresholds.maxLegging),
      GO_NO_GO: report.isGo ? 'GO' : 'NO GO',
      reasons: report.reasons.join(', ') || 'none',
    }),
    '',
    'Signals by strategy and bucket:',
    '',
    ...partLines(['strategy', 'bucket'], report.byStrategyAndBucket),
  ]
}

function stressLines({ stress }: Day14): string[] {
  const heading = ['view', 'rows', 'total_pnl_sum', 'avg_set_ratio', 'legging_rate']
  const rows = stress.map(({ name, tally }) => [name, ...tallyCells(tally)])
  return [
    'Beside the verdict, which it never changes.',
    '',
    ...markdownTable([[...heading, 'worst_20_pnl_sum'], ...rows]),
  ]
}

function partLines(names: readonly string[], parts: readonly Part[]): string[] {
  const heading = [...names, 'rows', 'total_pnl_sum', 'avg_set_ratio', 'legging_rate']
  const rows = parts.map(({ key, tally }) => [...key, ...tallyCells(tally)])
  return markdownTable([[...heading, 'worst_20_pnl_sum'], ...rows])
}

const tallyCells = ({ rows, pnl, ratioAverage, legging, worst }: Tally): string[] => [
  `${rows}`,
  ...[pnl, ratioAverage, legging, worst].map(microCell),
]

function rowLines(rows: readonly Scored[]): string[] {
  const heading = ['run_id', 'signal_id', 'market_id', 'strategy', 'bucket']
  const cells = rows.map(row => {
    const { signal, market, strategy, bucket, legs } = row.shadow
    const bids = legs.map(({ bid }) => bidCell(bid) || 'none').join(' ')
    const money = [row.account.total, row.account.setRatio].map(microCell)
    return [row.runId, signal, market, strategy, bucket, bids, ...money, notesText(row)]
  })
  return markdownTable([[...heading, 'best_bids', 'total_pnl', 'set_ratio', 'notes'], ...cells])
}
