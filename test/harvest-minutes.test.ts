import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import t from 'tap'
import { CollectorRan, MarketDescribed, QuotesSampled } from '#schemas/events/harvest.js'
import type { Event } from '#schemas/registry.js'
import { ABSENT, recording } from '#engine/feeds/testing/recordings.js'
import type { Change } from '#projections/harvest/change.js'
import { HarvestFold } from '#projections/harvest/fold.js'
import { HarvestDatabase } from '#projections/sinks/harvest/database.js'

/** Best prices of every market of a day, each two minutes. POLARIS_HARVEST_QUOTES=all takes all 5.6 million; else every eighth market. */
const QUOTES = recording('polymarket-quotes-dinesh/quotes_2026-07-11.parquet')
const EVERY = process.env['POLARIS_HARVEST_QUOTES'] === 'all' ? 1 : 8
/** The day goes twenty times as fast, so that a minute holds about ten samples of each market. */
const FASTER = 20
const MINUTE_US = 60_000_000
const ROWS_MAX = 500

/** The quotes as whole numbers, with a time that goes faster. */
const SOURCE = `SELECT begin_us + (epoch_us(ts) - begin_us) // ${FASTER} AS us, slug,
  CAST(round(coalesce(bid, 0) * 10000) AS INTEGER) AS bid, CAST(round(coalesce(ask, 1) * 10000) AS INTEGER) AS ask
  FROM '${QUOTES ?? ''}', (SELECT min(epoch_us(ts)) AS begin_us FROM '${QUOTES ?? ''}') WHERE hash(slug) % ${EVERY} = 0`

t.test(
  'fact_quote_1m is what SQL makes of the same quotes',
  { skip: QUOTES === undefined ? ABSENT : false, timeout: 600_000 },
  async t => {
    const dir = t.testdir()
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '1',
      preserve_insertion_order: 'true',
    })
    const sql = await instance.connect()
    await sql.run(`CREATE TABLE quotes AS ${SOURCE}`)
    await sql.run(
      'CREATE TABLE refs AS SELECT slug, row_number() OVER (ORDER BY slug) AS ref FROM (SELECT DISTINCT slug FROM quotes)',
    )
    const db = await HarvestDatabase.open(join(dir, 'polaris.db'))
    const total = await fold(sql, db)
    t.ok(total > 500_000, `${total} quotes`)
    const csv = join(dir, 'bars.csv')
    writeBars(db, csv)
    db.close()
    await sql.run(`CREATE TABLE bars AS SELECT * FROM read_csv('${csv}', header = false, columns = {
    'ref': 'BIGINT', 'minute': 'TIMESTAMP', 'o': 'DOUBLE', 'h': 'DOUBLE', 'l': 'DOUBLE', 'c': 'DOUBLE', 'sa': 'DOUBLE', 'sl': 'DOUBLE', 'sh': 'DOUBLE', 'n': 'BIGINT'})`)
    await sql.run(`CREATE TABLE wanted AS SELECT ref, make_timestamp(us - us % ${MINUTE_US}) AS minute,
    arg_min((bid + ask) * 5, us) AS o, max((bid + ask) * 5) AS h, min((bid + ask) * 5) AS l, arg_max((bid + ask) * 5, us) AS c,
    (sum(ask - bid) * 100) // count(*) AS sa, min(ask - bid) AS sl, max(ask - bid) AS sh, count(*) AS n
    FROM quotes JOIN refs USING (slug) WHERE bid > 0 AND ask < 10000 GROUP BY ALL`)
    const [row] = await rowsOf(
      sql,
      `SELECT (SELECT count(*) FROM bars), (SELECT count(*) FROM wanted),
    (SELECT count(*) FROM bars b JOIN wanted w USING (ref, minute) WHERE b.n = w.n
      AND (round(b.o * 100000), round(b.h * 100000), round(b.l * 100000), round(b.c * 100000)) = (w.o, w.h, w.l, w.c)
      AND (round(b.sa * 1000000), round(b.sl * 10000), round(b.sh * 10000)) = (w.sa, w.sl, w.sh)),
    (SELECT max(n) FROM wanted)`,
    )
    const [bars, wanted, same, most] = row!.map(Number) as [number, number, number, number]
    t.ok(wanted > 25_000 && most >= 9, `${wanted} bars of up to ${most} samples`)
    t.equal(bars, wanted)
    t.equal(same, wanted)
    sql.closeSync()
    instance.closeSync()
  },
)

