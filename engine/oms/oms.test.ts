import t from 'tap'
import { FillReported, OrderAcknowledged } from '#schemas/events/order.js'
import { price, shares, usdc } from '#schemas/units.js'
import { cents, micro, Story } from '#engine/run/testing/story.js'

const yes = [[0.4, 50]] as const
const no = [[0.5, 100]] as const
const offer = (story: Story): Story =>
  story.market().book(1, 1, { asks: yes }).book(1, 2, { asks: no })

t.test('an approved signal', async t => {
  t.test('fires its thinnest leg first, then the other, and ends matched', async t => {
    const story = offer(new Story()).end()
    t.same(
      story.all('OrderPlaced').map(({ order, token, limit, size }) => [order, token, limit, size]),
      [
        ['s5-1.0.1', 1, cents(0.4), micro(50)],
        ['s5-1.1.1', 2, cents(0.5), micro(50)],
      ],
    )
    t.match(story.one('LegsSettled'), { signal: 's5-1', result: 'matched', matched: micro(50) })
    const { cash, total } = story.loop.state.exposure
    t.equal(cash, micro(1_000 - 45))
    t.equal(total, micro(45), 'nothing is reserved any more')
  })

  t.test('the second leg asks for no more than the first filled', async t => {
    const story = offer(new Story({ sim: { fill_share_thin_bps: 5_000 } })).end()
    t.same(
      story.all('OrderPlaced').map(({ size }) => size),
      [micro(50), micro(25)],
    )
    t.match(story.one('LegsSettled'), { result: 'matched', matched: micro(25) })
  })

  t.test('when the first leg fills nothing, the second is not fired', async t => {
    const story = offer(new Story())
      .book(2, 1, { asks: [[0.6, 50]] })
      .end()
    t.equal(story.all('OrderPlaced').length, 1)
    t.match(story.one('OrderClosed'), { result: 'none', filled: 0 })
    t.match(story.one('LegsSettled'), { result: 'none', matched: 0 })
  })

  t.test('what does not find its match stays a position', async t => {
    const story = offer(new Story())
      .book(130, 2, { asks: [[0.7, 100]] })
      .end()
    t.match(story.one('LegsSettled'), { result: 'unmatched', matched: 0 })
    t.same([...story.loop.state.exposure.positions], [[1, { size: micro(50), cost: micro(20) }]])
  })

  t.test('a fill told twice is booked once', async t => {
    const story = offer(new Story({ sim: { latency_ms: 60_000 } }))
    const fill = FillReported.make({
      order: 's5-1.0.1',
      trade: 'x1',
      token: 1,
      side: 0,
      price: price(cents(0.4)),
      size: shares(micro(20)),
      fee: usdc(0),
    })
    story.say(5, fill).say(6, fill)
    t.equal(story.all('OrderFilled').length, 1)
  })

  t.test('a fill that does not fit is refused, kept, and trips the hard stop', async t => {
    const story = offer(new Story({ sim: { latency_ms: 60_000 } }))
    const fill = { order: 's5-1.0.1', trade: 'x1', token: 1, side: 0 as const, fee: usdc(0) }
    story.say(5, FillReported.make({ ...fill, price: price(cents(0.41)), size: shares(micro(20)) }))
    t.match(story.one('FillRefused'), { reason: 'beyond-limit' })
    t.match(story.one('HardStopTripped'), { why: 'fill-mismatch' })
    t.same(story.all('OrderFilled'), [])
  })

  t.test('an order that nobody asked for is refused too', async t => {
    const story = offer(new Story())
    const fill = { order: 's9-1.0.1', trade: 'x1', token: 1, side: 0 as const, fee: usdc(0) }
    story.say(5, FillReported.make({ ...fill, price: price(1), size: shares(1) }))
    t.match(story.one('FillRefused'), { reason: 'unknown-order' })
  })

  t.test('an acknowledgement after the end changes nothing', async t => {
    const story = offer(new Story()).end()
    const from = story.loop.lastSeq + 1
    story.say(
      9_999,
      OrderAcknowledged.make({ order: 's5-1.0.1', venueOrder: '', filled: shares(0) }),
    )
    t.same(story.decisions(from), [])
  })

  t.test('while it is in flight, another of its market is dropped', async t => {
    const story = offer(new Story()).book(2, 1, { asks: [[0.3, 50]] })
    t.match(story.one('SignalDropped'), { reason: 'market-busy' })
  })
})

t.test('rejects in a row trip the hard stop, and no order follows it', async t => {
  const story = new Story({ sim: { reject_bps: 10_000 }, risk: { rejects_max: 2 } })
  for (const m of [1, 2, 3]) {
    story.market(m)
    story.book(m * 1_000, 2 * m - 1, { asks: yes }).book(m * 1_000, 2 * m, { asks: no })
  }
  story.end()
  t.equal(story.all('OrderPlaced').length, 2)
  t.match(story.one('HardStopTripped'), { why: 'consecutive-rejects' })
  t.same(story.one('IntentRefused').reasons, ['hard-stop'])
})
