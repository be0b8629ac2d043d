import t from 'tap'
import { CommandGiven } from '#schemas/events/run.js'
import { cents, micro, Story, type configWith } from '#engine/run/testing/story.js'

type Changes = NonNullable<Parameters<typeof configWith>[0]>

/** An event of three outcomes, of which NO of the first is bought for 0.55 and the others are bid 0.35 and 0.25. */
function story(
  changes: Changes = {},
  { no = 0.55, bids = [0.35, 0.25], isComplete = true } = {},
): Story {
  const of = new Story({
    ...changes,
    strategy: { names: ['conversion'] },
    sim: { fill_model: 'walk', ...changes.sim },
  })
  for (const m of [1, 2, 3]) of.market(m)
  of.group([1, 2, 3], isComplete ? {} : { growing: true })
  of.book(10, 1, { bids: [[0.44, 100]], asks: [[0.46, 100]] })
  of.book(10, 2, {
    bids: [[0.5, 100]],
    asks: [
      [no, 100],
      [no + 0.03, 100],
    ],
  })
  for (const [k, bid] of bids.entries()) {
    const token = 3 + 2 * k
    of.book(10, token, {
      bids: [
        [bid, 80],
        [bid - 0.01, 40],
      ],
      asks: [[bid + 0.02, 100]],
    })
    of.book(10, token + 1, { bids: [[0.97 - bid, 100]], asks: [[1 - bid, 100]] })
  }
  return of
}

const settled = (of: Story, ms = 20_000): Story => {
  of.loop.catchUp(of.loop.tUs + ms * 1_000)
  return of
}

t.test('flaw: what a conversion gives is sold at bids, not at asks', async t => {
  // At asks the others cost 0.62 together, 7 cents more than the NO; at bids they bring 0.60.
  const of = story({}, { bids: [0.32, 0.22] })
  t.same(of.all('SignalRaised'), [], 'at bids it loses a cent')
  const { legs, edge, size, converts } = story().one('SignalRaised')
  t.equal(converts, true)
  // 0.35 + 0.25 − 0.55 for 80 shares, then 0.34 + 0.24 − 0.55 for 20 more; there the cheap NO ends.
  t.equal(size, micro(100))
  t.same(
    legs.map(({ token, side, limit }) => [token, side, limit]),
    [
      [2, 0, cents(0.55)],
      [3, 1, cents(0.34)],
      [5, 1, cents(0.24)],
    ],
  )
  t.equal(edge, Math.floor(((80 * 0.6 + 20 * 0.58 - 55 - 0.02) / 100) * 10_000))
})

t.test('flaw: a conversion is executed, and what it earned is in cash', async t => {
  const of = settled(story())
  const { gives, takes, size } = of.one('ConversionRequested')
  t.same([gives, takes, size], [[2], [3, 5], micro(100)])
  const { cost, gas } = of.one('PositionsConverted')
  t.same([cost, gas], [micro(55), 20_000])
  t.match(of.one('LegsSettled'), { result: 'flattened', matched: 0 })
  const { exposure } = of.loop.state
  t.equal(exposure.positions.size, 0)
  t.equal(exposure.realised, 80 * 600_000 + 20 * 580_000 - micro(55) - 20_000)
  t.equal(exposure.cash, 1_000_000_000 + exposure.realised)
  t.equal(exposure.free, exposure.cash)
  t.same(of.all('HardStopTripped'), [], 'and the exchange holds the same')
})

t.test('only over a complete event of three outcomes or more', async t => {
  t.same(story({}, { isComplete: false }).all('SignalRaised'), [])
})

t.test('one outcome of an event at a time, one signal an offer', async t => {
  const of = story()
  for (const ms of [20, 30, 40]) of.change(ms, 1, 0, 0.2, ms)
  t.equal(of.all('SignalRaised').length, 1)
})

t.test('a conversion that fails leaves what was bought, which is sold', async t => {
  const of = settled(story({ sim: { conversion_fail_bps: 10_000 } }))
  t.match(of.one('ConversionFailed'), { gas: 20_000 })
  const sold = of.all('OrderPlaced').filter(({ side }) => side === 1)
  t.same(
    sold.map(({ token }) => token),
    [2],
  )
  const { exposure } = of.loop.state
  t.equal(exposure.positions.size, 0)
  t.equal(exposure.realised, 100 * 500_000 - micro(55) - 20_000)
  t.equal(exposure.cash, 1_000_000_000 + exposure.realised)
})

