import t from 'tap'
import type { SendOrder } from '#engine/core/effects.js'
import { cents, micro, Story } from '#engine/run/testing/story.js'

const asks = [
  [0.4, 50],
  [0.41, 50],
] as const
const offer = (story: Story): Story =>
  story
    .market()
    .book(1, 1, { asks })
    .book(1, 2, { asks: [[0.5, 100]] })

t.test('the share model fills a part of the touch, at the touch and not at the limit', async t => {
  const story = offer(new Story({ sim: { fill_share_thin_bps: 3_000 } })).end()
  const [first] = story.all('FillReported')
  t.match(first, { token: 1, price: cents(0.4), size: micro(15) })
})

t.test(
  'the level-walking model fills each level at its own price, one report per level',
  async t => {
    const story = offer(new Story({ sim: { fill_model: 'walk' } })).end()
    t.same(
      story.all('FillReported').map(({ token, price, size }) => [token, price, size]),
      [
        [1, cents(0.4), micro(50)],
        [1, cents(0.41), micro(50)],
        [2, cents(0.5), micro(100)],
      ],
    )
  },
)

t.test('answers are due in event time, on the book as it then stands', async t => {
  const story = offer(new Story({ sim: { latency_ms: 100 } }))
    .book(101, 1, { asks: [[0.39, 8]] })
    .end()
  const acked = story.rows.find(({ event }) => event.type === 'OrderAcknowledged')
  t.equal(acked?.tUs, 101_000, 'an answer comes before a feed input of the same time')
  const [first] = story.all('FillReported')
  t.equal(first?.price, cents(0.4))
})

t.test('liquidity taken stays taken until the feed restates it', async t => {
  const quick = { dedup: { ttl_ms: 0 }, oms: { cooldown_ms: 0 }, sim: { latency_ms: 0 } }
  const story = new Story(quick).market()
  story.book(1, 1, { asks: [[0.4, 50]] }).book(1, 2, { asks: [[0.5, 100]] })
  // The same offer is seen again, although the feed never restated the level that we took.
  story
    .book(10, 2, { asks: [[0.7, 1]] })
    .book(11, 2, { asks: [[0.5, 100]] })
    .end()
  const filled = story.all('OrderAcknowledged').map(one => one.filled)
  t.same(filled, [micro(50), micro(50), 0], 'the second time nothing is left on token 1')
})

t.test('what is taken on one token is taken on its mirror', async t => {
  const story = new Story().market()
  // Buying YES at 0.40 takes the same liquidity as selling NO at 0.60.
  story.book(1, 1, { asks: [[0.4, 50]] }).book(1, 2, { bids: [[0.6, 50]], asks: [[0.7, 20]] })
  const { gateway } = story.loop
  const filled = (order: Partial<SendOrder>) => {
    const fixed = {
      ...({ tag: 'SendOrder', seq: 1, action: 'fire', bucket: 'thin', tif: 'FAK' } as const),
      ...{ isPostOnly: false, untilUs: Infinity },
    }
    gateway.send(
      { order: 'x', token: 1, side: 0, limit: 4_000, size: micro(20), ...fixed, ...order },
      0,
    )
    let total = 0
    while (gateway.dueUs !== Number.POSITIVE_INFINITY) {
      const event = gateway.take()?.event
      if (event?.type === 'FillReported') total += event.data.size
    }
    return total
  }
  t.equal(filled({}), micro(20))
  t.equal(filled({ order: 'y', token: 2, side: 1, limit: 6_000, size: micro(50) }), micro(30))
})

t.test('randomness belongs to the order: one more order changes no other', async t => {
  const sim = { reject_bps: 5_000, jitter_ms: 50 }
  const story = (extra: boolean) => {
    const told = new Story({ sim, dedup: { ttl_ms: 0 } }).market(1).market(2)
    told.book(1, 3, { asks: [[0.4, 9]] })
    if (extra) told.book(2, 1, { asks: [[0.4, 50]] }).book(2, 2, { asks: [[0.5, 100]] })
    else told.book(2, 1, {}).book(2, 2, {})
    return told.book(3, 4, { asks: [[0.5, 9]] }).end()
  }
  const answers = (told: Story) =>
    told.rows
      .filter(({ event }) => event.type === 'OrderAcknowledged' || event.type === 'OrderRejected')
      .map(({ tUs, event }) => [tUs, event])
  const alone = answers(story(false))
  t.ok(alone.length > 0)
  const both = answers(story(true))
  for (const answer of alone)
    t.ok(both.some(other => JSON.stringify(other) === JSON.stringify(answer)))
})

t.test('the exchange refuses what the venue would', async t => {
  t.test('a resolved market', async t => {
    const story = offer(new Story({ sim: { latency_ms: 500 } }))
      .resolve(2, 1, 1)
      .end()
    t.match(story.one('OrderRejected'), { reason: 'no-market' })
  })
  t.test('a marketable buy below a dollar', async t => {
    const story = new Story().market(1, { minSize: 1 })
    story.book(1, 1, { asks: [[0.4, 2]] }).book(1, 2, { asks: [[0.5, 100]] })
    t.same(story.all('SignalRaised'), [], 'so that no rule raises one')
    const { gateway } = story.loop
    const order = { tag: 'SendOrder', order: 'x', token: 1, side: 0, limit: 4_000 } as const
    const more = {
      ...({ size: micro(2), seq: 1, action: 'fire', bucket: 'thin', tif: 'FAK' } as const),
      ...{ isPostOnly: false, untilUs: Infinity },
    }
    gateway.send({ ...order, ...more }, 0)
    t.match(gateway.take()?.event, { type: 'OrderRejected', data: { reason: 'below-min-size' } })
  })
})

t.test('each fill is charged as the venue of its market charges', async t => {
  const feesOf = (venue: string): readonly (readonly number[])[] => {
    const story = new Story({ sim: { fill_model: 'walk' } })
      .market(1, { venue, feeRate: 700, minSize: 1 })
      .book(1, 1, { asks: [[0.45, 4]] })
      .book(1, 2, { asks: [[0.47, 4]] })
      .end()
    return [
      story.all('SignalRaised').map(one => one.fee),
      story.all('FillReported').map(one => one.fee),
    ]
  }
  // 0.07 × 4 × 0.45 × 0.55 = 0.0693, 0.07 × 4 × 0.47 × 0.53 = 0.069748
  t.same(feesOf('polymarket'), [[139_050], [69_300, 69_750]])
  t.same(feesOf('kalshi'), [[140_000], [70_000, 70_000]])
  t.same(feesOf('nowhere'), [[140_000], [70_000, 70_000]])
})
