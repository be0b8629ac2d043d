import t from 'tap'
import { DECISION_KEYS } from '#schemas/config.js'
import { ASK, BID, type Side } from '#schemas/levels.js'
import { BookSnapshot, TradePrinted } from '#schemas/events/feed.js'
import { CommandGiven, ConfigChanged } from '#schemas/events/run.js'
import { price, shares } from '#schemas/units.js'
import { cents, configWith, micro, Story } from '#engine/run/testing/story.js'
import { NONE, strategy, type Intent, type Strategy } from '#engine/strategies/strategy.js'

type Wish = readonly [side: Side, price: number, size: number]

/** Wants what the test says, from the next look at the book of token 1 on. */
function wishes(): { maker: Strategy; want: (...of: Wish[]) => void } {
  let wanted: readonly Wish[] = []
  const maker = strategy<unknown, Map<string, number>>({
    name: 'maker',
    doc: 'quotes what a test wants',
    version: 1,
    params: DECISION_KEYS.quoting,
    subscribes: () => ({ books: ({ tokens }) => ({ test: 'touched', limit: 0, tokens }) }),
    init: () => new Map(),
    on: event =>
      event.tag === 'book'
        ? wanted.map(([side, at, size]): Intent => ({
            tag: 'quote',
            token: 1,
            side,
            price: at,
            size,
          }))
        : NONE,
  })
  return {
    maker,
    want: (...of) => {
      wanted = of
    },
  }
}

const RISK = { book_age_max_ms: 60_000 }
const OMS = { requote_min_ms: 0 }

function quoted(sets: Parameters<typeof configWith>[0] = {}) {
  const { maker, want } = wishes()
  const config = { strategy: { names: ['maker'], instances: [] }, ...sets }
  const story = new Story({ risk: RISK, oms: OMS, ...config }, { strategies: { maker } }).market()
  const look = (ms: number): Story => {
    story.loop.catchUp(ms * 1_000)
    story.loop.take(
      ms * 1_000,
      BookSnapshot.make({
        token: 1,
        bids: [cents(0.4), micro(100)],
        asks: [cents(0.5), micro(100)],
      }),
    )
    return story
  }
  return { story, want, look }
}
const placed = (story: Story) =>
  story.all('OrderPlaced').map(({ side, limit, size, tif, post }) => [side, limit, size, tif, post])

t.test('a target is placed once, post-only, and stays while it is wanted', async t => {
  const { story, want, look } = quoted()
  want([BID, 4_100, micro(20)])
  look(1)
  look(500)
  look(900)
  t.same(placed(story), [[BID, 4_100, micro(20), 'GTC', true]])
  t.equal(story.all('QuoteTargeted').length, 1, 'and is said once')
})

t.test(
  'a target that moves is cancelled, and placed anew when the exchange has said so',
  async t => {
    const { story, want, look } = quoted()
    want([BID, 4_100, micro(20)])
    look(1)
    want([BID, 4_200, micro(20)])
    look(500)
    t.equal(placed(story).length, 1, 'not before the cancel is answered: never twice the same cash')
    look(900)
    t.same(
      story.all('CancelRequested').map(({ why }) => why),
      ['target-moved'],
    )
    t.same(placed(story)[1], [BID, 4_200, micro(20), 'GTC', true])
    t.match(story.all('OrderClosed')[0], { result: 'cancelled', filled: 0 })
  },
)

t.test('an ask is cut to what is held and nobody else sells', async t => {
  const { story, want, look } = quoted()
  want([ASK, 4_900, micro(20)])
  look(1)
  t.same(story.one('QuoteRefused').reasons, ['insufficient-shares'])
  look(2)
  t.equal(story.all('QuoteRefused').length, 1, 'the same reason is said once')
})

t.test(
  'a fill of what rests is a maker’s, at its own price, and its shares can be sold',
  async t => {
    const { story, want, look } = quoted()
    want([BID, 4_100, micro(20)], [ASK, 4_900, micro(20)])
    look(1)
    look(500)
    const print = {
      token: 1,
      side: ASK,
      price: price(cents(0.41)),
      size: shares(micro(12)),
      id: '',
    }
    story.loop.take(600_000, TradePrinted.make(print as never))
    story.loop.catchUp(900_000)
    t.match(story.one('OrderFilled'), { price: 4_100, size: micro(12), maker: true, fee: 0 })
    look(1_000)
    t.same(placed(story)[1], [ASK, 4_900, micro(12), 'GTC', true])
    const { exposure } = story.loop.state
    t.equal(exposure.freeShares(1), 0, 'they are set aside')
    t.equal(exposure.reserved.size, 1, 'and the cash of what still rests')
  },
)

