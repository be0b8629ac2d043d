import t from 'tap'
import { micro, Story } from '#engine/run/testing/story.js'

const offer = (story: Story, ms = 1): Story =>
  story.book(ms, 1, { asks: [[0.4, 50]] }).book(ms, 2, { asks: [[0.5, 100]] })
const reasons = (story: Story) => story.one('IntentRefused').reasons

t.test('the gate refuses with every reason that holds, in their order', async t => {
  t.test('per-signal notional', async t => {
    const risk = { signal_notional_max_micro: micro(44) }
    t.same(reasons(offer(new Story({ risk }).market())), ['signal-notional'])
  })
  t.test('exposure', async t => {
    t.same(reasons(offer(new Story({ risk: { exposure_max_micro: micro(40) } }).market())), [
      'exposure',
    ])
  })
  t.test('bankroll', async t => {
    const risk = { bankroll_micro: micro(40) }
    t.same(reasons(offer(new Story({ risk }).market())), ['insufficient-bankroll'])
  })
  t.test('several at once', async t => {
    const risk = {
      bankroll_micro: micro(40),
      exposure_max_micro: micro(40),
      signal_notional_max_micro: 1,
    }
    const story = offer(new Story({ risk }).market().command(0, 'pause').command(0, 'hard-stop'))
    t.same(reasons(story), [
      'hard-stop',
      'paused',
      'insufficient-bankroll',
      'signal-notional',
      'exposure',
    ])
  })
  t.test('signals in flight', async t => {
    const story = new Story({ risk: { open_max: 1 } }).market(1).market(2)
    offer(story)
      .book(2, 3, { asks: [[0.4, 50]] })
      .book(2, 4, { asks: [[0.5, 100]] })
    t.same(reasons(story), ['too-many-open'])
  })
  t.test('a book that is old', async t => {
    const story = new Story().market().book(1, 1, { asks: [[0.4, 50]] })
    t.same(reasons(story.book(5_002, 2, { asks: [[0.5, 100]] })), ['book-stale'])
  })
  t.test('a book of a lost feed', async t => {
    const story = new Story()
      .market()
      .book(1, 1, { asks: [[0.4, 50]] })
      .lost(2)
      .resumed(3)
    t.same(reasons(story.book(4, 2, { asks: [[0.5, 100]] })), ['feed-lost'])
  })
  t.test('a book that never had a snapshot', async t => {
    const story = new Story().market().change(1, 1, 1, 0.4, 50)
    t.same(reasons(story.book(2, 2, { asks: [[0.5, 100]] })), ['no-snapshot'])
  })
})

t.test('nothing latches silently', async t => {
  t.test('resume opens what pause closed', async t => {
    const story = new Story().market().command(0, 'pause').command(0, 'resume')
    t.equal(offer(story).all('IntentApproved').length, 1)
  })
  t.test('only the operator clears a hard stop, in an event', async t => {
    const story = new Story().market().command(0, 'hard-stop').command(0, 'clear-hard-stop')
    t.same(story.all('HardStopCleared'), [{ by: 'test' }])
    t.equal(offer(story).all('IntentApproved').length, 1)
  })
})

t.test('what is reserved bounds what the signal may cost, fees included', async t => {
  const story = offer(new Story({ parity: { min_edge_bps: 10 } }).market(1, { feeRate: 400 })).end()
  const { notional } = story.one('IntentApproved')
  const spent = story.all('OrderFilled').reduce((sum, { cash, fee }) => sum - cash + fee, 0)
  t.ok(spent > 0 && spent <= notional, `${spent} of ${notional}`)
})

t.test('a resolved market pays what is held, and cash adds up', async t => {
  const story = offer(new Story().market()).resolve(1_000, 1, 2).end()
  const { cash, realised, positions } = story.loop.state.exposure
  t.equal(positions.size, 0)
  t.equal(cash, micro(1_000) + realised)
  t.equal(realised, micro(50 - 45))
  t.same(
    story.all('PositionSettled').map(({ token, payout }) => [token, payout]),
    [
      [1, 0],
      [2, micro(50)],
    ],
  )
})
