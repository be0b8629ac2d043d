import t from 'tap'
import { CommandGiven } from '#schemas/events/run.js'
import { ASK, BID, type Side } from '#schemas/levels.js'
import { price, shares } from '#schemas/units.js'
import { unpacked, packed } from '#engine/core/saved.js'
import { startEngine } from './start.js'
import { cents, configWith, micro, startedWith, Story } from './testing/story.js'

type Leg = readonly [token: number, side: Side, at: number, size: number]

const order = (intent: string, ...legs: readonly Leg[]) =>
  CommandGiven.make({
    ...{ command: 'order', by: 'test', intent },
    legs: legs.map(
      ([token, side, at, size]) => [token, side, price(cents(at)), shares(micro(size))] as const,
    ),
  })

const market = (...of: ConstructorParameters<typeof Story>) =>
  new Story(...of)
    .market()
    .book(1, 1, { bids: [[0.4, 100]], asks: [[0.5, 100]] })
    .book(1, 2, { bids: [[0.5, 100]], asks: [[0.6, 100]] })

t.test('an order of the operator', async t => {
  t.test('leaves by the gate, leg by leg, and fills', async t => {
    const story = market()
      .say(10, order('i1', [1, BID, 0.5, 10], [2, BID, 0.6, 10]))
      .end()
    const placed = story.all('OrderPlaced')
    t.match(placed, [
      { order: 'c1.0.1', signal: 'c1', action: 'order', token: 1 },
      { order: 'c1.1.1', signal: 'c1', action: 'order', token: 2 },
    ])
    t.match(story.all('OrderClosed'), [{ result: 'full' }, { result: 'full' }])
  })

  t.test('leaves whole or not at all, and gives back what it had set aside', async t => {
    const story = market().say(10, order('i1', [1, BID, 0.5, 10], [2, BID, 0.6, 1]))
    t.match(story.one('QuoteRefused'), { instance: 'c1', token: 2, reasons: ['below-min-size'] })
    t.same(story.all('OrderPlaced'), [])
    t.equal(story.loop.state.exposure.total, 0)
  })

  t.test('is refused behind a stop, of an unknown token and in a shadow run', async t => {
    const stopped = market()
      .command(5, 'hard-stop')
      .say(10, order('i1', [1, BID, 0.5, 10]))
    t.same(stopped.one('QuoteRefused').reasons, ['hard-stop'])
    const unknown = market().say(10, order('i1', [77, BID, 0.5, 10]))
    t.same(unknown.one('QuoteRefused').reasons, ['unknown-token'])
    const shadow = market({}, { mode: 'shadow' }).say(10, order('i1', [1, BID, 0.5, 10]))
    t.same(shadow.one('QuoteRefused').reasons, ['shadow-mode'])
    const short = market().say(10, order('i1', [1, ASK, 0.4, 10]))
    t.same(short.one('QuoteRefused').reasons, ['insufficient-shares'])
  })

  t.test('is acted on once, however often it is said, also behind a checkpoint', async t => {
    const story = market().say(10, order('i1', [1, BID, 0.5, 10]))
    story.say(20, order('i1', [1, BID, 0.5, 10]))
    t.equal(story.all('OrderPlaced').length, 1)
    const saved = unpacked(packed(story.loop.save())) as ReturnType<typeof story.loop.save>
    const started = startedWith(configWith())
    const types: string[] = []
    const loop = startEngine<never>(started, ({ rows }) => {
      types.push(...rows.map(({ event }) => event.type))
      return undefined
    })
    loop.load(saved)
    loop.take(30_000, order('i1', [1, BID, 0.5, 10]))
    t.notOk(types.includes('OrderPlaced'))
    loop.take(40_000, order('i2', [1, BID, 0.5, 10]))
    t.ok(types.includes('OrderPlaced'))
  })
})
