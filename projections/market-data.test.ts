import t from 'tap'
import { TradePrinted } from '#schemas/events/feed.js'
import { price, shares } from '#schemas/units.js'
import { micro, Story } from '#engine/run/testing/story.js'
import { healthFile } from './health.js'
import { snapshotsFile, ticksFile, tradesFile } from './market-data.js'
import { eventful, offered, printed } from './testing/eventful.js'
import { linesFrom } from './view.js'

const quiet = (): Story => new Story({ strategy: { names: [] } })

t.test('the columns of market data', async t => {
  const legs = [0, 1, 2].flatMap(k =>
    ['token_id', 'best_bid', 'best_ask', 'depth3_usdc'].map(name => `leg${k}_${name}`),
  )
  t.same(ticksFile.columns, [
    ...['ts_recv_us', 'market_id', 'token_id', 'best_bid', 'best_ask', 'ask_depth3_usdc'],
  ])
  t.same(snapshotsFile.columns, ['ts_ms', 'market_id', 'legs_n', ...legs])
  t.same(
    tradesFile.columns.join(),
    'ts_ms,market_id,token_id,price,size,trade_id,ingest_ts_ms,exchange_ts_ms',
  )
})

t.test('a tick for each frame and token, also where the touch did not move', async t => {
  const story = quiet().market()
  story.book(1, 1, {
    bids: [[0.39, 9]],
    asks: [
      [0.4, 1],
      [0.41, 1],
      [0.42, 1],
      [0.43, 1],
    ],
  })
  story.change(2, 1, 0, 0.3, 5).change(3, 1, 0, 0.39, 0).lost(4)
  t.same(linesFrom(ticksFile, story.rows), [
    '1000,m1,t1,0.3900,0.4000,1.230000',
    '2000,m1,t1,0.3900,0.4000,1.230000',
    '3000,m1,t1,0.3000,0.4000,1.230000',
  ])
})

t.test('a side without a level is empty, not 0 or 1', async t => {
  const story = quiet().market().book(1, 1, {})
  t.same(linesFrom(ticksFile, story.rows), ['1000,m1,t1,,,0.000000'])
})

t.test('snapshots: all legs side by side, at most one a second and market', async t => {
  const story = quiet().market()
  const asks = [[0.5, 10]] as const
  story.book(1, 1, { bids: [[0.45, 9]], asks })
  t.same(linesFrom(snapshotsFile, story.rows), [], 'half a market is none')
  story.book(2, 2, { bids: [[0.48, 9]], asks }).change(1_001, 1, 0, 0.46, 1)
  story.change(1_002, 1, 0, 0.47, 1).change(9_000, 2, 0, 0.49, 1)
  t.same(linesFrom(snapshotsFile, story.rows), [
    '2,m1,2,t1,0.4500,0.5000,5.000000,t2,0.4800,0.5000,5.000000,,,,',
    '1002,m1,2,t1,0.4700,0.5000,5.000000,t2,0.4800,0.5000,5.000000,,,,',
    '9000,m1,2,t1,0.4700,0.5000,5.000000,t2,0.4900,0.5000,5.000000,,,,',
  ])
})

t.test('trades: when we heard of it, and when it was, where the venue says so', async t => {
  const story = printed(quiet().market(), 7, { token: 1, size: 2.5, at: 0.4, side: 0 })
  const data = { token: 2, side: 1 as const, price: price(6_000), size: shares(micro(1)) }
  story.say(500, TradePrinted.make({ ...data, id: 'x', lag: 42_500 }))
  t.same(linesFrom(tradesFile, story.rows), [
    '7,m1,t1,0.4000,2.500000,p7,7,',
    '500,m1,t2,0.6000,1.000000,x,500,457',
  ])
})

t.test('health: a row every 10 s of event time, and one at the end', async t => {
  const story = offered(new Story())
  for (const ms of [4_000, 9_999, 10_000, 12_000, 20_500])
    printed(story, ms, { token: 1, size: 1, at: 0.4, side: 1 })
  story.end()
  const rows = linesFrom(healthFile, story.rows).map(
    line => JSON.parse(line) as Record<string, unknown>,
  )
  t.same(
    rows.map(row => row['ts_ms']),
    [10_000, 20_500, 20_500],
  )
  t.match(rows[0], {
    trades: 3,
    signals: 1,
    orders: 2,
    closed: 2,
    orders_open: 0,
    fills: 2,
    trade_age_ms: 0,
    book_age_max_ms: 9_999,
    hard_stop: false,
  })
  t.equal(rows.at(-1)?.['seq'], story.rows.length)
})

t.test('the counters of health are those of the log', async t => {
  const story = eventful(['force-chase-fail', 'force-flatten-fail'])
  const last = JSON.parse(linesFrom(healthFile, story.rows).at(-1) ?? '') as Record<string, unknown>
  t.match(last, {
    signals: story.all('SignalRaised').length,
    approved: story.all('IntentApproved').length,
    refused: story.all('IntentRefused').length,
    dropped: story.all('SignalDropped').length,
    repeats: story.all('DedupSignal').length,
    orders: story.all('OrderPlaced').length,
    fills: story.all('OrderFilled').length,
    feed_lost: 1,
    trades: 72,
    hard_stop: true,
    feed_lost_now: false,
    orders_open: 0,
  })
})
