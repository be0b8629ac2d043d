import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { Dataset } from '#cli/export/dataset.js'
import { polarisWarm as polaris, ROOT } from './helpers/cli.js'

const dir = t.testdir()
t.setTimeout(300_000)
const DATA = process.env['POLARIS_DATA'] ?? resolve(ROOT, '..', 'shared', 'data')
const DAY = join(DATA, 'polymarket-quotes-dinesh', 'quotes_2026-07-11.parquet')

const rowsOf = (run: string, query: string): unknown[][] =>
  polaris('sql', run, query, '--json').json['rows'] as unknown[][]

t.test('quotes of many markets are samples of a slow feed, poll by poll', async t => {
  const from = join(dir, 'quotes')
  mkdirSync(from)
  const dataset = await Dataset.open(dir)
  t.teardown(() => dataset.close())
  // In the order of markets, as their collector writes them; the newer file comes first by name.
  const file = (name: string, day: number): Promise<void> =>
    dataset.run(
      `COPY (SELECT * FROM (VALUES
        (TIMESTAMP '2026-07-${day} 00:01:00', 'a', 'sports', 0.40, 0.42), (TIMESTAMP '2026-07-${day} 00:03:00', 'a', 'sports', NULL, 0.001),
        (TIMESTAMP '2026-07-${day} 00:01:00', 'b', 'culture', 0.5, NULL), (TIMESTAMP '2026-07-${day} 00:03:00', 'b', 'culture', 0.6, 0.6),
        (TIMESTAMP '2026-07-${day} 00:03:00', 'c', 'sports', 0.00005, 0.6), (NULL, 'd', 'sports', 0.1, 0.2)
      ) v(ts, slug, category, bid, ask)) TO '${from}/${name}' (FORMAT parquet)`,
    )
  await file('quotes_a.parquet', 12)
  await file('quotes_b.parquet', 11)
  await dataset.run(
    `COPY (SELECT 'a' AS slug, 'Will it?' AS question) TO '${from}/markets.parquet' (FORMAT parquet)`,
  )
  const run = join(dir, 'run')
  const said = polaris('import', 'polymarket-quotes', from, '--out', run, '--json')
  t.equal(said.code, 0, said.err)
  t.match(said.json, {
    read: 12,
    skipped: [
      { reason: 'file of another kind', count: 1 },
      { reason: /begins before/, count: 1 },
      { reason: 'bid that is not below the ask', count: 2, first: 'quotes_b.parquet: row 4' },
      { reason: /finer than/, count: 2 },
      { reason: /without a time/, count: 2 },
    ],
  })
  t.same(
    rowsOf(
      run,
      `SELECT CAST(q.time AS VARCHAR), d.token_id, best_bid_1e4, best_ask_1e4, question, category, origin
       FROM quote_samples q JOIN described_tokens d USING (run_id, ref) ORDER BY q.time, 2 LIMIT 3`,
    ),
    [
      ['2026-07-11 00:01:00', 'a', 4_000, 4_200, 'Will it?', 'sports', 'rest'],
      ['2026-07-11 00:01:00', 'b', 5_000, null, '', 'culture', 'rest'],
      ['2026-07-11 00:03:00', 'a', null, 10, 'Will it?', 'sports', 'rest'],
    ],
  )
  const again = join(dir, 'again')
  t.equal(polaris('run', '--source', run, '--out', again, '--quiet').code, 0)
  t.equal(polaris('replay', again, '--verify').code, 0)
  t.equal(
    polaris(
      'import',
      'polymarket-quotes',
      join(from, 'markets.parquet'),
      '--out',
      join(dir, 'no'),
      '--json',
    ).code,
    2,
  )
})

const skip = existsSync(DAY)
  ? process.env['POLARIS_LONG']
    ? false
    : 'POLARIS_LONG=1 takes a recorded day'
  : `no ${DATA}`
t.test('a recorded day is in the log row by row', { skip }, async t => {
  const run = join(dir, 'day')
  polaris('import', 'polymarket-quotes', DAY, '--out', run, '--quiet')
  const dataset = await Dataset.open(dir)
  t.teardown(() => dataset.close())
  const truth = await dataset.all(
    `SELECT count(*)::DOUBLE, count(DISTINCT slug)::DOUBLE, count(DISTINCT ts)::DOUBLE, sum(round(bid * 10000))::DOUBLE, sum(round(ask * 10000))::DOUBLE
     FROM '${DAY}' WHERE coalesce(bid, 0) < coalesce(ask, 1)`,
  )
  const ours = rowsOf(
    run,
    'SELECT count(*)::DOUBLE, count(DISTINCT ref)::DOUBLE, count(DISTINCT t_us)::DOUBLE, sum(best_bid_1e4)::DOUBLE, sum(best_ask_1e4)::DOUBLE FROM quote_samples',
  )
  t.same(ours, truth)
  t.ok(Number(ours[0]?.[0]) > 5_000_000)
})
