import t from 'tap'
import { Story } from '#engine/run/testing/story.js'
import { pnlFile, positionsFile } from './profit.js'
import { project } from './projection.js'
import { summary } from './summary.js'
import { eventful, objectsOf, offered } from './testing/eventful.js'

t.test('the total of pnl is the profit of the summary', async t => {
  for (const story of [eventful(), eventful([]), offered(new Story()).end()]) {
    const total = objectsOf(pnlFile, story).at(-1)
    const { realised, open, fees } = project(summary, story.rows).pnlMicro
    t.match(total, { strategy: '*', market: '*' })
    t.same(
      [total?.['realised'], total?.['open'], total?.['fees']],
      [realised, open, fees].map(n => (n / 1_000_000).toFixed(6)),
    )
  }
})

t.test('the rows of markets add up to their strategy, and strategies to the run', async t => {
  const rows = objectsOf(pnlFile, eventful())
  const sum = (some: Record<string, string>[]): number =>
    some.reduce((all, row) => all + Math.round(Number(row['total']) * 1e6), 0)
  const markets = rows.filter(row => row['market'] !== '*')
  t.ok(markets.length > 1)
  t.equal(sum(markets), sum(rows.slice(-1)))
  t.equal(sum(rows.filter(row => row['market'] === '*' && row['strategy'] !== '*')), sum(markets))
})

t.test('a complete set is carried as a position', async t => {
  t.match(objectsOf(positionsFile, offered(new Story()).end()), [
    { strategy: 'parity', token_id: 't1', qty: '50.000000', cost: '20.000000', avg_cost: '0.4000' },
    { token_id: 't2', outcome: 'No', qty: '50.000000', cost: '25.000000', best_bid: '0.4500' },
  ])
})

t.test('what was flattened was bought, sold, and is not held', async t => {
  const story = offered(new Story({}, { faults: ['force-chase-fail'] })).end()
  t.match(objectsOf(positionsFile, story), [
    { bought_qty: '50.000000', sold_qty: '50.000000', qty: '0.000000', avg_cost: '' },
  ])
  t.match(objectsOf(pnlFile, story)[0], { realised: '-2.500000', open: '0.000000' })
})

t.test('more of a leg than its match is sold down to the match, not entirely', async t => {
  const story = offered(new Story())
  story.book(121, 2, { bids: [[0.45, 500]], asks: [[0.5, 20]] }).end()
  t.match(objectsOf(positionsFile, story), [
    { token_id: 't1', sold_qty: '30.000000', qty: '20.000000' },
    { token_id: 't2', sold_qty: '0.000000', qty: '20.000000' },
  ])
})

t.test('a resolution pays, and the position is gone', async t => {
  const story = offered(new Story()).resolve(5_000, 1, 1).end()
  t.match(objectsOf(positionsFile, story), [
    { settled_qty: '50.000000', qty: '0.000000' },
    { settled_qty: '50.000000', qty: '0.000000' },
  ])
  t.match(objectsOf(pnlFile, story)[0], { realised: '5.000000', open: '0.000000' })
})
