import t from 'tap'
import { Instruments } from '#engine/core/instruments.js'
import { countsOf, dataOf } from '../../testing/drain.js'
import { LiveDecoder } from './live-decoder.js'
import { AT_MS, decoding, NOW_US, stated } from './testing/decoding.js'
import {
  bookMessage,
  changeMessage,
  conditionOf,
  hashOf,
  metaOf,
  restBook,
  tokensOf,
  tradeMessage,
} from './testing/messages.js'

const [YES, NO] = tokensOf(1)
/** A book of which one level changes, as `change` says. */
const CHANGED = { atMs: AT_MS + 1, bids: [['0.4', '25']] } as const
const change = (atMs: number, hash?: string): string =>
  changeMessage(atMs, [{ price: '0.4', size: '25', ...(hash !== undefined && { hash }) }])

void t.test('markets are introduced once', t => {
  const decoder = new LiveDecoder(new Instruments().opening(), 'polymarket')
  const inputs = decoder.introduce([metaOf(1)], NOW_US)
  t.match(countsOf(inputs), { MarketListed: 1, TokenListed: 2 })
  t.same(decoder.introduce([metaOf(1)], NOW_US), [])
  t.ok(decoder.hasMarket(conditionOf(1)))
  t.notOk(decoder.hasMarket(conditionOf(2)))
  t.same(
    [YES, NO, 'other'].map(asset => decoder.token(asset)),
    [1, 2, undefined],
  )
  t.end()
})

void t.test('a frame is one message, or a list of them', t => {
  const { hear } = decoding()
  const books = `[${bookMessage({ atMs: AT_MS })},${bookMessage({ atMs: AT_MS, asset: NO })}]\n`
  t.same(
    dataOf(hear(books).inputs, 'BookSnapshot').map(({ token, bids, asks }) => [token, bids, asks]),
    [
      [1, [4_000, 10_000_000], [6_000, 10_000_000]],
      [2, [4_000, 10_000_000], [6_000, 10_000_000]],
    ],
  )
  t.match(countsOf(hear(tradeMessage(AT_MS)).inputs), { TradePrinted: 1 })
  t.match(countsOf(hear(change(AT_MS + 1)).inputs), { BookChanged: 1 })
  t.same(hear('[]').inputs, [])
  t.end()
})

void t.test('every input has the time of receipt, and how far the venue’s lies behind', t => {
  const { hear } = decoding()
  const atUs = NOW_US + 35_000
  const [book] = hear(bookMessage({ atMs: AT_MS }), atUs).inputs
  t.match(book, { tUs: atUs, event: { type: 'BookSnapshot', data: { lag: 35_000 } } })
  const [changed] = hear(change(AT_MS + 40), atUs).inputs
  t.match(changed, { tUs: atUs, event: { data: { l: -5_000 } } }, 'its clock may be ahead')
  t.end()
})

void t.test('a time far ahead is none, and spoils nothing that comes later', t => {
  const { hear, decoder } = decoding()
  const ahead = hear(bookMessage({ atMs: AT_MS + 3_600_000 }))
  t.notOk('lag' in (dataOf(ahead.inputs, 'BookSnapshot')[0] ?? {}))
  t.equal(decoder.saidUs(1), NOW_US)
  const next = hear(change(AT_MS + 50), NOW_US + 60_000)
  t.equal(dataOf(next.inputs, 'BookChanged')[0]?.l, 10_000)
  t.same(next.doubted, [], 'it is not taken for late')
  decoder.restBook(restBook({ atMs: AT_MS + 7_200_000 }), NOW_US + 60_000)
  const after = hear(change(AT_MS + 100), NOW_US + 100_000)
  t.equal(dataOf(after.inputs, 'BookChanged').length, 1, 'a book of REST from the future as little')
  t.end()
})

void t.test('one stamp of another unit does not change how the next are read', t => {
  const { hear } = decoding()
  hear(tradeMessage(AT_MS / 1_000))
  const [book] = dataOf(hear(bookMessage({ atMs: AT_MS - 7 })).inputs, 'BookSnapshot')
  t.equal(book?.lag, 7_000)
  t.end()
})

void t.test('what is of no known type is counted, and told at the 1st, 10th, 100th', t => {
  const { hear, decoder } = decoding()
  const odd = '{"event_type":"confetti","timestamp":"1"}'
  const told = Array.from({ length: 1_000 }, () => hear(odd)).flatMap(({ inputs }) =>
    dataOf(inputs, 'MessageRefused').map(({ count }) => count),
  )
  t.same(told, [1, 10, 100, 1_000])
  t.match(decoder.report().skipped, [{ reason: 'event type confetti', count: 1_000 }])
  const [first] = dataOf(hear('{"event_type":5}').inputs, 'MessageRefused')
  t.match(first, { feed: 'polymarket', why: 'event type 5', sample: '{"event_type":5}', count: 1 })
  t.equal(hear('{}').inputs.length, 1, 'no type at all')
  t.end()
})

