import t from 'tap'
import { FeedResumed } from '#schemas/events/feed.js'
import { TokenListed } from '#schemas/events/market.js'
import { price } from '#schemas/units.js'
import { BATCH_MAX, type FeedInput } from '../../feed.js'
import { Batches } from './batches.js'

const resumed = (tUs: number): FeedInput => ({ tUs, event: FeedResumed.make({ feed: 'f' }) })
const listed = (tUs: number): FeedInput => {
  const data = { token: 1, market: 1, index: 0, key: 'k', outcome: 'Yes', tick: price(100) }
  return { tUs, event: TokenListed.make(data) }
}

void t.test('inputs come in their order, in bounded batches, until the end', async t => {
  const batches = new Batches()
  const all = Array.from({ length: 10_000 }, (_, k) => resumed(k))
  t.ok(batches.add(all))
  setTimeout(() => {
    batches.add([resumed(10_000)])
    batches.end()
  }, 10)
  const taken: FeedInput[] = []
  for await (const batch of batches.taken()) {
    t.ok(batch.length > 0 && batch.length <= BATCH_MAX)
    taken.push(...batch)
  }
  t.same(
    taken.map(({ tUs }) => tUs),
    Array.from({ length: 10_001 }, (_, k) => k),
  )
})

void t.test('more than may wait are not taken; what is dropped leaves the listings', async t => {
  const batches = new Batches()
  t.ok(batches.add([listed(0), ...Array.from({ length: 65_000 }, (_, k) => resumed(k))]))
  const unfit = [...Array.from({ length: 1_000 }, (_, k) => resumed(k)), listed(1)]
  t.notOk(batches.add(unfit))
  t.equal(batches.drop(unfit), 66_000)
  batches.end()
  const taken: FeedInput[] = []
  for await (const batch of batches.taken()) taken.push(...batch)
  t.same(taken, [listed(0), listed(1)])
})
