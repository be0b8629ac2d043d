import t from 'tap'
import { Instruments } from '#engine/core/instruments.js'
import { FeedFault, type FeedInput } from '../../feed.js'
import { countsOf, dataOf } from '../../testing/drain.js'
import { polymarketLive } from './live-feed.js'
import type { LiveFeedOptions } from './live-options.js'
import { channelServer } from '#engine/transport/testing/channel.js'
import {
  loopback,
  later,
  until,
  type Answered,
  type Asked,
} from '#engine/transport/testing/loopback.js'
import { bookMessage, changeMessage, conditionOf, restBook, tokensOf } from './testing/messages.js'

const [YES, NO] = tokensOf(1)
const nowMs = (): number => Math.floor(performance.timeOrigin + performance.now())
const gammaPage = (...markets: number[]): Answered => ({
  body: JSON.stringify({
    events: markets.map(k => ({
      slug: `event-${k}`,
      markets: [
        { conditionId: conditionOf(k), clobTokenIds: tokensOf(k), outcomes: ['Yes', 'No'] },
      ],
    })),
  }),
})

interface Teardown {
  readonly teardown: (done: () => Promise<void>) => void
}

/** A feed of a venue whose every word is the test's. */
async function hearing(
  t: Teardown,
  books: (asked: Asked) => Answered | undefined | Promise<Answered | undefined>,
  { markets = () => [1], ...of }: Partial<LiveFeedOptions> & { markets?: () => number[] } = {},
) {
  const gamma = await loopback(() => gammaPage(...markets()))
  // What is quoted is not the matter of these tests: it is not to be had.
  const clob = await loopback(asked => (asked.path === '/prices' ? nothing() : books(asked)))
  const booksAsked = (): number => clob.asked.filter(({ path }) => path !== '/prices').length
  const channel = await channelServer()
  const live = polymarketLive({
    ...{ clob: clob.base, gamma: gamma.base, channel: channel.url, universe: {} },
    clock: { nowUs: () => nowMs() * 1_000, wakeAt: () => () => undefined },
    ...{ chance: () => 0, rules: { backoffMs: 10 }, lookMs: 20, restAgeMs: 0, refreshMs: 0, ...of },
  })
  const ends = new AbortController()
  const inputs: FeedInput[] = []
  const done = (async () => {
    const opening = { signal: ends.signal, instruments: new Instruments().opening() }
    for await (const batch of live.open(opening)) inputs.push(...batch)
  })()
  t.teardown(async () => {
    ends.abort()
    await done
    await Promise.all([gamma.close(), clob.close(), channel.close()])
  })
  await until(() => (channel.said[0]?.length ?? 0) > 0)
  const tell = (text: string): void => channel.sockets.at(-1)?.send(text)
  const count = (type: string): number => countsOf(inputs)[type] ?? 0
  return { live, inputs, channel, booksAsked, gamma, tell, count, done, ends }
}

const nothing = (): Answered => ({ body: '[]' })
const single = ({ method, query, body }: Asked, said: (asset: string) => string): Answered => {
  if (method === 'GET') return { body: said(query.get('token_id') ?? '') }
  const wanted = JSON.parse(body) as { token_id: string }[]
  return { body: `[${wanted.map(({ token_id }) => said(token_id)).join()}]` }
}
const resolved = (atMs: number): string =>
  JSON.stringify({
    ...{ event_type: 'market_resolved', market: conditionOf(1), timestamp: `${atMs}` },
    ...{ assets_ids: tokensOf(1), winning_asset_id: YES, winning_outcome: 'Yes' },
  })

void t.test('a malformed change that was kept while its book is fetched ends nothing', async t => {
  let answer = (_: Answered): void => undefined
  const { tell, count, inputs } = await hearing(t, asked =>
    asked.method === 'GET' || count('BookIncomplete') === 0
      ? nothing()
      : new Promise(resolve => (answer = resolve)),
  )
  const atMs = nowMs()
  tell(`[${bookMessage({ atMs })},${bookMessage({ atMs, asset: NO })}]`)
  await until(() => count('BookSnapshot') === 2)
  tell('[{"cut":')
  await until(() => count('BookIncomplete') === 2)
  await later(30)
  tell(changeMessage(atMs + 5, [{ asset: YES, price: 'none', size: '1' }]))
  tell(changeMessage(atMs + 6, [{ asset: NO, price: '0.4', size: '7' }]))
  await until(() => count('BookChanged') === 1)
  answer({
    body: `[${restBook({ atMs: atMs + 5 })},${restBook({ atMs: atMs + 5, asset: NO })}]`,
  })
  t.ok(await until(() => count('BookSnapshot') >= 3))
  t.ok(await until(() => count('BookChanged') === 2), 'the good one is told behind its book')
  t.ok(dataOf(inputs, 'MessageRefused').length > 0)
})

