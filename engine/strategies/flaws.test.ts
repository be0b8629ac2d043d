import t from 'tap'
import { cents, micro, Story } from '#engine/run/testing/story.js'

/** Asks of both outcomes with a hundred shares each, on a grid of 1e-4 dollar. */
const asked = (
  config: ConstructorParameters<typeof Story>[0],
  yes: number,
  no: number,
  feeRate = 0,
): Story =>
  new Story(config)
    .market(1, { tick: 1, feeRate })
    .book(1, 1, { bids: [[0.3, 9]], asks: [[yes, 100]] })
    .book(1, 2, { bids: [[0.3, 9]], asks: [[no, 100]] })

t.test(
  'golden: with fees, premium and least edge of 300 bps it fires iff asks sum to 0.9700',
  async t => {
    const edge = { parity: { min_edge_bps: 200 + 10 + 80 + 10 } }
    t.match(asked(edge, 0.49, 0.48).one('SignalRaised'), { edge: 300 }, 'at .9700: ≥, not >')
    t.same(asked(edge, 0.49, 0.4801).all('SignalRaised'), [], 'at .9701')
  },
)

t.test('flaw: the rule charges one fee and the accounts another', async t => {
  const model = { sim: { fill_model: 'walk' as const }, parity: { min_edge_bps: 10 } }
  const story = asked(model, 0.4, 0.5, 400).end()
  const { fee, cost, size, edge } = story.one('SignalRaised')
  const fills = story.all('OrderFilled')
  t.ok(fee > 0)
  t.equal(
    fills.reduce((sum, one) => sum + one.fee, 0),
    fee,
    'what it counted on is what is charged',
  )
  t.equal(
    fills.reduce((sum, { cash }) => sum - cash, 0),
    cost,
  )
  t.equal(edge, Math.floor(((size - cost - fee) * 10_000) / size), 'of what a set pays')
})

t.test(
  'flaw: a change of price sets the best sizes to nothing until the next whole book',
  async t => {
    const story = new Story().market().book(1, 1, { asks: [[0.6, 50]] })
    story.book(1, 2, { asks: [[0.5, 100]] }).change(2, 1, 1, 0.4, 30)
    t.match(story.one('SignalRaised'), { size: micro(30), cost: micro(27) })
    story.end()
    t.match(story.one('LegsSettled'), { result: 'matched', matched: micro(30) })
    t.equal(story.loop.state.book(1).bestAsk, cents(0.4))
  },
)

t.test('levels that are each within the units can be looked at together', async t => {
  const most = 9_000_000_000
  const asks = [
    [0.4, most],
    [0.41, most],
    [0.42, most],
  ] as const
  const story = new Story({ sim: { fill_model: 'walk' } }).market()
  story
    .book(1, 1, { bids: [[0.35, most]], asks })
    .book(1, 2, { bids: [[0.35, most]], asks })
    .end()
  t.equal(story.one('SignalRaised').depth, Number.MAX_SAFE_INTEGER)
  t.equal(story.one('LegsSettled').result, 'matched')
})

t.test('more sets than money can count are no signal', async t => {
  const most = 9_000_000_000
  const wanted = { parity: { size_max_micro: Number.MAX_SAFE_INTEGER } }
  const story = new Story(wanted).market(1, { feeRate: 10_000 })
  const asks = [
    [0.35, most],
    [0.36, most],
  ] as const
  story
    .book(1, 1, { asks })
    .book(1, 2, {
      asks: [
        [0.15, most],
        [0.16, most],
      ],
    })
    .end()
  t.same(
    story.all('SignalRaised').filter(({ cost }) => !Number.isSafeInteger(cost)),
    [],
  )
})
