import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import t from 'tap'
import { polarisWarm as polaris } from './helpers/cli.js'

const dir = t.testdir()
const runs = join(dir, 'runs')
mkdirSync(runs)
const [mixed, closing] = [join(runs, 'mixed'), join(runs, 'closing')]
polaris('run', '--source', 'sim:mixed/6000', '--seed', '9', '--out', mixed)
polaris('run', '--source', 'sim:closing/6000', '--seed', '9', '--out', closing)
const ask = (verb: string, ...words: readonly string[]) =>
  polaris(verb, '--runs-dir', runs, ...words, '--json')
ask('migrate')
const fillsOf = (run: string): unknown =>
  new Sqlite(join(runs, 'polaris.db'), { readonly: true })
    .prepare('SELECT count(*) AS n FROM arb_fill WHERE run_id = ?')
    .pluck()
    .get(run)
const all = fillsOf('mixed')
const log = readFileSync(join(mixed, 'events-000001.jsonl'))
const found = (): unknown =>
  (ask('arb-summary', mixed).json as { totals: { signals_found: number } }).totals.signals_found

t.test('a dry run counts and does nothing', async t => {
  const { json, code } = ask('arb-clean', mixed)
  t.equal(code, 0)
  t.match(json, { mode: 'all', source_code: 'all', run_tag: '', since_start: null, applied: false })
  t.equal((json['counts'] as Record<string, unknown>)['arb_fill'], all)
  t.notOk('deleted' in json)
  t.equal(fillsOf('mixed'), all)
  t.equal(ask('arb-clean', mixed, '--apply', '--dry-run').code, 2, 'not both')
})

t.test('what is cleaned stays forgotten by whoever folds it anew, and the log stays', async t => {
  const { json } = ask('arb-clean', '--source', 'sim:mixed/6000', '--run-tag', 'all', '--apply')
  t.match(json, { runs: ['mixed'], applied: true, deleted: { arb_fill: all } })
  t.same([fillsOf('mixed'), Number(fillsOf('closing')) > 0], [0, true], 'no other run')
  t.equal(found(), 0)
  t.match(ask('migrate', '--check'), { code: 0 }, 'a fresh fold forgets it too')
  polaris('project', mixed, '--view', 'arb')
  t.equal(fillsOf('mixed'), 0)
  t.same(readFileSync(join(mixed, 'events-000001.jsonl')), log)
  t.match(ask('arb-clean', mixed).json, { counts: { arb_fill: 0 } }, 'nothing is left to clean')
})

t.test('restored, everything is there again', async t => {
  t.match(ask('arb-clean', mixed, '--restore').json, { restored: ['mixed'], applied: true })
  t.equal(fillsOf('mixed'), all)
  t.ok(Number(found()) > 0)
  t.match(ask('migrate', '--check'), { code: 0 })
  t.match(ask('arb-clean', mixed, '--restore').json, { restored: [] })
})

t.test('a file that says something else is refused, and says where', async t => {
  writeFileSync(join(runs, 'arb-cleaned.json'), '{"mixed":"yes"}')
  t.match(ask('arb-summary', mixed).json, { error: { where: join(runs, 'arb-cleaned.json') } })
})
