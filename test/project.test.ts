import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import t from 'tap'
import type { Recorded } from '#schemas/recorded.js'
import { TYPES } from '#schemas/registry.js'
import { folderStore } from '#engine/log/store/folder-store.js'
import { appendAll, right, startOf } from '#engine/log/testing/builders.js'
import { rowsOf } from '#cli/runs.js'
import { polarisWarm as polaris } from './helpers/cli.js'

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

/** A run that is not sealed, with these events in it; more follow where it is there already. */
async function unsealed(name: string, rows: readonly Recorded[]): Promise<string> {
  const dir = join(run, '..', name)
  const keep = { commitEvents: 64, commitMs: Infinity, durability: 'none' } as const
  const store = folderStore()
  const log = existsSync(dir)
    ? right(await store.open(dir, keep)).log
    : right(await store.create(dir, startOf(name), keep))
  await appendAll(
    log,
    rows.map(row => [row]),
  )
  right(await log.close())
  return dir
}

async function recorded(): Promise<Recorded[]> {
  const rows: Recorded[] = []
  for await (const some of rowsOf(run)) rows.push(...some)
  return rows
}

t.test('a run that has gone on since it was folded is checked as far as its views go', async t => {
  const rows = await recorded()
  const half = Math.floor(rows.length / 2)
  const dir = await unsealed('growing', rows.slice(0, half))
  t.equal(polaris('project', dir).code, 0)
  t.equal(polaris('project', dir, '--check').code, 0)
  await unsealed('growing', rows.slice(half, -1))
  const said = polaris('project', dir, '--check')
  t.equal(said.code, 0, said.out)
  t.match(said.err, new RegExp(`hold ${half} events .* the log has ${rows.length - 1}`))
  writeFileSync(join(dir, 'views', 'trades.csv'), 'nothing')
  t.equal(polaris('project', dir, '--check').code, 1, 'what it holds still has to be right')
  t.equal(polaris('project', dir).code, 0)
  const again = polaris('project', dir, '--check')
  t.equal(again.code, 0)
  t.notMatch(again.err, /has gone on/)
})

t.test(
  'half of a character in a text is no difference between a view and the database',
  async t => {
    const rows = (await recorded()).slice(0, -1).map(row => {
      if (row.event.type !== 'TradePrinted') return row
      return { ...row, event: TYPES.TradePrinted.make({ ...row.event.data, id: 'one \ud83d' }) }
    })
    t.ok(rows.some(({ event }) => event.type === 'TradePrinted'))
    const dir = await unsealed('half', rows)
    t.equal(polaris('project', dir).code, 0)
    const said = polaris('project', dir, '--check')
    t.equal(said.code, 0, said.out)
  },
)

t.test('rows of a view that changed are made anew, and it is said whose are gone', async t => {
  const rows = (await recorded()).slice(0, 400)
  const db = join(run, '..', 'polaris.db')
  const [moved, away, broken] = ['moved', 'away', 'broken'].map(name => join(run, '..', name))
  for (const dir of [moved, away, broken]) {
    await unsealed(basename(dir!), rows)
    t.equal(polaris('project', dir!).code, 0)
  }
  // As a program would have left it whose views were of an older version.
  const age = new Sqlite(db)
  age.prepare("UPDATE run_views SET version = 0 WHERE run_id IN ('moved', 'away', 'broken')").run()
  age.close()
  t.match(polaris('project', moved!, '--check'), { code: 1, out: /in .*polaris\.db differs/ })
  renameSync(away!, `${away}-elsewhere`)
  const segment = join(broken!, 'events-000001.jsonl')
  writeFileSync(segment, readFileSync(segment, 'latin1').replace('"tick":', '"tock":'), 'latin1')
  const said = polaris('project', run)
  t.equal(said.code, 0, said.err)
  t.match(said.err, /rebuilt in .*: moved/)
  t.match(said.err, /rows of away are no longer in .*: there is no /)
  t.match(said.err, /rows of broken are no longer in /)
  t.equal(polaris('project', moved!, '--check').code, 0)
  rmSync(broken!, { recursive: true })
})

t.test(
  'a line that DuckDB cannot parse is told, by SQL and by Parquet, and never passed over',
  async t => {
    const rows = (await recorded()).slice(0, -1)
    const halved = rows.map(row => {
      if (row.event.type !== 'TradePrinted') return row
      return { ...row, event: TYPES.TradePrinted.make({ ...row.event.data, id: 'a \ud83d' }) }
    })
    const count = 'SELECT sum(size_micro) FROM trades'
    const whole = await unsealed('whole', rows)
    t.equal(polaris('sql', whole, count).code, 0)
    const dir = await unsealed('halved', halved)
    t.equal(polaris('replay', dir).code, 0, 'every sum is right, and every other reader reads it')
    const said = polaris('sql', dir, count, '--json')
    t.match(said, { code: 2, json: { error: { code: 'query' } } })
    t.equal(polaris('project', dir, '--parquet').code, 2)
    t.notOk(existsSync(join(dir, 'parquet', 'trades.parquet')))
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
