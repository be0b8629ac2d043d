import t from 'tap'
import { Replay } from '#engine/run/replay.js'
import { cents, micro, Story } from '#engine/run/testing/story.js'

const config = { parity: { min_edge_bps: 10_000 } } // parity keeps out of it
const bids = [[0.05, 500]] as const

/** Three outcomes, YES at 30, 30 and 30 cents, NO at 80: a set of YES costs 90 cents. */
const offered = (
  story: Story,
  group: Parameters<Story['group']>[1] = {},
  asks: readonly number[] = [0.3, 0.3, 0.3],
): Story => {
  asks.forEach((_, k) => story.market(k + 1))
  story.group(
    asks.map((_, k) => k + 1),
    group,
  )
  asks.forEach((at, k) => story.book(1, 2 * k + 1, { bids, asks: [[at, 50 + 10 * k]] }))
  return story
}

t.test(
  'one YES of every outcome, equal shares, when together they cost less than a dollar',
  async t => {
    const story = offered(new Story(config)).end()
    const signal = story.one('SignalRaised')
    t.match(signal, { strategy: 'basket', group: 'e1', market: 1, edge: 1_000, cost: micro(45) })
    t.same(
      signal.legs.map(({ token, limit, size }) => [token, limit, size]),
      [1, 3, 5].map(token => [token, cents(0.3), micro(50)]),
    )
    t.match(story.one('LegsSettled'), { result: 'matched', matched: micro(50) })
    t.same(
      story.all('CooldownStarted').map(({ market }) => market),
      [1, 2, 3],
      'every market of it rests',
    )
    t.equal(new Replay().lines(story.bytes), undefined)
  },
)

t.test('fees of each leg are those of its own market', async t => {
  const story = new Story(config)
  story.market(1).market(2, { feeRate: 700 }).market(3).group([1, 2, 3])
  for (const token of [1, 3, 5]) story.book(1, token, { bids, asks: [[0.3, 50]] })
  // fee 50 × 0.07 × 0.3 × 0.7 = 0.735; net 5 − 0.735 of 50
  t.match(story.one('SignalRaised'), { fee: micro(0.735), edge: 853 })
})

t.test('flaw of the first system: a set that is not complete is no arbitrage', async t => {
  const silent = (why: string, story: Story): void => {
    t.same(story.end().all('SignalRaised'), [], why)
  }
  silent('an outcome is not among the books', offered(new Story(config), { outcomes: 4 }))
  silent('an outcome may still be split ("Other")', offered(new Story(config), { growing: true }))
  silent('several may pay', offered(new Story(config), { exclusive: false }))
  silent('nobody says how many there are', offered(new Story(config), { outcomes: 0 }))
  const unlisted = new Story(config).market(1).market(2).group([1, 2, 9])
  for (const token of [1, 3]) unlisted.book(1, token, { bids, asks: [[0.3, 50]] })
  silent('an outcome was never listed', unlisted)
})

t.test('a set grows incomplete when the venue says so, and complete again', async t => {
  const story = new Story(config)
  for (const m of [1, 2, 3]) story.market(m)
  story.group([1, 2, 3], { growing: true })
  for (const token of [1, 3, 5]) story.book(1, token, { bids, asks: [[0.3, 50]] })
  t.same(story.all('SignalRaised'), [])
  story.group([1, 2, 3]).book(2, 1, { bids, asks: [[0.31, 50]] })
  t.equal(story.all('SignalRaised').length, 1)
})

t.test('outcomes that did not happen leave the set; one that did ends it', async t => {
  const lost = offered(new Story(config), {}, [0.6, 0.3, 0.3])
  t.same(lost.all('SignalRaised'), [], 'together they cost 1.20')
  lost.resolve(2, 1, 2) // NO of market 1 pays
  lost.book(3, 3, { bids, asks: [[0.31, 50]] })
  t.match(lost.one('SignalRaised').legs, [{ token: 3 }, { token: 5 }])
  const won = offered(new Story(config), {}, [0.6, 0.3, 0.3])
  won.resolve(2, 1, 1).book(3, 3, { bids, asks: [[0.31, 50]] })
  t.same(won.all('SignalRaised'), [], 'what is left is worth nothing')
})

t.test('a leg that is too small for the venue makes no set, and none is made larger', async t => {
  // 0.02 × 40 is below the venue's dollar; 0.02 × 60 is not.
  const cheap = [0.4, 0.4, 0.02]
  const few = offered(new Story({ ...config, basket: { size_max_micro: micro(40) } }), {}, cheap)
  t.same(few.all('SignalRaised'), [])
  const more = new Story({ ...config, basket: { size_max_micro: micro(60) } })
  for (const m of [1, 2, 3]) more.market(m)
  more.group([1, 2, 3])
  cheap.forEach((at, k) => more.book(1, 2 * k + 1, { bids, asks: [[at, 100]] }))
  t.equal(more.one('SignalRaised').size, micro(60))
})

t.test('while one of its markets is at work, the basket waits its turn', async t => {
  const story = new Story({ dedup: { ttl_ms: 0 } })
  for (const m of [1, 2, 3]) story.market(m)
  story.group([1, 2, 3])
  story.book(1, 2, { bids, asks: [[0.3, 50]] })
  for (const token of [1, 3, 5]) story.book(2, token, { bids, asks: [[0.3, 50]] })
  t.same(
    story.all('SignalRaised').map(({ strategy }) => strategy),
    ['parity', 'basket'],
  )
  t.match(story.one('SignalDropped'), { reason: 'market-busy' })
})

t.test('what a set lacks is flattened down to the sets that are whole', async t => {
  const story = offered(new Story({ ...config, oms: { chase_max_bps: 0 } })).end()
  t.match(story.one('LegsSettled'), { result: 'flattened', matched: 0 })
  t.match(story.one('FlattenStarted').left, [[1, micro(50)]])
})
