import t from 'tap'
import { RAZOR_FLAT } from '../shadow.js'
import { entry, ledger } from '../testing/shadows.js'
import { day14, FROZEN } from './day14.js'
import { reportJson, reportMarkdown } from './day14-text.js'
import type { Entry } from './ledger.js'

const range = (n: number, of: (k: number) => Entry): Entry[] =>
  Array.from({ length: n }, (_, k) => of(k))

/** 17 whole sets and `failed` rows of which one leg filled half as much as the other. */
const mixed = (failed: number, whole = 17) => [
  ...range(whole, k => entry(k)),
  ...range(failed, k => entry(100 + k, { volumes: [100, 60] })),
]

t.test('GO: profit, and at most 15 % of the rows below a ratio of 0.85', async t => {
  const report = day14([ledger('a', mixed(0))], {})
  t.equal(report.isGo, true)
  t.same(report.reasons, [])
  t.equal(report.overall.pnl, 17 * 96_000, '10 × (0.999 − 0.97 × 1.02) each')
  const few = day14([ledger('a', mixed(3))], { thresholds: { ...FROZEN, minPnl: -1e9 } })
  t.match(few, { isGo: true, overall: { failed: 3, legging: 150_000 } }, '3 of 20 is the limit')
  const more = day14([ledger('a', mixed(4))], { thresholds: { ...FROZEN, minPnl: -1e9 } })
  t.match(more, { isGo: false, reasons: ['legging_fail_share_too_high'] })
})

t.test('a share that only rounds to the limit is above it', async t => {
  const thresholds = { ...FROZEN, minPnl: -1e12, maxLegging: 333_333 }
  const report = day14([ledger('a', mixed(1, 2))], { thresholds })
  t.match(report, { isGo: false, overall: { legging: 333_333 } }, '1 of 3')
})

t.test('profit has to be above the least, not at it', async t => {
  const at = day14([ledger('a', [entry(1)])], { thresholds: { ...FROZEN, minPnl: 96_000 } })
  t.match(at, { isGo: false, reasons: ['total_shadow_pnl_too_low'] })
  const above = day14([ledger('a', [entry(1)])], { thresholds: { ...FROZEN, minPnl: 95_999 } })
  t.equal(above.isGo, true)
})

t.test('flaw: a report without rows divides by none: it is NO GO, and says why', async t => {
  const report = day14([ledger('a', [])], {})
  t.equal(report.isGo, false)
  t.ok(report.reasons.includes('no_valid_rows'))
  t.match(JSON.parse(reportJson(report)), { verdict: { legging_fail_share: 1 } })
})

t.test(
  'flaw: a quiet market is NO GO, and nothing says that rows without a fill did it',
  async t => {
    const rows = [...range(8, k => entry(k)), ...range(2, k => entry(50 + k, { volumes: [0, 0] }))]
    const report = day14([ledger('a', rows)], {})
    t.match(
      report,
      { isGo: false, overall: { failed: 2, withoutFill: 2 } },
      'frozen: ratio 0 fails',
    )
    const json = JSON.parse(reportJson(report)) as { verdict: object }
    t.match(json.verdict, { go: false, rows_failed: 2, rows_without_fill: 2 })
    t.match(reportMarkdown(report), /2 of 10 valid rows failed, 2 of them because nothing filled/)
    const one = day14([ledger('a', [entry(1, { volumes: [0.00001, 0] })])], {})
    t.equal(one.overall.withoutFill, 0, 'the least fill is a fill')
  },
)

t.test('flaw: min_avg_set_ratio is a threshold of each row, whatever the average is', async t => {
  const report = day14([ledger('a', mixed(5, 15))], {})
  t.ok(report.overall.ratioAverage > 850_000, 'the average would pass')
  t.equal(report.isGo, false)
  const { thresholds } = (JSON.parse(reportJson(report)) as { verdict: { thresholds: object } })
    .verdict
  t.match(thresholds, { min_avg_set_ratio: 0.85, min_row_set_ratio: 0.85 })
})

