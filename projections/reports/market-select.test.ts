import t from 'tap'
import { Story } from '#engine/run/testing/story.js'
import { printed } from '../testing/eventful.js'
import { World } from '../world.js'
import { csvOf } from './csv-table.js'
import { Histogram } from './histogram.js'
import { MarketScores } from './market-scores.js'
import { GATES, ranked, SCORE_COLUMNS, type Gates, type Prefer } from './market-select.js'

const ASKED = { minEdge: 10, premium: 80 }
const NO_RULES = { strategy: { names: [] } }

function scored(story: Story): MarketScores {
  const [scores, world] = [new MarketScores(ASKED), new World()]
  for (const row of story.rows) {
    scores.before(row, world)
    world.take(row)
    scores.take(row, world)
  }
  return scores
}

/** Two markets for ten seconds: the first at 0.40 and 0.50, which pays; the second without a bid, at 0.51 and 0.50. */
function seen(): Story {
  const story = new Story(NO_RULES).market(1).market(2)
  story
    .book(1, 1, { bids: [[0.39, 50]], asks: [[0.4, 50]] })
    .book(1, 2, { bids: [[0.49, 50]], asks: [[0.5, 50]] })
    .book(1, 3, { bids: [], asks: [[0.51, 50]] })
    .book(1, 4, { bids: [[0.49, 50]], asks: [[0.5, 50]] })
  for (let k = 0; k < 12; k++) printed(story, 100 * k + 50, { token: 1, size: 3, at: 0.4, side: 1 })
  return story.book(10_000, 1, { bids: [[0.39, 50]], asks: [[0.45, 50]] }).end()
}

const rows = (story: Story, prefer: Prefer = 'any', gates: Partial<Gates> = {}) =>
  ranked(scored(story), { runId: 'r1', prefer, gates: { ...GATES, snapshots: 10, ...gates } })

t.test('market_scores.csv has 31 columns, in their order', async t => {
  t.equal(
    csvOf(SCORE_COLUMNS, []),
    'run_id,probe_start_ms,probe_end_ms,probe_s,gamma_id,condition_id,legs_n,strategy,' +
      'token0_id,token1_id,token2_id,volume_usdc,liquidity_usdc,snapshots_total,one_sided_book_rate,' +
      'bucket_nan_rate,depth3_degraded_rate,liquid_rate,thin_rate,worst_spread_bps_p50,' +
      'worst_depth3_usdc_p50,trades_total,trades_per_min,trade_poll_hit_limit,trades_duplicated,' +
      'snapshots_eval_total,passes_total,passes_per_hour,expected_net_bps_p50,' +
      'expected_net_bps_p90,expected_net_bps_max\n',
  )
  t.equal(SCORE_COLUMNS.length, 31)
})

t.test('a look a second of event time, however the events fall', async t => {
  const { looks, markets } = scored(seen())
  t.equal(looks, 10)
  const [first, second] = [markets.get(1)!, markets.get(2)!]
  t.match(first, { snapshots: 10, oneSided: 0, trades: 12, passes: 10, evaluated: 10 })
  t.match(second, { snapshots: 10, oneSided: 10, trades: 0, passes: 0 })
  t.equal(first.volume, 12 * 1_200_000)
  const edge = first.edges.quantile(50)!
  t.ok(edge <= 10_000 - 9_000 - 80, 'what the market charges is taken off as well')
})

t.test('flaw: an offer between two looks of a second is not what the market showed', async t => {
  const story = new Story(NO_RULES).market(1)
  story
    .book(1, 1, { bids: [[0.39, 50]], asks: [[0.6, 50]] })
    .book(1, 2, { bids: [[0.39, 50]], asks: [[0.5, 50]] })
    .book(1_100, 1, { bids: [[0.39, 50]], asks: [[0.4, 50]] })
    .book(1_900, 1, { bids: [[0.39, 50]], asks: [[0.6, 50]] })
    .book(5_000, 1, { bids: [[0.39, 50]], asks: [[0.6, 50]] })
  t.match(scored(story.end()).markets.get(1), { snapshots: 5, passes: 0 })
})

t.test('the same print told twice is one trade', async t => {
  const story = seen()
  const print = story.rows.find(({ event }) => event.type === 'TradePrinted')!
  story.rows.splice(story.rows.indexOf(print), 0, { ...print })
  t.match(scored(story).markets.get(1), { trades: 12, duplicates: 1 })
})

t.test('gates: what a market lacks is said, reason by reason', async t => {
  const [first, second] = rows(seen())
  t.match(first, { pick: 'thin', reasons: [] })
  t.match(second, { pick: undefined })
  t.same(second?.reasons, ['trades_too_few', 'passes_too_few', 'neither_liquid_nor_thin'])
  t.match(rows(seen(), 'liquid')[0]?.reasons, ['neither_liquid_nor_thin'])
  t.match(rows(seen(), 'any', { snapshots: 11 })[0]?.reasons, ['snapshots_too_few'])
  t.match(rows(seen(), 'any', { trades: 13 })[0]?.reasons, ['trades_too_few'])
  t.match(rows(seen(), 'any', { passes: 11 })[0]?.reasons, ['passes_too_few'])
})

t.test('a market that is over is not looked at any more', async t => {
  const story = seen()
  const before = scored(story).markets.get(1)?.snapshots
  const early = new Story(NO_RULES).market(1)
  early
    .book(1, 1, { bids: [[0.39, 50]], asks: [[0.4, 50]] })
    .book(1, 2, { bids: [[0.49, 50]], asks: [[0.5, 50]] })
    .resolve(3_000, 1, 1)
    .market(2)
    .book(9_000, 3, { bids: [], asks: [[0.51, 50]] })
  t.equal(before, 10)
  t.equal(scored(early.end()).markets.get(1)?.snapshots, 3)
})

t.test('a histogram gives the value at floor((n − 1) × q)', async t => {
  const histogram = new Histogram()
  t.equal(histogram.quantile(50), undefined)
  histogram.add(5, 3)
  histogram.add(1)
  histogram.add(-2)
  t.same(
    [0, 25, 50, 90, 100].map(q => histogram.quantile(q)),
    [-2, 1, 5, 5, 5],
  )
})
