import t from 'tap'
import { FeedFault } from '../../feed.js'
import { discover, type Found, type Universe } from './discovery.js'
import { MarketRest, REST_RULES } from './rest.js'
import { loopback, type Answered, type Asked } from '#engine/transport/testing/loopback.js'

const NOW_MS = Date.parse('2026-10-05T12:00:00Z')
const HOUR_MS = 3_600_000

/** A condition id of the venue's kind, by number. */
const condition = (k: number, digits = 64): string => `0x${`${k}`.padStart(digits, 'ab')}`
const tokensOf = (k: number): string[] => [`${k}`.padStart(77, '7'), `${k}`.padStart(77, '8')]
const inHours = (hours: number): string => new Date(NOW_MS + hours * HOUR_MS).toISOString()

const market = (k: number, over: object = {}): Record<string, unknown> => ({
  ...{ id: `${k}`, conditionId: condition(k), question: `Will it be ${k}?`, version: 'v1' },
  ...{ outcomes: '["Yes", "No"]', clobTokenIds: JSON.stringify(tokensOf(k)) },
  ...{ active: true, closed: false, archived: false, enableOrderBook: true, negRisk: false },
  ...{ endDate: inHours(24), liquidityNum: 5_000, orderPriceMinTickSize: 0.01, orderMinSize: 5 },
  ...over,
})
const event = (k: number, markets = [market(k)], over: object = {}): object => ({
  ...{ id: `${k}`, slug: `event-${k}`, title: `Event ${k}`, negRisk: false, markets, ...over },
})

/** What is found at a venue that answers so. */
async function found(
  answer: (asked: Asked) => Answered,
  universe: Universe = {},
): Promise<{ keys: string[]; skipped: Record<string, number>; asked: Asked[]; all: Found }> {
  const server = await loopback(answer)
  const rest = new MarketRest(server.base, new AbortController().signal, {
    ...{ ...REST_RULES, putOffMs: 1 },
  })
  try {
    const all = await discover(rest, universe, NOW_MS)
    const keys = all.meta.map(({ key }) => key)
    return { keys, skipped: Object.fromEntries(all.skipped), asked: server.asked, all }
  } finally {
    await rest.close()
    await server.close()
  }
}

const page = (events: readonly unknown[], next?: string): Answered => ({
  body: JSON.stringify({ events, ...(next !== undefined && { next_cursor: next }) }),
})
const of = (...markets: Record<string, unknown>[]) => found(() => page([event(1, markets)]))

void t.test('a list is read from its first page to its last', async t => {
  const { keys, asked, skipped } = await found(({ query }) => {
    const at = Number(query.get('after_cursor')?.slice('a+/='.length) ?? 0)
    return page([event(at)], at < 4 ? `a+/=${at + 1}` : undefined)
  })
  t.same(
    keys,
    [0, 1, 2, 3, 4].map(k => condition(k)),
  )
  t.same(skipped, {})
  t.equal(asked.length, 5)
  t.equal(asked[0]?.path, '/events/keyset')
  t.same(Object.fromEntries(asked[0]?.query ?? []), { limit: '100', closed: 'false' })
})

void t.test('an empty cursor, or none, is the end', async t => {
  for (const next_cursor of ['', null]) {
    const { asked } = await found(() => ({
      body: JSON.stringify({ events: [event(1)], next_cursor }),
    }))
    t.equal(asked.length, 1)
  }
})

void t.test('a list without an end is left, and said so', async t => {
  const back = await found(() => page([event(1)], 'same'))
  t.same(back.keys, [condition(1)])
  t.same(back.skipped, { 'a list whose cursor leads back': 1 })
  let k = 0
  const endless = await found(() => page([event(++k)], `${k}`))
  t.equal(endless.keys.length, 500)
  t.same(endless.skipped, { 'a list of more than 500 pages': 1 })
})

void t.test('a market on two pages is one', async t => {
  const { keys } = await found(({ query }) =>
    page([event(1)], query.has('after_cursor') ? '' : 'x'),
  )
  t.same(keys, [condition(1)])
})

void t.test('markets that are not open, or have no book, are left out and counted', async t => {
  const { keys, skipped } = await of(
    ...[market(1), market(2, { closed: true }), market(3, { archived: true })],
    ...[market(4, { active: false }), market(5, { enableOrderBook: false })],
  )
  t.same(keys, [condition(1)])
  t.same(skipped, { 'not open': 3, 'no order book': 1 })
})

void t.test('what is not said says nothing against a market', async t => {
  const { conditionId, clobTokenIds } = market(1)
  t.same((await of({ conditionId, clobTokenIds })).keys, [condition(1)])
})

void t.test('hours and liquidity', async t => {
  const markets = [
    ...[market(1, { endDate: inHours(0.5) }), market(2, { endDate: inHours(1) })],
    ...[market(3, { endDate: inHours(48) }), market(4, { endDate: inHours(48.1) })],
    ...[market(5, { endDate: null }), market(6, { endDate: 'soon' })],
    ...[market(7, { liquidityNum: 999.9 }), market(8, { liquidityNum: 1_000 })],
    (({ liquidityNum: _, ...rest }) => rest)(market(9)),
  ]
  const answer = (): Answered => page([event(1, markets)])
  const hours = await found(answer, { hoursMin: 1, hoursMax: 48 })
  t.same(
    hours.keys,
    [2, 3, 7, 8, 9].map(k => condition(k)),
  )
  t.same(hours.skipped, { 'ends outside of the hours wanted': 4 })
  const liquid = await found(answer, { liquidityMin: 1_000 })
  t.same(
    liquid.keys,
    [1, 2, 3, 4, 5, 6, 8].map(k => condition(k)),
  )
  t.same(liquid.skipped, { 'less liquidity than wanted': 2 })
})

