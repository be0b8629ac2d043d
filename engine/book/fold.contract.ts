import type { Test } from 'tap'
import { ASK, BID, type Side } from '#schemas/levels.js'
import type { BookFold } from './fold.js'
import { TRUST_BITS } from './book.js'
import { clearTouched, untouched } from './touched.js'
import { depthWithin, execute, mirrorOf } from './view.js'

const ASKS = [5_200, 10_000_000, 5_300, 20_000_000, 5_600, 5_000_000]
const FEED_LOST = TRUST_BITS['feed-lost']
const BIDS = [5_000, 4_000_000, 4_900, 6_000_000]

/** What every fold must do. */
export function foldContract(t: Test, make: () => BookFold): void {
  const booked = (tick = 100) => {
    const fold = make()
    fold.list(1, tick)
    return fold
  }

  t.test('executable price walks levels; costs round up, proceeds down', async t => {
    const fold = booked()
    fold.snapshot({ token: 1, bids: BIDS, asks: ASKS, tUs: 5 }, untouched())
    const book = fold.view(1)
    if (!book) return void t.fail('listed')
    t.same(execute(book, { side: BID, size: 15_000_001 }), {
      filled: 15_000_001,
      cash: 5_200_000 + 2_650_001,
      fee: 0,
      worst: 5_300,
    })
    t.same(execute(book, { side: BID, size: 99_000_000, limit: 5_300 }).filled, 30_000_000)
    t.same(execute(book, { side: ASK, size: 5_000_000 }), {
      filled: 5_000_000,
      cash: 2_000_000 + 490_000,
      fee: 0,
      worst: 4_900,
    })
    t.equal(depthWithin(book, ASK, 100), 30_000_000)
    t.equal(depthWithin(book, BID, 0), 4_000_000)
  })

  t.test('the other outcome sees the same liquidity from its side', async t => {
    const fold = booked()
    fold.snapshot({ token: 1, bids: BIDS, asks: ASKS, tUs: 5 }, untouched())
    const book = fold.view(1)
    if (!book) return void t.fail('listed')
    const mirror = mirrorOf(book)
    t.same([mirror.bestBid, mirror.bestAsk], [4_800, 5_000])
    t.equal(mirror.sizeAt(BID, 4_700), 20_000_000)
    const walked: number[] = []
    mirror.walk(ASK, (at, size) => void walked.push(at, size))
    t.same(walked, [5_000, 4_000_000, 5_100, 6_000_000])
  })

  t.test('a level that crosses removes what it crosses', async t => {
    const fold = booked()
    fold.snapshot({ token: 1, bids: BIDS, asks: ASKS, tUs: 5 }, untouched())
    const change = (side: Side, at: number, size: number) => {
      const changes = [1, side, at, size, -1, -1]
      fold.change({ changes, length: changes.length, tUs: 6 }, untouched())
    }
    change(BID, 5_300, 1_000_000)
    t.same([fold.view(1)?.bestBid, fold.view(1)?.bestAsk], [5_300, 5_600])
    t.equal(fold.stats.repaired, 2)
    t.equal(fold.stats.crossed, 0)
  })

  t.test('a lost feed darkens its own books, and those that name no feed', async t => {
    const fold = make()
    fold.list(1, 100, 'a')
    fold.list(2, 100, 'b')
    fold.list(3, 100)
    const state = (of: BookFold) => [1, 2, 3].map(token => of.distrustOf(token) & FEED_LOST)
    const restate = (of: BookFold) => {
      for (const token of [1, 2, 3])
        of.snapshot({ token, bids: BIDS, asks: ASKS, tUs: 5 }, untouched())
    }
    const again = make()
    restate(fold)
    again.load(fold.save())
    for (const one of [fold, again]) {
      const touched = untouched()
      one.distrustAll(FEED_LOST, touched, 'b')
      t.same(state(one), [0, FEED_LOST, FEED_LOST])
      t.same(touched.tokens, [2, 3])
      restate(one)
      one.distrustAll(FEED_LOST, untouched(), 'nobody')
      t.same(state(one), [0, 0, FEED_LOST])
      one.distrustAll(FEED_LOST, untouched())
      t.same(state(one), [FEED_LOST, FEED_LOST, FEED_LOST])
      restate(one)
    }
    t.same(again.save(), fold.save())
  })

  t.test('a trigger is reported while it fires, and once after', async t => {
    const fold = booked()
    const touched = untouched()
    fold.setTrigger(4, { test: 'asks', limit: 5_200, tokens: [1] })
    const fired = (asks: readonly number[]): number[] => {
      clearTouched(touched)
      fold.snapshot({ token: 1, bids: [], asks, tUs: 5 }, touched)
      return [...touched.fired]
    }
    t.same(fired([6_000, 1]), [4], 'the first look')
    t.same(fired([6_100, 1]), [])
    t.same(fired([5_200, 1]), [4])
    t.same(fired([5_200, 2]), [4])
    t.same(fired([5_300, 2]), [4], 'ceased')
    t.same(fired([5_300, 1]), [])
    fold.dropTrigger(4)
    t.same(fired([5_000, 1]), [])
  })
}
