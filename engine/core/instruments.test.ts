import t from 'tap'
import { MarketListed, TokenListed } from '#schemas/events/market.js'
import { bps, price, shares } from '#schemas/units.js'
import { Instruments, ListingFault } from './instruments.js'
import { packed, unpacked } from './saved.js'

const listed = (market: number, key: string, { venue = 'kalshi', feed = '' } = {}) =>
  MarketListed.make({
    ...{ market, venue, key, question: '', group: '', negRisk: false, minSize: shares(1) },
    ...{ feeRate: bps(0), feeExponent: 1, inferred: false, ...(feed !== '' && { feed }) },
  })
const token = (id: number, market: number, key: string, index = 0) =>
  TokenListed.make({ token: id, market, index, key, outcome: 'Yes', tick: price(100) })

t.test('one number for one venue and id, whoever names it, and one feed lists it', async t => {
  const all = new Instruments()
  const [a, b] = [all.opening('a'), all.opening('b')]
  t.same(a.market('kalshi', 'X'), { id: 1, isFirst: true })
  t.same(b.market('kalshi', 'Y'), { id: 2, isFirst: true })
  t.same(b.market('kalshi', 'X'), { id: 1, isFirst: false })
  t.same(a.market('kalshi', 'X'), { id: 1, isFirst: false }, 'said once')
  t.same(b.market('polymarket', 'X'), { id: 3, isFirst: true }, 'another venue')
  t.same(a.token(1, '7'), { id: 1, isFirst: true })
  t.same(b.token(3, '7'), { id: 2, isFirst: true }, 'the same id at another venue')
  t.same(b.token(2, '7'), { id: 1, isFirst: false })
})

t.test('what has no id is never taken for something else that has none', async t => {
  const feed = new Instruments().opening()
  t.not(feed.market('sim', '').id, feed.market('sim', '').id)
})

t.test('rebuilt from its listings it gives the same numbers, to be listed by who did', async t => {
  const all = new Instruments()
  all.market(listed(3, 'X', { feed: 'a' }))
  all.token(token(5, 3, '7'))
  const again = new Instruments()
  again.load(unpacked(packed(all.save())) as ReturnType<Instruments['save']>)
  for (const known of [all, again]) {
    const [a, b] = [known.opening('a'), known.opening('b')]
    t.same(a.market('kalshi', 'X'), { id: 3, isFirst: true }, 'a feed that begins anew lists again')
    t.same(b.market('kalshi', 'X'), { id: 3, isFirst: false })
    t.same(b.market('kalshi', 'Y'), { id: 4, isFirst: true })
    t.same(b.token(3, '8'), { id: 6, isFirst: true })
  }
})

t.test('a number that is wished for is given where it is free', async t => {
  const feed = new Instruments().opening()
  t.same(feed.market('sim', 'X', 9).id, 9)
  t.same(feed.market('sim', 'Y', 9).id, 10)
  t.same(feed.market('sim', '', 9).id, 11)
  t.same(feed.market('sim', '', 11).id, 11, 'what had the number keeps it')
})

t.test(
  'a number that is listed again as something else is a fault; the same again is not',
  async t => {
    const all = new Instruments()
    all.market(listed(1, 'X'))
    all.market(listed(1, 'X'))
    t.throws(() => all.market(listed(1, 'Y')), ListingFault)
    t.throws(() => all.market(listed(1, 'X', { venue: 'sim' })), ListingFault)
    all.token(token(1, 1, '7'))
    all.token(token(1, 1, '7'))
    t.throws(() => all.token(token(1, 1, '8')), /token 8.*|number 1/)
    t.throws(() => all.token(token(1, 1, '7', 1)), ListingFault)
  },
)
