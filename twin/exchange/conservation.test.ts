import fc from 'fast-check'
import t from 'tap'
import { ASK, BID } from '#schemas/levels.js'
import { rig } from '../testing/rig.js'
import { merge, split } from './conversion.js'
import { ONE } from './money.js'
import { bookSide, inTerms, isResting, type TwinOrder } from './order.js'
import type { ExchangeTrade } from './trade.js'

const WHO = 4
type Rig = ReturnType<typeof rig>

const side = fc.constantFrom('BUY' as const, 'SELL' as const)
const outcome = fc.constantFrom(0 as const, 1 as const)
const cents = (least: number, most: number) =>
  fc.integer({ min: least, max: most }).map(one => one * 100)
const placing = fc.record({
  what: fc.constant('place' as const),
  who: fc.integer({ min: 0, max: WHO - 1 }),
  market: fc.integer({ min: 0, max: 1 }),
  ...{ side, outcome, price: cents(40, 60) },
  size: fc.integer({ min: 500, max: 4_000 }).map(one => one / 100),
  type: fc.constantFrom('GTC' as const, 'GTC' as const, 'FAK' as const, 'FOK' as const),
  isForDollars: fc.boolean(),
})
const action = fc.oneof(
  { weight: 8, arbitrary: placing },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('cancel' as const), k: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('fail' as const), k: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('fill' as const), k: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('wait' as const), ms: fc.nat(500) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constantFrom('split' as const, 'merge' as const),
      who: fc.integer({ min: 0, max: WHO - 1 }),
      size: fc.integer({ min: 1, max: 20 * ONE }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('level' as const),
      market: fc.integer({ min: 0, max: 1 }),
      isBid: fc.boolean(),
      away: cents(0, 12),
      size: fc.integer({ min: 0, max: 60 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('trade' as const),
      market: fc.integer({ min: 0, max: 1 }),
      isBuy: fc.boolean(),
      away: cents(0, 12),
      size: fc.integer({ min: 1, max: 30 }),
    }),
  },
)
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never

function act(set: Rig, one: Action): void {
  const { exchange } = set
  switch (one.what) {
    case 'place': {
      const { what: _, isForDollars, ...wanted } = one
      const isBudget = isForDollars && one.side === 'BUY'
      // As at the venue, a BUY that does not rest is for dollars.
      const isMarket = !isResting(one) && one.side === 'BUY'
      set.place({ ...wanted, isForDollars: isMarket, size: isBudget ? one.size / 2 : one.size })
      return
    }
    case 'cancel': {
      const open = exchange.open()
      const order = open[one.k % Math.max(1, open.length)]
      if (order) exchange.cancel(order)
      return
    }
    case 'fill': {
      const open = exchange.open()
      const order = open[one.k % Math.max(1, open.length)]
      if (order) exchange.fill(order, Math.ceil((order.size - order.matched) / 3))
      return
    }
    case 'fail': {
      const trade = exchange.trades[one.k % Math.max(1, exchange.trades.length)]
      if (trade) exchange.fail(trade)
      return
    }
    case 'split':
    case 'merge': {
      const of = { wallet: set.walletOf(one.who), size: one.size }
      const act = one.what === 'split' ? split : merge
      act(exchange.ledger, set.markets.byNumber(1)!, of)
      return
    }
    case 'wait':
      set.wall.advance(one.ms)
      return
    case 'level':
      // The simulated market never crosses itself here.
      set.level(
        one.isBid ? BID : ASK,
        one.isBid ? 4_900 - one.away : 5_000 + one.away,
        one.size,
        one.market,
      )
      return
    case 'trade':
      set.trade(
        one.isBuy ? BID : ASK,
        one.isBuy ? 5_000 + one.away : 4_900 - one.away,
        one.size,
        one.market,
      )
  }
}

/** All cash there is, 1e-6 dollar, each pair of shares counted as the dollar that it is; the two sides must be equal. */
function worthOf({ exchange, markets }: Rig): number {
  const { ledger } = exchange
  const wallets = [ledger.others, ledger.house, ...ledger.wallets.values()]
  let worth = wallets.reduce((sum, { cash }) => sum + cash, 0)
  for (const { assets } of markets.markets.values()) {
    const [yes = 0, no = 0] = assets.map(asset =>
      wallets.reduce((sum, { shares }) => sum + (shares.get(asset) ?? 0), 0),
    )
    if (yes !== no) throw new Error(`${yes} YES but ${no} NO`)
    worth += yes
  }
  return worth
}

