import t from 'tap'
import { TradePrinted } from '#schemas/events/feed.js'
import { price, shares } from '#schemas/units.js'
import { loopback, type Answered, type Asked } from '#engine/transport/testing/loopback.js'
import type { FeedInput } from '../../feed.js'
import { MissedTrades } from './missed-trades.js'
import { MarketRest } from './rest.js'

const CONDITION = `0x${'ab'.repeat(32)}`
const row = (of: object = {}): object => ({
  ...{ token_id: '11', side: 'BUY', size: 10.5, price: 0.95, timestamp: 1_000 },
  ...{ condition_id: CONDITION, transaction_hash: '0xT' },
  ...of,
})
const page = (rows: readonly object[], next = ''): Answered => ({
  body: JSON.stringify({ data: rows, pagination: { next_cursor: next } }),
})

/** What is told of a connection that was lost at 999 s and is open again at 1,002 s. */
async function told(
  teardown: (done: () => Promise<void>) => void,
  answer: (asked: Asked, nth: number) => Answered,
  afterMs: readonly number[] = [0],
) {
  const server = await loopback(answer)
  const ends = new AbortController()
  const inputs: FeedInput[] = []
  const trades = new MissedTrades(
    {
      ...{ rest: new MarketRest(server.base, ends.signal), signal: ends.signal },
      ...{ nowUs: () => 1_002_000_000, say: (some: readonly FeedInput[]) => inputs.push(...some) },
      decoder: {
        token: asset => (asset === '11' ? 1 : undefined),
        refuse: () => [],
      },
    },
    afterMs,
  )
  teardown(async () => {
    await trades.close()
    await server.close()
  })
  trades.list([{ key: CONDITION, tokens: [{ key: '11' }, { key: '12' }] }])
  const connection = { number: 1, assets: new Set(['11', '12']), saidUs: 999_000_000 }
  return { server, inputs, trades, connection }
}

t.test('what happened while the channel was away is told once, with its own time', async t => {
  const { server, inputs, trades, connection } = await told(
    done => t.teardown(done),
    () =>
      page([
        row({ timestamp: 1_003 }),
        row({ timestamp: 1_001, side: 'SELL' }),
        row(),
        row({ token_id: '99' }),
        row({ timestamp: 990 }),
      ]),
    [0, 1],
  )
  trades.lost(connection)
  await trades.opened(connection)
  t.equal(server.asked.length, 2, 'asked again for what a cache kept back')
  t.equal(server.asked[0]?.query.get('condition'), CONDITION)
  t.same(
    inputs.map(({ event: { type, data } }) => [type, data]),
    [
      [
        'TradeRecovered',
        { token: 1, side: 1, price: 9_500, size: 10_500_000, id: '0xT', at: 1_001_000_000 },
      ],
      [
        'TradeRecovered',
        { token: 1, side: 0, price: 9_500, size: 10_500_000, id: '0xT', at: 1_000_000_000 },
      ],
    ],
  )
})

t.test('what the channel printed itself is not told again', async t => {
  const { inputs, trades, connection } = await told(
    done => t.teardown(done),
    () => page([row()]),
  )
  const print = { token: 1, side: 0 as const, price: price(9_500), size: shares(10_500_000) }
  trades.heard(TradePrinted.make({ ...print, id: '0xt' }))
  trades.lost(connection)
  await trades.opened(connection)
  t.same(inputs, [])
})

t.test('pages are followed until they are older than the gap', async t => {
  const { server, inputs, trades, connection } = await told(
    done => t.teardown(done),
    (_, nth) => page([row({ timestamp: 1_002 - nth, transaction_hash: `0x${nth}` })], `c${nth}`),
  )
  trades.lost(connection)
  await trades.opened(connection)
  t.equal(inputs.length, 3)
  t.ok(server.asked.length <= 6, `${server.asked.length} pages`)
})

t.test(
  'a connection that was never lost misses nothing, and a page that cannot be read tells nothing',
  async t => {
    const { server, inputs, trades, connection } = await told(
      done => t.teardown(done),
      () => ({ body: '{"data":7}' }),
    )
    await trades.opened(connection)
    t.equal(server.asked.length, 0)
    trades.lost(connection)
    await trades.opened(connection)
    t.same(inputs, [])
  },
)

t.test('rows that do not fit are left out', async t => {
  const odd = [
    { price: 1 },
    { price: 0.12345 },
    { size: -1 },
    { side: 'X' },
    { timestamp: 'x' },
    { token_id: 1 },
  ]
  const { inputs, trades, connection } = await told(
    done => t.teardown(done),
    () => page([...odd.map(of => row(of)), row()]),
  )
  trades.lost(connection)
  await trades.opened(connection)
  t.equal(inputs.length, 1)
})
