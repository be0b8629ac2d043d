import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import t from 'tap'
import type { Recorded } from '#schemas/recorded.js'
import { viewNamed, VIEWS } from '../registry.js'
import { eventful } from '../testing/eventful.js'
import type { FileView } from '../view.js'
import { World } from '../world.js'
import type { RowSink } from './files.js'
import type { Kept } from './sqlite-comparing.js'
import { isKept, ViewDatabase } from './sqlite.js'

const { rows } = eventful([])
const run = (runId: string) => ({
  ...{ runId, mode: 'paper_live', parent: '', status: 'sealed', head: 'ab', lastSeq: rows.length },
  ...{ startedUs: 1_795_000_000_000_000, tag: 'mine', configDigest: 'cd' },
})

function foldInto(sink: RowSink, views: readonly FileView[], of: readonly Recorded[] = rows): void {
  const world = new World()
  const open = views.map(view => ({ view, fold: view.open('a') }))
  for (const row of of) {
    world.take(row)
    for (const { view, fold } of open) {
      fold.take(row, world)
      sink.put(view, fold.drain())
    }
  }
  for (const { view, fold } of open) sink.put(view, fold.rest(world))
}

async function written(
  file: string,
  runId = 'a',
  views: readonly FileView[] = VIEWS,
): Promise<void> {
  const db = await ViewDatabase.open(file)
  const replacing = db.replace(runId, views)
  foldInto(replacing, views)
  replacing.commit(run(runId))
  db.close()
}

async function compared(file: string, of: readonly Recorded[] = rows): Promise<readonly Kept[]> {
  const db = await ViewDatabase.open(file, { isReadonly: true })
  const comparing = db.compare('a', VIEWS)
  foldInto(comparing, VIEWS, of)
  const kept = comparing.end()
  db.close()
  return kept
}

const count = (file: string, table: string): unknown =>
  new Sqlite(file).prepare(`SELECT run_id, count(*) AS n FROM ${table} GROUP BY run_id`).all()

t.test('every tabular view of every run, whole numbers as whole numbers', async t => {
  const file = join(t.testdir(), 'polaris.db')
  await written(file)
  await written(file, 'b')
  const db = new Sqlite(file)
  t.equal(db.pragma('journal_mode', { simple: true }), 'wal')
  for (const { name } of VIEWS.filter(isKept)) {
    const columns = db.pragma(`table_xinfo(${name})`) as { name: string }[]
    t.equal(columns[0]?.name, 'run_id', name)
    const held = count(file, name) as { run_id: string; n: number }[]
    t.same(
      held.map(of => of.run_id),
      ['a', 'b'],
      name,
    )
    t.equal(held[0]?.n, held[1]?.n)
  }
  const types = 'SELECT DISTINCT typeof(total_micro) AS micro, typeof(total) AS dollars FROM pnl'
  t.same(db.prepare(types).all(), [{ micro: 'integer', dollars: 'real' }])
  const off = 'SELECT count(*) AS n FROM ticks WHERE abs(best_bid * 10000 - best_bid_1e4) > 1e-9'
  t.same(db.prepare(off).get(), { n: 0 })
  t.match(db.prepare('SELECT * FROM runs WHERE run_id = ?').get('b'), { head: 'ab', tag: 'mine' })
  t.match(db.prepare("SELECT * FROM run_views WHERE view = 'pnl'").all(), [{ version: 3 }, {}])
})

t.test('rebuilding a run replaces its rows and no others; giving up changes nothing', async t => {
  const file = join(t.testdir(), 'polaris.db')
  await written(file)
  await written(file, 'b')
  const before = count(file, 'ticks')
  await written(file)
  t.same(count(file, 'ticks'), before)
  const db = await ViewDatabase.open(file)
  const replacing = db.replace('a', VIEWS)
  foldInto(replacing, VIEWS, rows.slice(0, 50))
  replacing.abandon()
  db.close()
  t.same(count(file, 'ticks'), before)
})

t.test('a check finds a value that is changed, a row that is gone and one too many', async t => {
  const file = join(t.testdir(), 'polaris.db')
  await written(file)
  t.ok((await compared(file)).every(({ same }) => same))
  t.equal((await compared(file)).length, VIEWS.filter(isKept).length)
  const differs = async (): Promise<string[]> =>
    (await compared(file)).filter(({ same }) => !same).map(({ name }) => name)
  const change = (sql: string): void => {
    const db = new Sqlite(file)
    db.exec(sql)
    db.close()
  }
  change("UPDATE pnl SET fees_micro = fees_micro + 1 WHERE strategy = '*'")
  t.same(await differs(), ['pnl'])
  change('DELETE FROM ticks WHERE rowid = (SELECT max(rowid) FROM ticks)')
  t.same(await differs(), ['pnl', 'ticks'])
  change("INSERT INTO trades (run_id, ts_ms) VALUES ('a', 1)")
  t.same(await differs(), ['pnl', 'ticks', 'trades'])
  await written(file)
  t.same(await differs(), [])
  t.ok(
    (await compared(file, rows.slice(0, -40))).some(({ same }) => !same),
    'of a longer log',
  )
})

t.test('a view of another version is made anew, and who held it is stale', async t => {
  const file = join(t.testdir(), 'polaris.db')
  await written(file)
  await written(file, 'b')
  const now = viewNamed('trades')
  if (!now) throw new Error('no trades')
  const changed: FileView = { ...now, version: now.version + 1 }
  await written(file, 'b', [changed])
  const db = await ViewDatabase.open(file)
  t.same(
    db.stale(),
    ['a', 'b'],
    'one holds version 0, the other a version that this program does not write',
  )
  db.close()
  t.same(
    (count(file, 'trades') as { run_id: string }[]).map(of => of.run_id),
    ['b'],
  )
  await written(file, 'b')
  await written(file)
  const again = await ViewDatabase.open(file)
  t.same(again.stale(), [])
  again.close()
  t.same(
    (count(file, 'trades') as { run_id: string }[]).map(of => of.run_id),
    ['a', 'b'],
  )
})

t.test('another file is refused', async t => {
  const dir = t.testdir({ 'text.db': 'this is no database, and long enough to be told from one' })
  await t.rejects(ViewDatabase.open(join(dir, 'text.db')))
  const foreign = new Sqlite(join(dir, 'foreign.db'))
  foreign.exec('CREATE TABLE mine (a)')
  foreign.close()
  await t.rejects(ViewDatabase.open(join(dir, 'foreign.db')), /layout/)
})

t.test('views that were folded from another end of the log are stale, and differ', async t => {
  const file = join(t.testdir(), 'polaris.db')
  await written(file)
  const pnl = viewNamed('pnl')
  const db = await ViewDatabase.open(file)
  const replacing = db.replace('a', pnl ? [pnl] : [])
  replacing.commit({ ...run('a'), head: 'cd' })
  t.same(db.stale(), ['a'])
  db.close()
  const same = (await compared(file)).filter(of => of.same).map(({ name }) => name)
  t.same(same, [])
  await written(file)
  t.ok((await compared(file)).every(of => of.same))
})