/** Throws where orders or published books cross. */
function uncrossed({ exchange, markets }: Rig): void {
  for (const market of markets.markets.values()) {
    const resting = exchange.floor.restingIn(market)
    const [bid, ask] = [resting.of(BID)[0], resting.of(ASK)[0]]
    if (bid && ask && firstTerms(bid) >= firstTerms(ask)) throw new Error('orders cross')
    for (const asset of market.assets) {
      const book = markets.books.get(asset)!
      const [best, other] = [book.levels(BID)[0] ?? 0, book.levels(ASK)[0] ?? 10_000]
      if (best >= other) throw new Error(`published ${best} over ${other}`)
    }
  }
}

const firstTerms = ({ price, outcome: of }: TwinOrder): number => inTerms(price, of, 0)

/** Throws where somebody who was matched just now stood behind somebody who still rests. */
function inTurn(
  { exchange }: Rig,
  trades: readonly ExchangeTrade[],
  ages: readonly string[],
): void {
  for (const trade of trades)
    for (const { order: matched } of trade.makers) {
      if (!matched) continue
      const sign = bookSide(matched) === BID ? 1 : -1
      for (const other of exchange.floor.restingIn(trade.market).of(bookSide(matched))) {
        const better = sign * (firstTerms(other) - firstTerms(matched))
        const isOlder = ages.indexOf(other.id) < ages.indexOf(matched.id)
        if (other !== matched && (better > 0 || (better === 0 && isOlder)))
          throw new Error(`${matched.id} before ${other.id}`)
      }
    }
}

t.test('whatever is traded, no cash and no share is lost or made', t => {
  fc.assert(
    fc.property(fc.array(action, { minLength: 30, maxLength: 120 }), fc.nat(), (actions, seed) => {
      const set = rig({ markets: [{ feeRate: 400 }, { tick: 10, feeRate: 0 }], seed })
      for (let who = 0; who < WHO; who++) {
        set.split(who, 60, 0)
        set.split(who, 60, 1)
      }
      const before = worthOf(set)
      for (const one of actions) {
        const known = set.exchange.trades.length
        act(set, one)
        if (worthOf(set) !== before) throw new Error(`${worthOf(set)} is not ${before}`)
        uncrossed(set)
        if (one.what !== 'fill')
          inTurn(set, set.exchange.trades.slice(known), [...set.exchange.orders.keys()])
      }
      ended(set, before)
    }),
    { numRuns: 150 },
  )
  t.end()
})

/** Everything comes to an end: settlements, orders, and shares with their market. */
function ended(set: Rig, worth: number): void {
  const { exchange, markets, wall } = set
  const [first, second] = [...markets.markets.values()]
  exchange.resolve(first!, [10_000, 0])
  exchange.resolve(second!, [5_000, 5_000])
  // A fill may turn out void when its market is already decided.
  exchange.trades.forEach((trade, k) => {
    if (k % 3 === 0) exchange.fail(trade)
  })
  if (worthOf(set) !== worth) throw new Error(`${worthOf(set)} after void fills, ${worth} before`)
  wall.advance(5_000)
  for (const { status } of exchange.trades)
    if (status !== 'CONFIRMED' && status !== 'FAILED') throw new Error(`a trade is ${status}`)
  for (const { id, status, matched, size, budget, wallet } of exchange.orders.values()) {
    if (status === 'LIVE' || wallet.open.size > 0) throw new Error(`order ${id} has not ended`)
    if (budget === undefined && matched > size) throw new Error(`order ${id} has ${matched}`)
  }
  for (const { shares } of [exchange.ledger.others, ...exchange.ledger.wallets.values()])
    if (shares.size > 0) throw new Error('shares of a decided market are left')
  if (worthOf(set) !== worth) throw new Error(`${worthOf(set)} after payouts, ${worth} before`)
}

t.test('fees and every wallet add up to what was there', t => {
  const { placed, split, exchange, walletOf } = rig({ markets: [{ feeRate: 700 }] })
  split(0, 30)
  placed({ who: 0, side: 'SELL', price: 3_300, size: 30 })
  placed({ who: 1, side: 'BUY', price: 3_300, size: 7, type: 'FAK', isForDollars: true })
  const { house } = exchange.ledger
  t.ok(house.cash > 0)
  t.equal(walletOf(0).cash + walletOf(1).cash + house.cash + 30 * ONE, 20_000 * ONE)
  t.end()
})
