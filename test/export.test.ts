import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import t from 'tap'
import { typeOf, type TypeName } from '#schemas/registry.js'
import { Dataset, filesOf } from '#cli/export/dataset.js'
import { hiveFeed } from '#cli/hive-feed.js'
import { rowsOf } from '#cli/runs.js'
import { drained } from '#engine/feeds/testing/drain.js'
import { polarisWarm as polaris, ROOT, starting } from './helpers/cli.js'

const DATA = process.env['POLARIS_DATA'] ?? resolve(ROOT, '..', 'shared', 'data')
const dir = t.testdir()
t.setTimeout(300_000)
const at = (name: string): string => join(dir, name)

/** A run with a lost feed, tick changes, resolutions, trades and orders of our own. */
const run = at('mixed')
polaris('run', '--source', 'sim:mixed', '--events', '9000', '--out', run, '--quiet')

/** What the feed of a run said, without its places among decisions. */
async function saidBy(of: string): Promise<string[]> {
  const all: string[] = []
  for await (const rows of rowsOf(of))
    for (const { tUs, event } of rows)
      if (typeOf(event.type).kind === 'feed') all.push(JSON.stringify([tUs, event]))
  return all
}

const head = (of: string, from: string): string =>
  String(polaris('import', 'hive', from, '--out', of, '--json').json['head'])

t.test('a dataset is read back to the same inputs, bit by bit', async t => {
  const { code, json } = polaris('export', run, '--format', 'hive', '--out', at('hive'), '--json')
  t.equal(code, 0)
  t.match(json, { source: 'sim:mixed', run: 'mixed' })
  const read = head(at('back'), at('hive'))
  t.same(await saidBy(at('back')), await saidBy(run))
  t.test('and an import that is exported has the same head again', async t => {
    polaris('export', at('back'), '--format', 'hive', '--out', at('again'), '--quiet')
    t.equal(head(at('back-again'), at('again')), read)
  })
  t.test(
    'so has one of a recording',
    { skip: existsSync(DATA) ? false : `no ${DATA}` },
    async t => {
      const frames = join(DATA, 'polymarket-ws-frames-hash')
      const made = polaris('import', 'polymarket-frames', frames, '--out', at('frames'), '--json')
      polaris('export', at('frames'), '--format', 'hive', '--out', at('frames-hive'), '--quiet')
      t.equal(head(at('frames-back'), at('frames-hive')), made.json['head'])
    },
  )
})

t.test('what was recorded live is read back as well, whatever its clock', async t => {
  const child = starting('venue', 'mixed', '--speed', '10')
  t.teardown(() => child.kill('SIGKILL'))
  const base = await new Promise<string>(resolve =>
    child.stdout?.on('data', chunk => {
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(String(chunk))?.[0]
      if (url !== undefined) resolve(url)
    }),
  )
  const live = at('live')
  polaris('record', '--venue', base, '--duration', '2s', '--out', live, '--quiet')
  const { json } = polaris('export', live, '--format', 'hive', '--out', at('live-hive'), '--json')
  t.match(json, { source: 'polymarket', mode: 'import', clock: 'wall' })
  head(at('live-back'), at('live-hive'))
  const said = await saidBy(live)
  t.ok(said.length > 100)
  t.same(await saidBy(at('live-back')), said)
  const folders = readdirSync(at('live-hive/book_snapshots')).flatMap(date =>
    readdirSync(at(`live-hive/book_snapshots/${date}`)),
  )
  t.ok(folders.length > 2)
  for (const folder of folders) t.match(folder, /^token=polymarket-\d{60,78}$/)
})

t.test('its folders name dates and tokens, its columns units', async t => {
  const dataset = await Dataset.open(dir)
  t.teardown(() => dataset.close())
  const [[token, date] = []] = await dataset.all(
    `SELECT token, CAST(date AS VARCHAR) FROM ${filesOf(at('hive'), 'trades')} ORDER BY seq LIMIT 1`,
  )
  t.match(date, /^\d{4}-\d\d-\d\d$/)
  const folder = at(`hive/trades/date=${String(date)}/token=${String(token)}`)
  t.ok(readdirSync(folder).length > 0)
  const [[wrong] = []] = await dataset.all(
    `SELECT count(*)::DOUBLE FROM ${filesOf(at('hive'), 'book_changes')} WHERE round(price * 1e4) <> price_1e4`,
  )
  t.equal(wrong, 0)
})

