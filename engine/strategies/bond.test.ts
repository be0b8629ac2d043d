import t from 'tap'
import { cents, type configWith, micro, Story } from '#engine/run/testing/story.js'
import { annualOf } from './bond.js'

type Changes = NonNullable<Parameters<typeof configWith>[0]>

const HOUR_MS = 3_600_000
const QUICK = { hold_min_ms: 0, rest_ms: 60_000 }

/** Lets what is on its way come, some seconds on. Positions set timers for ever: a story of them has no end of its own. */
const settled = (of: Story, ms = 3_000): Story => {
  of.loop.catchUp(of.loop.tUs + ms * 1_000)
  return of
}

/** A run of bonds alone, in market 1 that is decided in so many hours. */
function story(hours: number | undefined, bond: Changes['bond'] = {}, more: Changes = {}): Story {
  const of: Changes = {
    strategy: { names: ['bond'], safe_only: false },
    risk: { book_age_max_ms: 30 * HOUR_MS, ...more.risk },
    sim: { fill_model: 'walk', ...more.sim },
    bond: { ...QUICK, ...bond },
  }
  return new Story({ ...more, ...of, strategy: { ...of.strategy, ...more.strategy } }).market(1, {
    ...(hours !== undefined && { endsMs: hours * HOUR_MS }),
  })
}

const books = (of: Story, ms: number, bid: number, ask: number): Story =>
  of
    .book(ms, 1, { bids: [[bid, 500]], asks: [[ask, 500]] })
    .book(ms, 2, { bids: [[1 - ask, 500]], asks: [[1 - bid, 500]] })

t.test('the return of a year is the simple one: gain on what is paid, times the year', t => {
  // 4 % in 12 hours of a year of 365 days: 0.04 × 730 = 2,920 %. Of this the earlier system saw a 24th part.
  t.equal(annualOf(40_000_000, 1_000_000_000, 12 * HOUR_MS), 292_000)
  t.equal(annualOf(1, 1_000_000, HOUR_MS), Math.floor(0.01 * 8_760))
  t.end()
})

t.test('an outcome near its end is bought for what its last cents earn', async t => {
  const of = settled(books(story(6), 10, 0.96, 0.97))
  const { legs, edge, used, fee } = of.one('SignalRaised')
  t.same(
    legs.map(({ token, limit, size }) => [token, limit, size]),
    [[1, 9_700, micro(50)]],
  )
  // 50 × (0.995 − 0.97), half a percent of them expected to fail.
  t.equal(edge, 250)
  t.equal(fee, 0)
  t.same(
    used?.map(([name]) => name),
    ['left-ms', 'annual-bps', 'loss-bps'],
  )
  t.equal(of.one('LegsSettled').matched, micro(50))
})

t.test('flaw: a threshold of annual return that never binds', async t => {
  // Half a cent in ten hours earns 440 % a year, less than the 500 wanted; in six it earns more.
  t.equal(books(story(10), 10, 0.98, 0.99).all('SignalRaised').length, 0)
  t.equal(books(story(6), 10, 0.98, 0.99).all('SignalRaised').length, 1)
})

t.test('nothing is bought outside of its gates', async t => {
  const none = (of: Story, why: string): void => {
    t.same(of.all('SignalRaised'), [], why)
  }
  none(books(story(undefined), 10, 0.96, 0.97), 'nobody says when it ends')
  none(books(story(13), 10, 0.96, 0.97), 'its end is far')
  none(books(story(0), 10, 0.96, 0.97), 'its end has come')
  none(books(story(6), 10, 0.92, 0.93), 'it is too uncertain')
  none(books(story(6), 10, 0.93, 0.97), 'its spread is too wide')
  none(books(story(6, { loss_bps: 300 }), 10, 0.96, 0.97), 'the losses expected eat its edge')
  none(books(story(6, { price_max: 9_690 }), 10, 0.96, 0.97), 'it is too dear')
})

t.test('flaw: the size on offer is judged on the side that is bought', async t => {
  const of = story(6)
  of.book(10, 1, { bids: [[0.96, 4]], asks: [[0.97, 30]] })
  t.equal(of.one('SignalRaised').size, micro(30))
  const thin = story(6)
  thin.book(10, 1, { bids: [[0.96, 400]], asks: [[0.97, 4]] })
  t.same(thin.all('SignalRaised'), [])
})

t.test('no more outcomes than may be held at once, and one signal an offer', async t => {
  const of = story(6, { positions_max: 1 })
  of.market(2, { endsMs: 6 * HOUR_MS })
  books(of, 10, 0.96, 0.97)
  books(of, 400, 0.96, 0.97)
  of.book(500, 3, { bids: [[0.96, 500]], asks: [[0.97, 500]] })
  settled(books(of, 900, 0.96, 0.97))
  t.equal(of.all('SignalRaised').length, 1)
})

