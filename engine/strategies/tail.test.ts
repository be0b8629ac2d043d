import t from 'tap'
import { ReferenceReported, TradePrinted } from '#schemas/events/feed.js'
import { price, shares } from '#schemas/units.js'
import { cents, micro, Story, type configWith } from '#engine/run/testing/story.js'

type Changes = NonNullable<Parameters<typeof configWith>[0]>

const HOUR_MS = 3_600_000

/** A run of tails alone, in market 1 that is decided in so many hours. */
function story(hours: number, tail: Changes['tail'] = {}): Story {
  return new Story({
    strategy: { names: ['tail'], safe_only: false },
    risk: { book_age_max_ms: 30 * HOUR_MS },
    sim: { fill_model: 'walk' },
    tail: { hold_min_ms: 0, ...tail },
  }).market(1, { endsMs: hours * HOUR_MS })
}

const books = (of: Story, ms: number, bid: number, ask: number): Story =>
  of
    .book(ms, 1, { bids: [[bid, 500]], asks: [[ask, 500]] })
    .book(ms, 2, { bids: [[1 - ask, 500]], asks: [[1 - bid, 500]] })

/** Others trade: the taker's side, 0 buys. */
const trade = (of: Story, ms: number, token: number, side: 0 | 1, size: number): Story =>
  of.say(
    ms,
    TradePrinted.make({ token, side, price: price(9_000), size: shares(micro(size)), id: `${ms}` }),
  )

const vote = (of: Story, ms: number, value: number, name = 'm1'): Story =>
  of.say(ms, ReferenceReported.make({ source: 'votes', name, value, unit: 'bps' }))

const settled = (of: Story): Story => {
  of.loop.catchUp(of.loop.tUs + 3_000_000)
  return of
}

t.test('flaw: a price is no evidence for itself', async t => {
  // The earlier system was confident of every leader from 0.81 on: its confidence was made of the price.
  for (const [bid, ask] of [
    [0.81, 0.82],
    [0.9, 0.91],
    [0.95, 0.96],
  ] as const)
    t.same(books(story(0.5), 10, bid, ask).all('SignalRaised'), [], `${ask}`)
})

t.test('trades on its side speak for the leader, and stand in the signal', async t => {
  const of = trade(story(1), 5, 1, 0, 400)
  books(of, 10, 0.91, 0.92)
  settled(of)
  const { legs, used, edge } = of.one('SignalRaised')
  t.same(
    legs.map(({ token, limit, size }) => [token, limit, size]),
    [[1, 9_200, micro(50)]],
  )
  const facts = Object.fromEntries(used ?? [])
  // Three of four hours have run down: 1,875 of 2,500; all that was traded bought it: 4,000 more of a doubt of 850.
  t.match(facts, {
    'mid-bps': 9_150,
    'time-bps': 1_875,
    'flow-bps': 10_000,
    'flow-micro': micro(400),
  })
  t.equal(facts['confidence-bps'], 9_150 + Math.floor((850 * 5_875) / 10_000))
  t.equal(edge, facts['confidence-bps']! - 9_200)
  t.equal(of.one('LegsSettled').matched, micro(50))
})

t.test('who buys the other outcome speaks against it', async t => {
  const of = trade(story(1), 5, 2, 0, 400)
  t.same(books(of, 10, 0.91, 0.92).all('SignalRaised'), [])
  const both = trade(trade(story(1), 5, 2, 0, 200), 6, 1, 0, 200)
  t.same(books(both, 10, 0.91, 0.92).all('SignalRaised'), [], 'and outweighs as much for it')
})

t.test('few trades, and old ones, say nothing', async t => {
  t.same(books(trade(story(1), 5, 1, 0, 150), 10, 0.91, 0.92).all('SignalRaised'), [])
  t.same(books(trade(story(1), 5, 1, 0, 400), 400_000, 0.91, 0.92).all('SignalRaised'), [])
})

t.test('a vote moves the confidence towards itself, for and against', async t => {
  const of = vote(story(1), 5, 9_900)
  books(of, 10, 0.91, 0.92)
  const facts = Object.fromEntries(of.one('SignalRaised').used ?? [])
  t.equal(facts['vote-bps'], 9_900)
  const before = 9_150 + Math.floor((850 * 1_875) / 10_000)
  t.equal(facts['confidence-bps'], before + Math.floor((9_900 - before) / 2))
  const against = vote(trade(story(1), 4, 1, 0, 400), 5, 7_000)
  t.same(books(against, 10, 0.91, 0.92).all('SignalRaised'), [], 'against')
  t.same(
    books(vote(story(1), 5, 9_900, 'm9'), 10, 0.91, 0.92).all('SignalRaised'),
    [],
    'of another',
  )
  t.same(books(vote(story(1), 5, 10_001), 10, 0.91, 0.92).all('SignalRaised'), [], 'that is none')
  const old = vote(story(3), 5, 9_900)
  t.same(books(old, 3_700_000, 0.91, 0.92).all('SignalRaised'), [], 'that is old')
})

t.test('the leader is the dearer outcome, whichever it is', async t => {
  const of = trade(story(1), 5, 2, 0, 400)
  books(of, 10, 0.08, 0.09)
  t.same(
    of.one('SignalRaised').legs.map(({ token, limit }) => [token, limit]),
    [[2, 9_200]],
  )
})

t.test('nothing is bought outside of its gates', async t => {
  const none = (of: Story, bid: number, ask: number, why: string): void => {
    t.same(books(trade(of, 5, 1, 0, 400), 10, bid, ask).all('SignalRaised'), [], why)
  }
  none(story(5), 0.91, 0.92, 'its end is far')
  none(story(0), 0.91, 0.92, 'its end has come')
  none(story(1), 0.96, 0.97, 'it is too dear')
  none(story(1), 0.7, 0.71, 'the confidence is too low')
  none(story(1, { min_edge_bps: 900 }), 0.91, 0.92, 'the edge is too small')
  none(story(1), 0.8, 0.95, 'no level leaves the edge that is wanted')
})

t.test('it is sold by a trailing stop', async t => {
  const of = trade(story(1, { take_profit_bps: 0 }), 5, 1, 0, 400)
  settled(books(of, 10, 0.91, 0.92))
  for (const [ms, bid] of [
    [60_000, 0.95],
    [70_000, 0.93],
    [80_000, 0.93],
  ] as const)
    books(of, ms, bid, bid + 0.01)
  settled(of)
  const [sale] = of.all('OrderPlaced').filter(({ side }) => side === 1)
  t.match(sale, { purpose: 'trailing-stop', limit: cents(0.93), size: micro(50) })
})
