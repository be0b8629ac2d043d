import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { ending, polarisWarm as polaris, starting } from './helpers/cli.js'

const dir = t.testdir()
const run = join(dir, 'runs', 'one')
t.equal(polaris('run', '--source', 'sim:mixed/20000', '--seed', '9', '--out', run).code, 0)

interface Market {
  readonly market_id: string
  readonly last_seq: number
  readonly deltas: number
  readonly applied: number
  readonly orders_placed: number
}
type Counters = Readonly<Record<string, number>>

t.test('counters are folded from the log: they are what SQL counts in it', async t => {
  const { json } = polaris('status', run, '--json')
  const counters = json['counters'] as Counters
  const markets = json['markets'] as Market[]
  const counted = (query: string): number => {
    const { json: found } = polaris('sql', run, query, '--json')
    return Number((found['rows'] as unknown[][])[0]![0])
  }
  const events = (type: string): number =>
    counted(`select count(*) from events where type = '${type}'`)
  t.equal(counters['orders_placed'], events('OrderPlaced'))
  t.equal(counters['relayer_acks_rejected'], events('OrderRejected'))
  t.equal(counters['engine_execute_plan_count'], events('LegsSettled'))
  t.equal(counters['ingestion_msg_applied'], events('BookChanged') + events('BookSnapshot'))
  t.equal(sum(markets, 'orders_placed'), counters['orders_placed'])
  t.ok(sum(markets, 'deltas') > 20_000 && sum(markets, 'applied') <= sum(markets, 'deltas'))
  t.ok(counters['engine_execute_plan_ms_sum']! > 0)
  t.match(json, { mode: 'paper_live', state: 'sealed', hardStop: true, open: 0, unknown: [] })
})

t.test('as a table, in words, and the worst first', async t => {
  const { out } = polaris('status', run)
  const header =
    /market_id +last_seq +last_update_ms +snapshots +deltas +applied +invalid +resync_gap +resync_checksum +resync_first_delta/
  t.match(out, header)
  t.match(out, /trading +stopped \(all\)/)
  const verbose = polaris('status', run, '--verbose').out
  t.match(verbose, /orders +placed \d+, filled \d+, rejected \d+, exec_avg_ms \d+/)
  t.match(verbose, /^engine_execute_plan_ms_sum \d+$/m)
  const top = polaris('status', run, '--top', '--json').json['markets'] as {
    resync_ratio_bps: number
  }[]
  const ratios = top.map(({ resync_ratio_bps: ratio }) => ratio)
  t.same(
    ratios,
    [...ratios].sort((a, b) => b - a),
  )
  t.match(polaris('status', run, '--json', '--prometheus'), { code: 2, err: /two forms/ })
  t.match(polaris('status', 'none'), { code: 2, err: /there is no run/ })
})

t.test('Prometheus reads every line, and the same numbers', async t => {
  const { out, code } = polaris('status', run, '--prometheus')
  t.equal(code, 0)
  const found = parsed(out)
  const { json } = polaris('status', run, '--json')
  const counters = json['counters'] as Counters
  for (const [name, value] of Object.entries(counters))
    t.same([...(found.get(`polaris_${name}`)?.values() ?? [])], [value], name)
  const markets = json['markets'] as Market[]
  t.equal(found.get('polaris_market_deltas')?.size, markets.length)
  t.same([...found.get('polaris_hard_stop')!.values()], [1])
})

t.test('of a process that is alive, and of a run without a market', async t => {
  const live = join(dir, 'runs', 'live')
  const words = ['--source', 'sim:quoting', '--speed', '20', '--out', live]
  const child = starting('run', ...words)
  const ended = ending(child)
  let json: Record<string, unknown> = {}
  for (let k = 0; k < 50 && !(Number(json['lastSeq']) > 100); k++) {
    await pause(200)
    json = polaris('status', live, '--json').json
  }
  t.match(json, { state: 'open', hardStop: false })
  t.ok(Number(json['open']) > 0, 'quotes rest')
  child.kill('SIGINT')
  await ended
  t.match(polaris('status', live, '--json').json, { state: 'sealed', open: 0 })
  const empty = join(dir, 'runs', 'empty')
  polaris('run', '--source', 'sim:parity/1', '--out', empty)
  t.match(polaris('status', empty), { code: 0, out: /none available|market_id/ })
})

function sum(markets: readonly Market[], name: 'deltas' | 'applied' | 'orders_placed'): number {
  return markets.reduce((total, market) => total + market[name], 0)
}

/** A strict reader of the text format: names, escapes, one HELP and TYPE before the samples of each, no sample twice. */
function parsed(text: string): Map<string, Map<string, number>> {
  const found = new Map<string, Map<string, number>>()
  let [name, help] = ['', '']
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  for (const line of text.trimEnd().split('\n')) {
    const [, helped] = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) .+$/.exec(line) ?? []
    const [, typed] = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (?:counter|gauge)$/.exec(line) ?? []
    const sample =
      /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*\})? (-?\d+(?:\.\d+)?)$/.exec(
        line,
      )
    if (helped !== undefined) help = helped
    else if (typed !== undefined) {
      if (typed !== help || found.has(typed)) throw new Error(`TYPE out of place: ${line}`)
      name = typed
      found.set(name, new Map())
    } else if (sample?.[1] === name) {
      const labels = sample[2] ?? ''
      if (found.get(name)!.has(labels)) throw new Error(`twice: ${line}`)
      found.get(name)!.set(labels, Number(sample[3]))
    } else throw new Error(`no line of the format: ${line}`)
  }
  return found
}
