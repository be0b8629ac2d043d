import t from 'tap'
import { cents, micro, Story } from '#engine/run/testing/story.js'

const deep = [
  [0.4, 100],
  [0.41, 50],
  [0.45, 500],
] as const

t.test('a market whose two asks sum to less than a dollar', async t => {
  t.test('is bought as far as the next pair still earns the least edge', async t => {
    const story = new Story({ parity: { min_edge_bps: 500 } }).market()
    story
      .book(1, 1, { bids: [[0.38, 10]], asks: deep })
      .book(1, 2, { bids: [[0.5, 10]], asks: [[0.52, 120]] })
    const signal = story.one('SignalRaised')
    // 100 pairs at 0.92, 20 more at 0.93; there the NO side ends.
    t.equal(signal.size, micro(120))
    t.equal(signal.cost, micro(100 * 0.92 + 20 * 0.93))
    t.equal(signal.edge, Math.floor(((120 - 110.6) / 120) * 10_000))
    t.same(
      signal.legs.map(({ token, limit, size, bid, ask }) => [token, limit, size, bid, ask]),
      [
        [1, cents(0.41), micro(120), cents(0.38), cents(0.4)],
        [2, cents(0.52), micro(120), cents(0.5), cents(0.52)],
      ],
    )
  })

  t.test('the limit is the worst level touched, so that all it counted on can fill', async t => {
    const story = new Story({ parity: { min_edge_bps: 100 }, sim: { fill_model: 'walk' } }).market()
    story
      .book(1, 1, { asks: deep })
      .book(1, 2, { asks: [[0.5, 400]] })
      .end()
    const { size } = story.one('SignalRaised')
    t.equal(size, micro(200)) // parity.size_max_micro
    t.equal(story.one('LegsSettled').matched, size)
  })

  t.test('fees count: the same books with a fee earn too little', async t => {
    const asks = [[0.48, 100]] as const
    const free = new Story()
      .market(1)
      .book(1, 1, { asks })
      .book(1, 2, { asks: [[0.5, 100]] })
    t.equal(free.all('SignalRaised').length, 1)
    const dear = new Story()
      .market(1, { feeRate: 700 })
      .book(1, 1, { asks })
      .book(1, 2, { asks: [[0.5, 100]] })
    t.equal(dear.all('SignalRaised').length, 0)
  })

  t.test('below the smallest order nothing is raised', async t => {
    const story = new Story()
      .market()
      .book(1, 1, { asks: [[0.4, 4.99]] })
      .book(1, 2, { asks: [[0.5, 100]] })
    t.same(story.all('SignalRaised'), [])
  })

  t.test('sizes come in hundredths of a share, equal on both legs', async t => {
    const story = new Story()
      .market()
      .book(1, 1, { asks: [[0.4, 7.123456]] })
      .book(1, 2, { asks: [[0.5, 100]] })
    const [yes, no] = story.one('SignalRaised').legs
    t.equal(yes?.size, micro(7.12))
    t.equal(no?.size, yes?.size)
  })

  t.test('the same offer is raised once, however often the book moves behind it', async t => {
    const story = new Story()
      .market()
      .book(1, 1, { asks: [[0.4, 50]] })
      .book(1, 2, { asks: [[0.5, 100]] })
    for (let ms = 2; ms < 9; ms++) story.change(ms, 1, 0, 0.2, ms)
    t.equal(story.all('SignalRaised').length, 1)
  })
})

t.test('a market whose asks sum to a dollar is left alone', async t => {
  const story = new Story()
    .market()
    .book(1, 1, { asks: [[0.5, 50]] })
    .book(1, 2, { asks: [[0.5, 100]] })
  t.same(story.all('SignalRaised'), [])
})

t.test('a side without asks is no offer', async t => {
  const story = new Story()
    .market()
    .book(1, 1, {})
    .book(1, 2, { asks: [[0.01, 100]] })
  t.same(story.all('SignalRaised'), [])
})

t.test('the same opportunity again within its time to live repeats the first', async t => {
  const story = new Story().market()
  story.book(1, 1, { asks: [[0.4, 50]] }).book(1, 2, { asks: [[0.5, 100]] })
  story.book(2_000, 1, { asks: [[0.6, 50]] }).book(2_001, 1, { asks: [[0.4, 50]] })
  t.same(story.all('DedupSignal'), [{ signal: 's7-1', repeats: 's5-1' }])
  story.book(40_000, 1, { asks: [[0.6, 50]] }).book(40_001, 2, { asks: [[0.5, 100]] })
  story.book(40_002, 1, { asks: [[0.4, 50]] })
  t.equal(story.all('DedupSignal').length, 1, 'after the time to live it is new')
})