void t.test('a REST book that is no good is asked for again', async t => {
  let isGood = false
  const { count, booksAsked } = await hearing(t, asked =>
    single(asked, asset =>
      restBook({ atMs: nowMs() - 50, asset, ...(!isGood && { hash: 'ab'.repeat(20) }) }),
    ),
  )
  t.ok(await until(() => booksAsked() === 1), 'the channel never sends it')
  isGood = true
  t.ok(await until(() => count('BookSnapshot') === 2, 3_000))
  const before = booksAsked()
  await later(100)
  t.equal(booksAsked(), before, 'what is there is not asked for with every look')
})

void t.test('a connection that never sends books is not opened anew with every look', async t => {
  const { channel } = await hearing(t, asked =>
    single(asked, asset => restBook({ atMs: nowMs() - 50, asset })),
  )
  await later(300)
  const opened = channel.sockets.length
  t.ok(opened >= 2 && opened <= 4, `${opened} times, each after twice the time`)
})

void t.test('a market that is decided is heard no more, even where it is listed again', async t => {
  const { tell, channel, count, live } = await hearing(t, nothing, { refreshMs: 20 })
  tell(resolved(nowMs()))
  const last = () => JSON.parse(channel.said[0]?.at(-1) ?? '{}') as Record<string, unknown>
  t.ok(await until(() => last()['operation'] === 'unsubscribe'))
  t.same(last()['assets_ids'], [YES, NO])
  t.equal(count('MarketResolved'), 1)
  await later(60)
  t.equal(live.status()?.assets, 0)
  t.equal(last()['operation'], 'unsubscribe')
})

void t.test('markets that come later are subscribed to', async t => {
  let markets = [1]
  const { channel, count } = await hearing(t, nothing, { refreshMs: 20, markets: () => markets })
  markets = [1, 2]
  t.ok(await until(() => count('MarketListed') === 2))
  t.ok(await until(() => channel.said[0]?.length === 2))
  t.match(JSON.parse(channel.said[0]?.[1] ?? ''), {
    operation: 'subscribe',
    assets_ids: tokensOf(2),
  })
})

void t.test('looks do not pile up while REST takes its time', async t => {
  const { booksAsked, tell, count } = await hearing(t, () => new Promise(() => undefined), {
    restAgeMs: 1,
  })
  const atMs = nowMs()
  tell(`[${bookMessage({ atMs })},${bookMessage({ atMs, asset: NO })}]`)
  await until(() => count('BookSnapshot') === 2)
  await later(250)
  t.ok(booksAsked() <= 2, `${booksAsked()} requests`)
})

void t.test(
  'a venue that cannot be reached is given up soon, and what was tried is said',
  async t => {
    const gone = await loopback(nothing)
    await gone.close()
    const live = polymarketLive({
      ...{ clob: gone.base, gamma: gone.base, channel: 'ws://127.0.0.1:1', universe: {} },
      ...{ clock: { nowUs: () => 0, wakeAt: () => () => undefined }, chance: () => 0 },
    })
    const drain = async (signal: AbortSignal): Promise<void> => {
      const opening = { signal, instruments: new Instruments().opening() }
      for await (const _ of live.open(opening)) t.fail('an input')
    }
    const error = await drain(new AbortController().signal).catch((fault: unknown) => fault)
    t.type(error, FeedFault)
    t.match(error, {
      message: /the list of markets is not to be had: .*ECONNREFUSED.*; asked 4 times in 1\.\d s/,
      where: new RegExp(`^${gone.base}/events/keyset`),
    })
    const ends = new AbortController()
    const from = performance.now()
    setTimeout(() => {
      ends.abort()
    }, 50)
    await t.rejects(drain(ends.signal))
    t.ok(performance.now() - from < 240, 'who stops it does not wait')
  },
)
