import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { FeedFault } from '../../feed.js'
import { drained } from '../../testing/drain.js'
import { settlements } from './settlements.js'

const START = 1_784_851_200
const STRIKE = '65048078902260626000000'

const slot = (k: number, more: object = {}): string =>
  JSON.stringify({
    ...{ slug: `btc-updown-5m-${k}`, asset: 'btc', condition_id: `0x${k}` },
    token_ids: [`${2 * k + 1}`, `${2 * k + 2}`],
    ...{ start_sec: START + 300 * k, end_sec: START + 300 * (k + 1) },
    ...{ resolved: true, outcome_prices: ['1', '0'], strike_value: STRIKE, ...more },
  })

const tick = (sec: number, value: string, lateMs = 1_200): string =>
  `${sec * 1_000},0,${value},${sec * 1_000 + 900},${sec * 1_000 + lateMs}`

const HEADER = 'feed_ts_ms,value,full_accuracy_value,server_ts_ms,recv_ms'

/** An import of these markets and prices: what it says, and its account. */
async function imported(t: Tap, markets: readonly string[], prices: readonly string[]) {
  const dir = t.testdir()
  writeFileSync(join(dir, 'BTC-5m-markets-1.jsonl'), markets.join('\n'))
  writeFileSync(join(dir, 'BTCUSD-prices-1.csv'), [HEADER, ...prices, ''].join('\n'))
  const feed = settlements([dir])
  const inputs = await drained(feed)
  return { inputs, report: feed.report() }
}

type Tap = Pick<typeof t, 'testdir'>

t.test('a market is listed at its beginning, resolved at its end, with prices between', async t => {
  const { inputs, report } = await imported(
    t,
    [slot(0)],
    [tick(START, STRIKE), tick(START + 300, STRIKE)],
  )
  t.same(
    inputs.map(({ event }) => event.type),
    [
      ...['MarketListed', 'TokenListed', 'TokenListed', 'ReferenceReported'],
      ...['MarketResolved', 'ReferenceReported'],
    ],
  )
  t.match(inputs[0]?.event.data, { ends: (START + 300) * 1e6, key: '0x0' })
  t.match(inputs[3]?.event.data, {
    ...{ source: 'chainlink', name: 'BTC/USD', value: 6_504_807_890_226, unit: '1e-8 $' },
    lag: 1_200_000,
  })
  t.match(inputs[4]?.event.data, {
    payouts: [
      [1, 10_000],
      [2, 0],
    ],
  })
  t.match(report, { settlesChecked: 1, settlesOk: 1, skipped: [] })
})

t.test('a tie is up; the last 1e-18 dollar decides', async t => {
  const below = (BigInt(STRIKE) - 1n).toString()
  const { report } = await imported(
    t,
    [slot(0), slot(1, { outcome_prices: ['0', '1'] }), slot(2)],
    [tick(START + 300, STRIKE), tick(START + 600, below), tick(START + 900, below)],
  )
  t.match(report, { settlesChecked: 3, settlesOk: 2 })
  t.match(report.skipped, [{ reason: 'the outcome is not what its prices say', count: 1 }])
})

t.test('of two prices of one second the one heard later holds', async t => {
  const above = (BigInt(STRIKE) + 1n).toString()
  const below = (BigInt(STRIKE) - 1n).toString()
  const ticks = [tick(START + 300, above, 1_500), tick(START + 300, below, 1_200)]
  const { report } = await imported(t, [slot(0)], ticks)
  t.match(report, { settlesChecked: 1, settlesOk: 1 })
})

t.test('what cannot be worked out is counted, and resolved all the same', async t => {
  const { inputs, report } = await imported(
    t,
    [
      slot(0, { strike_value: null }),
      slot(1),
      slot(1),
      slot(2, { resolved: false }),
      slot(3, { raw: { cryptoMarketConfig: { twapEnabled: true } } }),
      slot(4, { outcome_prices: ['0.5', '0.5'] }),
    ],
    [tick(START + 1_500, '1')],
  )
  t.equal(report.settlesChecked, 1)
  t.same(
    report.skipped.map(({ reason, count }) => [reason, count]),
    [
      ['a market told twice', 1],
      ['no strike', 1],
      ['no price at its very end (not worked out)', 1],
      ['a market without an outcome', 1],
      ['settled by another stream', 1],
      ['the outcome is not what its prices say', 1],
    ],
  )
  const paid = inputs.filter(({ event }) => event.type === 'MarketResolved')
  t.equal(paid.length, 4)
  t.match(paid.at(-1)?.event.data, {
    payouts: [
      [9, 5_000],
      [10, 5_000],
    ],
  })
})

t.test('bad rows are faults with their place', async t => {
  const place = async (markets: string[], prices: string[]) =>
    imported(t, markets, prices).then(
      () => '',
      (fault: unknown) => (fault instanceof FeedFault ? fault.where : String(fault)),
    )
  t.equal(await place([slot(0)], ['1784851200000,x,y,z,q']), 'BTCUSD-prices-1.csv:2')
  t.match(await place([slot(0), slot(1, { start_sec: 'now' })], []), /markets-1\.jsonl: line 2/)
})
