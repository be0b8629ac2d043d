import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Recorded } from '#schemas/recorded.js'
import { Instruments } from '#engine/core/instruments.js'
import { Harvester } from '#engine/harvest/harvester.js'
import { HarvestMemory } from '#engine/harvest/memory.js'
import { VirtualClock } from '#engine/run/testing/virtual-clock.js'
import { harvestMarkdown } from '#projections/harvest/docs.js'
import { HarvestFold } from '#projections/harvest/fold.js'
import { HARVEST_TABLES, type HarvestTable } from '#projections/harvest/tables.js'
import { HarvestDatabase } from '#projections/sinks/harvest/database.js'
import { TwinSources } from '#twin/collected/sources.js'
import { ROOT } from './helpers/cli.js'
import { harvestSettings } from './helpers/harvest-settings.js'
import { twinHttp } from './helpers/twin-http.js'

const BEGIN_US = Date.UTC(2026, 10, 20, 3) * 1_000
const MINUTE = 60_000_000

/** Half an hour of collecting, as a log would hold it. */
async function recorded(): Promise<Recorded[]> {
  const clock = new VirtualClock(BEGIN_US)
  const twin = new TwinSources({ seed: 5, handles: ['elonmusk'], markets: 6, clock })
  const settings = harvestSettings()
  const harvester = new Harvester({
    http: twinHttp(twin, clock),
    clock,
    memory: new HarvestMemory(),
    settings,
  })
  const ends = new AbortController()
  const rows: Recorded[] = []
  const pump = (async () => {
    for await (const batch of harvester.feed.open({
      signal: ends.signal,
      instruments: new Instruments().opening(),
    }))
      for (const { tUs, event } of batch) rows.push({ seq: rows.length + 1, tUs, cause: 0, event })
  })()
  await clock.run({ untilUs: BEGIN_US + 30 * MINUTE, isOver: () => false })
  ends.abort()
  await pump
  return rows
}

const rows = await recorded()
const dir = t.testdir()

/** The tables of rows that are folded with cuts behind these. */
async function database(name: string, cuts: (k: number) => boolean): Promise<HarvestDatabase> {
  const db = await HarvestDatabase.open(join(dir, name))
  let fold = new HarvestFold('run')
  const progress = (lastSeq: number) => ({
    runId: 'run',
    startedUs: 1,
    lastSeq,
    head: '',
    state: fold.save(),
  })
  rows.forEach((row, k) => {
    fold.take(row)
    if (!cuts(k)) return
    db.apply(fold.drain(), progress(row.seq))
    fold = new HarvestFold('run', db.folded('run')?.state)
  })
  db.apply(fold.drain(), progress(rows.length))
  return db
}

const contentOf = (db: HarvestDatabase) =>
  HARVEST_TABLES.map((table: HarvestTable) => {
    const order = table.key.map(name => `"${name}"`).join(', ')
    return [
      table.name,
      db.db.prepare(`SELECT * FROM "${table.name}" ORDER BY ${order}`).all(),
    ] as const
  })

t.test('docs/harvest-tables.md says what the tables are', async t => {
  const flat = (text: string): string => text.replaceAll(/[ -]+/g, ' ')
  const page = readFileSync(join(ROOT, 'docs', 'harvest-tables.md'), 'utf8')
  t.ok(flat(page).includes(flat(harvestMarkdown()).trim()), 'npm run docs writes it')
})

t.test('every table has exactly the columns of its description', async t => {
  const db = await database('columns.db', () => false)
  for (const { name, columns } of HARVEST_TABLES as readonly HarvestTable[]) {
    const named = db.db.prepare(`SELECT name FROM pragma_table_info('${name}')`).all() as {
      name: string
    }[]
    t.same(
      named.map(({ name }) => name),
      columns.map(([column]) => column),
      name,
    )
  }
  t.equal(HARVEST_TABLES.length, 18, 'seventeen tables and a view')
  db.close()
})

