import fc from 'fast-check'
import t from 'tap'
import { ASK, BID, type Side } from '#schemas/levels.js'
import { Story } from '#engine/run/testing/story.js'
import { Ladder, TICKS } from './ladder.js'
import { foldContract } from './fold.contract.js'
import { tsFold } from './ts-fold.js'
import { untouched } from './touched.js'

t.test('a ladder is a map from price to size that knows its best', async () => {
  for (const tick of TICKS)
    for (const direction of [1, -1] as const) {
      const at = fc.integer({ min: 0, max: 10_000 / tick }).map(n => n * tick)
      const size = fc.oneof(fc.constant(0), fc.maxSafeNat())
      fc.assert(
        fc.property(fc.array(fc.tuple(at, size), { maxLength: 80 }), changes => {
          const ladder = new Ladder(direction, tick)
          const naive = new Map<number, number>()
          for (const [price, n] of changes) {
            ladder.set(price, n)
            if (n > 0) naive.set(price, n)
            else naive.delete(price)
            const sorted = [...naive.keys()].sort((a, b) => (b - a) * direction)
            const walked: number[] = []
            for (let i = ladder.best; i >= 0; i = ladder.next(i)) walked.push(i * tick)
            if (walked.join() !== sorted.join()) return false
            if (!sorted.every(p => ladder.sizeAt(p) === naive.get(p))) return false
          }
          return true
        }),
        { numRuns: 30 },
      )
    }
})

t.test('a price off the grid makes the grid finer and keeps every level', async t => {
  const ladder = new Ladder(1, 100)
  ladder.set(4_900, 7)
  ladder.set(5_010, 9)
  t.equal(ladder.tick, 10)
  t.equal(ladder.bestPrice, 5_010)
  t.equal(ladder.sizeAt(4_900), 7)
  ladder.set(5_013, 1)
  t.equal(ladder.tick, 1)
  t.equal(ladder.sizeAt(5_010), 9)
})

foldContract(t, tsFold)

t.test('trust', async t => {
  t.test('a snapshot wins it, and says so once', async t => {
    const story = new Story().market().book(1, 1, { bids: [[0.4, 5]], asks: [[0.6, 5]] })
    story.change(2, 1, 0, 0.41, 5)
    t.same(story.all('BookTrusted'), [{ token: 1 }])
  })

  t.test('a crossed snapshot is not tradable and asks for another', async t => {
    const story = new Story().market().book(1, 1, { bids: [[0.6, 5]], asks: [[0.6, 5]] })
    t.same(story.all('BookDistrusted'), [{ token: 1, why: 'crossed' }])
    t.same(story.all('SnapshotRequested'), [{ token: 1, why: 'crossed' }])
  })

  t.test("the venue's best is compared before it corrects anything", async t => {
    const story = new Story().market().book(1, 1, {
      bids: [[0.4, 5]],
      asks: [
        [0.6, 5],
        [0.7, 5],
      ],
    })
    story.change(2, 1, 0, 0.3, 5, [0.4, 0.7]) // somebody ate the 0.60 level, and no delta said so
    t.match(story.one('BookDisagreed'), { ask: 6_000, venueAsk: 7_000, pruned: 1, agrees: true })
    t.equal(story.loop.state.book(1).bestAsk, 7_000)
    t.same(story.all('BookDistrusted'), [])
  })

  t.test('what pruning cannot explain makes the book suspect until it agrees again', async t => {
    const story = new Story().market().book(1, 1, { bids: [[0.4, 5]], asks: [[0.6, 5]] })
    story.change(2, 1, 0, 0.3, 5, [0.45, 0.6]).change(3, 1, 0, 0.45, 5, [0.45, 0.6])
    t.match(story.one('BookDisagreed'), { bid: 4_000, venueBid: 4_500, pruned: 0, agrees: false })
    t.same(story.all('BookDistrusted'), [{ token: 1, why: 'suspect' }])
    t.equal(story.all('BookTrusted').length, 2)
  })

  t.test('a lost feed closes every book until its snapshot', async t => {
    const story = new Story().market().book(1, 1, {}).book(1, 2, {}).lost(2).resumed(3)
    t.same(
      story.all('BookDistrusted').map(({ why }) => why),
      ['feed-lost', 'feed-lost'],
    )
    story.change(4, 1, 0, 0.3, 5, [0.3, 1])
    t.equal(story.loop.state.fold.distrustOf(1) !== 0, true, 'a delta is not enough')
    story.book(5, 1, {})
    t.equal(story.loop.state.fold.distrustOf(1), 0)
  })

  t.test('a new tick size is a new epoch: deltas are ignored until a snapshot', async t => {
    const story = new Story().market().book(1, 1, { bids: [[0.4, 5]], asks: [[0.6, 5]] })
    story.retick(2, 1, 100, 10).change(3, 1, 0, 0.55, 5)
    t.match(story.one('BookDistrusted'), { why: 'tick-epoch' })
    t.equal(story.loop.state.book(1).bestBid, 0)
    story.book(4, 1, { bids: [[0.455, 5]] })
    t.same([story.loop.state.book(1).bestBid, story.loop.state.book(1).tick], [4_550, 10])
  })

  t.test('a book that never had a snapshot is trusted once it filled and agrees', async t => {
    const story = new Story().market()
    for (let k = 0; k <= 200; k++) story.change(k, 1, 0, 0.4, k + 1, [0.4, 1])
    t.same(story.all('BookTrusted'), [{ token: 1 }])
    t.equal(story.loop.state.fold.stats.checks, 1)
  })
})

t.test('log lines and frames fold to the same books', async t => {
  const story = new Story().market().book(1, 1, { bids: [[0.4, 5]], asks: [[0.6, 5]] })
  for (let k = 0; k < 50; k++) story.change(2 + k, 1, (k % 2) as Side, 0.3 + k / 100, k, [0.4, 0.6])
  const fold = tsFold()
  fold.lines(story.bytes, untouched())
  const levels = (side: Side) => {
    const found: number[][] = [[], []]
    fold.view(1)?.walk(side, (at, size) => void found[0]?.push(at, size))
    story.loop.state.book(1).walk(side, (at, size) => void found[1]?.push(at, size))
    return found
  }
  for (const side of [BID, ASK] as const) {
    const [lines, frames] = levels(side)
    t.same(lines, frames)
  }
  t.same(fold.stats, story.loop.state.fold.stats)
})
