import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { countsOf, dataOf, drained } from '../../testing/drain.js'
import { fixture } from '../../testing/fixtures.js'
import { ABSENT, recording } from '../../testing/recordings.js'
import { polymarketFrames } from './frames.js'

const path = fixture('polymarket/frames.jsonl')

t.test('each kind of message', async t => {
  const feed = polymarketFrames([path])
  const inputs = await drained(feed)

  t.test(
    'book: levels best first, the last statement of a price holds, empty ones are left out',
    async t => {
      const [book] = dataOf(inputs, 'BookSnapshot')
      t.strictSame(book?.bids, [4_500, 20_500_000, 4_000, 10_000_000])
      t.strictSame(book?.asks, [5_000, 4_000_000, 6_000, 7_000_000])
    },
  )

  t.test('price_change: one frame is one event, in all three formats of the years', async t => {
    t.strictSame(
      dataOf(inputs, 'BookChanged').map(({ d }) => d),
      [
        [1, 0, 4_600, 12_250_000, 4_600, 5_000, 2, 1, 5_400, 12_250_000, 0, 5_400],
        [1, 0, 4_600, 0, -1, -1],
        [1, 0, 4_700, 5_000_000, -1, -1, 1, 1, 6_000, 0, -1, -1],
        [1, 1, 4_800, 1_500_000, -1, -1],
      ],
    )
  })

  t.test('the others', async t => {
    const print = { token: 2, side: 1, price: 5_300, size: 2_460_000, id: '0x6c' }
    t.strictSame(dataOf(inputs, 'TradePrinted'), [print])
    t.strictSame(dataOf(inputs, 'TickSizeChanged'), [{ token: 1, from: 100, to: 10 }])
    t.strictSame(dataOf(inputs, 'MarketResolved'), [
      {
        market: 2,
        payouts: [
          [3, 0],
          [4, 10_000],
        ],
      },
    ])
    t.match(dataOf(inputs, 'MarketListed'), [
      { market: 1, key: '0xaa', inferred: true, feeRate: 700 },
      { market: 2, key: '0xbb', question: 'Will it snow?', group: 'snow', feeRate: 400 },
    ])
    t.match(
      dataOf(inputs, 'TokenListed').map(({ market, index, tick }) => [market, index, tick]),
      [
        [1, 0, 100],
        [1, 1, 100],
        [2, 0, 10],
        [2, 1, 10],
      ],
    )
  })

  t.test('what says nothing is counted with its first place', async t => {
    const { read, skipped, markets, tokens } = feed.report()
    t.strictSame([read, markets, tokens], [11, 2, 4])
    t.strictSame(
      skipped.map(({ reason, count, first }) => `${count} ${reason}, ${first}`),
      [
        '1 level stated twice, frames.jsonl: line 2',
        '1 empty level in a snapshot, frames.jsonl: line 2',
        '1 book without a hash (not checked), frames.jsonl: line 2',
        '1 hash of a token without a snapshot (not checked), frames.jsonl: line 3',
        '2 change without a hash (not checked), frames.jsonl: line 4',
        '1 price finer than the unit, frames.jsonl: line 4',
        '3 hash of the rule before September 2025 (not checked), frames.jsonl: line 5',
        '1 best_bid_ask (the book says it), frames.jsonl: line 9',
        '1 event type market_mood, frames.jsonl: line 12',
      ].sort(
        (a, b) =>
          skipped.findIndex(s => a.includes(s.reason)) -
          skipped.findIndex(s => b.includes(s.reason)),
      ),
    )
  })

  t.test("time is the venue's, in µs", async t => t.equal(inputs[0]?.tUs, 1_786_000_000_000_000))
})

t.test('a hash that is not ours is said, and counted at the end', async t => {
  const inputs = await drained(polymarketFrames([path]))
  t.match(dataOf(inputs, 'BookHashDiffers'), [{ token: 1, venue: 'x', ours: /^[0-9a-f]{40}$/ }])
  t.strictSame(dataOf(inputs, 'BookHashesChecked'), [{ checked: 1, differed: 1 }])
})

