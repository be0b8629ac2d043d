import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { opening } from '../../testing/drain.js'
import type { FeedInput, Opening } from '../../feed.js'
import { kalshiTops } from '../../kalshi/recorded/tops.js'
import { metaOf } from '../../recorded/meta.js'
import { polymarketBooks } from './books.js'

const dir = t.testdir()
const written = (name: string, ...lines: unknown[]): string => {
  const file = join(dir, name)
  writeFileSync(file, lines.map(line => JSON.stringify(line)).join('\n'))
  return file
}
async function drained(feed: {
  open: (of: Opening) => AsyncIterable<readonly FeedInput[]>
}): Promise<FeedInput[]> {
  const inputs: FeedInput[] = []
  for await (const batch of feed.open(opening())) inputs.push(...batch)
  return inputs
}
const market = (key: string, threshold: string, more = {}) => ({
  conditionId: key,
  clobTokenIds: JSON.stringify([`${key}-y`, `${key}-n`]),
  outcomes: '["Yes","No"]',
  negRisk: true,
  groupItemThreshold: threshold,
  orderMinSize: 5,
  orderPriceMinTickSize: 0.01,
  ...more,
})
const event = (more = {}) => ({
  slug: 'who-wins',
  title: 'Who wins?',
  negRisk: true,
  negRiskAugmented: false,
  markets: [market('0xb', '1'), market('0xa', '0')],
  ...more,
})
const book = (key: string, at: string, timestamp: string) => ({
  market: key,
  asset_id: `${key}-y`,
  timestamp,
  bids: [{ price: '0.10', size: '5' }],
  asks: [{ price: at, size: '50' }],
  min_order_size: '5',
  tick_size: '0.01',
  neg_risk: true,
})

t.test('an event of the venue ties its markets together, in the order of its outcomes', async t => {
  const file = written(
    'book.json',
    book('0xa', '0.40', '1786000001000'),
    book('0xb', '0.50', '1786000003000'),
  )
  const inputs = await drained(polymarketBooks([file], metaOf(event(), 'here')))
  const groups = inputs.flatMap(({ event: of }) => (of.type === 'GroupListed' ? [of.data] : []))
  const facts = { group: 'who-wins', exclusive: true, growing: false, outcomes: 2 }
  t.match(groups.at(-1), { ...facts, markets: [1, 2] })
  t.same(groups[0]?.markets, [1], 'the other one was not seen yet')
  t.same(
    [...new Set(inputs.map(({ tUs }) => tUs))],
    [1_786_000_001_000_000, 1_786_000_003_000_000],
    'each book has its own time',
  )
})

t.test('an augmented event, or one with an "other" outcome, can grow', async t => {
  const other = { markets: [market('0xa', '0'), market('0xb', '1', { negRiskOther: true })] }
  for (const more of [{ negRiskAugmented: true }, other])
    t.match(metaOf(event(more), 'here')[0], { event: { growing: true } })
  t.match(metaOf(event({ negRisk: false }), 'here')[0], { event: { exclusive: false } })
})

const poll = (bid: number, ask: number, timestamp: string) => ({
  timestamp,
  event_ticker: 'SCORE',
  markets: {
    60: { yes_bid: bid, yes_ask: ask, ticker: 'SCORE-60' },
    45: { yes_bid: 0.9, yes_ask: 1, ticker: 'SCORE-45' },
  },
})

t.test('polls of thresholds: books of both outcomes, a group that is not exclusive', async t => {
  const file = written(
    'polls.jsonl',
    poll(0.55, 0.6, '2026-05-20T04:44:11.762121+00:00'),
    poll(0.58, 0.61, '2026-05-20T05:44:11.762121+00:00'),
    poll(0.7, 0.7, '2026-05-20T06:44:11.000000+00:00'),
  )
  const feed = kalshiTops([file])
  const inputs = await drained(feed)
  t.equal(inputs[0]?.tUs, Date.parse('2026-05-20T04:44:11.762Z') * 1_000 + 121)
  const of = (type: string) => inputs.map(({ event: one }) => one).filter(one => one.type === type)
  t.match(of('GroupListed'), [{ data: { exclusive: false, markets: [1, 2] } }])
  t.same(
    of('BookSnapshot').map(({ data }) => data),
    [
      { token: 1, bids: [9_000, 100_000_000], asks: [] },
      { token: 2, bids: [], asks: [1_000, 100_000_000] },
      { token: 3, bids: [5_500, 100_000_000], asks: [6_000, 100_000_000] },
      { token: 4, bids: [4_000, 100_000_000], asks: [4_500, 100_000_000] },
    ],
  )
  const frames = of('BookChanged').map(({ data }) => (data as { d: number[] }).d)
  t.same(
    frames.map(d => new Set(d.filter((_, k) => k % 6 === 0)).size),
    [2, 2, 2],
    'both outcomes in one frame, so that no rule sees half of a poll',
  )
  t.match(feed.report(), {
    markets: 2,
    skipped: [{ reason: /size is not recorded/ }, { reason: 'bid not below ask', count: 1 }],
  })
})

t.test('what is no poll is named', async t => {
  const file = written('odd.jsonl', { timestamp: 'now', event_ticker: 'X', markets: {} })
  await t.rejects(drained(kalshiTops([file])), { message: 'timestamp is "now"' })
  const less = written('less.jsonl', { event_ticker: 'X' })
  await t.rejects(drained(kalshiTops([less])), /Poll|timestamp/)
})
