import {
  appendFileSync,
  cpSync,
  readFileSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { ALL_VIEWS } from '#projections/registry.js'
import { LOG_TABLES } from '#projections/sinks/duckdb/log-tables.js'
import { polarisWarm as polaris, ROOT, type Said } from './helpers/cli.js'

const dir = t.testdir()
const demo = join(dir, 'demo')
const other = join(dir, 'other')
const run = (out: string, ...words: string[]): Said =>
  polaris('run', '--source', 'sim:parity/4000', '--out', out, ...words)
run(demo, '--seed', '7')
run(other, '--seed', '8')

const ask = (query: string, ...dirs: string[]): Said =>
  polaris('sql', ...(dirs.length === 0 ? [demo] : dirs), query, '--json')
const rowsOf = (said: Said): unknown[][] => said.json['rows'] as unknown[][]

t.test('every event is there once, with its fields under full names', async t => {
  const { lastSeq } = polaris('verify', demo, '--json').json
  const counted = ask('SELECT count(*), count(DISTINCT seq), min(seq), max(seq) FROM events')
  t.equal(counted.code, 0)
  t.same(rowsOf(counted), [[lastSeq, lastSeq, 1, lastSeq]])
  const said = ask("SELECT data FROM events WHERE type = 'BookChanged' ORDER BY seq LIMIT 1")
  t.match(JSON.parse(String(rowsOf(said)[0]?.[0])), { changes: [[Number]] })
  const summary = polaris('summary', demo, '--json').json
  t.same(
    rowsOf(
      ask(
        'SELECT (SELECT count(*) FROM signals), (SELECT count(*) FROM orders), (SELECT count(*) FROM fills)',
      ),
    ),
    [[summary['signals'], summary['orders'], summary['fills']]],
  )
})

t.test('a row for each level change, in whole units and as a decimal', async t => {
  const said = ask(
    `SELECT (SELECT sum(json_array_length(data, '$.changes')) FROM events WHERE type = 'BookChanged')
      = (SELECT count(*) FROM book_changes),
      count(*) FILTER (price_1e4 <> price * 10000 OR size_micro <> size * 1000000) FROM book_changes`,
  )
  t.same(rowsOf(said), [[true, 0]])
})

t.test('views are read from their files, or folded where they are not there', async t => {
  const query = 'SELECT total_micro FROM pnl WHERE strategy = $$*$$'
  const folded = rowsOf(ask(query, other))
  polaris('project', other)
  t.same(rowsOf(ask(query, other)), folded)
  const { pnlMicro } = polaris('summary', other, '--json').json as {
    pnlMicro: Record<string, number>
  }
  t.same(folded, [[(pnlMicro['realised'] ?? 0) + (pnlMicro['open'] ?? 0)]])
  const both = rowsOf(
    ask('SELECT (SELECT count(*) FROM trades), (SELECT count(*) FROM views.trades)'),
  )
  t.equal(both[0]?.[0], both[0]?.[1], 'one is of the log, the other of the views')
})

t.test("the earlier system's tables are folded where a query names them", async t => {
  const exported = polaris(
    'arb-export',
    demo,
    '--table',
    'arb_trade_result',
    '--format',
    'json',
    '--json',
  )
  const { rows } = exported.json as { rows: { net_pnl_micro?: number; [name: string]: unknown }[] }
  t.ok(rows.length > 0)
  t.same(rowsOf(ask('SELECT count(*), count(DISTINCT trade_id) FROM arb_trade_result')), [
    [rows.length, rows.length],
  ])
  const [[last] = []] = rowsOf(
    ask(
      'SELECT balance_after_usd_micro FROM views.arb_cash_ledger ORDER BY created_at DESC LIMIT 1',
    ),
  )
  t.type(last, 'number')
  const cleaned = join(dir, 'cleaned', 'demo')
  cpSync(demo, cleaned, { recursive: true })
  polaris('arb-clean', cleaned, '--apply', '--runs-dir', join(dir, 'cleaned'))
  t.same(rowsOf(ask('SELECT count(*) FROM arb_trade_result', cleaned)), [[0]])
})

t.test('several runs are told apart by run_id', async t => {
  const said = ask('SELECT run_id, count(*) > 1000 FROM events GROUP BY 1 ORDER BY 1', demo, other)
  t.same(rowsOf(said), [
    ['demo', true],
    ['other', true],
  ])
  t.same(rowsOf(ask('SELECT run_id, status FROM runs ORDER BY 1', other, demo)), [
    ['demo', 'sealed'],
    ['other', 'sealed'],
  ])
})

t.test('a torn tail is not seen', async t => {
  const torn = join(dir, 'torn')
  cpSync(demo, torn, { recursive: true })
  const log = join(torn, 'events-000001.jsonl')
  const last = Number(rowsOf(ask('SELECT max(seq) FROM events'))[0]?.[0])
  truncateSync(log, statSync(log).size - 30)
  const whole = polaris('verify', torn, '--json').json['lastSeq'] ?? 0
  const until = (n: unknown): unknown[][] =>
    rowsOf(ask('SELECT max(seq), count(*) FROM events', String(n)))
  const { lastSeq } = polaris('verify', torn, '--json').json as { lastSeq: number }
  t.ok(lastSeq < last && whole === lastSeq)
  t.same(until(torn), [[lastSeq, lastSeq]])
  appendFileSync(
    log,
    '\n\0\0{"n":3,"t\nrubbish\n{"n":99999999,"t":1,"c":0,"e":"BookChanged.1","d":[[1,0',
  )
  t.same(until(torn), [[lastSeq, lastSeq]])
  t.equal(ask('SELECT sum(size_micro) > 0 FROM book_changes', torn).code, 0)
})

t.test('compressed segments are read like plain ones', async t => {
  const packed = join(dir, 'packed')
  cpSync(join(ROOT, 'engine', 'log', 'fixtures', 'packed'), packed, { recursive: true })
  const plain = join(dir, 'plain')
  cpSync(join(ROOT, 'engine', 'log', 'fixtures', 'vectors'), plain, { recursive: true })
  const query = 'SELECT seq, type, data FROM events ORDER BY seq'
  t.same(rowsOf(ask(query, packed)), rowsOf(ask(query, plain)))
  t.ok(rowsOf(ask(query, packed)).length > 3)
})

t.test('a run is only read, and nothing else', async t => {
  const log = join(demo, 'events-000001.jsonl')
  const before = readFileSync(log)
  for (const query of [
    `COPY (SELECT 1) TO '${log}'`,
    'CREATE TABLE mine (a INT)',
    'SET threads = 1',
    'SELECT 1; SELECT 2',
    "SELECT * FROM read_text('package.json')",
    `SELECT * FROM read_text('${join(demo, 'manifest.json')}')`,
    "ATTACH 'x.db'",
  ]) {
    const said = ask(query)
    t.equal(said.code, 2, query)
    t.match(said.json, { error: { code: 'query', message: /./ } })
  }
  t.same(readFileSync(log), before)
  t.same(
    readdirSync(demo).filter(name => /tmp|\.db/.test(name)),
    [],
  )
})

t.test('what is wrong is said once, with what would be right', async t => {
  const table = ask('SELECT * FROM signal')
  t.equal(table.code, 2)
  t.match(table.json, { error: { message: /signal does not exist/, expected: /signals/ } })
  t.match(ask('SELECT nothing FROM signals').json, { error: { message: /nothing/, expected: /./ } })
  t.equal(polaris('sql', demo, '--json').code, 2)
  t.equal(polaris('sql', demo, 'SELECT 1', '--format', 'parquet').code, 2)
  t.equal(polaris('sql', demo, 'SELECT 1', '--format', 'xml').code, 2)
  t.equal(polaris('sql', demo, 'SELECT 1', '--out', join(demo, 'x.csv')).code, 2)
  t.equal(ask('SELECT 1', join(dir, 'nowhere')).code, 2)
})

t.test('no rows: the answer is no', async t => {
  const said = ask('SELECT * FROM hard_stops')
  t.equal(said.code, 1)
  t.match(said.json, {
    columns: ['run_id', 'seq', 't_us', 'time', 'cause', 'why', 'detail'],
    rows: [],
  })
})

t.test('numbers stay exact', async t => {
  const said = ask(
    'SELECT 9007199254740991::BIGINT, 9007199254740993::BIGINT, 0.1::DECIMAL(18,6), 12345678901.123456::DECIMAL(18,6), [1, 2], NULL',
  )
  t.same(rowsOf(said), [
    [9007199254740991, '9007199254740993', 0.1, '12345678901.123456', [1, 2], null],
  ])
})

t.test('CSV, JSON and Parquet', async t => {
  const query =
    "SELECT type, count(*) AS n FROM events WHERE type IN ('RunStarted', 'RunEnded') GROUP BY 1 ORDER BY 1"
  t.equal(polaris('sql', demo, query, '--format', 'csv').out, 'type,n\nRunEnded,1\nRunStarted,1\n')
  const objects = polaris('sql', demo, query, '--format', 'json').out
  t.same(JSON.parse(objects), [
    { type: 'RunEnded', n: 1 },
    { type: 'RunStarted', n: 1 },
  ])
  const out = join(dir, 'fills.parquet')
  const said = polaris(
    'sql',
    demo,
    'SELECT * FROM book_changes',
    '--format',
    'parquet',
    '--out',
    out,
  )
  t.equal(said.code, 0)
  t.equal(readFileSync(out).subarray(0, 4).toString(), 'PAR1')
  const csv = join(dir, 'n.csv')
  polaris('sql', demo, query, '--format', 'csv', '--out', csv)
  t.equal(readFileSync(csv, 'utf8'), 'type,n\nRunEnded,1\nRunStarted,1\n')
})

t.test('docs/SQL.md lists every table with its columns', async t => {
  const docs = readFileSync(resolve(ROOT, 'docs', 'SQL.md'), 'utf8')
  const said = polaris(
    'sql',
    demo,
    `SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns
      WHERE table_name NOT LIKE 'log\\_%' ESCAPE '\\' ORDER BY ALL`,
    '--json',
  )
  const tables = new Map<string, string[]>()
  for (const [schema, table, column, type] of rowsOf(said)) {
    const name = schema === 'main' ? String(table) : `views.${String(table)}`
    tables.set(name, [...(tables.get(name) ?? []), `\`${String(column)}\` ${String(type)}`])
  }
  t.equal(
    tables.size,
    LOG_TABLES.length + 1 + ALL_VIEWS.filter(({ file }) => !file.endsWith('.toml')).length,
  )
  for (const [name, columns] of tables) {
    const part = docs.split(`### \`${name}\`\n`)[1]?.split('\n### ')[0] ?? ''
    const missing = columns.filter(column => !part.includes(column))
    t.same(missing, [], `${name} is in docs/SQL.md; 'npm run docs' writes it`)
  }
})

t.test('a path is data, never a pattern', async t => {
  for (const name of ['run[1]', 'run*', 'run?']) cpSync(demo, join(dir, name), { recursive: true })
  cpSync(other, join(dir, 'run1'), { recursive: true })
  const facts = 'SELECT count(*), sum(t_us) FROM events'
  const views = 'SELECT total_micro FROM pnl WHERE strategy = $$*$$'
  for (const query of [facts, views]) {
    const wanted = rowsOf(ask(query, demo))
    for (const name of ['run[1]', 'run*', 'run?'])
      t.same(rowsOf(ask(query, join(dir, name))), wanted, name)
  }
})

t.test('two columns of one name are two columns in every format', async t => {
  const query = 'SELECT 1 AS a, 2 AS a, 3 AS a_1'
  t.same(ask(query).json['columns'], ['a', 'a_2', 'a_1'])
  t.match(polaris('sql', demo, query, '--format', 'json').out, /"a":1,"a_2":2,"a_1":3/)
  t.match(polaris('sql', demo, query, '--format', 'csv').out, /^a,a_2,a_1\r?\n1,2,3/)
})

t.test('a line that is no JSON is not passed over', async t => {
  const broken = join(dir, 'broken')
  cpSync(demo, broken, { recursive: true })
  const segment = join(broken, 'events-000001.jsonl')
  const text = readFileSync(segment, 'utf8')
  const at = text.indexOf('"question":"') + '"question":"'.length
  writeFileSync(segment, `${text.slice(0, at)}\\ud800${text.slice(at + 6)}`)
  const said = ask('SELECT count(*) FROM markets', broken)
  t.equal(said.code, 2)
})
