import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import t from 'tap'
import { polaris } from './helpers/cli.js'

const run = join(t.testdir(), 'demo')
polaris('run', '--source', 'sim:parity/4000', '--out', run, '--set', 'views.live=false')
const view = (name: string): string => join(run, 'views', name)

t.test('before the first time nothing is there, and a check says so', async t => {
  const said = polaris('project', run, '--check')
  t.equal(said.code, 1)
  t.match(said.out, /trade_log\.csv .* missing/)
  t.notOk(existsSync(join(run, 'views')))
})

t.test('what project writes, a check finds unchanged', async t => {
  const made = polaris('project', run, '--json')
  t.equal(made.code, 0)
  const { views } = made.json as { views: { name: string; version: number; rows: number }[] }
  t.equal(views.length, 13)
  t.match(views[0], { name: 'trade_log', version: 1, rows: Number, blake3: /^[0-9a-f]{64}$/ })
  t.equal(polaris('project', run, '--check').code, 0)
  t.match(readFileSync(view('trade_log.csv'), 'utf8'), /,demo,sim,s\d+-1,/)
  t.match(polaris('verify', run, '--json').json, { status: 'intact' }, 'views are not of the log')
})

t.test('one byte changed in a view is found, by its file and byte', async t => {
  const path = view('trades.csv')
  const bytes = readFileSync(path)
  bytes[100] = (bytes[100] ?? 0) ^ 1
  writeFileSync(path, bytes)
  const said = polaris('project', run, '--check')
  t.equal(said.code, 1)
  t.match(said.out, /trades\.csv .* differs at byte 100/)
  const one = polaris('project', run, '--check', '--view', 'ticks', '--json')
  t.equal(one.code, 0, 'the others are the same')
  t.match(one.json, { views: [{ name: 'ticks', same: true }] })
  t.equal(polaris('project', run, '--view', 'trades').code, 0)
  t.equal(polaris('project', run, '--check').code, 0, 'mended')
})

t.test(
  'the database holds the run, and a check finds a value that is not what the log gives',
  async t => {
    const file = join(run, '..', 'polaris.db')
    const { db } = polaris('project', run, '--json').json as { db: { file: string } }
    t.equal(db.file, file)
    const database = new Sqlite(file)
    t.match(database.prepare('SELECT * FROM runs').all(), [{ run_id: 'demo', status: 'sealed' }])
    database.exec("UPDATE pnl SET total_micro = total_micro + 1 WHERE strategy = '*'")
    database.close()
    const said = polaris('project', run, '--check')
    t.equal(said.code, 1)
    t.match(said.out, /pnl in .*polaris\.db differs/)
    t.equal(polaris('project', run, '--check', '--db', 'none').code, 0, 'the files are right')
    polaris('project', run)
    t.equal(polaris('project', run, '--check').code, 0)
    t.equal(polaris('project', run, '--db', view('ticks.csv')).code, 2, 'no database')
  },
)

t.test('the log and the views as Parquet', async t => {
  t.equal(polaris('project', run, '--parquet').code, 0)
  for (const name of ['events', 'book_changes', 'views/ticks'])
    t.equal(readFileSync(join(run, 'parquet', `${name}.parquet`), 'latin1').slice(0, 4), 'PAR1')
  t.match(polaris('verify', run, '--json').json, { status: 'intact' })
})

t.test('a view that is not known, and a log that is damaged, are refused', async t => {
  t.equal(polaris('project', run, '--view', 'nothing', '--json').code, 2)
  const before = readFileSync(view('ticks.csv'))
  const log = join(run, 'events-000001.jsonl')
  const bytes = readFileSync(log)
  const at = bytes.length - 3_000
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(log, bytes)
  const said = polaris('project', run, '--json')
  t.equal(said.code, 2)
  t.match(said.json, { error: { code: 'damaged' } })
  t.same(readFileSync(view('ticks.csv')), before, 'the old views stay')
  t.notOk(existsSync(`${view('ticks.csv')}.tmp`))
})
