import t from 'tap'
import type { Fault } from '#schemas/reasons.js'
import type { TypeName } from '#schemas/registry.js'
import { ConfigChanged } from '#schemas/events/run.js'
import { Replay } from '#engine/run/replay.js'
import { cents, configWith, micro, Story } from '#engine/run/testing/story.js'
import { capOf, chaseBudget, chaseLimit, flattenLimit } from './prices.js'

const yes = [[0.4, 50]] as const
const no = [[0.5, 100]] as const
const bids = [[0.35, 500]] as const
const offer = (story: Story): Story =>
  story
    .market()
    .book(1, 1, { bids, asks: yes })
    .book(1, 2, { bids: [[0.45, 500]], asks: no })
const actions = (story: Story): string[] =>
  story.all('OrderPlaced').map(({ action, leg, rung }) => `${action} ${leg}.${rung}`)
const faulty = (fault: Fault, config = {}): Story => new Story(config, { faults: [fault] })

t.test('the budget of a chase is half the expected net edge, at most 200 bps', async t => {
  t.same(
    [10, 401, 400, 1, 0, -10].map(edge => chaseBudget(edge, 200)),
    [5, 200, 200, 0, 0, 0],
  )
})

t.test('limits round so that a budget is never exceeded', async t => {
  const quote = { bid: 4_500, ask: 5_000, tick: 100 }
  t.equal(
    chaseLimit(quote, { stepBps: 10, limit: 5_000, cap: 5_100 }),
    5_000,
    '0.5005 down to the tick',
  )
  t.equal(chaseLimit(quote, { stepBps: 200, limit: 5_000, cap: 5_100 }), 5_100)
  t.equal(
    chaseLimit({ ...quote, ask: 5_200 }, { stepBps: 200, limit: 5_000, cap: 5_100 }),
    5_100,
    'never above the cap',
  )
  t.equal(capOf({ limit: 5_000, ask: 5_000 }, 150, 10), 5_070, '0.5075 down')
  t.equal(flattenLimit(quote, 100), 4_500, '0.4455 up to the tick')
  t.equal(flattenLimit({ ...quote, tick: 10 }, 500), 4_280, '0.4275 up')
  t.equal(flattenLimit({ ...quote, bid: 0 }, 100), 0, 'nobody bids')
  t.equal(flattenLimit({ ...quote, bid: 100 }, 1_000), 100, 'never below a tick')
})

t.test('fire, chase, settled: a complete set is carried as a set', async t => {
  const story = offer(new Story()).end()
  t.same(actions(story), ['fire 0.1', 'chase 1.1'])
  t.match(story.one('ChaseStarted'), { size: micro(50), budget: 200 })
  t.match(story.one('LegsSettled'), { result: 'matched', matched: micro(50) })
  t.same(story.all('FlattenStarted'), [])
  t.equal(story.loop.state.exposure.positions.size, 2)
})

t.test('a leg that two chases cannot buy is given up, and the first is flattened', async t => {
  const story = offer(faulty('force-chase-fail')).end()
  t.same(actions(story), ['fire 0.1', 'chase 1.1', 'chase 1.2', 'flatten 0.1'])
  t.same(story.one('FlattenStarted').left, [[1, micro(50)]])
  const out = story.all('OrderPlaced').at(-1)
  t.match(out, { side: 1, limit: cents(0.35), size: micro(50) })
  t.match(story.one('LegsSettled'), { result: 'flattened', matched: 0 })
  t.equal(story.loop.state.exposure.positions.size, 0)
  t.equal(story.loop.state.exposure.cash, micro(1_000 - 50 * 0.05))
})

