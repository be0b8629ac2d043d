import { writeFileSync } from 'node:fs'
import t from 'tap'
import { ASK, BID, CHANGE } from '#schemas/levels.js'
import { FeedFault } from '../../feed.js'
import type { FeedInput } from '../../feed.js'
import { countsOf, dataOf, drained } from '../../testing/drain.js'
import { NaiveBooks } from '../../testing/naive-books.js'
import { ABSENT, recording } from '../../testing/recordings.js'
import { areMirrored, rowAt } from './tickscope-decode.js'
import type { Rows } from './tickscope-rows.js'
import { tickscope } from './tickscope.js'

const path = recording('polymarket-tickscope-stanleycup')
const skip = path === undefined ? { skip: ABSENT } : {}
/** Changes of a token before its book is full enough to be compared: the recording has no snapshot. */
const WARM_UP = 200

t.test('a recorded hockey game', skip, async t => {
  const feed = tickscope([path ?? ''])
  const inputs = await drained(feed)
  const report = feed.report()
  const changes = dataOf(inputs, 'BookChanged').map(({ d }) => d.length / CHANGE)

  t.test('every row is a change, a trade or a counted oddity', async t => {
    const trades = countsOf(inputs)['TradePrinted'] ?? 0
    const rowsSkipped = report.skipped
      .filter(({ reason }) => reason !== 'file of another kind' && !reason.startsWith('stamp '))
      .reduce((sum, { count }) => sum + count, 0)
    const changed = changes.reduce((sum, n) => sum + n, 0)
    t.equal(report.read, 206_848)
    t.strictSame(
      { changed, trades, rowsSkipped },
      { changed: 206_365, trades: 483, rowsSkipped: 0 },
    )
  })

  t.test(
    'its tokens pair up into six markets, and all but one frame are mirrored pairs',
    async t => {
      t.strictSame([report.markets, report.tokens], [6, 12])
      t.equal(changes.filter(n => n === 2).length, 103_182)
      t.equal(changes.filter(n => n === 1).length, 1)
      t.ok(dataOf(inputs, 'MarketListed').every(({ inferred }) => inferred))
    },
  )

  t.test('the fold agrees with what the venue states', async t => {
    const { checks, agree } = agreement(inputs)
    t.ok(agree / checks >= 0.995, `${agree} of ${checks}`)
  })

  t.test('says the same when it is opened again', async t => {
    t.equal((await drained(feed)).length, inputs.length)
  })
})

/** How often the fold's best is the stated one, where a level that crosses removes what it crosses. */
function agreement(inputs: readonly FeedInput[]): { checks: number; agree: number } {
  const [books, seen] = [new NaiveBooks(), new Map<number, number>()]
  let [checks, agree] = [0, 0]
  for (const { d } of dataOf(inputs, 'BookChanged'))
    for (let i = 0; i < d.length; i += CHANGE) {
      const [token = 0, side = 0, at = 0, size = 0, bid = 0, ask = 0] = d.slice(i, i + CHANGE)
      books.change(token, side, at, size, true)
      const before = seen.get(token) ?? 0
      seen.set(token, before + 1)
      if (before < WARM_UP) continue
      checks++
      if (books.best(token, BID) === bid && books.best(token, ASK) === ask) agree++
    }
  return { checks, agree }
}

const rowsOf = (rows: readonly Readonly<Record<string, unknown>>[]): Rows => {
  const column = (name: string): unknown[] => rows.map(row => row[name])
  return {
    file: 'small.parquet',
    from: 40,
    count: rows.length,
    columns: {
      timestamp: column('timestamp'),
      price: column('price'),
      size: column('size'),
      best_bid: column('best_bid'),
      best_ask: column('best_ask'),
      side: column('side'),
      event_type: column('event_type'),
      asset_id: column('asset_id'),
    },
  }
}
const change = {
  timestamp: new Date(1_780_796_251_472),
  price: 0.31,
  size: 198.5,
  best_bid: 0.35,
  best_ask: 0,
  side: 'BID',
  event_type: 'PRICE_CHANGE',
  asset_id: '5795',
}

t.test('a row', async t => {
  t.test('comes in whole units, without a best where the venue states zero', async t => {
    t.match(rowAt(rowsOf([change]), 0), {
      tUs: 1_780_796_251_472_000,
      isTrade: false,
      price: 3_100,
      size: 198_500_000,
      bid: 3_500,
      ask: 10_000,
      where: 'small.parquet: row 41',
    })
  })

  t.test('that no unit fits is odd, one of another type is a fault with its place', async t => {
    const odd = (part: object) => rowAt(rowsOf([{ ...change, ...part }]), 0)
    t.match(odd({ price: 0.31234567 }), { odd: 'price finer than the unit' })
    t.match(odd({ size: -1 }), { odd: 'negative number' })
    t.match(odd({ price: 1 }), { odd: 'price not between 0 and 1' })
    t.match(odd({ event_type: 'BOOK' }), { odd: 'event type BOOK', where: 'small.parquet: row 41' })
    for (const part of [{ side: 'BUY' }, { timestamp: 'noon' }, { price: '0.31' }, { asset_id: 5 }])
      t.throws(() => odd(part), { name: 'FeedFault', where: 'small.parquet: row 41' })
  })

  t.test('mirrors another of the same time and size at the other end of the dollar', async t => {
    const mirror = { ...change, price: 0.69, side: 'ASK', asset_id: '9606' }
    const rows = rowsOf([change, mirror, { ...mirror, size: 1 }, { ...mirror, side: 'BID' }])
    const [one, two, three, four] = [0, 1, 2, 3].map(i => rowAt(rows, i))
    if (!one || !two || !three || !four) throw new Error('four rows')
    if ('odd' in one || 'odd' in two || 'odd' in three || 'odd' in four) throw new Error('odd')
    t.strictSame(
      [two, three, four].map(row => areMirrored(one, row)),
      [true, false, false],
    )
  })
})

t.test('a file that is none', async t => {
  const dir = t.testdir({ 'torn.parquet': 'PAR1 and nothing more' })
  writeFileSync(`${dir}/notes.txt`, '')
  await t.rejects(drained(tickscope([dir])), { name: 'FeedFault', where: `${dir}/torn.parquet` })
  await t.rejects(drained(tickscope([`${dir}/absent`])), FeedFault)
  await t.rejects(drained(tickscope([])), { message: 'nothing to import' })
})