type Sql = Awaited<ReturnType<DuckDBInstance['connect']>>

async function rowsOf(sql: Sql, query: string): Promise<unknown[][]> {
  return (await sql.runAndReadAll(query)).getRows()
}

/** Folds the quotes as collectors would have recorded them, with bars told each minute; how many there were. */
async function fold(sql: Sql, db: HarvestDatabase): Promise<number> {
  const fold = new HarvestFold('minutes')
  let seq = 0
  let changes: Change[] = []
  const take = (tUs: number, event: Event): void => {
    fold.take({ seq: ++seq, tUs, cause: 0, event })
    // Quotes themselves are not what is looked at.
    for (const change of fold.drain())
      if (change.tag === 'minute' || change.tag === 'token') changes.push(change)
  }
  const write = (tUs: number): void => {
    take(tUs, aggregation(tUs))
    db.apply(changes, { runId: 'minutes', startedUs: 1, lastSeq: seq, head: '', state: '' })
    changes = []
  }
  for (const [ref] of await rowsOf(sql, 'SELECT ref FROM refs ORDER BY ref'))
    take(0, described(Number(ref)))
  const result = await sql.stream(
    'SELECT CAST(us AS DOUBLE), CAST(ref AS INTEGER), bid, ask FROM quotes JOIN refs USING (slug) ORDER BY us, ref',
  )
  let [atUs, minute, total, rows]: [number, number, number, number[]] = [0, 0, 0, []]
  const flush = (): void => {
    if (rows.length > 0) take(atUs, QuotesSampled.make({ from: 'rest', rows }))
    rows = []
  }
  for (
    let chunk = await result.fetchChunk();
    chunk && chunk.rowCount > 0;
    chunk = await result.fetchChunk()
  ) {
    const [times, refs, bids, asks] = [0, 1, 2, 3].map(k => chunk.getColumnValues(k)) as [
      number[],
      number[],
      number[],
      number[],
    ]
    for (let i = 0; i < times.length; i++) {
      const tUs = times[i]!
      if (tUs !== atUs || rows.length >= 5 * ROWS_MAX) flush()
      atUs = tUs
      if (Math.floor(tUs / MINUTE_US) !== minute) {
        minute = Math.floor(tUs / MINUTE_US)
        write(tUs)
      }
      rows.push(refs[i]!, bids[i]!, asks[i]!, -1, 0)
      total++
    }
  }
  flush()
  write(atUs)
  return total
}

function writeBars(db: HarvestDatabase, file: string): void {
  const bars = db.db.prepare(
    'SELECT token_id, bucket_minute, open, high, low, close, avg_spread, min_spread, max_spread, sample_count FROM fact_quote_1m',
  )
  const lines: string[] = []
  for (const row of bars.raw().iterate() as IterableIterator<(string | number)[]>)
    lines.push(row.join(','))
  writeFileSync(file, lines.join('\n'))
}

const described = (ref: number): Event =>
  MarketDescribed.make({
    ...{
      ref: ref + 1_000_000,
      id: `${ref}`,
      condition: `0x${ref}`,
      question: '',
      slug: '',
      groupSlug: '',
      groupId: '',
    },
    ...{
      category: '',
      starts: 0,
      ends: 0,
      negRisk: false,
      augmented: false,
      resolution: '',
      updated: 0,
    },
    tokens: [
      {
        ref,
        id: `${ref}`,
        outcome: 'Yes',
        index: 0,
        other: false,
        placeholder: false,
        tick: 10,
        minSize: 0,
      },
    ],
  })

const aggregation = (tUs: number): Event =>
  CollectorRan.make({
    ...{
      job: 'agg_1m',
      from: 'internal',
      status: 'ok',
      http: 0,
      attempts: 0,
      rows: 0,
      latency: 0,
      error: '',
    },
    ...{
      message: '',
      started: tUs,
      interval: 60_000,
      slot: Math.floor(tUs / MINUTE_US),
      jitter: 0,
      missed: 0,
      detail: '{}',
    },
  })