t.test('every table is filled, and no key stands in it twice', async t => {
  const db = await database('filled.db', () => false)
  for (const { name, key } of HARVEST_TABLES as readonly HarvestTable[]) {
    const of = key.map(column => `"${column}"`).join(', ')
    const { all, once } = db.db
      .prepare(
        `SELECT (SELECT count(*) FROM "${name}") AS "all", (SELECT count(*) FROM (SELECT DISTINCT ${of} FROM "${name}")) AS once`,
      )
      .get() as { all: number; once: number }
    if (name !== 'fact_settlement') t.ok(all > 0, `${name} has rows`)
    t.equal(all, once, name)
  }
  db.close()
})

t.test(
  'any cut of the log gives the same tables, and what is folded twice is there once',
  async t => {
    const whole = await database('whole.db', () => false)
    const cut = await database('cut.db', k => k % 37 === 0)
    const wanted = contentOf(whole)
    for (const [k, [name, content]] of contentOf(cut).entries())
      t.strictSame(content, wanted[k]![1], name)
    const fold = new HarvestFold('run')
    for (const row of rows) fold.take(row)
    cut.apply(fold.drain(), { runId: 'run' })
    for (const [k, [name, content]] of contentOf(cut).entries())
      t.strictSame(content, wanted[k]![1], `${name}, twice`)
    whole.close()
    cut.close()
  },
)

t.test('a write that fails changes nothing', async t => {
  const db = await database('failing.db', () => false)
  const before = contentOf(db)
  const rowsBefore = before.map(([, content]) => content.length)
  t.throws(() =>
    db.apply(
      [
        { tag: 'row', table: 'ops_cursor', cells: ['k', 'v', '{}', ''] },
        {
          tag: 'sample',
          kind: 'top',
          tUs: BEGIN_US + 40 * 86_400_000_000,
          of: 'nobody',
          numbers: [1, 2, 3, 4],
        },
      ],
      { runId: 'run' },
    ),
  )
  t.same(
    contentOf(db).map(([, content]) => content.length),
    rowsBefore,
  )
  db.apply([{ tag: 'row', table: 'ops_cursor', cells: ['k', 'v', '{}', ''] }], { runId: 'run' })
  t.equal(contentOf(db).find(([name]) => name === 'ops_cursor')![1].length, rowsBefore[16]! + 1)
  db.close()
})

t.test('raw samples go by whole days; what is made of them stays', async t => {
  const db = await database('old.db', () => false)
  const count = (table: string) =>
    (db.db.prepare(`SELECT count(*) AS n FROM "${table}"`).get() as { n: number }).n
  const [bars, states] = [count('fact_quote_1m'), count('fact_market_state_snapshot')]
  t.same(db.dropBefore(BEGIN_US), [], 'the day itself stays')
  t.equal(db.dropBefore(BEGIN_US + 86_400_000_000).length, 3)
  t.equal(count('fact_quote_top_raw'), 0)
  t.equal(count('fact_orderbook_l2_raw'), 0)
  t.equal(count('fact_quote_1m'), bars)
  t.equal(count('fact_market_state_snapshot'), states)
  t.ok(count('view_quote_latest') > 0)
  db.close()
})

t.test('the quickest ways through a book give what its samples say', async t => {
  const db = await database('values.db', () => false)
  const [odd] = db.db
    .prepare(
      `SELECT * FROM fact_quote_top_raw q JOIN fact_orderbook_l2_raw l USING (token_id, source_ts)
       WHERE l.level_index = 0 AND l.price <> CASE l.side WHEN 'bid' THEN q.best_bid ELSE q.best_ask END LIMIT 1`,
    )
    .all()
  t.equal(odd, undefined, 'levels of a moment begin with its best prices')
  const bad = db.db
    .prepare(
      'SELECT * FROM fact_quote_depth_raw WHERE bid_depth_1pct > bid_depth_2pct OR ask_depth_2pct > ask_depth_5pct OR abs(imbalance) > 1',
    )
    .all()
  t.same(bad, [])
  const scores = db.db
    .prepare('SELECT min(match_score) AS least, count(*) AS n FROM bridge_market_tracking')
    .get() as { least: number; n: number }
  t.ok(scores.n > 0 && scores.least >= 0.4)
  t.ok(existsSync(join(dir, 'values.db')))
  db.close()
})