t.test('the stress view stands beside the verdict and never changes it', async t => {
  const rows = [...range(19, k => entry(k)), entry(99, { volumes: [100, 80] })]
  const report = day14([ledger('a', rows)], {})
  t.equal(report.isGo, true)
  t.same(
    report.stress.map(({ name, tally }) => [name, tally.pnl > 0, tally.rows]),
    [
      ['baseline', true, 20],
      ['dump_slippage_0.10', true, 20],
      ['fill_share_x0.70', true, 20],
      ['both', true, 20],
    ],
  )
  t.equal(report.stress[0]?.tally.pnl, report.overall.pnl)
  const sets = 19 * 96_000
  const left = (dumpBps: number): number =>
    Math.floor(2 * (4_800 * (1 - dumpBps / 10_000) * 0.98 - 4_900 * 1.02) * 100)
  t.equal(report.overall.pnl, sets + 8 * 9_600 + left(500), '8 sets and 2 left over')
  t.equal(report.stress[1]?.tally.pnl, sets + 8 * 9_600 + left(1_000))
  const fewer = 19 * 67_200 + 5.6 * 9_600 + Math.floor(1.4 * (4_560 * 0.98 - 4_900 * 1.02) * 100)
  t.equal(report.stress[2]?.tally.pnl, fewer, '7 and 5.6 shares instead of 10 and 8')
})

t.test('rows that mean nothing, copies of a run and older schemas do not count', async t => {
  const runs = [
    ledger('a', [entry(1), entry(2, { isSet: false }), entry(3, { notes: ['INVALID_QTY'] })]),
    ledger('b', [entry(1), entry(2)], { head: 'head of a', firstUs: 2_000_000 }),
    ledger('c', [entry(1)], { schema: 4, firstUs: 3_000_000 }),
  ]
  const { scores } = day14(runs, {})
  t.match(scores, { total: 6, bad: 2, otherRun: 2, schemaMismatch: 1 })
  t.equal(scores.ok.length, 1)
})

t.test('the order in which runs are named does not matter', async t => {
  const runs = [ledger('b', mixed(2)), ledger('a', mixed(1)), ledger('c', [entry(7)])]
  const text = (of: typeof runs): string =>
    reportJson(day14(of, {})) + reportMarkdown(day14(of, {}))
  t.equal(text(runs), text([...runs].reverse()))
})

t.test('report.json has the frozen fields in their order', async t => {
  const json = JSON.parse(reportJson(day14([ledger('a', mixed(1))], {}))) as Record<string, object>
  t.same(Object.keys(json).slice(0, 10), [
    ...['schema_version', 'run_id', 'trade_poll_taker_only', 'period', 'totals', 'by_bucket'],
    ...['by_strategy', 'worst_20', 'verdict', 'stress'],
  ])
  t.same(Object.keys(json['totals']!), ['signals', 'total_shadow_pnl', 'avg_set_ratio'])
  t.same(Object.keys(json['by_bucket']!), ['liquid', 'thin'])
  t.same(Object.keys(json['by_strategy']!), ['binary', 'triangle'])
  t.same(Object.keys(json['verdict']!).slice(0, 3), ['go', 'reasons', 'thresholds'])
  const [row] = Object.values(json['stress']!) as object[]
  t.same(Object.keys(row!), [
    ...['rows', 'total_pnl_sum', 'avg_set_ratio', 'legging_rate', 'worst_20_pnl_sum'],
  ])
})

t.test('report.md has the sections in their order, and no cell breaks a table', async t => {
  const odd = entry(1, { market: 'a|b<script>\nc', volumes: [0, 0] })
  const text = reportMarkdown(day14([ledger('a', [odd])], {}))
  t.same(
    [...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title),
    [
      ...['Run Meta', 'Overall', 'Stress', 'By reason', 'Reason × bucket', 'By notes'],
      ...['By strategy', 'By bucket', 'Worst 20 combos', 'Worst 20 rows'],
    ],
  )
  t.match(text, 'a\\|b&lt;script> c')
})

t.test('every reason of a row counts for itself, and for its bucket', async t => {
  const rows = [entry(1), entry(2, { volumes: [0, 0], bucket: 'liquid' })]
  const report = day14([ledger('a', rows)], { profile: RAZOR_FLAT })
  t.same(
    report.byReason.map(({ key, tally }) => [...key, tally.rows]),
    [
      ['NO_TRADES', 1],
      ['WINDOW_EMPTY', 1],
      ['clean', 1],
    ],
  )
  t.same(report.byReasonAndBucket[0]?.key, ['NO_TRADES', 'liquid'])
  t.same(report.byNotes[0]?.key, ['NO_TRADES,WINDOW_EMPTY'])
})
