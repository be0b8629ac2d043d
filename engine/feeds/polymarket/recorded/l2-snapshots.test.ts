import t from 'tap'
import { ASK, BID } from '#schemas/levels.js'
import { dataOf, drained } from '../../testing/drain.js'
import { NaiveBooks } from '../../testing/naive-books.js'
import { ABSENT, recording } from '../../testing/recordings.js'
import { l2Snapshots } from './l2-snapshots.js'

const book = (local: number, bid: string, ask: string): object => ({
  bids: [{ price: bid, size: '10' }],
  asks: [{ price: ask, size: '7.5' }],
  timestamp: String(local - 250),
  local_timestamp: String(local),
  asset_price: 90_303.655,
})
const print = (local: number, side: string): object => ({
  price: '0.57',
  size: '1.929823',
  side,
  local_timestamp: String(local),
  timestamp: String(local - 8_688),
})
const START = 1_765_450_851_133

t.test('files of one market are merged by the time of receipt', async t => {
  const dir = t.testdir({
    '15m_btc_orderbooks_17down.json': JSON.stringify([book(START, '0.43', '0.45')]),
    '15m_btc_orderbooks_17up.json': JSON.stringify([
      book(START, '0.55', '0.57'),
      book(START + 5, '0.555', '0.57'),
    ]),
    '15m_btc_trades_17up.json': JSON.stringify([print(START, 'buy'), print(START + 2, 'sell')]),
    'notes.txt': '',
  })
  const feed = l2Snapshots([dir])
  const inputs = await drained(feed)
  t.strictSame(
    inputs.slice(3).map(({ tUs, event }) => [tUs / 1_000 - START, event.type]),
    [
      [0, 'TradePrinted'],
      [0, 'BookSnapshot'],
      [0, 'BookSnapshot'],
      [2, 'TradePrinted'],
      [5, 'BookSnapshot'],
    ],
  )
  t.strictSame(dataOf(inputs, 'BookSnapshot')[0], {
    token: 1,
    bids: [5_500, 10_000_000],
    asks: [5_700, 7_500_000],
    lag: 250_000,
  })
  t.match(dataOf(inputs, 'TradePrinted')[1], { token: 1, side: 1, size: 1_929_823, lag: 8_688_000 })
  t.match(dataOf(inputs, 'MarketListed'), [{ key: 'btc-15m-17', feeRate: 0, inferred: true }])
  t.match(
    dataOf(inputs, 'TokenListed').map(({ outcome, tick }) => [outcome, tick]),
    [
      ['Up', 50],
      ['Down', 50],
    ],
  )
  const { read, skipped } = feed.report()
  t.strictSame([read, skipped.map(({ reason }) => reason)], [5, ['file of another kind']])
})

t.test('a file whose name says nothing is a fault', async t => {
  const dir = t.testdir({ 'book.json': '[]' })
  await t.rejects(drained(l2Snapshots([`${dir}/book.json`])), {
    name: 'FeedFault',
    where: `${dir}/book.json`,
  })
})

const path = recording('polymarket-l2-snapshots')
t.test('the recorded books', path === undefined ? { skip: ABSENT } : {}, async t => {
  const feed = l2Snapshots([path ?? ''])
  const books = new NaiveBooks()
  let [crossed, unlike, disordered, last] = [0, 0, 0, 0]
  for (const { tUs, event } of await drained(feed)) {
    if (tUs < last) disordered++
    last = tUs
    if (event.type !== 'BookSnapshot') continue
    const { token, bids, asks } = event.data
    books.restate(token, bids, asks)
    if (books.best(token, BID) >= books.best(token, ASK)) crossed++
    if (token % 2 === 0 && !isMirror(books, token - 1, token)) unlike++
  }
  t.strictSame({ crossed, unlike, disordered }, { crossed: 0, unlike: 0, disordered: 0 })
  t.match(feed.report(), { read: 4_341, markets: 3, tokens: 6 })
})

/** Whether the bids of `down` are the asks of `up` seen from the other end of the dollar. */
function isMirror(books: NaiveBooks, up: number, down: number): boolean {
  const seen = books.levels(up, ASK).map(([at, size]) => [10_000 - at, size])
  return JSON.stringify(seen.reverse()) === JSON.stringify(books.levels(down, BID))
}
