import t from 'tap'
import { MarketListed, TokenListed } from '#schemas/events/market.js'
import type { Recorded } from '#schemas/recorded.js'
import { eventful } from '../../testing/eventful.js'
import { World } from '../../world.js'
import { escaped } from './html.js'
import { RunFold } from './run-fold.js'
import { runPage, type RunFacts } from './run-page.js'
import { Series } from './series.js'

const ODD = `<script>alert('1')</script> & "more"`

function folded(rows: readonly Recorded[]): ReturnType<RunFold['facts']> {
  const [fold, world] = [new RunFold(), new World()]
  for (const row of rows) {
    world.take(row)
    fold.take(row, world)
  }
  return fold.facts(world)
}

function pageOf(rows: readonly Recorded[], told: Partial<RunFacts> = {}): string {
  return runPage({
    ...folded(rows),
    ...{ head: 'ab12', lastSeq: rows.length, firstUs: 0, lastUs: 15_000_000, digest: 'cd34' },
    verdict: { status: 'intact', sealed: true, provenTo: rows.length },
    replay: { identical: true, stateHash: 'ef56', firstDivergence: null },
    ...told,
  })
}

/** The same run of markets and tokens that are called oddly. */
const odd = (rows: readonly Recorded[]): Recorded[] =>
  rows.map(row => {
    const { event } = row
    if (event.type === 'MarketListed')
      return { ...row, event: MarketListed.make({ ...event.data, question: ODD, key: ODD }) }
    if (event.type === 'TokenListed')
      return { ...row, event: TokenListed.make({ ...event.data, outcome: ODD, key: ODD }) }
    return row
  })

t.test('the page shows every part of a run', async t => {
  const page = pageOf(eventful().rows)
  const titles = [...page.matchAll(/<h2>([^<]*)<\/h2>/g)].map(([, title]) => title)
  t.same(titles, [
    ...['Log', 'Equity and drawdown', 'Profit by strategy and market', 'Fills over price'],
    ...['Signals', 'Calibration by bucket', 'Latency in event time'],
  ])
  t.match(page, 'intact, sealed')
  t.match(page, 'identical, every line')
  t.ok([...page.matchAll(/<circle class="buy"/g)].length > 3, 'fills are dots')
  t.match(page, /prefers-color-scheme: dark/)
})

t.test('a page loads nothing: no script, no address, no style from elsewhere', async t => {
  const page = pageOf(eventful().rows)
  t.notMatch(page, /<script|https?:|\bsrc=|\bhref=|url\(|@import|\son\w+=/i)
  t.match(page, `default-src 'none'`)
})

t.test('names that come from the feed are text, in elements and in attributes', async t => {
  const plain = pageOf(eventful().rows)
  const page = pageOf(odd(eventful().rows))
  t.notMatch(page, '<script')
  t.match(page, escaped(ODD))
  const tags = (of: string): number => [...of.matchAll(/<[a-z!/]/g)].length
  t.equal(tags(page), tags(plain), 'no name makes a tag')
  const quotes = (of: string): number => [...of.matchAll(/"/g)].length
  t.equal(quotes(page), quotes(plain), 'no name ends an attribute')
})

t.test('equal logs give equal bytes', async t => {
  t.equal(pageOf(eventful().rows), pageOf(eventful().rows))
  t.not(pageOf(eventful().rows), pageOf(eventful([]).rows))
})

t.test('what did not hold is said', async t => {
  const replay = { identical: false, stateHash: 'x', firstDivergence: { seq: 7 } }
  const verdict = { status: 'damaged', sealed: false, provenTo: 3 }
  const page = pageOf(eventful().rows, { replay, verdict })
  t.match(page, 'diverges first at event 7')
  t.match(page, 'damaged, open, proven to event 3')
})

t.test('equity ends where the summary does, and drawdown is how far it fell', async t => {
  const { activity, summary } = folded(eventful().rows)
  const { realised, open } = summary.pnlMicro
  t.equal(activity.equity.points.at(-1)?.value, realised + open)
  let [high, deepest] = [0, 0]
  for (const { value } of activity.equity.points) {
    high = Math.max(high, value)
    deepest = Math.min(deepest, value - high)
  }
  t.ok(activity.maxDrawdown <= deepest && activity.maxDrawdown < 0, 'at least what is drawn')
  t.equal(activity.acknowledged.count > 0 && activity.filled.count > 0, true)
  t.ok(activity.filled.count <= summary.orders)
})

t.test('a log in which nothing happened has a page too', async t => {
  const page = pageOf(eventful().rows.slice(0, 1))
  t.match(page, 'Nothing filled.')
  t.match(page, '<p class="faint">None.</p>')
})

t.test('a series keeps few points, the last of each stretch, and the end', async t => {
  const series = new Series()
  for (let k = 0; k < 100_000; k++) series.add(1_000 * k, k)
  t.ok(series.points.length <= 600 && series.points.length > 200)
  t.same(series.points.at(-1), { tUs: 99_999_000, value: 99_999 })
  const times = series.points.map(({ tUs }) => tUs)
  t.same(
    times,
    [...times].sort((a, b) => a - b),
  )
})
