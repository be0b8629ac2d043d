import t from 'tap'
import { micro, Story } from '#engine/run/testing/story.js'

const bids = [[0.35, 500]] as const
const no = [[0.5, 100]] as const
const SECOND = 1_000
const DAY = 86_400 * SECOND

/** The same mispricing of market `m` at `ms`, with so many shares of YES. */
const offer = (story: Story, ms: number, { m = 1, shares = 50 } = {}): Story =>
  story
    .book(ms, 2 * m - 1, { bids, asks: [[0.6, shares]] })
    .book(ms, 2 * m, { bids: [[0.45, 80]], asks: no })
    .book(ms + 1, 2 * m - 1, { bids, asks: [[0.4, shares]] })

t.test('flaw: exposure counts only while a trade is within its hold window', async t => {
  const story = offer(new Story().market(), 1).book(3_600 * SECOND, 2, { asks: [[0.9, 5]] })
  t.equal(story.loop.state.exposure.total, micro(45), 'an hour later it is still held')
  t.equal(story.resolve(DAY, 1, 1).loop.state.exposure.total, 0, 'until the market pays')
})

t.test('flaw: an order below the minimum size is raised above what was checked', async t => {
  const small = offer(new Story().market(1, { minSize: 5 }), 1, { shares: 4.99 }).end()
  t.same(small.all('SignalRaised'), [], 'there is no signal, rather than a larger one')
  const least = offer(new Story().market(1, { minSize: 5 }), 1, { shares: 5 }).end()
  const { notional } = least.one('IntentApproved')
  const spent = least.all('OrderFilled').reduce((sum, { cash, fee }) => sum - cash + fee, 0)
  t.ok(spent > 0 && spent <= notional, `${spent} of the ${notional} that were checked`)
  for (const { size } of least.all('OrderPlaced')) t.ok(size <= micro(5))
})

t.test('flaw: attempts that bought nothing count against the health of a strategy', async t => {
  const risk = { health_signals_min: 2, fails_max: 2, book_age_max_ms: DAY, rejects_max: 99 }
  const sim = { reject_bps: 10_000 }
  const story = new Story({ dedup: { ttl_ms: 0 }, sim, risk: { ...risk, error_rate_max_bps: 0 } })
  story.market()
  for (const at of [10, 20, 30, 40, 50]) offer(story, at * SECOND)
  story.end()
  t.equal(story.all('LegsSettled').filter(({ result }) => result === 'none').length, 5)
  t.same(story.all('GateClosed'), [], 'nothing was lost, so nothing is shut')
})

t.test(
  'flaw: only the first rejection of a scope per cycle is kept, the others vanish',
  async t => {
    const story = new Story({ risk: { bankroll_micro: 1 } }).market(1).market(2)
    offer(offer(story, 1), 2, { m: 2 }).end()
    t.same(
      story.all('IntentRefused').map(({ reasons }) => reasons),
      [['insufficient-bankroll'], ['insufficient-bankroll']],
    )
  },
)
