import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { booksIn } from '#engine/harvest/decode/books.js'
import { pageOf } from '#engine/harvest/decode/gamma.js'
import { amountOf, instantOf, Refused } from '#engine/harvest/decode/row.js'
import {
  accountOf,
  countsIn,
  dataOf,
  postsIn,
  trackingsIn,
} from '#engine/harvest/decode/xtracker.js'
import { ROOT } from './helpers/cli.js'

const SAMPLES = resolve(ROOT, '..', 'shared', 'reference', 'venue-samples')
const skip = existsSync(SAMPLES) ? false : 'answers of the sources are not beside the clone'
const read = (...path: readonly string[]): unknown =>
  JSON.parse(readFileSync(join(SAMPLES, ...path), 'utf8'))

t.test('recorded answers of XTracker fit', { skip }, async t => {
  const of = (name: string): unknown => dataOf(read('xtracker', `${name}.json`))
  const refused = new Refused()
  t.match(accountOf(of('user')), {
    handle: 'ZelenskyyUa',
    platform: 'X',
    verified: true,
    posts: 185,
  })
  t.equal(trackingsIn(of('trackings'), refused)?.length, 26)
  t.equal(countsIn(of('metrics'), refused)?.length, 15)
  t.equal(postsIn(of('user_posts'), refused)?.length, 69)
  t.equal(refused.count, 0)
})

t.test('recorded markets of the catalogue fit, those that are decided too', { skip }, async t => {
  const refused = new Refused()
  const names = readdirSync(join(SAMPLES, 'gamma')).filter(name => /^market_(?!v2)/.test(name))
  const rows = names
    .flatMap(name => read('gamma', name))
    .filter(row => typeof row === 'object' && row !== null && 'conditionId' in row)
  const page = pageOf({ markets: rows }, refused)
  t.same(refused.facts, {})
  t.ok(rows.length >= 4 && page?.markets.length === rows.length)
  const decided = page?.markets.find(({ market }) => market.id === '3047949')
  t.match(decided, {
    closed: true,
    prices: [10_000, 0],
    closedUs: instantOf('2026-07-24T00:00:16Z'),
  })
  t.equal(pageOf({ items: rows }, refused), undefined, 'another form is none')
})

t.test('recorded books fit, an empty one too', { skip }, async t => {
  const refused = new Refused()
  const names = readdirSync(join(SAMPLES, 'rest')).filter(name => name.startsWith('book_'))
  const books = booksIn(
    names.map(name => read('rest', name)),
    refused,
  )
  t.equal(books?.length, names.length)
  t.equal(refused.count, 0)
  for (const [, { bids, asks }] of books ?? []) t.ok((bids[0] ?? 0) < (asks[0] ?? 10_000))
})

t.test('what does not fit is refused with its reason, the rest is taken', async t => {
  const refused = new Refused()
  const book = (bids: unknown, asks: unknown = []) => ({
    asset_id: '1',
    timestamp: '1',
    bids,
    asks,
  })
  const level = (price: unknown, size: unknown = '1') => ({ price, size })
  const books = booksIn(
    [
      book([level('0.4'), level('0.5')], [level('0.6')]),
      book([level('0.5'), level('0.4')]), // in the other order
      book([level('0.6')], [level('0.5')]), // crossed
      book([level('0.5'), level('0.5', '2')]), // twice
      book([level(0.5)]), // no text
      book([level('1.5')]), // beyond the grid
      book([level('0.5', '-1')]),
      book(undefined),
      'nothing',
    ],
    refused,
  )
  t.same(
    books?.map(([, { bids }]) => bids),
    [
      [5_000, 1_000_000, 4_000, 1_000_000],
      [5_000, 1_000_000, 4_000, 1_000_000],
    ],
  )
  t.equal(refused.count, 7)
  t.match(refused.facts, {
    refused: { 'bids is not below the asks': 1, 'bids is not one level at a price': 1 },
    first: /asset_id/,
  })
  t.equal(
    trackingsIn(
      [{ id: 'a', startDate: '2026-01-02T00:00:00Z', endDate: '2026-01-01T00:00:00Z' }],
      refused,
    )?.length,
    0,
  )
  t.equal(
    countsIn(
      [
        {
          id: 'a',
          date: '2026-01-02T00:00:00Z',
          data: { count: 3, cumulative: 2, trackingId: 'b' },
        },
      ],
      refused,
    )?.length,
    0,
  )
})

t.test('times and amounts are read exactly, or not at all', async t => {
  t.equal(instantOf('2026-11-29T20:15:00.123456Z'), 1_795_983_300_123_456)
  t.equal(instantOf('2026-07-24 00:00:16+00'), instantOf('2026-07-24T02:00:16+02:00'))
  for (const odd of ['2026-07-24T00:00:16', '24.7.2026', '', 5, null])
    t.equal(instantOf(odd), undefined)
  t.equal(amountOf('79945.98005599984', 6), 79_945_980_055)
  t.equal(amountOf(1e-7, 6), 0)
  for (const odd of ['1e3', '-1', 'x', Number.NaN, {}, '99999999999999999999'])
    t.equal(amountOf(odd, 6), undefined)
})