void t.test('no more tokens than wanted, and no page that is not needed', async t => {
  let k = 0
  const answer = (): Answered => page([event(++k), event(++k)], `${k}`)
  const { keys, asked } = await found(answer, { tokensMax: 7 })
  t.equal(keys.length, 3, 'a market has two tokens: there is room for three')
  t.equal(asked.length, 2)
})

void t.test(
  'tokens by their ids: a bounded number in one request, and what is not there',
  async t => {
    const wanted = Array.from({ length: 100 }, (_, k) => tokensOf(k)).flat()
    const { keys, asked, skipped } = await found(
      ({ query }) => {
        const ids = new Set(query.getAll('clob_token_ids'))
        const markets = Array.from({ length: 90 }, (_, k) =>
          market(k, k === 5 ? { closed: true } : {}),
        )
        return {
          body: JSON.stringify({
            markets: markets.filter((_, k) => tokensOf(k).some(id => ids.has(id))),
          }),
        }
      },
      { assets: wanted, hoursMin: 1_000, tokensMax: 10 },
    )
    t.ok(asked.every(({ path }) => path === '/markets/keyset'))
    t.ok(
      asked.every(({ query }) => query.toString().length < 8_192),
      'an address that servers take',
    )
    t.same(skipped, {
      'ends outside of the hours wanted': 89,
      'not open': 1,
      'a token that the venue does not list as open': 20,
    })
    t.same(keys, [])
  },
)

void t.test('events by their slugs', async t => {
  const { keys, asked, skipped } = await found(
    ({ query }) => page(query.getAll('slug').includes('event-1') ? [event(1)] : []),
    { slugs: ['event-1', 'a&b=c'] },
  )
  t.same(keys, [condition(1)])
  t.same(asked[0]?.query.getAll('slug'), ['event-1', 'a&b=c'])
  t.same(skipped, { 'an event that the venue does not list as open': 1 })
})

void t.test('a market of protocol v2 trades under its position ids', async t => {
  const v2 = { version: 'v2', clobTokenIds: null, positionIds: tokensOf(1) }
  const { all, skipped } = await of(market(1, { ...v2, conditionId: condition(1, 62) }))
  t.equal(all.meta[0]?.key, `${condition(1, 62)}00`)
  t.same(
    all.meta[0]?.tokens.map(({ key }) => key),
    tokensOf(1),
  )
  t.same(skipped, {})
})

void t.test('any other version, or ids of no kind, are refused', async t => {
  const { keys, skipped } = await of(
    market(1, { version: 'v3' }),
    market(2, { version: 'v'.repeat(1_000) }),
    market(3, { conditionId: condition(3, 60) }),
    market(4, { conditionId: condition(4).toUpperCase() }),
    market(5, { clobTokenIds: '["12"]' }),
    market(6, { clobTokenIds: '["12","0x3"]' }),
    market(7, { clobTokenIds: '["1","2","3"]' }),
    market(8, { closed: 'no' }),
  )
  t.same(keys, [])
  t.same(skipped, {
    'market version v3': 1,
    [`market version ${'v'.repeat(20)}`]: 1,
    'a condition id that is none': 2,
    'a market without two tokens': 3,
    'a market that cannot be read': 1,
  })
})

void t.test('an event of which a market cannot be read is left out whole', async t => {
  // What is left of it would look like all outcomes there are.
  const { keys, skipped } = await found(() =>
    page([
      event(1, [market(1), market(2, { conditionId: 5 })]),
      event(2, [market(3), market(4, { clobTokenIds: 'no list' })]),
      event(3, [market(5)]),
      ...[null, 'text', { slug: 'nothing else' }, []],
    ]),
  )
  t.same(keys, [condition(5)])
  t.same(skipped, {
    'an event that cannot be read': 5,
    'a list of a Gamma market is not one': 1,
  })
})

void t.test('outcomes of a basket are in the order that the venue says', async t => {
  const markets = [market(1, { groupItemThreshold: '2' }), market(2, { groupItemThreshold: '1' })]
  const { all } = await found(() => page([event(1, markets, { negRisk: true })]))
  t.same(all.meta[0]?.event?.markets, [condition(2), condition(1)])
  t.equal(all.meta[0]?.event?.exclusive, true)
})

void t.test('reasons are bounded, whatever the venue invents', async t => {
  const markets = Array.from({ length: 300 }, (_, k) => market(k, { version: `w${k}` }))
  const { skipped } = await of(...markets)
  t.equal(Object.keys(skipped).length, 101)
  t.equal(skipped['other reasons'], 200)
})

void t.test('a list that is none is refused, and where', async t => {
  const bodies = ['<html>busy</html>', '[]', '{"events":5}', '{"next_cursor":7}', '', 'null']
  for (const body of bodies) {
    const error = await found(() => ({ body })).catch((fault: unknown) => fault)
    t.type(error, FeedFault, body)
    t.match(error, {
      where: /^http:\/\/127\.0\.0\.1:\d+\/events\/keyset\?limit=100/,
      expected: 'a page of markets',
    })
  }
  for (const [status, why] of [
    [404, 'status 404'],
    [500, 'status 500'],
    [429, 'put off'],
  ] as const)
    await t.rejects(
      found(() => ({ status })),
      { message: new RegExp(`the list of markets is not to be had: ${why}`) },
    )
})
