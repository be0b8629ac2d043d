import t from 'tap'
import { ASK, BID } from '#schemas/levels.js'
import { prng } from '#engine/feeds/simulator/prng.js'
import type { TwinVenue } from '#twin/venue.js'
import type { TwinOrder } from '#twin/exchange/order.js'
import { CALM, compared, heard, later, settled } from './helpers/heard-twin.js'

const ONE = 1_000_000

/** Lets three accounts place, cross and cancel at a twin: a hundred orders a second for a while. */
async function traded(venue: TwinVenue, ms: number): Promise<void> {
  const random = prng(5, 'traders')
  const { exchange, markets, keys } = venue
  const owners = [1, 2, 3].map(k => keys.of(`0x${String(k).padStart(40, '0')}`, 0n))
  const open = [...markets.markets.values()]
  for (let k = 1; k < ms / 10; k++) {
    const [market, owner] = [open[random.below(open.length)]!, owners[random.below(3)]!]
    const outcome = random.oneIn(2) ? 0 : 1
    const asset = market.assets[outcome]!
    const book = markets.books.get(asset)!
    const { address } = owner
    const wallet = exchange.ledger.open({ address, owner: address, signatureType: 0 })!
    const near = book.bestSimulated(random.oneIn(2) ? BID : ASK) ?? 5_000
    const price = near + (random.below(5) - 2) * book.tick
    const order: TwinOrder = {
      ...{ id: `0x${k.toString(16).padStart(64, '0')}`, owner, wallet, market, asset, outcome },
      side: random.oneIn(4) ? 'SELL' : 'BUY',
      price: Math.min(10_000 - book.tick, Math.max(book.tick, price)),
      ...{ size: (5 + random.below(60)) * ONE, budget: undefined, type: 'GTC' },
      ...{ isPostOnly: false, expirationS: 0, createdMs: 0, matched: 0, spent: 0 },
      ...{ status: 'LIVE', trades: [], ahead: 0, cut: 0 },
    }
    exchange.place(order)
    const mine = exchange.open(address)
    if (mine.length > 10) exchange.cancel(mine[random.below(mine.length)]!)
    await later(10)
  }
}

void t.test('books in which accounts trade are heard as they are', async t => {
  const run = await heard(0.5, { speed: 10 }, CALM)
  await traded(run.venue, 3_000)
  await settled(run)
  const { wrong, dark } = compared(run)
  const status = run.live.status()
  await run.stop()
  await run.venue.stop()
  const { trades, orders } = run.venue.exchange
  t.ok(trades.length > 20 && orders.size > 100, `${trades.length} trades of ${orders.size} orders`)
  t.same([wrong, dark], [[], []])
  t.match(status, { lost: 0, staleBooks: 0, report: { skipped: [] } })
  const { hashOk = 0, hashChecked } = status?.report ?? {}
  t.ok(hashOk > 300 && hashOk === hashChecked, `${hashOk} of ${hashChecked} hashes`)
})
