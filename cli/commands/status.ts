import { resyncsOf, type MarketStatus } from '#projections/run-status.js'
import { Refusal, type Call, type Command } from '../command.js'
import { exposition, type Metric } from '../format/prometheus.js'
import { tableOf } from '../format/table.js'
import { LATEST } from '../latest.js'
import { factLines, runState, type RunState } from '../run-state.js'
import { runDirOf } from '../runs.js'

/** Columns of the earlier system's table. */
const COLUMNS = [
  ...['market_id', 'last_seq', 'last_update_ms', 'snapshots', 'deltas', 'applied', 'invalid'],
  ...['resync_gap', 'resync_checksum', 'resync_first_delta'],
] as const
/** Counters of a market, as Prometheus has them. */
const COUNTED = [
  ...['snapshots', 'deltas', 'applied', 'invalid', 'resync_gap', 'resync_checksum'],
  ...['resync_first_delta', 'quotes_placed', 'quotes_canceled', 'orders_placed', 'orders_filled'],
  ...['orders_rejected', 'exec_ms_sum', 'exec_count', 'ack_ms_sum', 'ack_count'],
] as const

/** `polaris status`: how a run does, alive or not, folded from its log. */
export const statusCommand: Command = {
  name: 'status',
  summary: 'how a run does: books, resyncs, orders, stops, exposure, by market',
  usage: 'status [DIR] [--verbose] [--top] [--prometheus]',
  example: 'status runs/demo',
  options: {
    verbose: { type: 'boolean' },
    top: { type: 'boolean' },
    prometheus: { type: 'boolean' },
  },
  help: {
    DIR: 'a run (default: the newest)',
    '--verbose': 'quotes, orders and times of each market, and the counters of the engine',
    '--top': 'the markets in most trouble first: by part of resyncs, then rejects',
    '--prometheus': 'text exposition format, for a scraper',
  },
  run: async call => {
    const { values } = call
    const dir = runDirOf(call.positionals[0] ?? LATEST, values)
    if (values['prometheus'] === true && values['json'] === true)
      throw new Refusal('usage', 'two forms at once', '--json, --prometheus', 'one of them')
    const found = await runState(dir, Date.now())
    const markets = [...found.status.markets.values()]
    if (values['top'] === true) markets.sort(byTrouble)
    if (values['prometheus'] === true)
      for (const line of exposition(metricsOf(found)).trimEnd().split('\n')) call.say(line)
    else sayStatus(call, found, markets)
    const { counters } = found.status
    return { code: 0, json: { ...found.facts, counters, markets: markets.map(jsonOf) } }
  },
}

function byTrouble(a: MarketStatus, b: MarketStatus): number {
  const [first, second] = [resyncsOf(a), resyncsOf(b)]
  return second.ratioBps - first.ratioBps || b.orders_rejected - a.orders_rejected
}

function jsonOf(of: MarketStatus): object {
  const { exec_ms_sum, ack_ms_sum, ...rest } = of
  const { total, ratioBps } = resyncsOf(of)
  return {
    ...rest,
    ...{ exec_avg_ms: average(exec_ms_sum, of.exec_count), retries: 0 },
    ...{ ack_avg_ms: average(ack_ms_sum, of.ack_count) },
    ...{ resyncs_total: total, resync_ratio_bps: ratioBps },
  }
}

const average = (sum: number, count: number): number => (count === 0 ? 0 : Math.round(sum / count))

function sayStatus(call: Call, found: RunState, markets: readonly MarketStatus[]): void {
  for (const line of factLines(found)) call.say(line)
  call.say('')
  if (markets.length === 0) {
    call.say('none available: the run has listed no market yet')
    return
  }
  const rows = markets.map(of => COLUMNS.map(name => String(of[name])))
  for (const line of tableOf([[...COLUMNS], ...rows])) call.say(line)
  if (call.values['verbose'] !== true) return
  for (const of of markets) sayMarket(call, of)
  call.say('')
  for (const [name, value] of Object.entries(found.status.counters)) call.say(`${name} ${value}`)
}

function sayMarket(call: Call, of: MarketStatus): void {
  const { total, ratioBps } = resyncsOf(of)
  call.say('')
  call.say(`${of.market_id} ${of.question}`)
  call.say(`  quotes   placed ${of.quotes_placed}, canceled ${of.quotes_canceled}`)
  call.say(
    `  orders   placed ${of.orders_placed}, filled ${of.orders_filled}, rejected ${of.orders_rejected}, exec_avg_ms ${average(of.exec_ms_sum, of.exec_count)}, exec_count ${of.exec_count}, ack_avg_ms ${average(of.ack_ms_sum, of.ack_count)}`,
  )
  call.say(`  resyncs  total ${total}, ratio ${(ratioBps / 10_000).toFixed(4)}`)
}

function metricsOf({ status, facts }: RunState): Metric[] {
  const run = { run: facts.runDir.split('/').pop() ?? '', mode: facts.mode }
  const gauge = (name: string, help: string, value: number): Metric => ({
    ...{ name: `polaris_${name}`, help, type: 'gauge', samples: [{ labels: run, value }] },
  })
  const counters = Object.entries(status.counters).map(([name, value]): Metric => ({
    ...{ name: `polaris_${name}`, help: `see docs/status.md: ${name}`, type: 'counter' },
    samples: [{ labels: run, value }],
  }))
  const markets = COUNTED.map((name): Metric => ({
    ...{ name: `polaris_market_${name}`, help: `of a market: ${name}`, type: 'counter' },
    samples: [...status.markets.values()].map(of => ({
      labels: { ...run, market_id: of.market_id },
      value: of[name],
    })),
  }))
  return [
    gauge('up', '1 while the process of the run is alive', facts.state === 'open' ? 1 : 0),
    gauge('hard_stop', '1 while trading is stopped', facts.hardStop ? 1 : 0),
    gauge(
      'venue_conditions',
      'conditions of the venue that forbid new risk',
      facts.conditions.length,
    ),
    gauge('orders_open', 'orders that are open', facts.open),
    gauge('orders_unknown', 'orders of which nobody knows', facts.unknown.length),
    gauge('provisional_fills', 'fills that are not settled', facts.provisionalFills),
    gauge(
      'exposure_micro',
      'positions at cost and all in flight, 1e-6 dollar',
      facts.exposureMicro,
    ),
    gauge('exposure_max_micro', 'its limit, 1e-6 dollar; 0: none', facts.exposureMaxMicro),
    gauge('last_seq', 'the last event of the log', facts.lastSeq),
    gauge('log_age_ms', 'age of the last event', facts.logAgeMs),
    ...[...counters, ...markets],
  ]
}
