import t from 'tap'
import { configWith, cents, micro, Story } from '#engine/run/testing/story.js'

const RISK = { book_age_max_ms: 3_600_000 }

/** A run whose only instance sends one order in market 1. */
function told(params: Record<string, unknown>, more: Parameters<typeof configWith>[0] = {}): Story {
  const instances = [{ id: 'order', strategy: 'single-order', params }]
  const of = { strategy: { names: [], instances }, ...more, risk: { ...RISK, ...more.risk } }
  return new Story(of).market()
}

const buy = { limit: cents(0.5), size_micro: micro(10) }
const books = (story: Story, ms: number): Story =>
  story
    .book(ms, 1, { bids: [[0.4, 100]], asks: [[0.5, 100]] })
    .book(ms, 2, { bids: [[0.5, 100]], asks: [[0.6, 100]] })

t.test('one order is sent, once, whatever the book does afterwards', async t => {
  const story = books(told(buy), 10)
  for (let ms = 1_000; ms < 9_000; ms += 500) books(story, ms)
  story.end()
  const { token, side, limit, size, signal } = story.one('OrderPlaced')
  t.same([token, side, limit, size, signal], [1, 0, 5_000, 10_000_000, 'order'])
  t.equal(story.one('OrderClosed').result, 'full')
})

t.test('it is about the outcome that is named', async t => {
  const story = books(told({ ...buy, outcome: 1, limit: cents(0.6) }), 10).end()
  t.equal(story.one('OrderPlaced').token, 2)
})

t.test('what filled is taken back at the best there is', async t => {
  const story = books(told({ ...buy, close_size_micro: micro(50) }), 10)
  books(story, 1_000)
  books(story, 2_000).end()
  const [entry, close, ...others] = story.all('OrderPlaced')
  t.same(others, [])
  t.equal(entry?.side, 0)
  t.same([close?.side, close?.size, close?.limit], [1, 10_000_000, 4_000])
})

t.test('no more than was wanted, and no worse', async t => {
  const wanted = { close_size_micro: micro(6), close_limit: cents(0.45) }
  const story = books(told({ ...buy, ...wanted }), 10)
  books(story, 1_000).end()
  const [, close] = story.all('OrderPlaced')
  t.same([close?.size, close?.limit], [6_000_000, 4_500])
})

t.test('nothing is taken back of what did not fill', async t => {
  const story = books(told({ ...buy, limit: cents(0.3), close_size_micro: micro(10) }), 10)
  books(story, 1_000).end()
  t.equal(story.one('OrderClosed').result, 'none')
})

t.test('what risk refuses is asked for again until it is let out', async t => {
  const story = told(buy)
  story.command(5, 'pause')
  books(story, 10)
  for (let ms = 1_000; ms <= 3_000; ms += 500) books(story, ms)
  t.ok(story.all('QuoteRefused').length >= 3)
  t.same(story.all('OrderPlaced'), [])
  story.command(3_100, 'resume')
  for (let ms = 3_500; ms <= 6_000; ms += 500) books(story, ms)
  story.end()
  t.equal(story.all('OrderPlaced').length, 1, 'and then once')
})

t.test('an order that rests is cancelled in time', async t => {
  const params = { ...buy, limit: cents(0.01), tif: 'GTC', rest_ms: 2_000 }
  const story = books(told(params), 10)
  for (let ms = 500; ms <= 5_000; ms += 500) books(story, ms)
  story.end()
  t.equal(story.one('OrderPlaced').post, true)
  t.equal(story.one('CancelRequested').why, 'strategy')
  t.equal(story.one('OrderClosed').result, 'cancelled')
})

t.test('an entry that the exchange refuses is not sent again', async t => {
  const story = books(told(buy, { sim: { reject_bps: 10_000 } }), 10)
  for (let ms = 1_000; ms <= 5_000; ms += 500) books(story, ms)
  story.end()
  t.equal(story.one('OrderClosed').result, 'rejected')
})

t.test('one whose outcome nobody knows is neither sent again nor taken back', async t => {
  const params = { ...buy, close_size_micro: micro(10) }
  const story = books(told(params, { sim: { lost_bps: 10_000 } }), 10)
  for (let ms = 1_000; ms <= 60_000; ms += 5_000) books(story, ms)
  story.end()
  t.equal(story.all('OrderPlaced').length, 1)
})