t.test('a hard stop lets cancels out and nothing else', async t => {
  const { story, want, look } = quoted()
  want([BID, 4_100, micro(20)])
  look(1)
  look(500)
  story.loop.take(600_000, CommandGiven.make({ command: 'hard-stop', by: 'test' }))
  t.same(
    story.all('CancelRequested').map(({ why }) => why),
    ['hard-stop'],
  )
  look(900)
  want([BID, 4_200, micro(20)])
  look(1_000)
  t.equal(placed(story).length, 1)
  t.same(story.all('QuoteRefused').at(-1)?.reasons, ['hard-stop'])
  story.loop.take(1_100_000, CommandGiven.make({ command: 'clear-hard-stop', by: 'test' }))
  t.equal(placed(story).length, 2, 'when it is cleared what is wanted is placed')
})

t.test('flatten after a stop is the operator’s: it sells what is held, and pauses', async t => {
  const { story, want, look } = quoted()
  want([BID, 4_100, micro(20)])
  look(1)
  look(500)
  const print = { token: 1, side: ASK, price: price(cents(0.41)), size: shares(micro(12)), id: '' }
  story.loop.take(600_000, TradePrinted.make(print as never))
  story.loop.catchUp(900_000)
  story.loop.take(1_000_000, CommandGiven.make({ command: 'hard-stop', by: 'test' }))
  story.loop.take(1_001_000, CommandGiven.make({ command: 'flatten', by: 'test' }))
  story.loop.catchUp(3_000_000)
  t.match(story.all('OrderPlaced').at(-1), { action: 'exit', side: ASK, size: micro(12) })
  t.equal(story.loop.state.purses.held(1), 0)
  t.ok(story.loop.state.kill.isPaused)
})

t.test('on a silent feed a quote leaves when its book is too old', async t => {
  const { story, want, look } = quoted({ risk: { book_age_max_ms: 3_000 } })
  want([BID, 4_100, micro(20)])
  look(1)
  story.loop.catchUp(10_000_000)
  t.same(
    story.all('CancelRequested').map(({ why }) => why),
    ['book-distrusted'],
  )
  t.match(story.all('OrderClosed')[0], { result: 'cancelled' })
})

t.test('two purses: what one spends or sells is its own', async t => {
  const { maker, want } = wishes()
  const instances = ['one', 'other'].map(id => ({ id, strategy: 'maker', scope: id }))
  const story = new Story(
    {
      ...{ risk: { ...RISK, bankroll_micro: micro(10) }, oms: OMS },
      strategy: { names: [], instances },
    },
    { strategies: { maker } },
  ).market()
  want([BID, 4_100, micro(20)])
  story.loop.take(
    1_000,
    BookSnapshot.make({ token: 1, bids: [cents(0.4), micro(100)], asks: [cents(0.5), micro(100)] }),
  )
  t.same(
    story.all('OrderPlaced').map(({ signal, scope }) => [signal, scope]),
    [
      ['one', 'one'],
      ['other', 'other'],
    ],
  )
  const { purses } = story.loop.state
  t.same(
    ['one', 'other', 'shared'].map(scope => purses.of(scope).exposure.free),
    [micro(1.8), micro(1.8), micro(10)],
  )
})

t.test('a reload remakes the instance whose parameters changed, and no other', async t => {
  const { maker, want } = wishes()
  const instances = ['one', 'other'].map(id => ({ id, strategy: 'maker', scope: id }))
  const sets = { risk: RISK, oms: OMS, strategy: { names: [], instances } }
  const story = new Story(sets, { strategies: { maker } }).market()
  want([BID, 4_100, micro(20)])
  story.loop.take(
    1_000,
    BookSnapshot.make({ token: 1, bids: [cents(0.4), micro(100)], asks: [cents(0.5), micro(100)] }),
  )
  story.loop.catchUp(500_000)
  const changed = instances.map(one =>
    one.id === 'one' ? { ...one, params: { refresh_ms: 9_000 } } : one,
  )
  const config = configWith({ ...sets, strategy: { names: [], instances: changed } })
  story.loop.take(600_000, ConfigChanged.make({ config, digest: '' }))
  t.same(
    story.all('CancelRequested').map(({ order }) => order.includes('-one.')),
    [true],
  )
  const before = story.loop.state.ordinal
  t.equal(before, 4, 'and it counts in no ordinal: two listings and a book, and the market')
})
