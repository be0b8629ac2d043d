import t from 'tap'
import { micro, Story } from './testing/story.js'

/** A market with a spread of one tick on both sides and thousands of dollars in every level. */
const tight = (config: ConstructorParameters<typeof Story>[0], tick: number): Story => {
  const step = tick / 10_000
  return new Story(config)
    .market(1, { tick })
    .book(1, 1, { bids: [[0.4 - step, 9]], asks: [[0.4, 5_000]] })
    .book(1, 2, { bids: [[0.5 - step, 9]], asks: [[0.5, 5_000]] })
}
const bucketOf = (story: Story): string => story.one('SignalRaised').bucket

t.test(
  'flaw: no market with ticks of a cent is liquid; the rule in ticks is an option',
  async t => {
    const spreads = Array.from({ length: 98 }, (_, k) =>
      Math.ceil((20_000 * 1) / (2 * (k + 1) + 1)),
    )
    t.ok(Math.min(...spreads) >= 100, 'one cent is at least 100 bps at any price')
    t.equal(bucketOf(tight({}, 100)), 'thin', 'as frozen')
    t.equal(bucketOf(tight({ bucket: { rule: 'ticks' } }, 100)), 'liquid')
    t.equal(bucketOf(tight({ bucket: { rule: 'ticks' } }, 1)), 'liquid')
  },
)

t.test('the rule in ticks: at most so many, with bids, and with the same depth', async t => {
  const ticks = { bucket: { rule: 'ticks' as const } }
  const of = (config: ConstructorParameters<typeof Story>[0], bid: number, size: number): string =>
    bucketOf(
      new Story(config)
        .market()
        .book(1, 1, { bids: bid > 0 ? [[bid, 9]] : [], asks: [[0.4, size]] })
        .book(1, 2, { bids: [[0.49, 9]], asks: [[0.5, 50_000]] }),
    )
  t.equal(of(ticks, 0.38, 5_000), 'thin', 'two ticks')
  t.equal(of({ bucket: { rule: 'ticks', ticks_max: 2 } }, 0.38, 5_000), 'liquid')
  t.equal(of(ticks, 0, 5_000), 'thin', 'nobody bids')
  t.equal(of(ticks, 0.39, 1_250), 'thin', '$500 is not more than $500')
  t.equal(of(ticks, 0.39, 1_251), 'liquid')
})

t.test('the frozen rule at its edges: 20 bps and $500 are thin', async t => {
  const of = (bid: number, ask: number, dollars: number): string => {
    const story = new Story({ parity: { min_edge_bps: -9_999, size_max_micro: micro(10) } })
    return bucketOf(
      story
        .market(1, { tick: 1 })
        .book(1, 1, { bids: [[bid, 9]], asks: [[ask, dollars / ask]] })
        .book(1, 2, { bids: [[0.4, 9]], asks: [[0.4, 90_000]] }),
    )
  }
  t.equal(of(0.4995, 0.5005, 1_001), 'thin', '20 bps')
  t.equal(of(0.4996, 0.5005, 1_001), 'liquid', '18 bps, rounded up')
  t.equal(of(0.4996, 0.5005, 500), 'thin', 'just $500')
})
