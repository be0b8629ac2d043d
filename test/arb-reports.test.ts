import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { polarisWarm as polaris } from './helpers/cli.js'

const dir = t.testdir()
const runs = join(dir, 'runs')
mkdirSync(runs)
const [mixed, closing] = [join(runs, 'mixed'), join(runs, 'closing')]
polaris(
  'run',
  '--source',
  'sim:mixed/6000',
  '--seed',
  '9',
  '--out',
  mixed,
  '--set',
  'run.tag="old"',
)
polaris(
  'run',
  '--source',
  'sim:closing/6000',
  '--seed',
  '9',
  '--out',
  closing,
  '--set',
  'run.tag="new"',
)
const ask = (verb: string, ...words: readonly string[]) =>
  polaris(verb, '--runs-dir', runs, ...words, '--json')

t.test('arb-summary: the current tag is that of the run that was started last', async t => {
  t.match(ask('arb-summary').json, {
    runs: ['closing'],
    window: { run_tag: 'new', since_hours: null },
  })
  t.match(ask('arb-summary', '--run-tag', 'old').json, {
    runs: ['mixed'],
    window: { run_tag: 'old' },
  })
  t.match(ask('arb-summary', '--run-tag', 'all').json, { runs: ['closing', 'mixed'] })
  const own = ask(
    'arb-summary',
    '--run-tag',
    'all',
    '--source-code',
    'sim:mixed/6000',
    '--mode',
    'all',
  )
  t.match(own.json, { runs: ['mixed'], window: { source_code: 'sim:mixed/6000', mode: 'all' } })
  t.match(ask('arb-summary', '--mode', 'live').json, { error: { code: 'no-run' } })
})

t.test('arb-summary: what it says is what summary says', async t => {
  const { totals, balance } = ask('arb-summary', closing).json as Record<
    string,
    Record<string, number>
  >
  const summary = polaris('summary', closing, '--json').json
  t.match(summary, {
    signals: totals?.['signals_found'],
    pnlMicro: { realised: totals?.['net_pnl_usd'] },
  })
  t.equal(totals!['net_pnl_usd'], balance?.['realised_usd'])
})

t.test('arb-report: groups add up, the best first; a copy of a run is counted once', async t => {
  cpSync(mixed, join(dir, 'copy'), { recursive: true })
  const words = [mixed, join(dir, 'copy'), '--run-tag', 'all']
  const { json } = ask('arb-report', ...words, '--group-by', 'strategy,mode,source,day')
  const rows = json['rows'] as Record<string, number>[]
  const { totals } = ask('arb-summary', mixed, '--run-tag', 'all').json as {
    totals: Record<string, number>
  }
  for (const name of ['trades', 'net_pnl_usd', 'gross_pnl_usd', 'turnover_usd'])
    t.equal(
      rows.reduce((sum, row) => sum + row[name]!, 0),
      totals[name],
      name,
    )
  const nets = rows.map(row => row['net_pnl_usd']!)
  t.same(
    nets,
    [...nets].sort((a, b) => b - a),
  )
  t.match(ask('arb-report', mixed, '--group-by', 'moon').json, { error: { where: '--group-by' } })
  t.match(ask('arb-report', mixed, '--pnl', 'hope').json, { error: { where: '--pnl' } })
})

t.test(
  'arb-summary: the file holds what is printed, and hours count back from the last event',
  async t => {
    const file = join(dir, 'summary.json')
    const { json } = ask('arb-summary', '--since-hours', '1', '--output', file)
    t.same(JSON.parse(readFileSync(file, 'utf8')), json)
    const { start_at, end_at } = json['window'] as Record<string, string>
    t.equal(Date.parse(end_at!) - Date.parse(start_at!), 3_600_000)
  },
)
