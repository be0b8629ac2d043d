import t from 'tap'
import { FillReported, OrderAcknowledged, OrderOutcomeUnknown } from '#schemas/events/order.js'
import { price, shares, usdc } from '#schemas/units.js'
import { ConfigChanged } from '#schemas/events/run.js'
import { cents, configWith, micro, Story } from '#engine/run/testing/story.js'

const bids = [[0.35, 500]] as const
const yes = [[0.4, 50]] as const
const no = [[0.5, 100]] as const
const offer = (story: Story): Story =>
  story.market().book(1, 1, { bids, asks: yes }).book(1, 2, { asks: no })
const oms = { answer_timeout_ms: 3_000, query_every_ms: 2_000, query_deadline_ms: 5_000 }
/** Nothing comes back, and nobody was told: as if the line were cut. */
const silent = { sim: { lost_bps: 10_000 }, oms }

t.test(
  'an order without an answer is asked about until the deadline, then nobody knows',
  async t => {
    const story = offer(new Story(silent)).end()
    t.same(
      story.all('ClockTicked').map(({ due }) => due),
      [3_001_000, 5_001_000, 7_001_000, 8_001_000],
    )
    t.same(
      story.all('OrderQueried').map(({ query, until }) => [query, until]),
      [1, 2, 3].map(query => [query, 8_001_000]),
    )
    t.match(story.one('OrderClosed'), { result: 'unknown', filled: 0 })
    t.match(story.one('LegsSettled'), { result: 'unknown' })
    t.match(story.one('HardStopTripped'), { why: 'unknown-outcome', detail: 's5-1.0.1' })
    t.equal(
      story.loop.state.exposure.total,
      story.one('IntentApproved').notional,
      'it counts as full exposure',
    )
  },
)

t.test('meanwhile its market takes no signal, another one does', async t => {
  const story = offer(new Story({ ...silent, dedup: { ttl_ms: 0 } })).market(2)
  story.book(4_000, 1, { bids, asks: [[0.3, 50]] })
  t.match(story.one('SignalDropped'), { reason: 'market-busy' })
  story.book(4_001, 3, { bids, asks: yes }).book(4_001, 4, { asks: no })
  t.equal(story.all('IntentApproved').length, 2)
})

t.test('a lost answer is found out by asking, and the signal goes on', async t => {
  const story = offer(new Story({ sim: { answer_lost_bps: 10_000 }, oms })).end()
  t.match(story.all('OrderQueried')[0], { order: 's5-1.0.1', query: 1 })
  t.match(story.one('LegsSettled'), { result: 'matched', matched: micro(50) })
  t.same(story.all('HardStopTripped'), [])
  const told = story.rows.find(({ event }) => event.type === 'OrderAcknowledged')
  const asked = story.rows.find(({ event }) => event.type === 'OrderQueried')
  t.equal(told?.cause, asked?.seq, 'the answer belongs to the question')
})

t.test('an order that the exchange never saw is refused when it is asked about', async t => {
  const story = offer(new Story({ sim: { lost_bps: 5_000 }, oms })).end()
  // Keyed by seed and id: the first order of this story is lost, the question about it is not.
  t.match(story.one('OrderRejected'), { order: 's5-1.0.1', reason: 'not-found' })
  t.match(story.one('LegsSettled'), { result: 'none' })
})

/** From `ms` on the exchange is silent for a minute. */
const silentFrom = (story: Story, ms: number, config: Parameters<typeof configWith>[0]): Story => {
  const sim = { ...config?.sim, latency_ms: 60_000 }
  return story.say(ms, ConfigChanged.make({ config: configWith({ ...config, sim }), digest: '' }))
}
const hasty = { oms: { answer_timeout_ms: 150, query_every_ms: 10, query_deadline_ms: 10 } }

