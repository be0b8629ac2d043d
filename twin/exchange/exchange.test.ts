import t from 'tap'
import { ASK, BID } from '#schemas/levels.js'
import { rig } from '../testing/rig.js'
import { ONE } from './money.js'
import { tradeFrames } from './views.js'

const texts = (frames: readonly { text: string }[]): Record<string, unknown>[] =>
  frames.map(({ text }) => JSON.parse(text) as Record<string, unknown>)

t.test('an order that nothing meets rests, and stands in both books', t => {
  const { placed, markets, told, exchange } = rig()
  const order = placed({ side: 'BUY', price: 4_200, size: 10 })
  const [yes, no] = order.market.assets.map(asset => markets.books.get(asset)!)
  t.same(yes?.levels(BID), [4_200, 10 * ONE])
  t.same(no?.levels(ASK), [5_800, 10 * ONE])
  t.match(texts(told.market), [
    {
      event_type: 'price_change',
      price_changes: [
        { price: '0.42', size: '10', side: 'BUY', best_bid: '0.42', hash: /^[0-9a-f]{40}$/ },
        { price: '0.58', size: '10', side: 'SELL', best_ask: '0.58' },
      ],
    },
  ])
  t.match(texts(told.user), [{ type: 'PLACEMENT', status: 'LIVE', size_matched: '0' }])
  told.market.length = 0
  t.ok(exchange.cancel(order))
  t.notOk(exchange.cancel(order), 'only once')
  t.same(yes?.levels(BID), [])
  t.match(texts(told.market), [{ price_changes: [{ size: '0' }, { size: '0' }] }])
  t.match(texts(told.user).at(-1), { type: 'CANCELLATION', status: 'CANCELED' })
  t.end()
})

t.test('a price that improves goes to the taker; the maker pays no fee', t => {
  const { placed, split, walletOf } = rig({ markets: [{ feeRate: 700 }] })
  split(0, 10)
  const ask = placed({ who: 0, side: 'SELL', price: 5_000, size: 10 })
  const bid = placed({ who: 1, side: 'BUY', price: 5_500, size: 10 })
  t.equal(ask.status, 'MATCHED')
  t.equal(bid.status, 'MATCHED')
  t.equal(walletOf(0).cash, 9_990 * ONE + 5 * ONE)
  t.equal(walletOf(1).cash, 9_995 * ONE - 175_000, '0.07 × 10 × 0.5 × 0.5 on top')
  t.end()
})

t.test('two buys of opposite outcomes mint pairs, two sells merge them', t => {
  const { placed, split, walletOf, exchange } = rig()
  const maker = placed({ who: 0, side: 'BUY', outcome: 1, price: 4_000, size: 10 })
  const taker = placed({ who: 1, side: 'BUY', outcome: 0, price: 6_500, size: 10 })
  t.equal(walletOf(0).cash, 9_996 * ONE)
  t.equal(walletOf(1).cash, 9_994 * ONE, 'at 0.60, not at its limit')
  t.equal(walletOf(0).shares.get(maker.asset), 10 * ONE)
  t.equal(walletOf(1).shares.get(taker.asset), 10 * ONE)
  const [trade] = exchange.trades
  const [seen] = texts(tradeFrames(trade!, 0))
  t.match(seen, {
    ...{ side: 'BUY', outcome: 'Yes', price: '0.6', size: '10', trader_side: 'TAKER' },
    maker_orders: [{ side: 'BUY', outcome: 'No', price: '0.4', matched_amount: '10' }],
  })
  split(2, 10)
  placed({ who: 0, side: 'SELL', outcome: 1, price: 3_000, size: 10 })
  placed({ who: 2, side: 'SELL', outcome: 0, price: 6_000, size: 10 })
  t.equal(walletOf(0).cash, 9_999 * ONE)
  t.equal(walletOf(2).cash, 9_997 * ONE, '10 paid for the pairs, 7 of each dollar back')
  t.equal(walletOf(2).shares.get(taker.asset), undefined)
  t.end()
})

t.test('better prices first, then the older order, also across outcomes', t => {
  const { placed, split } = rig()
  split(0, 30)
  const late = placed({ who: 0, side: 'SELL', price: 5_200, size: 10 })
  const first = placed({ who: 0, side: 'SELL', price: 5_100, size: 10 })
  const second = placed({ who: 1, side: 'BUY', outcome: 1, price: 4_900, size: 10 })
  const third = placed({ who: 0, side: 'SELL', price: 5_100, size: 10 })
  placed({ who: 2, side: 'BUY', price: 5_200, size: 15 })
  t.same(
    [late, first, second, third].map(({ matched }) => matched / ONE),
    [0, 10, 5, 0],
  )
  t.end()
})

