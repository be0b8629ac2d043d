import t from 'tap'
import { ASK, BID } from '#schemas/levels.js'
import { rig } from '../testing/rig.js'
import { ONE } from './money.js'

t.test('what is kept is bounded: the oldest that have ended go, what is open stays', t => {
  const { placed, exchange } = rig({ keptMax: 20 })
  const open = [1, 2, 3].map(k => placed({ side: 'BUY', price: 100 * k, size: 10 }))
  for (let k = 0; k < 100; k++) exchange.cancel(placed({ side: 'BUY', price: 500, size: 10 }))
  t.ok(exchange.orders.size <= 21)
  t.same(
    open.map(({ id }) => exchange.orders.has(id)),
    [true, true, true],
  )
  for (let k = 0; k < 100; k++) exchange.fill(placed({ side: 'BUY', price: 500, size: 10 }))
  t.ok(exchange.trades.length <= 20)
  const [oldest] = exchange.trades
  t.equal(exchange.tradeOf(oldest!.id), oldest)
  t.end()
})

t.test('a taker hears of its order as it is placed, filled, and ended', t => {
  const { placed, level, told } = rig()
  const news = (): string[] =>
    told.user.splice(0).flatMap(({ kind, text }) => {
      if (kind === 'trade') return ['trade']
      const { type, status, size_matched } = JSON.parse(text) as Record<string, string>
      return [`${type} ${status} ${size_matched}`]
    })
  level(ASK, 4_000, 10)
  placed({ side: 'BUY', price: 4_000, size: 10 })
  t.same(news(), ['PLACEMENT LIVE 0', 'trade', 'UPDATE MATCHED 10'])
  level(ASK, 4_000, 10)
  const fak = { side: 'BUY', price: 4_000, size: 8, type: 'FAK', isForDollars: true } as const
  placed(fak)
  t.same(news(), ['PLACEMENT LIVE 0', 'trade', 'UPDATE LIVE 10', 'CANCELLATION CANCELED 10'])
  level(ASK, 4_000, 10)
  const rests = placed({ side: 'BUY', price: 4_000, size: 15 })
  t.same(news(), ['PLACEMENT LIVE 0', 'trade', 'UPDATE LIVE 10'])
  t.equal(rests.size - rests.matched, 5 * ONE)
  t.end()
})

t.test('a match that is settled in two transactions', t => {
  const faults = [{ kind: 'bucketed-trades', fromMs: 0, forMs: 1_000 }] as const
  const { placed, level, told, exchange, walletOf } = rig({ faults })
  const maker = placed({ who: 1, side: 'BUY', outcome: 1, price: 6_000, size: 7.01 })
  level(ASK, 4_000, 10)
  const taker = placed({ side: 'BUY', price: 4_000, size: 12 })
  const rows = told.user
    .filter(({ kind, address }) => kind === 'trade' && address === taker.owner.address)
    .map(({ text }) => JSON.parse(text) as Record<string, unknown>)
  t.match(rows, [
    { bucket_index: 0, maker_orders: [{ matched_amount: '3.5', order_id: maker.id }, {}] },
    { bucket_index: 1, maker_orders: [{ matched_amount: '3.51', order_id: maker.id }, {}] },
  ])
  t.not(rows[0]?.['id'], rows[1]?.['id'])
  t.equal(rows[0]?.['match_time'], rows[1]?.['match_time'])
  t.same([maker.matched, taker.matched], [7.01 * ONE, 12 * ONE])
  t.equal(walletOf(0).cash, 9_995_200_000)
  exchange.fail(exchange.trades[0]!)
  const void_ = exchange.trades[0]!.taker.size
  t.equal(walletOf(0).shares.get(taker.asset), 12 * ONE - void_, 'each part is void by itself')
  t.end()
})

t.test('the same flow says the same, to the byte', t => {
  const said = (seed: number): string => {
    const { placed, level, trade, told, wall, exchange } = rig({ seed })
    level(ASK, 4_000, 20)
    level(BID, 3_900, 20)
    placed({ side: 'BUY', price: 4_000, size: 12 })
    const rests = placed({ who: 1, side: 'BUY', price: 3_900, size: 12 })
    level(BID, 3_900, 0)
    trade(ASK, 3_900, 30)
    wall.advance(1_000)
    exchange.cancel(rests)
    return JSON.stringify(told)
  }
  t.equal(said(1), said(1))
  t.not(said(1), said(2), 'ids and delays are of the seed')
  t.end()
})
