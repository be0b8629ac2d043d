import t from 'tap'
import { RAZOR_FLAT } from '../shadow.js'
import { entry, ledger } from '../testing/shadows.js'
import { csvOf } from './csv-table.js'
import { day14 } from './day14.js'
import { bestOf, profilesOf, SHARE_GRID, SWEEP_COLUMNS, sweepShadows } from './shadow-sweep.js'

const ratio = 850_000
const HALF = { liquid: [5_000], thin: [5_000], dump: [500] }

t.test('shadow_sweep.csv has 13 columns, in their order', async t => {
  t.equal(
    csvOf(SWEEP_COLUMNS, []),
    'run_id,rows_total,rows_ok,rows_bad,fill_share_liquid,fill_share_thin,dump_slippage_assumed,' +
      'set_ratio_threshold,total_pnl_sum,total_pnl_avg,set_ratio_avg,legging_rate,worst_20_pnl_sum\n',
  )
  t.equal(SWEEP_COLUMNS.length, 13)
})

t.test('a point of the grid is the golden example where its share is half', async t => {
  const run = ledger('a', [entry(1, { volumes: [30, 12] })])
  const [point] = sweepShadows([run], { grid: HALF, ratio })
  t.match(point?.tally, { pnl: -154_080, ratioAverage: 750_000, legging: 1_000_000 })
  t.equal(
    csvOf(SWEEP_COLUMNS, [point!]).split('\n')[1],
    'a,1,1,0,0.500000,0.500000,0.050000,0.850000,-0.154080,-0.154080,0.750000,1.000000,-0.154080',
  )
})

t.test('27 points, of which the frozen one says what the report says', async t => {
  const run = ledger('a', [entry(1, { volumes: [100, 60] }), entry(2, { bucket: 'liquid' })])
  const points = sweepShadows([run], { ratio })
  t.equal(points.length, 27)
  const frozen = points.find(
    ({ profile: { shareBps, dumpBps } }) =>
      shareBps.liquid === 3_000 && shareBps.thin === 1_000 && dumpBps === 500,
  )
  t.same(frozen?.tally, day14([run], {}).overall)
  t.ok(new Set(points.map(({ tally }) => tally.pnl)).size > 3, 'shares and slippage count')
})

t.test('a share applies to its own bucket only', async t => {
  const thin = ledger('a', [entry(1, { volumes: [100, 60] })])
  const at = (liquid: number): number =>
    sweepShadows([thin], { grid: { ...HALF, liquid: [liquid] }, ratio })[0]!.tally.pnl
  t.equal(at(1_000), at(9_000), 'no liquid row')
  const liquid = ledger('a', [entry(1, { volumes: [100, 60], bucket: 'liquid' })])
  const pnl = sweepShadows([liquid], { grid: { ...HALF, liquid: [100, 1_000] }, ratio })
  t.not(pnl[0]?.tally.pnl, pnl[1]?.tally.pnl)
})

t.test('the best: profit, ratio, low legging, worst rows, then the order of the grid', async t => {
  const { tally: same } = sweepShadows([ledger('a', [entry(1)])], { grid: HALF, ratio })[0]!
  const point = (name: string, of: Partial<typeof same>) => ({ name, tally: { ...same, ...of } })
  const best = (...points: ReturnType<typeof point>[]) => bestOf(points)?.name
  t.equal(best(point('a', {}), point('b', {})), 'a')
  t.equal(best(point('a', {}), point('b', { worst: same.worst + 1 })), 'b')
  t.equal(best(point('a', { worst: 9e9 }), point('b', { legging: -1 })), 'b')
  t.equal(best(point('a', { legging: -1 }), point('b', { ratioAverage: 2e6 })), 'b')
  t.equal(best(point('a', { ratioAverage: 2e6 }), point('b', { pnl: same.pnl + 1 })), 'b')
  t.equal(bestOf([]), undefined)
})

t.test('the grid is the earlier system’s: slippage changes fastest', async t => {
  const points = profilesOf(SHARE_GRID).map(({ shareBps, dumpBps }) => [
    ...[shareBps.liquid, shareBps.thin, dumpBps],
  ])
  t.same(points.slice(0, 4), [
    [2_000, 500, 300],
    [2_000, 500, 500],
    [2_000, 500, 1_000],
    [2_000, 1_000, 300],
  ])
  t.equal(profilesOf(SHARE_GRID)[0]?.feeBps, RAZOR_FLAT.feeBps)
})