t.test('a BUY that does not rest is for dollars', t => {
  const { placed, level, walletOf } = rig()
  level(ASK, 4_000, 20)
  level(ASK, 5_000, 20)
  const order = placed({ side: 'BUY', price: 5_000, size: 10, type: 'FAK', isForDollars: true })
  t.equal(order.status, 'MATCHED')
  t.equal(order.matched, 24 * ONE, '20 for 8 dollars, 4 for 2')
  t.equal(walletOf(0).cash, 9_990 * ONE)
  t.end()
})

t.test('FOK is filled whole or killed, FAK takes what there is', t => {
  const { place, placed, level, told, walletOf, exchange } = rig()
  level(ASK, 4_000, 20)
  const whole = { side: 'BUY', price: 4_000, size: 9, type: 'FOK', isForDollars: true } as const
  t.match(place(whole), { status: 400, error: /^order couldn't be fully filled/ })
  t.match(texts(told.user), [
    { type: 'CANCELLATION', status: /^CANCELED_order couldn't be fully filled/, size_matched: '0' },
  ])
  t.equal(walletOf(0).cash, 10_000 * ONE)
  const part = placed({ ...whole, type: 'FAK' })
  t.equal(part.matched, 20 * ONE)
  t.equal(part.status, 'CANCELED')
  t.match(place({ ...whole, type: 'FAK' }), { status: 400, error: /^no orders found to match/ })
  t.equal(exchange.open().length, 0)
  t.end()
})

t.test('what open orders reserve cannot be used twice', t => {
  const { placed, place, split, exchange } = rig()
  const bid = placed({ side: 'BUY', price: 5_000, size: 19_900 })
  const more = { side: 'BUY', price: 5_000, size: 101 } as const
  t.match(place(more), { status: 400, error: /^not enough balance/ })
  split(1, 10)
  placed({ who: 1, side: 'SELL', price: 9_000, size: 6 })
  const sale = { who: 1, side: 'SELL', price: 9_000, size: 5 } as const
  t.match(place(sale), { error: /not enough balance.*balance: 4000000, order amount: 5000000/ })
  exchange.cancel(bid)
  t.match(place(more), { order: { status: 'LIVE' } })
  t.end()
})

t.test('refusals in the words of the venue', t => {
  const { place, placed, split, level, orderOf, exchange, markets, walletOf } = rig()
  level(ASK, 4_000, 20)
  const wrong = (of: Parameters<typeof place>[0], error: RegExp) =>
    t.match(place(of), { status: 400, error })
  wrong({ side: 'BUY', price: 3_000, size: 4 }, /Size \(4\) lower than the minimum: 5$/)
  wrong(
    { side: 'BUY', price: 4_000, size: 10, isPostOnly: true },
    /^invalid post-only order: order crosses book$/,
  )
  wrong(
    { side: 'BUY', price: 4_000, size: 0.5, type: 'FAK', isForDollars: true },
    /^invalid amount for a marketable BUY order \(\$0.5\), min size: \$1$/,
  )
  const order = orderOf({ side: 'BUY', price: 3_000, size: 10 })
  exchange.place(order)
  t.match(exchange.place(order), { status: 400, error: /is invalid\. Duplicated\.$/ })
  split(0, 10)
  walletOf(0).isApproved = false
  wrong({ side: 'SELL', price: 9_000, size: 5 }, /^not enough balance \/ allowance/)
  walletOf(0).isApproved = true
  const market = markets.byNumber(1)!
  const rests = placed({ side: 'SELL', price: 9_000, size: 5 })
  exchange.resolve(market, [10_000, 0])
  t.equal(rests.status, 'CANCELED_MARKET_RESOLVED')
  t.equal(walletOf(0).cash, 10_000 * ONE, 'ten pairs are ten dollars')
  wrong({ side: 'BUY', price: 3_000, size: 10 }, /^the orderbook \d+ does not exist$/)
  t.end()
})

t.test('GTD ends a minute before its stamp', t => {
  const { placed, clock, wall } = rig()
  const expirationS = clock.nowMs() / 1_000 + 200
  const order = placed({ side: 'BUY', price: 3_000, size: 10, type: 'GTD', expirationS })
  wall.advance(139_000)
  t.equal(order.status, 'LIVE')
  wall.advance(1_000)
  t.equal(order.status, 'CANCELED')
  t.end()
})

t.test('the simulated market', async t => {
  t.test('its trades reach an order when what stood before it is gone', t => {
    const { placed, level, trade } = rig()
    level(BID, 4_000, 20)
    const order = placed({ side: 'BUY', price: 4_000, size: 10 })
    level(BID, 4_000, 5)
    trade(ASK, 4_000, 15)
    t.equal(order.matched, 0)
    level(BID, 4_000, 30)
    level(BID, 4_000, 22)
    trade(ASK, 4_000, 8)
    t.equal(order.matched, 3 * ONE, 'five stood before it')
    t.end()
  })
  t.test('a better order is met first, and the print is told once', t => {
    const { placed, level, trade, told } = rig()
    level(BID, 4_000, 20)
    const order = placed({ side: 'BUY', price: 4_100, size: 10 })
    told.market.length = 0
    level(BID, 4_000, 8)
    trade(ASK, 4_000, 12)
    t.equal(order.status, 'MATCHED')
    const prints = texts(told.market).filter(one => one['event_type'] === 'last_trade_price')
    t.match(prints, [
      { price: '0.41', size: '10', side: 'SELL' },
      { price: '0.4', size: '2', side: 'SELL' },
    ])
    t.end()
  })
  t.test('a level that would cross an order is matched with it before it is published', t => {
    const { placed, level, markets, told } = rig()
    const order = placed({ side: 'BUY', outcome: 1, price: 4_000, size: 10 })
    told.market.length = 0
    level(BID, 6_100, 25)
    t.equal(order.status, 'MATCHED', 'NO at 0.40 is YES for sale at 0.60')
    const [yes, no] = order.market.assets.map(asset => markets.books.get(asset)!)
    t.same(yes?.levels(BID), [6_100, 15 * ONE], 'once, and what is left is published')
    t.same(no?.levels(ASK), [3_900, 15 * ONE])
    t.same([yes?.levels(ASK), no?.levels(BID)], [[], []])
    t.end()
  })
  t.test('what is taken of it is taken of both books, and comes back when it is said again', t => {
    const { placed, level, markets } = rig()
    level(ASK, 4_000, 20)
    const order = placed({ side: 'BUY', price: 4_000, size: 12 })
    const [yes, no] = order.market.assets.map(asset => markets.books.get(asset)!)
    t.same(
      [yes?.levels(ASK), no?.levels(BID)],
      [
        [4_000, 8 * ONE],
        [6_000, 8 * ONE],
      ],
    )
    level(ASK, 4_000, 20)
    t.same(yes?.levels(ASK), [4_000, 20 * ONE])
    t.end()
  })
})

t.test('settlement', async t => {
  const settled = (kind?: 'trade-failed' | 'trade-retrying') => {
    const faults = kind ? [{ kind, fromMs: 0, forMs: 1_000 }] : []
    const set = rig({ faults, markets: [{ feeRate: 400 }] })
    set.level(ASK, 4_000, 20)
    const order = set.placed({ side: 'BUY', price: 4_000, size: 20 })
    const placed = set.told.user.length
    set.wall.advance(2_000)
    const statuses = texts(set.told.user.slice(placed - 2)).flatMap(one =>
      one['event_type'] === 'trade'
        ? [`${String(one['status'])} ${String(one['transaction_hash']).length}`]
        : [],
    )
    return { ...set, order, statuses }
  }
  t.test('a trade is matched, mined and confirmed', t => {
    const { statuses, exchange } = settled()
    t.same(statuses, ['MATCHED 0', 'MINED 66', 'CONFIRMED 66'])
    t.equal(exchange.trades[0]?.status, 'CONFIRMED')
    t.end()
  })
  t.test('or tried again', t => {
    t.same(
      settled('trade-retrying').statuses.map(one => one.split(' ')[0]),
      [...['MATCHED', 'RETRYING', 'MINED', 'CONFIRMED']],
    )
    t.end()
  })
  t.test('or void: cash, fee and shares go back', t => {
    const { statuses, walletOf, exchange, order } = settled('trade-failed')
    t.same(
      statuses.map(one => one.split(' ')[0]),
      ['MATCHED', 'RETRYING', 'FAILED'],
    )
    t.equal(walletOf(0).cash, 10_000 * ONE)
    t.same([...walletOf(0).shares], [])
    t.equal(exchange.ledger.house.cash, 0)
    t.equal(order.matched, 20 * ONE, 'the order stays matched')
    t.end()
  })
  t.test('orders that a void fill no longer covers end', t => {
    const { exchange, placed, order, fails } = (() => {
      const set = settled()
      const next = set.placed({ side: 'BUY', price: 4_000, size: 10 })
      return { ...set, order: next, fails: set }
    })()
    exchange.fill(order)
    const trade = exchange.trades.at(-1)!
    const sale = placed({ side: 'SELL', price: 9_000, size: 30 })
    exchange.fail(trade)
    t.equal(sale.status, 'INVALID')
    t.equal(fails.walletOf(0).open.size, 0)
    t.end()
  })
})

t.test('a finer tick keeps every order, a coarser one ends those off the grid', t => {
  const { exchange, placed, markets, told } = rig()
  const asset = markets.byNumber(1)!.assets[0]!
  const book = markets.books.get(asset)!
  const coarse = placed({ side: 'BUY', price: 4_200, size: 10 })
  exchange.regrid(book, 10)
  const fine = placed({ side: 'BUY', price: 4_210, size: 10 })
  t.same([coarse.status, fine.status], ['LIVE', 'LIVE'])
  told.market.length = 0
  exchange.regrid(book, 100)
  t.same([coarse.status, fine.status], ['LIVE', 'CANCELED'])
  t.match(texts(told.market)[0], {
    ...{ event_type: 'tick_size_change', old_tick_size: '0.001', new_tick_size: '0.01' },
  })
  t.end()
})
