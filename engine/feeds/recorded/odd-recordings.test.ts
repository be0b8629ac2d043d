import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { ImportFeed } from './import-feed.js'
import { countsOf, dataOf, drained } from '../testing/drain.js'
import { kalshiTops } from '../kalshi/recorded/tops.js'
import { metaOf } from './meta.js'
import { polymarketBooks } from '../polymarket/recorded/books.js'
import { polymarketFrames } from '../polymarket/recorded/frames.js'

const dir = t.testdir()
let files = 0
const written = (lines: readonly unknown[], name = `file-${++files}.jsonl`): string => {
  const file = join(dir, name)
  writeFileSync(
    file,
    lines.map(line => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  )
  return file
}
const START = 1_790_000_000_000
const side = (levels: readonly (readonly [price: string, size: string])[]) =>
  levels.map(([price, size]) => ({ price, size }))
const book = (asset: string, ms: number, bid = '0.40', size = '100') => ({
  ...{ event_type: 'book', market: `0x${asset.slice(0, 1)}`, asset_id: asset, hash: '' },
  ...{ timestamp: String(START + ms), bids: side([[bid, size]]), asks: side([['0.60', '50']]) },
})
const change = (asset: string, ms: number, price: string, size: string) => ({
  ...{
    event_type: 'price_change',
    market: `0x${asset.slice(0, 1)}`,
    timestamp: String(START + ms),
  },
  price_changes: [{ asset_id: asset, price, size, side: 'BUY', best_bid: '0.4', best_ask: '0.6' }],
})
const remarksOf = (feed: ImportFeed) =>
  Object.fromEntries(feed.report().skipped.map(({ reason, count }) => [reason, count]))
const msOf = (tUs: number): number => tUs / 1_000 - START

t.test('a lone stamp of years ahead is refused with a record, and moves no clock', async t => {
  for (const ahead of [600_000, 86_400_000, 100_000_000_000]) {
    const lines = [book('11', 0), book('12', 0), book('21', ahead)]
    const feed = polymarketFrames([
      written([
        ...lines,
        book('11', 5),
        change('21', ahead, '0.5', '1'),
        book('12', 9),
        book('11', 20),
      ]),
    ])
    const inputs = await drained(feed)
    t.same([...new Set(inputs.map(({ tUs }) => msOf(tUs)))], [0, 5, 9, 20], `${ahead} ms`)
    t.equal(remarksOf(feed)['stamp that leaps or steps back too far (refused)'], 2)
    t.match(dataOf(inputs, 'StampRefused'), [
      { stamp: (START + ahead) * 1_000, bound: 60_000_000 },
      {},
    ])
    t.same(countsOf(inputs)['BookSnapshot'], 5)
    t.ok(dataOf(inputs, 'BookIncomplete').length > 0, 'its book is not traded')
  }
})

t.test('a step back within the bound is counted, and the lag says how far', async t => {
  const feed = polymarketFrames([
    written([book('11', 0), change('11', 90, '0.41', '5'), change('11', 40, '0.42', '5')]),
  ])
  const changes = dataOf(await drained(feed), 'BookChanged')
  t.same(
    changes.map(({ l }) => l),
    [undefined, 50_000],
  )
  t.equal(remarksOf(feed)['stamp before its predecessor (taken at that time)'], 1)
})

t.test('pieces are read in the order of their times, whatever they are called', async t => {
  const folder = join(dir, 'pieces')
  mkdirSync(folder)
  for (const [name, k] of [
    ['p-2', 1],
    ['p-10', 2],
    ['p-1', 0],
    ['a', 3],
  ] as const)
    written([book('11', 1_000 * k, `0.4${k}`)], join('pieces', `${name}.jsonl`))
  const bids = dataOf(await drained(polymarketFrames([folder])), 'BookSnapshot').map(b => b.bids[0])
  t.same(bids, [4_000, 4_100, 4_200, 4_300])
})

t.test('the unit of a time is told by its magnitude, for a whole file', async t => {
  for (const [unit, per] of [
    ['s', 1e-3],
    ['ms', 1],
    ['µs', 1e3],
    ['ns', 1e6],
  ] as const) {
    const at = (ms: number): string => String((BigInt(START + ms) * 1_000_000n) / BigInt(1e6 / per))
    const lines = [0, 1_000].map(ms => ({ ...book('11', ms), timestamp: at(ms) }))
    const inputs = await drained(polymarketFrames([written(lines)]))
    const times = new Set(inputs.map(({ tUs }) => msOf(tUs)))
    t.same([...times], [0, 1_000], unit)
  }
  const lost = { ...book('11', 0), timestamp: '86400' }
  await t.rejects(drained(polymarketFrames([written([lost], 'old.jsonl')])), {
    name: 'FeedFault',
    where: 'old.jsonl: line 1',
  })
  const future = [0, 1, 2].map(k => book('11', 40_000_000_000 + k))
  await t.rejects(drained(polymarketFrames([written(future)])), /2015 to tomorrow/)
})

const gamma = (more = {}) => ({
  ...{ conditionId: '0x1', clobTokenIds: '["11","12"]', outcomes: '["Yes","No"]' },
  ...{ orderMinSize: 5, orderPriceMinTickSize: 0.01, ...more },
})

t.test('a fee that nobody states is the worst of the venue, and marked', async t => {
  const listed = async (more: object) => {
    const feed = polymarketFrames([written([book('11', 0)])], metaOf(gamma(more), 'here'))
    const [market] = dataOf(await drained(feed), 'MarketListed')
    return [market?.feeRate, market?.inferred]
  }
  t.same(await listed({ feesEnabled: true }), [700, true])
  t.same(await listed({ feesEnabled: true, feeSchedule: null }), [700, true])
  t.same(await listed({}), [700, true])
  t.same(await listed({ feesEnabled: false }), [0, false])
  t.same(await listed({ feesEnabled: true, feeSchedule: { rate: 0.04, exponent: 1 } }), [
    400,
    false,
  ])
  t.throws(() => metaOf(gamma({ feeSchedule: { rate: 7, exponent: 1 } }), 'here'), /fee rate/)
})

t.test('an outcome is what its label says; without such labels an event is no basket', async t => {
  const event = (outcomes: string) => ({
    ...{ slug: 'e', title: '', negRisk: true },
    markets: [gamma({ outcomes, negRisk: true, feesEnabled: false })],
  })
  const [swapped] = metaOf(event('["No","Yes"]'), 'here')
  t.same(
    swapped?.tokens.map(({ key, outcome }) => [key, outcome]),
    [
      ['12', 'Yes'],
      ['11', 'No'],
    ],
  )
  t.equal(swapped?.event?.exclusive, true)
  const [named] = metaOf(event('["Ada","Bob"]'), 'here')
  t.same(
    named?.tokens.map(({ key }) => key),
    ['11', '12'],
  )
  t.equal(named?.event?.exclusive, false)
})

t.test(
  'a resolution closes its market whatever it names; one that knows more is taken',
  async t => {
    const over = (more: object, ms = 10) => ({
      ...{ event_type: 'market_resolved', market: '0x1', timestamp: String(START + ms) },
      ...{ assets_ids: ['11', '12'], ...more },
    })
    const paid = async (...resolutions: object[]) => {
      const feed = polymarketFrames([written([book('11', 0), book('12', 0), ...resolutions])])
      return dataOf(await drained(feed), 'MarketResolved').map(({ payouts }) => payouts)
    }
    t.same(await paid(over({ winning_asset_id: '', winning_outcome: '' })), [[]])
    t.same(await paid(over({})), [[]])
    t.same(await paid(over({ winning_asset_id: '99' })), [[]])
    t.same(await paid(over({ winning_outcome: '50-50' })), [
      [
        [1, 5_000],
        [2, 5_000],
      ],
    ])
    t.same(await paid(over({ assets_ids: undefined, winning_asset_id: '12' })), [
      [
        [1, 0],
        [2, 10_000],
      ],
    ])
    t.same(await paid(over({}), over({ winning_asset_id: '11' }, 20), over({}, 30)), [
      [],
      [
        [1, 10_000],
        [2, 0],
      ],
    ])
  },
)

t.test('an id that a double would change is refused', async t => {
  const bare = JSON.stringify(book('11', 0)).replace(
    '"asset_id":"11"',
    '"asset_id":9007199254740993',
  )
  await t.rejects(drained(polymarketFrames([written([bare], 'big.jsonl')])), {
    message: /asset_id/,
    where: 'big.jsonl: line 1',
  })
})

t.test('a level that does not fit leaves its book incomplete; its best is compared', async t => {
  const feed = polymarketFrames([
    written([
      book('11', 0),
      change('11', 1, '0.40', '12.3456789'),
      book('11', 2, '0.40', '0.0000001'),
    ]),
  ])
  const inputs = await drained(feed)
  t.same(
    dataOf(inputs, 'BookIncomplete').map(({ token }) => token),
    [1],
  )
  t.same(dataOf(inputs, 'BookChanged')[0]?.d, [1, 0, 4_000, 0, 4_000, 6_000])
  t.same(
    dataOf(inputs, 'BookSnapshot').map(({ unfit }) => unfit),
    [undefined, 1],
  )
})

t.test('each book of a series has its own time; two at one moment are refused', async t => {
  const rest = (ms: number, bid: string) => ({ ...book('11', ms, bid), event_type: undefined })
  const inputs = await drained(
    polymarketBooks([
      written([rest(0, '0.40'), rest(600_000, '0.41'), rest(300_000, '0.42')], 'book.jsonl'),
    ]),
  )
  t.same(
    inputs.flatMap(({ tUs, event }) =>
      event.type === 'BookSnapshot' ? [[msOf(tUs), event.data.bids[0]]] : [],
    ),
    [
      [0, 4_000],
      [300_000, 4_200],
      [600_000, 4_100],
    ],
  )
  const twice = written([rest(0, '0.40'), rest(0, '0.41')], 'books.jsonl')
  await t.rejects(drained(polymarketBooks([twice])), {
    name: 'FeedFault',
    where: 'books.jsonl: line 2',
  })
})

t.test('a time without a zone is UTC on every machine', async t => {
  const zone = process.env['TZ']
  t.teardown(() => {
    if (zone === undefined) delete process.env['TZ']
    else process.env['TZ'] = zone
  })
  const poll = (timestamp: string) => ({
    ...{ timestamp, event_ticker: 'E' },
    markets: { '1': { yes_bid: 0.4, yes_ask: 0.5, ticker: 'E-1' } },
  })
  const file = written([poll('2026-03-08T02:30:00.123456'), poll('2026-03-08T04:30:00.5+01:00')])
  for (const name of ['UTC', 'America/New_York', 'Asia/Kathmandu']) {
    process.env['TZ'] = name
    const inputs = await drained(kalshiTops([file]))
    t.same(
      [...new Set(inputs.map(({ tUs }) => tUs))],
      [1_772_937_000_123_456, 1_772_940_600_500_000],
      name,
    )
  }
})
