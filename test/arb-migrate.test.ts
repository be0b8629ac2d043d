import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import t from 'tap'
import { ARB_VIEWS } from '#projections/arb/registry.js'
import { polarisWarm as polaris } from './helpers/cli.js'

const dir = t.testdir()
const runs = join(dir, 'runs')
mkdirSync(runs)
const mixed = join(runs, 'mixed')
polaris('run', '--source', 'sim:mixed/6000', '--seed', '9', '--out', mixed)
polaris('run', '--source', 'sim:closing/6000', '--seed', '9', '--out', join(runs, 'closing'))
const file = join(runs, 'polaris.db')
const statuses = (...words: readonly string[]) => {
  const { code, json } = polaris('migrate', '--runs-dir', runs, ...words, '--json')
  return [code, (json['runs'] as { status: string }[]).map(({ status }) => status)]
}
const rows = (sql: string): unknown[] => new Sqlite(file, { readonly: true }).prepare(sql).all()

t.test('all runs come into the database, once, and a fresh fold proves each', async t => {
  t.same(statuses('--check'), [1, ['missing', 'missing']])
  t.same(statuses(), [0, ['written', 'written']])
  t.same(statuses(), [0, ['current', 'current']])
  t.same(statuses('--check'), [0, ['same', 'same']])
  for (const { name } of ARB_VIEWS) t.ok(rows(`SELECT count(*) FROM ${name}`).length === 1, name)
  const db = new Sqlite(file)
  db.exec('UPDATE arb_fill SET fee_usd_micro = fee_usd_micro + 1 WHERE rowid = 1')
  db.close()
  t.same(statuses('--check')[0], 1, 'one micro dollar is found')
  polaris('project', mixed, '--view', 'arb')
  polaris('project', join(runs, 'closing'), '--view', 'arb')
  t.same(statuses('--check'), [0, ['same', 'same']])
})

t.test('the queries over all runs add up to the tables and to the view of profit', async t => {
  const net = 'SELECT sum(net_pnl_usd_micro) AS n FROM'
  const all = rows(`${net} arb_trade_result`)
  t.same(rows(`${net} arb_daily_pnl`), all)
  t.same(rows(`${net} arb_strategy_pnl`), all)
  t.same(rows("SELECT sum(realised_micro) AS n FROM pnl WHERE strategy = '*'"), all)
  const turnover = rows('SELECT sum(turnover_usd_micro) AS n FROM arb_hourly_turnover')
  t.same(turnover, rows('SELECT sum(fill_notional_usd_micro) AS n FROM arb_fill'))
  const [hit] = rows('SELECT * FROM arb_hit_ratio') as Record<string, number>[]
  t.equal(hit?.['hit_ratio_micro'], Math.floor((hit!['wins']! * 1e6) / hit!['trades']!))
})

t.test('a damaged run keeps no other out', async t => {
  const other = join(dir, 'other')
  cpSync(mixed, join(other, 'mixed'), { recursive: true })
  cpSync(mixed, join(other, 'torn'), { recursive: true })
  const log = join(other, 'torn', 'events-000001.jsonl')
  const bytes = readFileSync(log)
  bytes[Math.floor(bytes.length * 0.9)] = 33
  writeFileSync(log, bytes)
  const { code, json } = polaris('migrate', '--runs-dir', other, '--json')
  t.equal(code, 1)
  t.match(json['runs'], [
    { runId: 'mixed', status: 'written' },
    { runId: 'torn', status: 'failed' },
  ])
})