t.test('a residue after the third step trips the hard stop; recording goes on', async t => {
  const story = new Story({}, { faults: ['force-chase-fail', 'force-flatten-fail'] })
  offer(story).end()
  t.same(actions(story).slice(3), ['flatten 0.1', 'flatten 0.2', 'flatten 0.3'])
  t.same(
    story
      .all('OrderPlaced')
      .slice(3)
      .map(({ limit }) => limit),
    [0.35, 0.34, 0.32].map(cents), // 1, 5 and 10 % below 0.35, each up to the tick
  )
  t.match(story.one('HardStopTripped'), { why: 'residue', detail: 's5-1: token 1 50000000' })
  t.match(story.one('LegsSettled'), { result: 'unmatched' })
  const orders = story.all('OrderPlaced').length
  offer(story.say(9_000, { type: 'FeedResumed', data: { feed: 'x' } }))
  t.equal(story.all('OrderPlaced').length, orders, 'no order follows')
  t.ok(story.all('BookTrusted').length > 0)
})

t.test('only what has no match is flattened, not everything', async t => {
  const story = new Story({ sim: { fill_share_thin_bps: 10_000 } }).market()
  story.book(1, 1, { bids, asks: yes }).book(1, 2, { bids: [[0.45, 500]], asks: [[0.5, 100]] })
  story.book(121, 2, { bids: [[0.45, 500]], asks: [[0.5, 20]] }).end()
  t.match(story.one('FlattenStarted'), { matched: micro(20), left: [[1, micro(30)]] })
  t.match(story.one('LegsSettled'), { result: 'flattened', matched: micro(20) })
})

t.test(
  'the second chase prices off the book of its moment, and finds only what is there',
  async t => {
    const story = new Story().market()
    story.book(1, 1, { bids, asks: yes }).book(1, 2, { bids: [[0.45, 500]], asks: no })
    story
      .book(200, 2, {
        bids: [[0.45, 500]],
        asks: [
          [0.5, 30],
          [0.51, 100],
        ],
      })
      .end()
    const [, first, second] = story.all('OrderPlaced')
    t.match(first, { action: 'chase', rung: 1, limit: cents(0.5), size: micro(50) })
    t.match(second, { action: 'chase', rung: 2, limit: cents(0.51), size: micro(20) })
    t.match(story.one('LegsSettled'), { result: 'matched', matched: micro(50) })
  },
)

t.test('without an edge there is no chase: what was bought is flattened', async t => {
  const config = { parity: { min_edge_bps: 0 } }
  const story = new Story(config).market()
  story
    .book(1, 1, { bids, asks: [[0.5, 50]] })
    .book(1, 2, { bids: [[0.45, 9]], asks: [[0.5, 100]] })
    .end()
  t.match(story.one('SignalRaised'), { edge: 0 })
  t.match(story.one('ChaseStarted'), { budget: 0 })
  t.same(actions(story), ['fire 0.1', 'flatten 0.1'])
})

t.test('no leg pays above its cap, and the gate reserved for that', async t => {
  const story = offer(new Story())
    .book(125, 2, { bids: [[0.45, 500]], asks: [[0.6, 100]] })
    .end()
  const { notional } = story.one('IntentApproved')
  t.equal(notional, micro(50 * 0.4 + 50 * 0.51))
  for (const { leg, limit, side } of story.all('OrderPlaced'))
    if (side === 0) t.ok(limit <= cents(leg === 0 ? 0.4 : 0.51))
})

t.test('a market rests after each signal, and says until when', async t => {
  const story = new Story({ dedup: { ttl_ms: 0 } })
  offer(story)
    .book(500, 1, { bids, asks: [[0.6, 50]] })
    .book(501, 1, { bids, asks: yes })
  t.match(story.one('CooldownStarted'), { market: 1, until: 1_241_000 })
  t.match(story.one('SignalDropped'), { reason: 'cooldown' })
  story
    .book(1_300, 1, { bids, asks: [[0.6, 50]] })
    .book(1_301, 1, { bids, asks: yes })
    .end()
  t.equal(story.all('IntentApproved').length, 2, 'it opens again by itself')
})

