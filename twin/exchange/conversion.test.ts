import t from 'tap'
import { rig } from '../testing/rig.js'
import { convert, merge, split } from './conversion.js'
import { ONE } from './money.js'

const three = () => {
  const set = rig({ markets: [{ group: 'e' }, { group: 'e' }, { group: 'e' }, {}] })
  const [a, b, c, alone] = [...set.markets.markets.values()]
  const { ledger } = set.exchange
  return { ...set, ledger, wallet: set.walletOf(0), a: a!, b: b!, c: c!, alone: alone! }
}

t.test('split and merge are each other’s reverse', t => {
  const { ledger, wallet, a, placed } = three()
  t.equal(split(ledger, a, { wallet, size: 10 * ONE }), undefined)
  t.same([...wallet.shares.values()], [10 * ONE, 10 * ONE])
  t.equal(wallet.cash, 9_990 * ONE)
  placed({ side: 'SELL', price: 9_000, size: 6 })
  t.match(merge(ledger, a, { wallet, size: 5 * ONE }), /not enough/, 'six are for sale')
  t.equal(merge(ledger, a, { wallet, size: 4 * ONE }), undefined)
  t.equal(wallet.cash, 9_994 * ONE)
  t.match(split(ledger, a, { wallet, size: 9_995 * ONE }), /not enough/)
  t.end()
})

t.test('NO of some questions becomes YES of the others, and is worth the same whoever wins', t => {
  for (const winner of [0, 1, 2]) {
    const { ledger, wallet, a, b, c, exchange } = three()
    for (const market of [a, b]) split(ledger, market, { wallet, size: 10 * ONE })
    const before = wallet.cash
    const all = [a, b, c]
    t.equal(convert(ledger, { chosen: [a, b], all }, { wallet, size: 10 * ONE }), undefined)
    t.equal(wallet.cash, before + 10 * ONE, 'one of two is collateral')
    t.same(
      all.map(({ assets }) => assets.map(asset => wallet.shares.get(asset) ?? 0)),
      [
        [10 * ONE, 0],
        [10 * ONE, 0],
        [10 * ONE, 0],
      ],
    )
    all.forEach((market, k) => exchange.resolve(market, k === winner ? [10_000, 0] : [0, 10_000]))
    t.equal(wallet.cash, 10_000 * ONE)
  }
  t.end()
})

t.test('what cannot be converted', t => {
  const { ledger, wallet, a, b, c, alone, exchange } = three()
  split(ledger, a, { wallet, size: 10 * ONE })
  const of = { wallet, size: 10 * ONE }
  t.match(convert(ledger, { chosen: [b], all: [a, b, c] }, of), /not enough/)
  t.match(convert(ledger, { chosen: [alone], all: [a, b, c] }, of), /not of one event/)
  t.match(convert(ledger, { chosen: [], all: [a, b, c] }, of), /not of one event/)
  t.match(convert(ledger, { chosen: [alone], all: [alone] }, of), /not of negative risk/)
  exchange.resolve(c, [0, 10_000])
  t.match(convert(ledger, { chosen: [a], all: [a, b, c] }, of), /decided/)
  t.match(merge(ledger, c, of), /decided/)
  t.end()
})