t.test('what is wanted counts as held until its signal is over', async t => {
  const of = story(6, { positions_max: 1 })
  of.market(2, { endsMs: 6 * HOUR_MS })
  books(of, 10, 0.96, 0.97)
  of.book(20, 3, { bids: [[0.96, 500]], asks: [[0.97, 500]] }) // before the first has an answer
  settled(of)
  t.equal(of.all('SignalRaised').length, 1)
})

t.test('a position is sold by its rules, and the order says which', async t => {
  const exit = (bond: Changes['bond'], then: readonly (readonly [ms: number, bid: number])[]) => {
    const of = books(story(6, bond), 10, 0.96, 0.97)
    for (const [ms, bid] of then) books(of, ms, bid, bid + 0.01)
    settled(of)
    return of.all('OrderPlaced').filter(({ side }) => side === 1)
  }
  const [profit] = exit({}, [
    [60_000, 0.99],
    [70_000, 0.99],
  ])
  t.match(profit, { purpose: 'take-profit', limit: cents(0.99), size: micro(50) })
  const [stop] = exit({}, [
    [60_000, 0.94],
    [70_000, 0.94],
  ])
  t.match(stop, { purpose: 'stop', limit: cents(0.94) })
  const trail = { trail_from_bps: 100, trail_bps: 50, take_profit_bps: 0 }
  const [trailing] = exit(trail, [
    [60_000, 0.985],
    [70_000, 0.97],
    [80_000, 0.97],
  ])
  t.match(trailing, { purpose: 'trailing-stop' })
  const [late] = exit({ hold_max_ms: 30_000 }, [
    [60_000, 0.96],
    [70_000, 0.96],
  ])
  t.match(late, { purpose: 'time' })
  t.same(
    exit({ hold_min_ms: HOUR_MS }, [
      [60_000, 0.5],
      [70_000, 0.5],
    ]),
    [],
    'not before it may',
  )
  t.same(
    exit({}, [
      [60_000, 0.965],
      [70_000, 0.965],
    ]),
    [],
    'no rule says so',
  )
})

t.test('what was sold is not bought again before it has rested', async t => {
  const of = books(story(6), 10, 0.96, 0.97)
  books(of, 40_000, 0.99, 0.992)
  for (const ms of [50_000, 60_000, 70_000]) books(of, ms, 0.96, 0.97)
  t.equal(of.all('SignalRaised').length, 1)
  books(of, 200_000, 0.96, 0.97)
  t.equal(of.all('SignalRaised').length, 2)
})

t.test('safe mode records the signal and trades nothing', async t => {
  const of = settled(books(story(6, {}, { strategy: { safe_only: true } }), 10, 0.96, 0.97))
  t.equal(of.one('SignalDropped').reason, 'safe-mode')
  t.same(of.all('OrderPlaced'), [])
})

t.test('breakers judge a position when it ends, not its signal', async t => {
  const risk = { fails_max: 1, rest_ms: HOUR_MS }
  const of = books(story(6, {}, { risk }), 10, 0.96, 0.97)
  books(of, 1_000, 0.96, 0.97)
  t.same(of.all('GateClosed'), [], 'bought and held: no verdict yet')
  for (const ms of [60_000, 70_000]) books(of, ms, 0.9, 0.91)
  settled(of)
  t.match(of.one('GateClosed'), { gate: 'consecutive-failures' })
})

t.test('a market that pays nothing is a loss that breakers see', async t => {
  const risk = { fails_max: 1, rest_ms: HOUR_MS }
  const of = books(story(6, {}, { risk }), 10, 0.96, 0.97)
  books(of, 1_000, 0.96, 0.97)
  of.resolve(2_000, 1, 2)
  t.match(of.one('GateClosed'), { gate: 'consecutive-failures' })
})

t.test('a closed gate keeps nobody from selling what he holds', async t => {
  const of = books(
    story(6, {}, { risk: { daily_loss_max_micro: 1, rest_ms: HOUR_MS } }),
    10,
    0.96,
    0.97,
  )
  of.market(2, { endsMs: 6 * HOUR_MS })
  books(of, 1_000, 0.96, 0.97)
  of.book(1_100, 3, { bids: [[0.96, 500]], asks: [[0.97, 500]] })
  of.book(2_000, 3, { bids: [[0.96, 500]], asks: [[0.97, 500]] })
  // The first is lost and closes the gate of the day; the second is sold all the same.
  for (const ms of [60_000, 70_000]) books(of, ms, 0.9, 0.91)
  t.match(of.one('GateClosed'), { gate: 'daily-loss' })
  for (const ms of [80_000, 90_000]) of.book(ms, 3, { bids: [[0.9, 500]], asks: [[0.91, 500]] })
  settled(of)
  const sold = of.all('OrderPlaced').filter(({ side }) => side === 1)
  t.same(
    sold.map(({ token, purpose }) => [token, purpose]),
    [
      [1, 'stop'],
      [3, 'stop'],
    ],
  )
})
