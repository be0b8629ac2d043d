import t from 'tap'
import { OrderFilled, OrderPlaced } from '#schemas/events/order.js'
import { PositionSettled } from '#schemas/events/risk.js'
import { FillVoided, PositionAdopted } from '#schemas/events/venue.js'
import type { Event } from '#schemas/registry.js'
import type { Side } from '#schemas/levels.js'
import { costOf, price, proceedsOf, shares, usdc } from '#schemas/units.js'
import { micro } from '#engine/run/testing/story.js'
import { World } from '../world.js'
import { Lots } from './lots.js'

const TOKEN = 3

/** Lots under a hand-written log, one event a millisecond. */
class Told {
  readonly lots = new Lots()
  readonly #world = new World()
  #seq = 0

  say(event: Event): this {
    const row = { seq: ++this.#seq, tUs: this.#seq * 1_000, cause: 0, event }
    this.#world.take(row)
    this.lots.take(row, this.#world)
    return this
  }

  /** An order of this owner that fills at once. */
  fill(
    order: string,
    of: { owner?: string; side?: Side; at: number; size: number; fee?: number },
  ): this {
    const { owner = order, side = 0, at, fee = 0 } = of
    const size = shares(micro(of.size))
    const own = { order, token: TOKEN, side, size }
    const placed = { signal: owner, leg: 0, attempt: 1, action: 'fire', rung: 1 } as const
    const cash = side === 0 ? usdc(0 - costOf(at, size)) : proceedsOf(at, size)
    return this.say(OrderPlaced.make({ ...own, ...placed, limit: price(at) })).say(
      OrderFilled.make({ ...own, trade: 'm', price: price(at), cash, fee: usdc(fee) }),
    )
  }

  void(order: string, of: { side: Side; at: number; size: number; cost: number }): this {
    const size = shares(micro(of.size))
    const cash = of.side === 0 ? usdc(0 - costOf(of.at, size)) : proceedsOf(of.at, size)
    const own = { order, trade: 'm', token: TOKEN, side: of.side, price: price(of.at), size, cash }
    return this.say(FillVoided.make({ ...own, fee: usdc(0), cost: usdc(of.cost) }))
  }

  get left(): readonly (readonly [string, number, number])[] {
    return this.lots.all.map(({ of, remaining, realised }) => [of.id, remaining, realised] as const)
  }
}

t.test('a sale closes what its own signal bought first, then the oldest', async t => {
  const told = new Told()
  told.fill('s1-1.0.1', { owner: 's1-1', at: 4_000, size: 10 })
  told.fill('s2-1.0.1', { owner: 's2-1', at: 5_000, size: 10 })
  told.fill('s2-1.0.2', { owner: 's2-1', side: 1, at: 4_500, size: 15 })
  t.same(told.left, [
    ['s1-1.0.1:m', micro(5), micro(0.25)],
    ['s2-1.0.1:m', 0, micro(-0.5)],
  ])
})

t.test('fees of both ends are part of what a lot earned', async t => {
  const told = new Told().fill('s1-1.0.1', { owner: 's1-1', at: 4_000, size: 10, fee: 30 })
  told.fill('s1-1.0.2', { owner: 's1-1', side: 1, at: 4_000, size: 5, fee: 7 })
  const [lot] = told.lots.all
  t.match(lot, { realised: -15 - 7, fees: 15 + 7, feesPaid: 30 + 7, basis: micro(2) + 15 })
})

t.test('what was sold without having it is owed until it is bought or paid', async t => {
  const told = new Told().fill('s1-1.0.1', { owner: 's1-1', side: 1, at: 6_000, size: 10 })
  t.match(told.lots.all, [{ remaining: micro(10), basis: micro(-6), realised: 0 }])
  told.fill('s2-1.0.1', { owner: 's2-1', at: 5_000, size: 4 })
  t.same(told.left, [['s1-1.0.1:m', micro(6), micro(0.4)]], 'bought back for less')
  const of = { market: 1, token: TOKEN, size: shares(micro(6)), cost: usdc(0) }
  told.say(PositionSettled.make({ ...of, payout: usdc(micro(-6)) }))
  t.same(told.left, [['s1-1.0.1:m', 0, micro(0.4) - micro(6) + micro(3.6)]])
})

t.test('a payout is parted among lots without a rest', async t => {
  const told = new Told()
  for (const k of [1, 2, 3]) told.fill(`s${k}-1.0.1`, { owner: `s${k}-1`, at: 1, size: 0.000_001 })
  const of = { market: 1, token: TOKEN, size: shares(3), cost: usdc(3) }
  told.say(PositionSettled.make({ ...of, payout: usdc(2) }))
  const earned = told.lots.all.map(({ realised }) => realised)
  t.equal(
    earned.reduce((a, b) => a + b),
    2 - 3,
  )
  t.ok(told.lots.all.every(({ remaining }) => remaining === 0))
})

t.test('a purchase that failed to settle after it was sold leaves the shares owed', async t => {
  const told = new Told().fill('s1-1.0.1', { owner: 's1-1', at: 4_000, size: 10 })
  told.fill('s1-1.0.2', { owner: 's1-1', side: 1, at: 5_000, size: 6 })
  told.void('s1-1.0.1', { side: 0, at: 4_000, size: 10, cost: micro(4) })
  t.same(told.left, [
    ['s1-1.0.1:m', 0, micro(0.6) + micro(4) - micro(1.6)],
    ['s1-1.0.1:m:void', micro(6), 0],
  ])
  told.fill('s3-1.0.1', { owner: 's3-1', at: 3_000, size: 6 })
  const sum = told.lots.all.reduce((all, { realised }) => all + realised, 0)
  t.equal(sum, micro(3) - micro(1.8), 'sold for 3, bought for 1.8')
})

t.test(
  'a purchase that failed to settle takes what was sold of it from what else is held',
  async t => {
    const told = new Told().fill('s1-1.0.1', { owner: 's1-1', at: 4_000, size: 10 })
    told.fill('s1-1.0.2', { owner: 's1-1', side: 1, at: 5_000, size: 10 })
    told.fill('s2-1.0.1', { owner: 's2-1', at: 3_000, size: 10 })
    told.void('s1-1.0.1', { side: 0, at: 4_000, size: 10, cost: micro(4) })
    t.ok(told.lots.all.every(({ remaining }) => remaining === 0))
    const sum = told.lots.all.reduce((all, { realised }) => all + realised, 0)
    t.equal(sum, micro(5) - micro(3), 'the other purchase was what was sold')
  },
)

t.test('a sale that failed to settle brings its shares back at their cost', async t => {
  const told = new Told().fill('s1-1.0.1', { owner: 's1-1', at: 4_000, size: 10 })
  told.fill('s1-1.0.2', { owner: 's1-1', side: 1, at: 5_000, size: 10 })
  told.void('s1-1.0.2', { side: 1, at: 5_000, size: 10, cost: micro(4) })
  t.same(told.left.slice(1), [['s1-1.0.2:m:void', micro(10), micro(-1)]])
  t.equal(
    told.lots.all.reduce((sum, { realised }) => sum + realised, 0),
    0,
  )
})

t.test('what was there before the run is a lot of nobody', async t => {
  const told = new Told()
  told.say(PositionAdopted.make({ token: TOKEN, size: shares(micro(7)), cost: usdc(micro(2)) }))
  t.match(told.lots.all, [
    { of: { signal: '', strategy: '' }, remaining: micro(7), basis: micro(2) },
  ])
})
