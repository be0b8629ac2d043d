import { existsSync, readdirSync, readFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { arbExportCommand } from '#cli/commands/arb-export.js'
import { polarisWarm as polaris } from './helpers/cli.js'

const dir = t.testdir()
const runs = join(dir, 'runs')
mkdirSync(runs)
const mixed = join(runs, 'mixed')
polaris('run', '--source', 'sim:mixed/6000', '--seed', '9', '--out', mixed)
polaris('run', '--source', 'sim:closing/6000', '--seed', '9', '--out', join(runs, 'closing'))
polaris('project', mixed, '--view', 'arb', '--db', 'none')
const csv = readFileSync(join(mixed, 'views', 'arb_fill.csv'), 'utf8')
const ask = (...words: readonly string[]) => polaris('arb-export', '--runs-dir', runs, ...words)

t.test('the file is the view, on stdout too', async t => {
  const file = join(dir, 'out', 'fills.csv')
  t.match(ask(mixed, '--table', 'arb_fill', '--output', file, '--json').json, {
    rows: csv.trim().split('\n').length - 1,
  })
  t.equal(readFileSync(file, 'utf8'), csv)
  t.equal(ask(mixed, '--table', 'arb_fill', '--format', 'csv').out, csv)
  t.same(readdirSync(join(dir, 'out')), ['fills.csv'], 'nothing half written is left')
})

t.test('JSON has whole micro units; Parquet has the same rows', async t => {
  const file = join(dir, 'fills.json')
  ask('--table', 'arb_fill', '--format', 'json', '--output', file)
  const rows = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>[]
  const printed = ask('--table', 'arb_fill', '--format', 'json').out
  t.same(JSON.parse(printed), rows)
  t.same(ask('--table', 'arb_fill', '--json').json['rows'], rows)
  t.same([...new Set(rows.map(row => row['run_id']))], ['closing', 'mixed'])
  const own = rows.filter(row => String(row['run_id']) === 'mixed')
  const summary = polaris('arb-summary', mixed, '--json').json as { totals: Record<string, number> }
  t.equal(
    own.reduce((sum, row) => sum + row['fill_notional_usd_micro']!, 0),
    summary.totals['turnover_usd'],
  )
  const parquet = join(dir, 'fills.parquet')
  const words = ['--table', 'arb_fill', '--format', 'parquet', '--output', parquet, '--json']
  t.match(ask(...words).json, { rows: rows.length })
  t.equal(readFileSync(parquet).subarray(0, 4).toString(), 'PAR1')
  t.equal(ask('--table', 'arb_fill', '--format', 'parquet').code, 2)
})

t.test('limits and hours cut rows; what cannot be is refused', async t => {
  t.equal(ask('--table', 'arb_signal', '--limit', '3').out.trim().split('\n').length, 4)
  const all = ask('--table', 'arb_signal', '--json').json['rows'] as unknown[]
  const late = ask('--table', 'arb_signal', '--since-hours', '1', '--json').json[
    'rows'
  ] as unknown[]
  t.ok(late.length > 0 && late.length <= all.length)
  t.match(ask('--table', 'arb_moon', '--json').json, { error: { where: '--table' } })
  t.match(ask('--table', 'arb_fill', '--format', 'xml', '--json').json, {
    error: { where: '--format' },
  })
  const tables = polaris('export-tables', '--json').json['tables'] as string[]
  t.ok(
    tables.includes('arb_cash_ledger') &&
      tables.includes('fact_quote_1m') &&
      tables.length === 13 + 18,
  )
})

t.test('stopped on the way it leaves no file', async t => {
  const output = join(dir, 'stopped.csv')
  const silent = () => undefined
  const world = { say: silent, note: silent, progress: silent, stream: silent }
  const values = { output, table: 'arb_fill', 'runs-dir': runs }
  const call = { ...world, positionals: [mixed], values, stop: AbortSignal.abort() }
  t.equal((await arbExportCommand.run(call)).code, 130)
  t.notOk(existsSync(output) || existsSync(`${output}.tmp`))
})