t.test('a message that lacks what it must have is a fault with its place', async t => {
  const cases: readonly (readonly [line: string, message: RegExp])[] = [
    [
      '{"event_type":"book","market":"0x","asset_id":"1","timestamp":"1786000000000","bids":[]}',
      /asks is missing/,
    ],
    [
      '{"event_type":"book","market":"0x","asset_id":"1","timestamp":"soon","bids":[],"asks":[]}',
      /timestamp/,
    ],
    [
      '{"event_type":"last_trade_price","market":"0x","asset_id":"1","timestamp":"1786000000000","price":"x","size":"1","side":"BUY"}',
      /price is "x"/,
    ],
    [
      '{"event_type":"price_change","market":"0x","price_changes":[{"asset_id":"1","price":"0.1","size":"1","side":"UP"}],"timestamp":"1786000000000"}',
      /side is "UP"/,
    ],
    ['{"event_type":"price_change",', /ends inside an object/],
    ['{"event_type":"price_change",}', /not JSON/],
    ['nonsense', /"n" is not JSON here/],
  ]
  for (const [line, message] of cases) {
    const dir = t.testdir({ 'frames.jsonl': `{"event_type":"x"}\n\n${line}\n` })
    await t.rejects(drained(polymarketFrames([dir])), {
      name: 'FeedFault',
      message,
      where: 'frames.jsonl: line 3',
    })
  }
})

t.test('a compressed recording says the same, a torn one is a fault', async t => {
  const text =
    '{"market":"0xaa","asset_id":"101","price":"0.5","size":"1","side":"BUY","timestamp":"1786000000000","event_type":"last_trade_price"}\n'
  const packed = gzipSync(text.repeat(5_000))
  const dir = t.testdir({})
  writeFileSync(`${dir}/a.jsonl.gz`, packed)
  t.equal(countsOf(await drained(polymarketFrames([dir])))['TradePrinted'], 5_000)
  writeFileSync(`${dir}/a.jsonl.gz`, packed.subarray(0, packed.length - 20))
  await t.rejects(drained(polymarketFrames([dir])), {
    name: 'FeedFault',
    where: `${dir}/a.jsonl.gz`,
  })
})

const hashed = recording('polymarket-ws-frames-hash')
t.test('a recording of the venue', hashed === undefined ? { skip: ABSENT } : {}, async t => {
  for (const [name, described] of [
    ['', true],
    ['/ws_frames_fed.json', false],
  ] as const) {
    const feed = polymarketFrames([`${hashed}${name}`])
    const inputs = await drained(feed)
    const { read, hashChecked, hashOk, markets, tokens } = feed.report()
    t.strictSame([read, hashChecked, hashOk, markets, tokens], [27, 26, 26, 1, 2])
    t.equal(dataOf(inputs, 'MarketListed')[0]?.inferred, !described)
    t.equal(countsOf(inputs)['BookChanged'], 24)
  }
})

const small = recording('ssmd-testdata')
t.test('books of ten markets', small === undefined ? { skip: ABSENT } : {}, async t => {
  const feed = polymarketFrames([`${small}/polymarket_book.jsonl`])
  await drained(feed)
  t.strictSame([feed.report().hashChecked, feed.report().hashOk], [10, 10])
})

t.test('a tick size that is no part of a dollar is told with its place', async t => {
  const file = `${t.testdir()}/frames.jsonl`
  for (const [tick, isGrid] of [
    ['0', false],
    ['0.0003', false],
    ['0.001', true],
  ] as const) {
    const change = { market: '0xaa', asset_id: '71', timestamp: '1780000000000' }
    const ticks = { old_tick_size: '0.01', new_tick_size: tick }
    const line = JSON.stringify({ event_type: 'tick_size_change', ...change, ...ticks })
    writeFileSync(file, `${line}\n`)
    const read = drained(polymarketFrames([file]))
    const fault = { message: `a tick size of ${tick}`, where: 'frames.jsonl: line 1' }
    if (isGrid) t.equal(dataOf(await read, 'TickSizeChanged').length, 1)
    else await t.rejects(read, { name: 'FeedFault', ...fault })
  }
})
