import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { dataOf, drained } from '../../testing/drain.js'
import { kalshi } from './sessions.js'

const dir = t.testdir()
let files = 0
const written = (lines: readonly object[]): string => {
  const file = join(dir, `file-${++files}.jsonl`)
  writeFileSync(file, lines.map(line => JSON.stringify(line)).join('\n'))
  return file
}
const START = 1_790_000_000_000

const snapshot = (sid: number, seq: number, yes: string, ticker = 'K-1') => ({
  ...{ type: 'orderbook_snapshot', sid, seq },
  msg: {
    market_ticker: ticker,
    yes_dollars_fp: [['0.4000', yes]],
    no_dollars_fp: [['0.5000', '9']],
  },
})
const delta = (sid: number, seq: number, by: string, ms = seq) => ({
  ...{ type: 'orderbook_delta', sid, seq },
  msg: {
    market_ticker: 'K-1',
    price_dollars: '0.4000',
    delta_fp: by,
    side: 'yes',
    ts_ms: START + ms,
  },
})
const sizesOf = async (...lines: object[]) => {
  const inputs = await drained(kalshi([written(lines)]))
  return inputs.flatMap(({ event }): (number | string)[] => {
    if (event.type === 'BookSnapshot' && event.data.token === 1) return [event.data.bids[1]! / 1e6]
    if (event.type === 'BookChanged') return [event.data.d[3]! / 1e6]
    return event.type === 'BookIncomplete' && event.data.token === 1 ? ['incomplete'] : []
  })
}

t.test('a book belongs to the subscription of its snapshot', async t => {
  t.same(
    await sizesOf(
      snapshot(1, 1, '100'),
      snapshot(2, 1, '100'),
      delta(1, 2, '-30'),
      delta(2, 2, '-30'),
    ),
    [100, 100, 70],
  )
})

t.test(
  'a new session starts clean: its first whole book is taken, what it does not state waits',
  async t => {
    t.same(
      await sizesOf(
        snapshot(1, 1, '100'),
        delta(1, 2, '5'),
        delta(1, 3, '5'),
        snapshot(1, 2, '50'),
        delta(1, 3, '1'),
      ),
      [100, 105, 110, 'incomplete', 50, 51],
    )
    t.same(
      await sizesOf(
        snapshot(1, 1, '100'),
        delta(1, 2, '5'),
        snapshot(1, 1, '7', 'K-2'),
        delta(1, 2, '5', 9),
      ),
      [100, 105, 'incomplete'],
      'a ghost is not traded',
    )
    t.same(await sizesOf(snapshot(1, 1, '100'), delta(1, 2, '5'), delta(1, 2, '5')), [100, 105])
  },
)

t.test(
  'a sum that leaves the units makes a book incomplete instead of a line nobody reads',
  async t => {
    t.same(
      await sizesOf(
        snapshot(1, 1, '9000000000'),
        delta(1, 2, '9000000000'),
        delta(1, 3, '1'),
        snapshot(1, 4, '5'),
        delta(1, 5, '1'),
      ),
      [9_000_000_000, 'incomplete', 5, 6],
    )
  },
)

t.test("the taker's side of a print is the one that the message names", async t => {
  const print = (seq: number, taker_side: string) => ({
    ...{ type: 'trade', sid: 6, seq },
    msg: {
      ...{ market_ticker: 'K-1', yes_price_dollars: '0.4700', no_price_dollars: '0.5300' },
      ...{ count_fp: '3.00', taker_side, ts_ms: START + seq },
    },
  })
  const prints = dataOf(
    await drained(kalshi([written([print(1, 'yes'), print(2, 'no')])])),
    'TradePrinted',
  )
  t.match(prints, [
    { token: 1, side: 0, price: 4_700 },
    { token: 1, side: 1, price: 4_700 },
  ])
})

t.test('kalshi: determined and void markets are over', async t => {
  const life = (result: string, more = {}) => ({
    type: 'market_lifecycle_v2',
    msg: { market_ticker: 'K-1', event_type: 'determined', result, ts_ms: START + 9, ...more },
  })
  const paid = async (...lines: object[]) =>
    dataOf(await drained(kalshi([written([snapshot(1, 1, '1'), ...lines])])), 'MarketResolved').map(
      ({ payouts }) => payouts.map(([, at]) => at),
    )
  t.same(await paid(life('yes')), [[10_000, 0]])
  t.same(await paid(life('void')), [[]])
  t.same(await paid(life('void'), life('scalar', { settlement_value_dollars: '0.2500' })), [
    [],
    [2_500, 7_500],
  ])
})
