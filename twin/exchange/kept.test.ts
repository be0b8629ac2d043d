import t from 'tap'
import { ASK } from '#schemas/levels.js'
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