t.test('a dataset answers in SQL, several side by side', t => {
  const of = (dirs: readonly string[], query: string): unknown[][] =>
    polaris('sql', ...dirs, query, '--json').json['rows'] as unknown[][]
  const [own, hive] = [[run], [at('hive')]]
  for (const query of [
    'SELECT count(*), sum(size_micro), min(seq), max(t_us) FROM book_changes',
    "SELECT count(*), sum(size), min(seq) FROM book_snapshots WHERE side = 'bid'",
    'SELECT count(*), sum(size), count(DISTINCT trade_id) FROM trades',
  ])
    t.same(of(hive, query), of(own, query), query)
  const counted = of(own, 'SELECT type, count(*) FROM events GROUP BY 1 ORDER BY 1')
  t.same(
    of(hive, 'SELECT type, count(*) FROM decisions GROUP BY 1 ORDER BY 1'),
    counted.filter(([type]) => typeOf(type as TypeName).kind !== 'feed'),
  )
  // The touch as it moves: in the order of the log, no row without a move, the last one that of the view.
  const touch = 'SELECT token_id, last(bid_1e4 ORDER BY place) FROM quotes GROUP BY 1 ORDER BY 1'
  const seen =
    'SELECT token_id, last(best_bid_1e4 ORDER BY place) FROM (SELECT *, row_number() OVER () AS place FROM ticks) GROUP BY 1 ORDER BY 1'
  t.same(of(hive, touch), of(own, seen))
  t.same(
    of(
      hive,
      `SELECT count(*) > 100, count(*) FILTER (t_us < before), count(*) FILTER (bid_1e4 = bid AND ask_1e4 = ask) FROM (
        SELECT *, lag(t_us) OVER w AS before, lag(bid_1e4) OVER w AS bid, lag(ask_1e4) OVER w AS ask FROM quotes WINDOW w AS (PARTITION BY token_id ORDER BY place))`,
    ),
    [[true, 0, 0]],
  )
  t.match(of([...hive, at('live-hive')], 'SELECT DISTINCT run_id FROM inputs ORDER BY 1'), [
    ['hive'],
    ['live-hive'],
  ])
  t.equal(polaris('sql', ...hive, ...own, 'SELECT 1').code, 2)
  t.match(polaris('sql', ...hive, 'SELECT * FROM nothing', '--json').json, {
    error: { expected: /one of tokens, markets, book_changes/ },
  })
  t.end()
})

t.test(
  'a book event takes less than ten bytes',
  { skip: existsSync(DATA) ? false : `no ${DATA}` },
  t => {
    const dataset = at('tickscope-hive')
    const from = join(DATA, 'polymarket-tickscope-stanleycup')
    polaris('import', 'tickscope', from, '--out', at('tickscope'), '--quiet')
    const { rows } = polaris(
      'export',
      at('tickscope'),
      '--format',
      'hive',
      '--out',
      dataset,
      '--json',
    ).json as { rows: Record<string, number> }
    const events = (rows['book_changes'] ?? 0) + (rows['trades'] ?? 0)
    const files = readdirSync(dataset, { recursive: true, withFileTypes: true })
    const bytes = files
      .filter(file => file.isFile())
      .reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0)
    t.ok(events > 200_000)
    t.ok(bytes <= 10 * events, `${(bytes / events).toFixed(2)} bytes an event, all tables together`)
    t.end()
  },
)

t.test('what was changed in a dataset is found', async t => {
  const dataset = await Dataset.open(dir)
  t.teardown(() => dataset.close())
  const fault = async (name: string, table: string, change: string, words: RegExp) => {
    const copy = at(name)
    cpSync(at('hive'), copy, { recursive: true })
    rmSync(join(copy, table), { recursive: true })
    const folder = join(copy, table, 'date=2026-01-01')
    mkdirSync(folder, { recursive: true })
    await dataset.run(
      `COPY (SELECT ${change} FROM ${filesOf(at('hive'), table)}) TO '${folder}/data_0.parquet' (FORMAT parquet)`,
    )
    await t.rejects(drained(hiveFeed(copy)), { name: 'FeedFault', message: words }, name)
  }
  await fault('price', 'trades', '* REPLACE (20000 AS price_1e4)', /does not fit/)
  await fault('twice', 'trades', '* REPLACE (7 AS seq)', /is there twice|names token/)
  await fault('line', 'inputs', "* REPLACE (replace(line, 'sim', 'sym') AS line)", /cannot be read/)
  await fault('time', 'inputs', '* REPLACE (t_us + 1 AS t_us)', /not what its columns say/)
  await fault('token', 'book_changes', '* REPLACE (999 AS token_number)', /names token 999/)
  await fault('column', 'book_changes', '* EXCLUDE (side)', /side/)
  writeFileSync(join(at('price'), 'dataset.json'), '{"format":"other"}')
  t.throws(() => hiveFeed(at('price')), /no dataset of version 1/)
})

