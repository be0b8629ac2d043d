import fc from 'fast-check'
import t from 'tap'
import { BookChanged, TradePrinted } from '#schemas/events/feed.js'
import { ASK, BID, UNSAID, type Side } from '#schemas/levels.js'
import { price, shares } from '#schemas/units.js'
import type { SendOrder } from '#engine/core/effects.js'
import { RestingBook, type QueueModel } from './resting.js'

const order = (id: string, side: Side, limit: number, size: number): SendOrder => ({
  ...{ tag: 'SendOrder', order: id, token: 1, side, limit, size, seq: 1 },
  ...{ action: 'quote', bucket: 'thin', tif: 'GTC', isPostOnly: true, untilUs: Infinity },
})
const trade = (side: Side, at: number, size: number) =>
  TradePrinted.make({ token: 1, side, price: price(at), size: shares(size), id: '' })
const level = (side: Side, at: number, size: number) =>
  BookChanged.make({ d: [1, side, at, size, UNSAID, UNSAID] })
const sizes = (fills: readonly { readonly size: number }[]): number[] =>
  fills.map(({ size }) => size)

const behind = (model: QueueModel, ahead = 100): RestingBook => {
  const book = new RestingBook(model)
  book.add(order('bid', BID, 4_000, 50), 50, ahead)
  return book
}

t.test('an order that rests behind 100', async t => {
  t.test('is reached when 100 were traded, and filled by what is over', async t => {
    const book = behind('pessimistic')
    t.same(sizes(book.traded(trade(ASK, 4_000, 60))), [])
    t.same(sizes(book.traded(trade(ASK, 4_000, 60))), [20])
    t.same(sizes(book.traded(trade(ASK, 4_000, 100))), [30], 'never more than it has left')
  })
  t.test('is filled when others trade through its price', async t => {
    t.same(sizes(behind('pessimistic').traded(trade(ASK, 3_900, 30))), [30])
  })
  t.test('hears nothing of trades on its own side, or at better prices', async t => {
    const book = behind('pessimistic')
    t.same(sizes(book.traded(trade(BID, 4_000, 500))), [])
    t.same(sizes(book.traded(trade(ASK, 4_100, 500))), [])
  })
  t.test('meets what stands at or below its price, once', async t => {
    const book = behind('pessimistic')
    t.same(sizes(book.changed(level(ASK, 4_000, 20))), [20])
    t.same(sizes(book.changed(level(ASK, 4_000, 20))), [], 'the same offer again is no other one')
    t.same(sizes(book.changed(level(ASK, 4_000, 35))), [15])
  })
})

t.test('cancels ahead move it up as the model says', async t => {
  const ahead = (model: QueueModel): number => {
    const book = behind(model)
    book.changed(level(BID, 4_000, 160)) // others came behind
    book.changed(level(BID, 4_000, 120)) // 40 of 160 went
    return book.find('bid')?.ahead ?? 0
  }
  t.equal(ahead('pessimistic'), 100)
  t.equal(ahead('proportional'), 75)
  t.equal(ahead('optimistic'), 60)
})

t.test('what a trade took from the level is not counted twice when the print follows', async t => {
  const book = behind('pessimistic')
  book.changed(level(BID, 4_000, 60)) // 40 of the 100 ahead were traded; the level says so first
  t.same(sizes(book.traded(trade(ASK, 4_000, 40))), [])
  t.equal(book.find('bid')?.ahead, 60)
})

const side = fc.constantFrom<Side>(BID, ASK)
const step = fc.oneof(
  fc.record({
    what: fc.constant('trade' as const),
    side,
    at: fc.integer({ min: 3_998, max: 4_004 }),
    size: fc.integer({ min: 1, max: 200 }),
  }),
  fc.record({
    what: fc.constant('level' as const),
    side,
    at: fc.integer({ min: 3_998, max: 4_004 }),
    size: fc.integer({ min: 0, max: 200 }),
  }),
  fc.record({
    what: fc.constant('order' as const),
    side,
    at: fc.integer({ min: 3_998, max: 4_004 }),
    size: fc.integer({ min: 1, max: 90 }),
  }),
)

t.test('no model fills more than was traded or stood there, nor more than was ordered', async t => {
  const model = fc.constantFrom<QueueModel>('pessimistic', 'proportional', 'optimistic')
  fc.assert(
    fc.property(model, fc.array(step, { maxLength: 60 }), (name, steps) => {
      const book = new RestingBook(name)
      const left = new Map<string, number>()
      steps.forEach((one, k) => {
        if (one.what === 'order') {
          left.set(`o${k}`, one.size)
          book.add(order(`o${k}`, one.side, one.at, one.size), one.size, k % 3 === 0 ? 0 : 40)
          return
        }
        const event =
          one.what === 'trade'
            ? trade(one.side, one.at, one.size)
            : level(one.side, one.at, one.size)
        const fills = event.type === 'TradePrinted' ? book.traded(event) : book.changed(event)
        const total = sizes(fills).reduce((sum, size) => sum + size, 0)
        if (total > one.size) throw new Error(`${total} filled by ${one.size}`)
        for (const { resting, size } of fills) {
          const id = resting.order.order
          const now = (left.get(id) ?? 0) - size
          if (now < 0 || now !== resting.left) throw new Error(`${id} has ${now} left`)
          if (resting.ahead < 0) throw new Error('nobody is ahead by less than nothing')
          left.set(id, now)
        }
      })
    }),
    { numRuns: 2_000 },
  )
  t.pass('2,000 runs')
})