void t.test('types without an end, or of any length, take no memory and little log', t => {
  const { hear, decoder } = decoding()
  const long = `{"event_type":"${'é'.repeat(5_000)}\\ud800"}`
  const [data] = dataOf(hear(long).inputs, 'MessageRefused')
  t.ok((data?.why.length ?? 0) <= 200 && data?.sample.length === 200)
  let told = 0
  for (let k = 0; k < 5_000; k++) told += hear(`{"event_type":"t${k}"}`).inputs.length
  t.ok(told < 210, `${told} events`)
  t.ok(decoder.report().skipped.length < 210)
  t.end()
})

void t.test('a message that lacks something puts its own assets in doubt, and no others', t => {
  const { hear } = stated()
  const cut = { event_type: 'book', asset_id: YES, market: conditionOf(1), timestamp: `${AT_MS}` }
  const good = bookMessage({ atMs: AT_MS, asset: NO })
  const { inputs, doubted, fault } = hear(`[${JSON.stringify(cut)},${good}]`)
  t.equal(fault, undefined)
  t.same(doubted, [YES])
  t.match(countsOf(inputs), { MessageRefused: 1, BookSnapshot: 1 })
  const rows = [
    { asset: YES, price: '0.4', size: '1' },
    { asset: NO, price: 'x', size: '1' },
  ]
  t.same(new Set(hear(changeMessage(AT_MS, rows)).doubted), new Set([YES, NO]))
  t.same(hear(good).doubted, [], 'doubts are told once')
  t.end()
})

void t.test('a frame that is no JSON, or not a whole one, is a fault', t => {
  const { hear, decoder } = stated()
  const whole = bookMessage({ atMs: AT_MS })
  for (const text of [whole.slice(0, 90), `[${whole}`, `[${whole},nonsense]`, '{"a":}', 'PONK']) {
    const { fault, inputs } = hear(text)
    t.ok(fault, text.slice(0, 20))
    t.ok(inputs.every(({ tUs }) => tUs === NOW_US))
  }
  t.same(dataOf(hear('{"b":}').inputs, 'MessageRefused'), [], 'the second of its kind is counted')
  const { fault = '' } = hear('[\u{1f600}')
  const [lost] = dataOf(decoder.lose([YES], fault, NOW_US), 'BookIncomplete')
  t.equal(Buffer.from(lost?.why ?? '').toString(), lost?.why, 'no half of a character')
  t.equal(hear(whole).fault, undefined, 'the next frame is read as ever')
  t.end()
})

void t.test('what comes out of order puts its book in doubt', t => {
  const { hear } = stated()
  hear(change(AT_MS + 5))
  t.same(hear(change(AT_MS + 5)).doubted, [], 'the same moment is no step back')
  t.same(hear(change(AT_MS + 4)).doubted, [YES])
  t.same(hear(change(AT_MS + 5)).doubted, [], 'what is known stays known')
  t.same(hear(bookMessage({ atMs: AT_MS + 4 })).doubted, [YES], 'a whole book as well')
  t.end()
})

void t.test('an older book is good enough for one of which something was lost', t => {
  const { hear, decoder } = stated()
  hear(change(AT_MS + 5))
  const lost = decoder.lose([YES, 'unknown'], 'for a test', NOW_US)
  t.match(lost, [{ event: { type: 'BookIncomplete', data: { token: 1, why: 'for a test' } } }])
  t.equal(lost.length, 1)
  t.ok(decoder.isDark(1))
  t.same(hear(bookMessage({ atMs: AT_MS + 3 })).doubted, [])
  t.notOk(decoder.isDark(1))
  t.end()
})

void t.test('a hash that is not ours waits for a print, and no longer than its patience', t => {
  const patient = stated()
  patient.hear(change(AT_MS + 1, 'ab'.repeat(20)))
  t.same(patient.decoder.tick(NOW_US + 350_000).differing, [])
  const late = patient.decoder.tick(NOW_US + 402_000)
  t.match(countsOf(late.inputs), { BookHashDiffers: 1 })
  t.same(late.differing, [YES])
  t.same(patient.decoder.tick(NOW_US + 900_000), { inputs: [], doubted: [], differing: [] })

  const right = stated()
  right.hear(change(AT_MS + 1, hashOf(CHANGED)))
  t.same(right.decoder.tick(NOW_US + 900_000).differing, [])
  t.ok(right.decoder.hasAgreed(YES))
  t.match(right.decoder.report(), { hashOk: 2, hashChecked: 2 })

  const printed = stated()
  printed.hear(change(AT_MS + 1, 'cd'.repeat(20)))
  t.same(printed.hear(tradeMessage(AT_MS + 2, '0.6')).differing, [YES], 'a print decides at once')
  t.end()
})

