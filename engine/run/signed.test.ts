import t from 'tap'
import { CommandGiven } from '#schemas/events/run.js'
import { FillReported, OrderAcknowledged, OrderRejected } from '#schemas/events/order.js'
import { SettlementReported, VenueConditionReported } from '#schemas/events/venue.js'
import type { Settlement, VenueCondition } from '#schemas/reasons.js'
import { price, shares, usdc } from '#schemas/units.js'
import { cents, micro } from '#engine/run/testing/story.js'
import { VenueStory } from './testing/venue-story.js'

const bids = [[0.35, 500]] as const
const yes = [[0.4, 50]] as const
const no = [[0.5, 100]] as const
const FIRE = 's6-1.0.1'
const CHASE = 's6-1.1.1'

/** A venue whose account is empty: orders and positions were compared, and an opportunity is there. */
function offered(changes: ConstructorParameters<typeof VenueStory>[0] = {}): VenueStory {
  const story = new VenueStory(changes)
  story.market().lists(1).holds(2)
  story.book(600, 1, { bids, asks: [[0.6, 1]] })
  story.holds(601)
  story.book(700, 1, { bids, asks: yes }).book(701, 2, { asks: no })
  return story
}

const fill = (of: { order: string; trade: string; at: number; size: number; token?: number }) =>
  FillReported.make({
    ...{ order: of.order, trade: of.trade, token: of.token ?? 1, side: 0 as const, fee: usdc(0) },
    ...{ price: price(cents(of.at)), size: shares(micro(of.size)) },
  })
const settled = (order: string, trade: string, state: Settlement) =>
  SettlementReported.make({ order, trade, state, tx: '' })
const condition = (name: VenueCondition, active: boolean) =>
  VenueConditionReported.make({ condition: name, active, detail: '' })

t.test('nothing is traded before orders and positions were compared', async t => {
  const story = new VenueStory()
  story.market().book(1, 1, { bids, asks: yes }).book(2, 2, { asks: no })
  t.same(story.all('IntentRefused')[0]?.reasons, ['recovering'])
  t.same([story.count('RequestOpenOrders'), story.count('SendOrder')], [1, 0])
})

t.test('an order is signed, then durable, and only then asked to leave', async t => {
  const story = offered()
  t.match(story.last('SendOrder'), { order: FIRE })
  t.equal(story.count('SubmitOrder'), 0)
  story.signs(710, FIRE)
  const signed = story.rows.find(({ event }) => event.type === 'OrderSigned')
  t.match(story.last('SubmitOrder'), { order: FIRE, seq: signed?.seq ?? 0 })
  t.equal(story.loop.state.oms.orders.get(FIRE)?.venueOrder, `0x${FIRE}`)
})

t.test('what is forbidden between decision and signature does not leave, and says so', async t => {
  const stopped = offered()
  stopped.say(705, CommandGiven.make({ command: 'hard-stop', by: 'test' })).signs(710, FIRE)
  t.match(stopped.one('OrderWithheld'), { order: FIRE, why: 'hard-stop' })
  t.equal(stopped.count('SubmitOrder'), 0)
  t.match(stopped.one('OrderClosed'), { order: FIRE, result: 'none' })

  const blind = offered()
  blind.answer(705, 0, condition('user-channel-lost', true)).signs(710, FIRE)
  t.match(blind.one('OrderWithheld'), { why: 'venue-condition' })
  t.equal(blind.count('SubmitOrder'), 0)
})

t.test(
  'a condition of the venue forbids new risk until it is over, and then what was missed is compared',
  async t => {
    const story = new VenueStory()
    story
      .market()
      .lists(1)
      .holds(2)
      .book(600, 1, { bids, asks: [[0.6, 1]] })
      .holds(601)
    story.answer(610, 0, condition('user-channel-lost', true))
    story.book(700, 1, { bids, asks: yes }).book(701, 2, { asks: no })
    t.same(story.all('IntentRefused')[0]?.reasons, ['venue-condition'])
    const lists = story.count('RequestOpenOrders')
    story.answer(710, 0, condition('user-channel-lost', false))
    t.equal(story.count('RequestOpenOrders'), lists + 1)
    story.lists(720).holds(730)
    t.equal(story.loop.state.recovery.isActive, false)
  },
)

t.test(
  'a fill that fails to settle is taken back, with cash and position, and stops what lost its match',
  async t => {
    const story = offered()
    const before = story.loop.state.exposure.cash
    story.signs(710, FIRE)
    story.answer(
      720,
      0,
      OrderAcknowledged.make({ order: FIRE, venueOrder: 'x', filled: shares(micro(50)) }),
    )
    story.answer(721, 0, fill({ order: FIRE, trade: 'T/0', at: 0.4, size: 30 }))
    story.answer(722, 0, fill({ order: FIRE, trade: 'T/1', at: 0.4, size: 20 }))
    t.equal(story.loop.state.purses.held(1), micro(50))
    t.match(story.last('SendOrder'), { order: CHASE })
    story.answer(730, 0, settled(FIRE, 'T', 'mined')).answer(740, 0, settled(FIRE, 'T', 'failed'))
    t.same(
      story.all('FillVoided').map(({ trade, size }) => [trade, size]),
      [
        ['T/0', micro(30)],
        ['T/1', micro(20)],
      ],
    )
    t.equal(story.loop.state.purses.held(1), 0)
    t.equal(story.loop.state.exposure.cash, before)
    t.match(story.one('HardStopTripped'), { why: 'fill-voided' })
    // The venue may say it all once more: nothing of it counts.
    story.answer(750, 0, fill({ order: FIRE, trade: 'T/0', at: 0.4, size: 30 }))
    story.answer(751, 0, settled(FIRE, 'T', 'failed'))
    t.equal(story.loop.state.purses.held(1), 0)
  },
)