t.test('an outcome that is decided meanwhile makes it fail, and is paid', async t => {
  const of = settled(story(), 500)
  t.equal(of.all('ConversionRequested').length, 1)
  of.resolve(1_000, 1, 2) // NO of the first outcome pays
  settled(of)
  t.equal(of.all('PositionsConverted').length, 0)
  const { exposure } = of.loop.state
  t.equal(exposure.positions.size, 0)
  t.equal(exposure.realised, micro(100) - micro(55) - 20_000)
  t.same(of.all('HardStopTripped'), [])
})

t.test('what is in the middle of a conversion is nobody else’s to sell', async t => {
  const of = settled(story(), 500)
  t.equal(of.loop.state.exposure.freeShares(2), 0)
  t.equal(of.loop.state.exposure.positions.get(2)?.size, micro(100))
})

t.test('complete sets of a market are merged once there are enough', async t => {
  const parity = (sets: number): Story => {
    const of = new Story({
      merge: { sets_min_micro: micro(sets) },
      sim: { fill_model: 'walk' },
      oms: { cooldown_ms: 0 },
      dedup: { ttl_ms: 0 },
    }).market()
    of.book(1, 1, { asks: [[0.4, 50]] }).book(1, 2, { asks: [[0.5, 50]] })
    settled(of)
    of.book(40_000, 1, { asks: [[0.42, 60]] }).book(40_000, 2, { asks: [[0.5, 60]] })
    return settled(of)
  }
  const once = parity(100)
  const { size, cash, cost } = once.one('PositionsConverted')
  t.same([size, cash], [micro(110), micro(110)], 'those of two signals together')
  t.equal(cost, 50 * 900_000 + 60 * 920_000)
  const { exposure } = once.loop.state
  t.equal(exposure.positions.size, 0)
  t.equal(exposure.realised, micro(110) - cost - 20_000)
  t.equal(exposure.cash, 1_000_000_000 + exposure.realised)
  t.same(once.all('HardStopTripped'), [])
  t.same(
    parity(40)
      .all('PositionsConverted')
      .map(of => of.size),
    [micro(50), micro(60)],
  )
  t.same(parity(0).all('ConversionRequested'), [], 'and never where that is switched off')
  t.same(parity(200).all('ConversionRequested'), [])
})

t.test('sets that were sold wait for no merge any more', async t => {
  const of = new Story({
    merge: { sets_min_micro: micro(55) },
    sim: { fill_model: 'walk' },
    oms: { cooldown_ms: 0 },
    dedup: { ttl_ms: 0 },
  }).market()
  const asks = (ms: number, yes: number, size: number): Story =>
    of
      .book(ms, 1, { bids: [[0.39, 500]], asks: [[yes, size]] })
      .book(ms, 2, { bids: [[0.49, 500]], asks: [[0.5, size]] })
  settled(asks(1, 0.4, 50))
  of.say(30_000, CommandGiven.make({ command: 'flatten', by: 'test' }))
  settled(of)
  t.equal(of.loop.state.exposure.positions.size, 0)
  of.say(60_000, CommandGiven.make({ command: 'resume', by: 'test' }))
  settled(asks(61_000, 0.42, 60))
  t.same(
    of.all('PositionsConverted').map(({ size }) => size),
    [micro(60)],
  )
  const [waiting] = of.loop.state.conversions.save().waiting.values()
  t.equal(waiting?.sets, 0, 'nobody else’s shares are merged for those')
})

t.test('behind a hard stop nothing is converted, and nothing merged', async t => {
  const of = settled(story(), 60) // the order has left, and no answer has come
  t.equal(of.all('OrderPlaced').length, 1)
  of.command(100, 'hard-stop')
  settled(of)
  t.equal(of.all('OrderFilled').length, 1)
  t.same(of.all('ConversionRequested'), [])
  t.equal(of.all('LegsSettled').length, 1, 'its signal ends all the same')
  const parity = new Story({ merge: { sets_min_micro: 1 }, sim: { fill_model: 'walk' } }).market()
  parity.book(1, 1, { asks: [[0.4, 50]] }).book(1, 2, { asks: [[0.5, 50]] })
  settled(parity, 200) // the second leg is on its way
  parity.command(210, 'hard-stop')
  settled(parity)
  t.equal(parity.one('LegsSettled').matched, micro(50))
  t.same(parity.all('ConversionRequested'), [])
})
