import t from 'tap'
import { ASK, BID, CHANGE } from '#schemas/levels.js'
import { countsOf, dataOf, drained } from '../../testing/drain.js'
import { fixture } from '../../testing/fixtures.js'
import { NaiveBooks } from '../../testing/naive-books.js'
import { ABSENT, recording } from '../../testing/recordings.js'
import { kalshi } from './sessions.js'

t.test('a small session', async t => {
  const feed = kalshi([fixture('kalshi/session.jsonl')])
  const inputs = await drained(feed)

  t.test(
    'a snapshot of bids is a book of each token, the asks of one are the bids of the other',
    async t => {
      const [yes, no, rain] = dataOf(inputs, 'BookSnapshot')
      t.strictSame(yes?.bids, [1_650, 12_500_000, 1_000, 50_000_000])
      t.strictSame(yes?.asks, [2_000, 7_250_000])
      t.strictSame(no?.bids, [8_000, 7_250_000])
      t.strictSame(no?.asks, [8_350, 12_500_000, 9_000, 50_000_000])
      t.strictSame([rain?.bids, rain?.asks], [[3_000, 5_000_000], []])
    },
  )

  t.test('a delta is a mirrored pair of new totals, never below zero', async t =>
    t.strictSame(
      dataOf(inputs, 'BookChanged').map(({ d }) => d),
      [
        [2, 0, 8_000, 5_000_000, -1, -1, 1, 1, 2_000, 5_000_000, -1, -1],
        [2, 0, 8_000, 0, -1, -1, 1, 1, 2_000, 0, -1, -1],
      ],
    ),
  )

  t.test('a gap and a level below zero each lose the feed', async t => {
    t.match(dataOf(inputs, 'FeedLost'), [
      { why: 'gap: seq 6 after 3 on sid 1' },
      { why: 'gap: a level of KXSNOW-26-YES fell below zero' },
    ])
    t.equal(countsOf(inputs)['FeedResumed'], 2)
  })

  t.test('a print of one who takes NO is a sale of YES at the other price', async t =>
    t.strictSame(dataOf(inputs, 'TradePrinted'), [
      { token: 3, side: 1, price: 7_000, size: 75_000_000, id: 'f851' },
    ]),
  )

  t.test('what has no time takes the next one', async t =>
    t.strictSame(
      [...new Set(inputs.map(({ tUs }) => tUs))],
      [1_782_873_105_308_599, 1_782_873_106_000_000, 1_782_873_107_500_000],
    ),
  )

  t.test('the rest is counted', async t => {
    t.equal(feed.report().read, 9)
    t.match(feed.report().skipped, [
      { reason: 'acknowledgement: subscribed', count: 1, first: 'session.jsonl: line 1' },
      { reason: "fill of the recorder's own order", count: 1, first: 'session.jsonl: line 9' },
      { reason: 'message told twice', count: 1, first: 'session.jsonl: line 13' },
      { reason: 'gap in the sequence', count: 1, first: 'session.jsonl: line 15' },
      { reason: 'negative level', count: 1, first: 'session.jsonl: line 15' },
      { reason: 'delta before its snapshot', count: 1, first: 'session.jsonl: line 17' },
    ])
    t.strictSame(
      dataOf(inputs, 'TokenListed').map(({ tick }) => tick),
      [50, 50, 100, 100],
    )
  })
})

t.test('a wrapped session has the time of receipt, to the µs, and the lag', async t => {
  const inputs = await drained(kalshi([fixture('kalshi/wrapped.jsonl')]))
  t.equal(inputs[0]?.tUs, 1_782_873_105_400_123)
  t.equal(inputs.at(-1)?.tUs, 1_782_873_105_500_123)
  t.equal(dataOf(inputs, 'BookChanged')[0]?.l, 191_524)
})

t.test('a broken line is a fault with its place', async t => {
  for (const line of [
    '{"recv_ts_ns":1,"raw":"{"}',
    '{"type":"orderbook_delta","msg":{"market_ticker":"K","price_dollars":"1.5","delta_fp":"1","side":"yes","ts":"2026-07-01T02:31:45Z"}}',
    '{"type":"orderbook_delta","msg":{"market_ticker":"K","price_dollars":"0.5","delta_fp":"1","side":"yes","ts":"noon"}}',
    '{"type":"orderbook_snapshot"}',
  ]) {
    const dir = t.testdir({ 'session.jsonl': `\n${line}\n` })
    await t.rejects(drained(kalshi([dir])), { name: 'FeedFault', where: 'session.jsonl: line 2' })
  }
})

const path = recording('kalshi-ws')
t.test('a recorded session', path === undefined ? { skip: ABSENT } : {}, async t => {
  const feed = kalshi([path ?? ''])
  const inputs = await drained(feed)
  const books = new NaiveBooks()
  let crossed = 0
  for (const { event } of inputs) {
    if (event.type === 'BookSnapshot')
      books.restate(event.data.token, event.data.bids, event.data.asks)
    if (event.type !== 'BookChanged') continue
    const { d } = event.data
    for (let i = 0; i < d.length; i += CHANGE) {
      const [token = 0, side = 0, at = 0, size = 0] = d.slice(i, i + CHANGE)
      books.change(token, side, at, size)
      if (books.best(token, BID) >= books.best(token, ASK)) crossed++
    }
  }
  t.equal(crossed, 0)
  t.match(countsOf(inputs), {
    BookSnapshot: 10,
    BookChanged: 2_885,
    MarketListed: 5,
    TokenListed: 10,
  })
  t.equal(countsOf(inputs)['FeedLost'], undefined, 'no gap')
  t.notOk(feed.report().skipped.some(({ reason }) => reason === 'negative level'))
  t.equal(feed.report().read, 2_898)
})
