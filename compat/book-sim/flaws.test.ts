import t from 'tap'
import { micro, Story } from '#engine/run/testing/story.js'
import { asked, BOOK } from './testing/requests.js'
import { onTick } from './ticks.js'

t.test('flaw: float tick rounding moves prices that lie on the grid', async t => {
  const floats = { up: [] as number[], down: [] as number[] }
  const moved: number[] = []
  const keep = (at: number, tick: number): void => {
    if (onTick(at, tick, 'BUY') !== at || onTick(at, tick, 'SELL') !== at) moved.push(at)
  }
  for (let cent = 1; cent <= 99; cent++) {
    const at = cent / 100
    if (Math.ceil(at / 0.01) !== cent) floats.up.push(cent)
    if (Math.floor(at / 0.01) !== cent) floats.down.push(cent)
    keep(cent * 100, 100)
  }
  t.same(floats.up, [7, 14, 28, 56], 'what the float rule does to a buy')
  t.same(floats.down, [29, 47, 57, 58, 59, 94], 'and to a sale')
  let wrong = 0
  for (let mill = 1; mill <= 999; mill++) {
    if (Math.floor(mill / 1_000 / 0.001) !== mill) wrong++
    keep(mill * 10, 10)
  }
  t.equal(wrong, 126, 'of 999 at the finer tick')
  t.same(moved, [], 'what whole numbers do')
  for (const cent of [7, 14, 28, 56]) t.equal(limitSeen('BUY', cent / 100), cent / 100)
  for (const cent of [29, 47, 57, 58, 59, 94]) t.equal(limitSeen('SELL', cent / 100), cent / 100)
})

/** The limit as the answer states it: as text, on a book whose touch has drifted away. */
function limitSeen(side: string, at: number): unknown {
  const away = { ...BOOK, best_bid: 0.0001, best_ask: 0.9999 }
  const [event] = asked([{ side, shares: 5, limit_price: at }], { snapshots: { t1: away } }).events
  return event?.payload['limit']
}

t.test('between two ticks a buy goes up, a sale down, and neither below one tick', async t => {
  t.same(
    [4_780, 4_701, 50].map(at => [onTick(at, 100, 'BUY'), onTick(at, 100, 'SELL')]),
    [
      [4_800, 4_700],
      [4_800, 4_700],
      [100, 100],
    ],
  )
})

t.test('flaw: intents of one request fill the same level twice', async t => {
  const one = { shares: 20, limit_price: 0.49 }
  const { fills, events } = asked([one, one, one])
  t.same(
    fills.map(({ fill_size: size, fill_price: price }) => [size, price]),
    [
      [20, 0.485],
      [10, 0.49],
    ],
  )
  t.same(
    events.map(({ message }) => message),
    ['paper_fill', 'paper_partial_fill', 'preflight_price_drift'],
    'the third finds .52 at the touch',
  )
  t.match(events[2]?.payload, { limit: 0.49, ask: 0.52 })
  const fok = asked([{ ...one, shares: 40, order_type: 'FOK' }, one])
  t.equal(fok.fills[0]?.fill_size, 20, 'what was refused took nothing')
})

t.test('flaw: raising to the minimum size spends more than was checked', async t => {
  const small = { shares: 2, limit_price: 0.48 }
  const options = { raisesToMinSize: false }
  t.equal(asked([small]).fills[0]?.fill_size, 5, 'the contract raises, and says so')
  t.match(asked([small]).events[0]?.payload, { requested_size: 5 })
  const refused = asked([small], { options })
  t.same([refused.fills, refused.events[0]?.message], [[], 'below_min_order_size'])
  t.match(asked([{ notional_usd: 2 }], { options }).events[0], { message: 'below_min_order_size' })
  t.equal(asked([{ ...small, shares: 5 }], { options }).fills[0]?.fill_size, 5)
})

t.test('flaw: an order for no shares falls through to its dollars', async t => {
  const none = { shares: 0, notional_usd: 10, limit_price: 0.49 }
  t.equal(
    asked([none]).fills[0]?.fill_size,
    5,
    'shares count where they are stated: the least size',
  )
  const free = { t1: { ...BOOK, min_order_size: 0 } }
  t.match(asked([none], { snapshots: free }).events, [{ message: 'invalid_size' }])
  const dollars = asked([{ ...none, shares: null }], { snapshots: free })
  t.equal(dollars.fills[0]?.fill_size, 20.408163)
})

t.test('flaw: a missing snapshot is 404 in one engine and 422 in the other', async t => {
  t.match(asked([{ shares: 5 }], { snapshots: {} }).events, [
    { message: 'missing_snapshot', status_code: 404 },
  ])
})

t.test('flaw: the multi-leg ratio is taken of the requested size before raising it', async t => {
  const small = { shares: 2, limit_price: 0.48 }
  const thin = { ...BOOK, asks: [{ price: 0.48, size: 3 }] }
  const snapshots = { t1: BOOK, t2: thin }
  const options = { guardsLegs: true }
  const { fills, events } = asked([small, { ...small, token_id: 't2' }], { snapshots, options })
  t.same(fills, [], '3 of the 5 that were ordered, though 2 were asked for')
  t.match(events[2]?.payload, { requested: 5, filled: 3, ratio: 0.6 })
})

t.test('flaw: a limit at the average price cannot reach the last level', async t => {
  const average = (10 * 0.48 + 20 * 0.49 + 30 * 0.52) / 60
  const [atAverage] = asked([{ shares: 60, limit_price: average }]).fills
  t.equal(atAverage?.fill_size, 30, 'half of it is out of reach: .5033 rounds up to .51 only')
  const [atWorst] = asked([{ shares: 60, limit_price: 0.52 }]).fills
  t.match(atWorst, { fill_size: 60, fill_price: 0.5033334 })

  const asks = BOOK.asks.map(({ price, size }) => [price, size] as const)
  const story = new Story({ parity: { size_max_micro: micro(60) }, sim: { fill_model: 'walk' } })
  story
    .market()
    .book(1, 1, { asks })
    .book(1, 2, { asks: [[0.4, 60]] })
    .end()
  t.match(story.one('SignalRaised').legs[0], { limit: 5_200, size: micro(60) }, 'worst touched')
  const filled = story.all('OrderFilled').filter(({ token }) => token === 1)
  t.equal(
    filled.reduce((sum, { size }) => sum + size, 0),
    micro(60),
  )
})
