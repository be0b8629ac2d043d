import t from 'tap'
import type { DecisionConfig } from '#schemas/config.js'
import { Replay } from '#engine/run/replay.js'
import { Story } from '#engine/run/testing/story.js'

const bids = [[0.35, 500]] as const
const no = [[0.5, 100]] as const
const SECOND = 1_000
const DAY = 86_400 * SECOND

/** Offers the same mispricing at `ms`. With bids at 0.35 a flattened leg loses five cents a share. */
const offer = (story: Story, ms: number): Story =>
  story
    .book(ms, 1, { bids, asks: [[0.6, 50]] })
    .book(ms, 2, { bids: [[0.45, 80]], asks: no })
    .book(ms + 1, 1, { bids, asks: [[0.4, 50]] })

/** A run in which every signal is flattened, at a loss. */
const losing = (risk: Partial<DecisionConfig['risk']>): Story =>
  new Story(
    { dedup: { ttl_ms: 0 }, risk: { book_age_max_ms: DAY, ...risk } },
    { faults: ['force-chase-fail'] },
  ).market()
const told = (story: Story) =>
  story.rows.flatMap(({ tUs, event }) =>
    event.type === 'GateClosed' || event.type === 'GateOpened'
      ? [[event.type, event.data.gate, Math.round(tUs / 1_000_000)]]
      : [],
  )

t.test('a day that lost too much closes the gate until the next UTC day', async t => {
  const story = losing({ daily_loss_max_micro: 4_000_000, fails_max: 0, health_signals_min: 0 })
  for (const at of [10, 20, 30]) offer(story, at * SECOND)
  t.match(story.one('GateClosed'), { gate: 'daily-loss', until: DAY * 1_000 })
  t.same(story.all('IntentRefused').at(-1)?.reasons, ['daily-loss'])
  offer(story, DAY + 5 * SECOND).end()
  t.match(story.one('GateOpened'), { gate: 'daily-loss', probe: false })
  t.equal(story.all('IntentApproved').length, 3)
  t.equal(new Replay().lines(story.bytes), undefined)
})

t.test('failures in a row rest, and a probe decides: no latch', async t => {
  const story = losing({ daily_loss_max_micro: 0, fails_max: 2, health_signals_min: 0 })
  for (const at of [10, 20, 30, 340, 350, 360]) offer(story, at * SECOND)
  story.end()
  t.same(told(story), [
    ['GateClosed', 'consecutive-failures', 20],
    ['GateOpened', 'consecutive-failures', 340],
    ['GateClosed', 'consecutive-failures', 340],
  ])
  t.same(
    story.all('IntentRefused').map(({ reasons }) => reasons),
    [['consecutive-failures'], ['consecutive-failures'], ['consecutive-failures']],
  )
  t.equal(new Replay().lines(story.bytes), undefined)
})

t.test('a probe that makes money opens the gate for good', async t => {
  const story = new Story({
    dedup: { ttl_ms: 0 },
    risk: { fails_max: 1, health_signals_min: 0, book_age_max_ms: DAY },
  }).market()
  // The other leg vanishes once, so that the first is flattened at a loss.
  offer(story, 10 * SECOND).book(10 * SECOND + 140, 2, { bids: [[0.45, 80]], asks: [[0.7, 9]] })
  for (const at of [400, 410, 420]) offer(story, at * SECOND)
  story.end()
  t.match(story.one('GateClosed'), { gate: 'consecutive-failures' })
  t.equal(story.one('GateOpened').probe, true)
  t.equal(story.all('LegsSettled').filter(({ result }) => result === 'matched').length, 3)
})

t.test('while a probe is in flight nothing else passes', async t => {
  const story = losing({ fails_max: 1, health_signals_min: 0 }).market(2)
  offer(story, 10 * SECOND)
  offer(story, 400 * SECOND)
  story.book(400_010, 3, { bids, asks: [[0.4, 50]] }).book(400_011, 4, { asks: no })
  t.match(story.all('IntentRefused').at(-1), { reasons: ['consecutive-failures'] })
})

t.test('the health of a strategy is judged by what its signals made, not by entries', async t => {
  // Flaw of the first system: entries were booked with no profit, so every strategy was found sick after twelve.
  const healthy = new Story({ dedup: { ttl_ms: 0 }, risk: { health_signals_min: 3 } }).market()
  for (const at of [10, 20, 30, 40]) offer(healthy, at * SECOND)
  t.same(healthy.end().all('GateClosed'), [])
  t.equal(healthy.all('LegsSettled').length, 4)
  const sick = losing({ health_signals_min: 3, fails_max: 0, daily_loss_max_micro: 0 })
  for (const at of [10, 20, 30, 40]) offer(sick, at * SECOND)
  sick.end()
  t.match(sick.one('GateClosed'), { gate: 'strategy-health', strategy: 'parity' })
  t.match(sick.one('GateClosed'), { detail: '3 signals in 24 h, 0 made money, -7500000 in all' })
  t.same(sick.one('IntentRefused').reasons, ['strategy-health'])
})

t.test('one sick strategy does not stop another', async t => {
  const story = losing({ health_signals_min: 1, fails_max: 0, daily_loss_max_micro: 0 })
  offer(story, 10 * SECOND).end()
  const { breakers } = story.loop.state.purses.of('shared')
  t.same([...breakers.closed.keys()], ['strategy-health|parity'])
  t.same(breakers.against(story.loop.turn, { cause: 1, strategy: 'basket' }), [])
})

t.test('a rate of errors trips the hard stop', async t => {
  const risk = { rejects_max: 99, error_window: 4, error_rate_max_bps: 5_000 }
  const story = new Story({ dedup: { ttl_ms: 0 }, risk, sim: { reject_bps: 10_000 } }).market()
  for (const at of [10, 20, 30, 40, 50]) offer(story, at * SECOND)
  story.end()
  t.match(story.one('HardStopTripped'), {
    why: 'error-rate',
    detail: /^4 of the last 4 orders went wrong/,
  })
  t.equal(story.all('OrderPlaced').length, 4)
})

t.test('an exchange that holds something else trips the hard stop', async t => {
  const story = new Story({}, { faults: ['phantom-position'] }).market()
  offer(story, 10).end()
  t.match(story.one('HardStopTripped'), {
    why: 'state-mismatch',
    detail: 'token 1: 50000000 here, 51000000 at the exchange',
  })
})

t.test('an exchange that agrees is heard and nothing follows', async t => {
  const story = new Story({}).market()
  offer(story, 10).end()
  t.match(story.one('HoldingsReported'), {
    positions: [
      [1, 50_000_000],
      [2, 50_000_000],
    ],
  })
  t.equal(story.one('HoldingsReported').cash, story.loop.state.exposure.cash)
  t.same(story.all('HardStopTripped'), [])
})