void t.test('what a book of REST holds already is not applied again; what is newer is', t => {
  const { hear, decoder } = decoding()
  decoder.restBook(restBook({ atMs: AT_MS + 100 }), NOW_US)
  t.same(hear(bookMessage({ atMs: AT_MS })).inputs, [])
  t.same(hear(change(AT_MS + 99)).inputs, [])
  const rows = [
    { asset: YES, price: '0.3', size: '1' },
    { asset: NO, price: '0.7', size: '2' },
  ]
  const half = hear(changeMessage(AT_MS + 99, rows))
  t.same(
    dataOf(half.inputs, 'BookChanged').map(({ d }) => d.slice(0, 4)),
    [[2, 0, 7_000, 2_000_000]],
    'of a frame of two tokens only the other',
  )
  t.match(
    countsOf(hear(tradeMessage(AT_MS + 50)).inputs),
    { TradePrinted: 1 },
    'a print is no book',
  )
  t.match(countsOf(hear(change(AT_MS + 100)).inputs), { BookChanged: 1 })
  t.same(hear(change(AT_MS + 99)).doubted, [YES], 'from then on, what is older is late')
  t.end()
})

void t.test('a book of REST is taken where its hash is right', t => {
  const { decoder } = decoding()
  const text = restBook({ atMs: AT_MS - 2 })
  const good = decoder.restBook(text, NOW_US)
  t.equal(good.fault, undefined)
  t.match(dataOf(good.inputs, 'BookSnapshot'), [{ token: 1, lag: 2_000 }])
  const bad = {
    'another hash': restBook({ atMs: AT_MS, hash: 'ab'.repeat(20) }),
    'another size': text.replace('"size":"10"', '"size":"11"'),
    'cut off': text.slice(0, -30),
    'not a book': '{"asset_id":"1"}',
    'no JSON': '{{',
  }
  for (const [what, wrong] of Object.entries(bad)) {
    const { fault, inputs } = decoder.restBook(wrong, NOW_US)
    t.ok(fault, what)
    t.same(dataOf(inputs, 'BookSnapshot'), [], what)
  }
  t.end()
})

void t.test('announcements of markets that are not recorded are left out', t => {
  const { hear, decoder } = decoding()
  const resolved = (market: number): string =>
    JSON.stringify({
      ...{ event_type: 'market_resolved', market: conditionOf(market), timestamp: `${AT_MS}` },
      ...{ assets_ids: tokensOf(market), winning_asset_id: tokensOf(market)[0] },
      winning_outcome: 'Yes',
    })
  t.same(hear(resolved(9)).inputs, [])
  t.same(hear('{"event_type":"new_market","market":null}').inputs, [])
  t.match(decoder.report().skipped, [
    { reason: 'market_resolved of a market that is not recorded' },
    { reason: 'new_market of a market that is not recorded' },
  ])
  const { inputs } = hear(resolved(1))
  t.match(dataOf(inputs, 'MarketResolved'), [
    {
      market: 1,
      payouts: [
        [1, 10_000],
        [2, 0],
      ],
    },
  ])
  t.end()
})

void t.test('what is said of tokens that nobody asked for lists nothing', t => {
  const { hear, decoder } = decoding()
  const rows = [
    { asset: '5', price: '0.4', size: '1' },
    { asset: YES, price: '0.4', size: '1' },
  ]
  for (const text of [bookMessage({ atMs: AT_MS, market: 9 }), tradeMessage(AT_MS, '0.5', 9)])
    t.same(hear(text).inputs, [])
  t.match(countsOf(hear(changeMessage(AT_MS, rows)).inputs), { BookChanged: 1 })
  t.equal(decoder.report().tokens, 4)
  t.end()
})

void t.test('changes that were kept are judged like any others', t => {
  const { decoder } = stated()
  const wire = (text: string) => ({
    ...{ text, where: 'kept' },
    value: JSON.parse(text) as Readonly<Record<string, unknown>>,
  })
  const cut = wire(changeMessage(AT_MS + 2, [{ price: '', size: '1' }]))
  const { inputs, doubted } = decoder.changes([cut, wire(change(AT_MS + 3))], NOW_US)
  t.match(countsOf(inputs), { MessageRefused: 1, BookChanged: 1 })
  t.same(doubted, [YES])
  t.end()
})