t.test('what cannot be exported is refused', async t => {
  const refused = (words: readonly string[], expected: RegExp): void => {
    const { code, err } = polaris('export', ...words)
    t.equal(code, 2)
    t.match(err, expected)
  }
  refused([run, '--format', 'csv'], /'csv' is no format/)
  refused([run], /is no format/)
  refused([run, '--format', 'hive', '--out', join(run, 'manifest.json')], /something already/)
  refused([run, '--format', 'nautilus', '--out', at('hive')], /something already/)
  refused([at('nothing'), '--format', 'hive'], /nothing/)
  const damaged = at('damaged')
  cpSync(run, damaged, { recursive: true })
  const segment = readdirSync(damaged).find(name => name.startsWith('events-')) ?? ''
  const bytes = readFileSync(join(damaged, segment))
  bytes[bytes.length >> 1]! ^= 1
  writeFileSync(join(damaged, segment), bytes)
  refused([damaged, '--format', 'hive', '--out', at('never')], /the log is damaged/)
  t.same(
    readdirSync(dir).filter(name => name.startsWith('never')),
    [],
    'and nothing is left',
  )
  t.match(polaris('import', 'hive', dir), { code: 2, err: /dataset/ })
})

t.test('an array of events is a ZIP that holds one array', async t => {
  const { json } = polaris('export', run, '--format', 'hftbacktest', '--out', at('hft'), '--json')
  const [asset] = json['assets'] as { file: string; events: number; tickSize: number }[]
  const zip = readFileSync(join(at('hft'), asset!.file))
  const end = zip.subarray(-22)
  t.equal(end.toString('latin1', 0, 4), 'PK\x05\x06')
  const entry = zip.subarray(end.readUInt32LE(16))
  const [packed, plain] = [entry.readUInt32LE(20), entry.readUInt32LE(24)]
  const data = inflateRawSync(zip.subarray(30 + 8, 30 + 8 + packed))
  t.equal(data.length, plain)
  const start = 10 + data.readUInt16LE(8)
  t.equal(start % 64, 0)
  t.match(data.toString('latin1', 10, start), new RegExp(`'shape': \\(${asset!.events},\\)`))
  t.equal(data.length - start, 64 * asset!.events)
  t.equal(data.readBigUInt64LE(start), BigInt(2 ** 31 + 2 ** 30 + 2 ** 29 + 3), 'bids are cleared')
})

// The packages themselves: where Python and they are there. `POLARIS_PYTHON` names another one than `python3`.
const python = process.env['POLARIS_PYTHON'] ?? 'python3'
const tools = (...words: readonly string[]) =>
  spawnSync(python, [join(ROOT, 'scripts', 'check-exports.py'), ...words], { encoding: 'utf8' })
const probe = tools()
const missing = probe.error ? `no ${python}` : probe.status === 77 ? probe.stdout.trim() : false

t.test(
  'DuckDB, Polars, hftbacktest and NautilusTrader read what is theirs',
  { skip: missing },
  async t => {
    polaris('export', run, '--format', 'nautilus', '--out', at('nautilus'), '--quiet')
    const { out } = polaris('book', run, '--depth', '0', '--json')
    writeFileSync(at('books.json'), out)
    const words = [at('hive'), at('hft'), at('nautilus')]
    const { status, stdout, stderr } = tools(...words, at('books.json'))
    t.equal(status, 0, stdout + stderr)
    const { books } = JSON.parse(stdout) as { books: number }
    t.ok(books > 10, `${books} books are the engine's`)
    const of = (format: string): string => {
      polaris('export', at('live'), '--format', format, '--out', at(`live-${format}`), '--quiet')
      return at(`live-${format}`)
    }
    writeFileSync(at('live.json'), polaris('book', at('live'), '--depth', '0', '--json').out)
    const live = tools(at('live-hive'), of('hftbacktest'), of('nautilus'), at('live.json'))
    t.equal(live.status, 0, live.stdout + live.stderr)
    writeFileSync(at('other.json'), out.replace(/"bids":\[\[(\d+),(\d+)\]/, '"bids":[[$1,1$2]'))
    const other = tools(...words, at('other.json'))
    t.equal(other.status, 1, 'and a book that differs is found')
    t.match(other.stdout, /another book in Nautilus.*another book in hftbacktest/)
  },
)
