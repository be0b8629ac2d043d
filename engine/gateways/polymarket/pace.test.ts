import t from 'tap'
import { VenueConditionReported } from '#schemas/events/venue.js'
import { Conditions } from './conditions.js'
import { Shared, SingleFlight } from './single-flight.js'
import { TokenBucket } from '#engine/transport/token-bucket.js'

t.test('a bucket lets a burst through, and then its rate', async t => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 3, nowMs: 0 })
  t.same(
    [1, 2, 3].map(() => bucket.take(1, 0)),
    [0, 0, 0],
  )
  t.equal(bucket.wait(1, 0), 100)
  t.same([bucket.take(1, 0), bucket.take(1, 0)], [100, 200], 'who waits leaves in turn')
  t.equal(bucket.wait(1, 200), 100)
  t.equal(bucket.wait(3, 10_000), 0, 'what was not used is there, up to the burst')
  t.equal(bucket.wait(4, 10_000), 100)
  t.equal(bucket.wait(1, 5_000), 0, 'a clock that steps back gives nothing and takes nothing')
})

t.test('a venue that says to wait is waited for', async t => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 3, nowMs: 0 })
  bucket.empty(2_000)
  t.equal(bucket.wait(1, 1_000), 100)
  t.equal(bucket.wait(1, 2_100), 0)
})

t.test('the same question is under way once', async t => {
  const flights = new SingleFlight()
  let [begun, finish] = [0, (): void => undefined]
  const work = (): Promise<void> => {
    begun++
    return new Promise(done => (finish = done))
  }
  t.same(
    [flights.begin('a', work), flights.begin('a', work), flights.begin('b', work)],
    [true, false, true],
  )
  t.equal(begun, 2)
  finish()
  await new Promise(setImmediate)
  t.equal(flights.begin('b', work), true, 'and again once it is over')
})

t.test(
  'who asks while an answer is under way shares the next one, from the earliest that anybody wants',
  async t => {
    const asked: number[] = []
    const answers: ((value: string) => void)[] = []
    const shared = new Shared<string>(from => {
      asked.push(from)
      return new Promise(done => answers.push(done))
    })
    const first = shared.get(50)
    await new Promise(setImmediate)
    const later = [shared.get(30), shared.get(10), shared.get(20)]
    await new Promise(setImmediate)
    t.same(asked, [50])
    answers[0]?.('old')
    t.equal(await first, 'old')
    await new Promise(setImmediate)
    t.same(asked, [50, 10])
    answers[1]?.('new')
    t.same(await Promise.all(later), ['new', 'new', 'new'])
  },
)

t.test('a question that fails does not stand in the way of the next', async t => {
  let count = 0
  const shared = new Shared<number>(() =>
    ++count === 1 ? Promise.reject(new Error('no')) : Promise.resolve(count),
  )
  await t.rejects(shared.get(1))
  t.equal(await shared.get(1), 2)
})

t.test('each change of a condition is told once', async t => {
  const told: [string, boolean][] = []
  const conditions = new Conditions(event => {
    const { condition, active } = event.data
    told.push([condition, active])
  })
  t.equal(VenueConditionReported.name, 'VenueConditionReported.1')
  conditions.set('restarting', 'a', 30)
  conditions.set('restarting', 'b', 30)
  conditions.clear('unavailable', 'it never was')
  conditions.set('post-only', 'c')
  await new Promise(done => setTimeout(done, 80))
  t.same(told, [
    ['restarting', true],
    ['post-only', true],
    ['restarting', false],
  ])
  t.equal(conditions.has('post-only'), true)
  conditions.close()
})