t.test('a trade that failed before its fill was told is never booked', async t => {
  const story = offered()
  story.signs(710, FIRE).answer(720, 0, settled(FIRE, 'T', 'failed'))
  story.answer(721, 0, fill({ order: FIRE, trade: 'T/0', at: 0.4, size: 30 }))
  t.same(story.all('OrderFilled'), [])
  t.same(story.all('HardStopTripped'), [])
})

t.test('what is confirmed cannot be taken back', async t => {
  const story = offered()
  story.signs(710, FIRE)
  story.answer(721, 0, fill({ order: FIRE, trade: 'T', at: 0.4, size: 30 }))
  story.answer(722, 0, settled(FIRE, 'T', 'confirmed')).answer(723, 0, settled(FIRE, 'T', 'failed'))
  t.same(story.all('FillVoided'), [])
})

t.test('a fill of an order that counted as not found is booked: it happened', async t => {
  const story = offered()
  story.signs(710, FIRE)
  story.answer(720, 0, OrderRejected.make({ order: FIRE, reason: 'venue-refused', detail: '' }))
  story.answer(730, 0, fill({ order: FIRE, trade: 'T', at: 0.4, size: 10 }))
  t.equal(story.loop.state.purses.held(1), micro(10))
  t.same(story.all('FillRefused'), [])
})

t.test(
  'an immediate buy may bring more shares than it asked for, never for more money',
  async t => {
    const story = offered()
    story.signs(710, FIRE)
    // Fifty at 0.40 are twenty dollars: at 0.32 they buy 62.5.
    story.answer(720, 0, fill({ order: FIRE, trade: 'T', at: 0.32, size: 62.5 }))
    t.equal(story.loop.state.purses.held(1), micro(62.5))
    story.answer(721, 0, fill({ order: FIRE, trade: 'U', at: 0.32, size: 5 }))
    t.match(story.one('FillRefused'), { reason: 'exceeds-order' })
  },
)

t.test('after a stop the venue is asked until it has no order of the account', async t => {
  const story = offered({ oms: { answer_timeout_ms: 1_000 } })
  story.say(800, CommandGiven.make({ command: 'hard-stop', by: 'test' }))
  t.equal(story.count('CancelEverything'), 1)
  story.lists(810, [], ['0xforgotten'])
  t.match(story.last('CancelStranger'), { venueOrder: '0xforgotten' })
  t.same(story.all('OpenOrdersCleared'), [])
  story.loop.catchUp(2_000_000)
  t.equal(story.count('CancelEverything'), 2, 'and is told again')
  story.lists(2_100)
  t.equal(story.all('OpenOrdersCleared').length, 1)
  story.loop.catchUp(60_000_000)
  t.equal(story.count('CancelEverything'), 2, 'then it rests')
})

t.test('what the account held before stops trading, token by token', async t => {
  const story = new VenueStory()
  story.market().book(1, 1, { bids, asks: yes }).lists(2)
  story.holds(3, [
    [1, micro(7)],
    [2, micro(3)],
  ])
  t.same(
    story.all('HoldingsDiffered').map(({ token, here, there }) => [token, here, there]),
    [
      [1, 0, micro(7)],
      [2, 0, micro(3)],
    ],
  )
  t.match(story.one('HardStopTripped'), { why: 'state-mismatch' })
})

t.test('or is taken over, where the configuration says so', async t => {
  const story = new VenueStory({ live: { adopt_positions: true } })
  story.market().book(1, 1, { bids, asks: [[0.6, 1]] })
  story.lists(2).holds(3, [[1, micro(7)]])
  t.match(story.one('PositionAdopted'), { token: 1, size: micro(7), cost: micro(7 * 0.35) })
  t.equal(story.loop.state.purses.held(1), micro(7))
  t.same(story.all('HardStopTripped'), [])
})

t.test('what is not settled may not be there yet: that is no difference', async t => {
  const story = offered()
  story.signs(710, FIRE)
  story.answer(
    720,
    0,
    OrderAcknowledged.make({ order: FIRE, venueOrder: 'x', filled: shares(micro(50)) }),
  )
  story.answer(721, 0, fill({ order: FIRE, trade: 'T', at: 0.4, size: 50 }))
  story.loop.catchUp(40_000_000)
  story.holds(41_000, [])
  t.same(story.all('HoldingsDiffered'), [])
})

t.test('an order that counts as over and is open all the same is cancelled', async t => {
  const story = offered()
  story.signs(710, FIRE)
  story.answer(720, 0, OrderRejected.make({ order: FIRE, reason: 'not-found', detail: '' }))
  story
    .answer(730, 0, condition('user-channel-lost', true))
    .answer(740, 0, condition('user-channel-lost', false))
  story.lists(750, [FIRE])
  t.match(story.last('CancelStranger'), { venueOrder: `0x${FIRE}` })
})

t.test('throttling stops nothing; what the venue refuses does', async t => {
  const story = offered({ risk: { rejects_max: 1 } })
  story.signs(710, FIRE)
  story.answer(720, 0, OrderRejected.make({ order: FIRE, reason: 'rate-limited', detail: '' }))
  t.same(story.all('HardStopTripped'), [])
})
