import t from 'tap'
import type { Story } from '#engine/run/testing/story.js'
import { books, story, type Params } from './testing/rule-story.js'

t.test('a directional rule on automatic is held back while only safe ones trade', t => {
  for (const [safe, reasons] of [
    [true, ['safe-mode']],
    [false, []],
  ] as const) {
    const of = story('SPIKE_DETECT', { mode: 'auto' }, { safe_only: safe }).market(1)
    books(books(of, 10, 0.59, 0.61), 4_000, 0.49, 0.51)
    t.same(
      of.all('SignalDropped').map(({ reason }) => reason),
      reasons,
    )
    of.loop.catchUp(of.loop.tUs + 3_000_000)
    t.equal(of.all('OrderFilled').length > 0, !safe)
  }
  t.end()
})

t.test('the noise filter works: a hit has to last, and its spread to be narrow', t => {
  const of = story('SUM_LT_1', { hold_for_ms: 2_000 }).market(1)
  of.book(10, 1, { bids: [[0.45, 300]], asks: [[0.5, 300]] })
  of.book(11, 2, { bids: [[0.45, 300]], asks: [[0.47, 300]] })
  of.book(1_000, 2, { bids: [[0.45, 300]], asks: [[0.51, 300]] })
  of.loop.catchUp(5_000_000)
  t.same(of.all('SignalRaised'), [], 'gone after a second')
  of.book(6_000, 2, { bids: [[0.45, 300]], asks: [[0.47, 300]] })
  of.loop.catchUp(7_900_000)
  t.same(of.all('SignalRaised'), [])
  of.loop.catchUp(8_100_000)
  t.equal(of.all('SignalRaised').length, 1, 'said when its time is over, though nothing moved')
  const decided = story('SUM_LT_1', { hold_for_ms: 2_000 }).market(1)
  decided.book(10, 1, { bids: [[0.45, 300]], asks: [[0.5, 300]] })
  decided.book(11, 2, { bids: [[0.45, 300]], asks: [[0.47, 300]] })
  decided.resolve(1_000, 1, 1).loop.catchUp(5_000_000)
  t.same(decided.all('SignalRaised'), [], 'nothing is said of a market that is decided meanwhile')
  const wide = story('SUM_LT_1', { spread_max_bps: 500 }).market(1)
  wide.book(10, 1, { bids: [[0.3, 300]], asks: [[0.5, 300]] })
  wide.book(11, 2, { bids: [[0.45, 300]], asks: [[0.47, 300]] })
  t.same(wide.all('SignalRaised'), [])
  t.end()
})

t.test('scope, cool-down, liquidity and trust', t => {
  const offer = (of: Story, ms: number): Story => {
    of.book(ms, 1, { bids: [[0.45, 300]], asks: [[0.5, 300]] })
    return of.book(ms + 1, 2, { bids: [[0.45, 300]], asks: [[0.47, 300]] })
  }
  const question = 'Will the harbour open?'
  const count = (params: Params): number =>
    offer(story('SUM_LT_1', params).market(1, { question }), 10).all('SignalRaised').length
  t.equal(count({ markets: ['m1'] }), 1)
  t.equal(count({ markets: ['m2'] }), 0)
  t.equal(count({ keywords: ['Harbour'] }), 1)
  t.equal(count({ keywords: ['bridge'] }), 0)
  t.equal(count({ keywords: ['harbour'], exclude: ['open'] }), 0)
  t.equal(count({ liquidity_min_micro: 140_000_000 }), 1)
  t.equal(count({ liquidity_min_micro: 142_000_000 }), 0, '300 shares at 0.47 are $141')
  const again = offer(story('SUM_LT_1', { cooldown_ms: 60_000 }).market(1), 10)
  offer(again.book(1_000, 2, { asks: [[0.6, 300]] }), 2_000)
  t.equal(again.all('SignalRaised').length, 1)
  offer(again.book(61_000, 2, { asks: [[0.6, 300]] }), 62_000)
  t.equal(again.all('SignalRaised').length, 2)
  const lost = story('SUM_LT_1').market(1)
  lost
    .book(10, 1, { bids: [[0.45, 300]], asks: [[0.5, 300]] })
    .lost(11)
    .resumed(12)
  lost.book(13, 2, { bids: [[0.45, 300]], asks: [[0.47, 300]] })
  t.same(lost.all('SignalRaised'), [], 'the first book is not to be believed')
  t.end()
})