t.test('more signals than may be worked on wait, expire, or find the queue full', async t => {
  const story = new Story({ oms: { signals_max: 1, queue_max: 2 }, sim: { latency_ms: 900 } })
  for (const m of [1, 2, 3, 4]) story.market(m)
  for (const m of [1, 2, 3, 4])
    story.book(m, 2 * m - 1, { bids, asks: yes }).book(m, 2 * m, { bids: [[0.45, 500]], asks: no })
  t.same(
    story.all('SignalQueued').map(({ waiting }) => waiting),
    [1, 2],
  )
  t.match(story.one('SignalDropped'), { reason: 'queue-full' })
  story.end()
  t.equal(story.all('LegsSettled').length, 3, 'those that waited had their turn')
  const late = new Story({ oms: { signals_max: 1 }, sim: { latency_ms: 9_000 } })
  for (const m of [1, 2]) late.market(m)
  for (const m of [1, 2])
    late.book(m, 2 * m - 1, { bids, asks: yes }).book(m, 2 * m, { bids: [[0.45, 500]], asks: no })
  late.end()
  t.match(late.one('SignalDropped'), { reason: 'expired' })
})

t.test('the bucket is judged by the worst leg', async t => {
  const fine = new Story().market(1, { tick: 1 })
  fine.book(1, 1, { bids: [[0.3999, 9]], asks: [[0.4, 2_000]] })
  fine.book(1, 2, { bids: [[0.4999, 9]], asks: [[0.5, 1_500]] })
  t.match(fine.one('SignalRaised'), { bucket: 'liquid', worst: 1, spread: 3, depth: micro(750) })
  t.match(offer(new Story()).one('SignalRaised'), {
    bucket: 'thin',
    worst: 0,
    spread: 1_334,
    depth: micro(20),
  })
  const blind = new Story().market().book(1, 1, { asks: yes }).book(1, 2, { asks: no })
  t.match(blind.one('SignalRaised'), { bucket: 'thin', spread: 10_000 })
})

t.test('every order and every signal has exactly one end, whatever fails', async t => {
  const ends: readonly TypeName[] = ['IntentRefused', 'DedupSignal', 'SignalDropped', 'LegsSettled']
  const faults: readonly (readonly Fault[])[] = [
    [],
    ['force-chase-fail'],
    ['force-chase-fail', 'force-flatten-fail'],
  ]
  for (const fault of faults)
    for (const reject_bps of [0, 3_000, 10_000])
      for (const lost_bps of [0, 2_000]) {
        const story = new Story(
          { sim: { reject_bps, lost_bps, jitter_ms: 40 }, dedup: { ttl_ms: 50 } },
          { faults: fault },
        )
        for (const m of [1, 2, 3]) story.market(m)
        for (let k = 0; k < 40; k++) {
          const m = 1 + (k % 3)
          story.book(k * 300, 2 * m - 1, { bids, asks: [[0.4 + (k % 4) / 100, 50]] })
          story.book(k * 300 + 1, 2 * m, { bids: [[0.45, 80]], asks: [[0.5, 20 + k]] })
        }
        story.end()
        const signals = story.all('SignalRaised').map(({ signal }) => signal)
        const ended = ends.flatMap(type =>
          story.all(type).map(data => 'signal' in data && data.signal),
        )
        t.same([...ended].sort(), [...signals].sort())
        const placed = story.all('OrderPlaced').map(({ order }) => order)
        t.same(
          story
            .all('OrderClosed')
            .map(({ order }) => order)
            .sort(),
          [...placed].sort(),
        )
      }
})

t.test('a changed configuration decides from there on: orders, limits, exchange', async t => {
  const story = new Story().market()
  const config = configWith({ oms: { cooldown_ms: 5_000 }, sim: { fill_share_thin_bps: 5_000 } })
  story.say(0, ConfigChanged.make({ config, digest: '' })).book(1, 1, { bids, asks: yes })
  story.book(1, 2, { bids: [[0.45, 500]], asks: no }).end()
  t.match(story.one('LegsSettled'), { matched: micro(25) })
  const rested = story.rows.find(({ event }) => event.type === 'CooldownStarted')
  t.equal(story.one('CooldownStarted').until, (rested?.tUs ?? 0) + 5_000_000)
  t.equal(new Replay().lines(story.bytes), undefined)
})