t.test('what is confirmed is flattened before trading stops', async t => {
  const story = silentFrom(offer(new Story(hasty)), 100, hasty).end()
  t.same(
    story.all('OrderPlaced').map(({ action, leg, size }) => [action, leg, size]),
    [
      ['fire', 0, micro(50)],
      ['chase', 1, micro(50)],
      ['flatten', 0, micro(50)],
    ],
  )
  const types = story.rows.map(({ event }) => event.type)
  t.ok(types.indexOf('HardStopTripped') > types.lastIndexOf('OrderPlaced'))
  t.match(story.one('LegsSettled'), { result: 'unknown' })
})

t.test('an unknown way out is not tried twice: that could sell twice', async t => {
  const story = offer(new Story(hasty, { faults: ['force-chase-fail'] }))
  silentFrom(story, 350, hasty).end() // both chases are over by then, the way out is not
  t.same(
    story.all('OrderPlaced').map(({ action, rung }) => `${action} ${rung}`),
    ['fire 1', 'chase 1', 'chase 2', 'flatten 1'],
  )
  t.match(story.one('HardStopTripped'), { why: 'unknown-outcome', detail: 's5-1.0.2' })
})

t.test('where nobody asks, trading stops at once', async t => {
  const story = offer(new Story({ ...silent, oms: { ...oms, query_deadline_ms: 0 } })).end()
  const types = story.decisions()
  t.same(types.slice(types.indexOf('HardStopTripped')), [
    'HardStopTripped',
    'OrderClosed',
    'LegsSettled',
    'CooldownStarted',
    'RunEnded',
  ])
  t.same(story.all('OrderQueried'), [])
})

t.test('a late fill of an unknown order is still booked', async t => {
  const story = offer(new Story({ sim: { latency_ms: 60_000 }, oms: { query_deadline_ms: 0 } }))
  story.say(5, OrderOutcomeUnknown.make({ order: 's5-1.0.1', why: 'timeout' }))
  const fill = { order: 's5-1.0.1', trade: 'x1', token: 1, side: 0 as const, fee: usdc(0) }
  story.say(9, FillReported.make({ ...fill, price: price(cents(0.4)), size: shares(micro(20)) }))
  t.equal(story.one('OrderFilled').size, micro(20))
})

t.test('both answers to one order are taken as one', async t => {
  const slow = { sim: { latency_ms: 4_000 }, oms }
  const story = offer(new Story(slow))
  const said = { order: 's5-1.0.1', venueOrder: 'x', filled: shares(0) }
  story.say(3_500, OrderAcknowledged.make(said)).end()
  t.equal(story.all('OrderClosed').filter(({ order }) => order === 's5-1.0.1').length, 1)
})

t.test(
  'a fill of an order that the exchange refused is not believed, and stops trading',
  async t => {
    const story = offer(new Story({ sim: { reject_bps: 10_000 } })).end()
    const fill = { order: 's5-1.0.1', trade: 'x1', token: 1, side: 0 as const, fee: usdc(0) }
    story.say(999, FillReported.make({ ...fill, price: price(4_000), size: shares(micro(20)) }))
    t.match(story.one('FillRefused'), { reason: 'exceeds-order' })
    t.match(story.one('HardStopTripped'), { why: 'fill-mismatch' })
  },
)

t.test('a fill that is told after its market was decided is settled at once', async t => {
  const story = offer(new Story({ sim: { latency_ms: 60_000 } }))
  const fill = { order: 's5-1.0.1', trade: 'x1', token: 1, fee: usdc(0) }
  const bought = { ...fill, side: 0 as const, price: price(cents(0.4)), size: shares(micro(20)) }
  // Bought before the end, told after it: it is paid at once.
  story.resolve(100, 1, 1).say(200, FillReported.make(bought))
  t.match(story.one('PositionSettled'), { token: 1, size: micro(20), payout: micro(20) })
  const { cash, positions } = story.loop.state.exposure
  t.equal(cash, micro(1_000 + 20 * 0.6))
  t.equal(positions.size, 0)
})
