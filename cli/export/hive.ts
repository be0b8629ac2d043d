import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { allTypes } from '#schemas/registry.js'
import { Session } from '#projections/sinks/duckdb/session.js'
import { textOf } from '#projections/sinks/duckdb/text.js'
import { Refusal, type Call } from '../command.js'
import { runSources } from '../run-source.js'
import { PARTITIONS, TABLES, type TableName } from './hive-tables.js'
import { FOLDERS } from '../runs.js'

/** What a dataset says of itself, in `dataset.json`: whose inputs it holds. */
export interface DatasetFacts {
  readonly format: 'polaris-hive'
  readonly version: 1
  readonly run: string
  /** `RunStarted.source` of the run, and its mode. */
  readonly source: string
  readonly mode: string
  /** `event` or `wall`: a run by the machine's clock is more than what its feed said. */
  readonly clock: string
  /** Head of the run's log. */
  readonly head: string
  /** Rows of each table. */
  readonly rows: Readonly<Record<string, number>>
}

/** What a dataset says of itself, beside its tables. */
export const DATASET_FACTS = 'dataset.json'

/** Types of input that have a table of their own. */
const TABLED = ['BookChanged', 'BookSnapshot', 'TradePrinted']

/**
 * Writes what a run's feed said as a dataset of Parquet files that DuckDB, Polars, Spark and others read with hive partitioning. Nothing is
 * rounded and nothing left out: `hiveFeed` reads it back to the same inputs. The folder must be there, and empty; a damaged log is refused.
 */
export async function writeHive(dir: string, target: string, call: Call): Promise<DatasetFacts> {
  const verdict = await FOLDERS.verify(dir)
  if (verdict.status !== 'intact')
    throw new Refusal('damaged', `the log is ${verdict.status}`, dir, 'a run that verifies')
  const temporary = mkdtempSync(join(tmpdir(), 'polaris-export-'))
  try {
    const [source] = await runSources([dir], { views: ['ticks'], temporary, stop: call.stop })
    if (source === undefined) throw new Refusal('no-run', 'there is no run', dir, 'a run')
    const single = ['tokens', 'markets'].map(name => join(target, `${name}.parquet`))
    const session = await Session.open({
      ...{
        runs: [source],
        query: 'tokens markets events ticks',
        temporary,
        outs: single,
        outDir: `${target}/`,
      },
    })
    const rows: Record<string, number> = {}
    let clock = 'event'
    try {
      const started = await (await session.stream(CLOCK)).getRows()
      clock = String(started[0]?.[0] ?? '') || 'event'
      for (const name of ['tokens', 'markets'])
        rows[name] = await session.parquet(
          `SELECT * EXCLUDE (run_id) FROM ${name}`,
          join(target, `${name}.parquet`),
        )
      for (const name of TABLES) {
        if (call.stop.aborted) throw new Refusal('stopped', 'it was stopped', target, 'patience')
        call.progress(`writing ${name}`)
        rows[name] = await session.dataset(SQL[name], join(target, name), PARTITIONS[name])
      }
    } finally {
      session.close()
    }
    const { mode, head, source: from } = source.facts
    const known = { format: 'polaris-hive', version: 1, run: source.runId } as const
    const facts: DatasetFacts = { ...known, source: from, mode, clock, head, rows }
    writeFileSync(join(target, DATASET_FACTS), `${JSON.stringify(facts, null, 2)}\n`)
    return facts
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

/** What a dataset says of itself; a Refusal where the folder holds none. */
export function datasetFacts(dir: string): DatasetFacts {
  const file = join(dir, DATASET_FACTS)
  let facts: unknown
  try {
    facts = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    throw new Refusal('no-dataset', `it cannot be read: ${words}`, file, "what 'export' wrote")
  }
  const isOurs =
    typeof facts === 'object' &&
    facts !== null &&
    'format' in facts &&
    facts.format === 'polaris-hive' &&
    'version' in facts &&
    facts.version === 1 &&
    'source' in facts &&
    typeof facts.source === 'string' &&
    'mode' in facts &&
    'clock' in facts
  // The members that are used have just been looked at.
  if (isOurs) return facts as DatasetFacts
  throw new Refusal('no-dataset', 'it is no dataset of version 1', file, "what 'export' wrote")
}

const DATE = `strftime(make_timestamp(t_us), '%Y-%m-%d') AS date`
/**
 * Venue's id and folder of each token by its number. The folder begins with the venue: ids of 77 digits alone would be read as numbers, which they
 * are too large for (Polars), and say nothing of whose they are.
 */
const TOKENS = `(SELECT token, any_value(token_id) AS token_id, any_value(venue) || '-' || any_value(token_id) AS folder FROM tokens GROUP BY token)`

const NUMBER = (pattern: string): string => `CAST(regexp_extract(line, '${pattern}', 1) AS BIGINT)`
const HEAD = `${NUMBER('^\\{"n":(\\d+)')} AS seq, ${NUMBER('"t":(\\d+)')} AS t_us`
const DOLLARS = (name: string): string => `CAST(${name} AS DECIMAL(9,0)) * 0.0001::DECIMAL(5,4)`

/** With the keys of tokens, in the order of the log. */
const keyed = (columns: string, from: string): string =>
  `SELECT ${columns}, ${DATE}, token_id, coalesce(folder, 'unknown') AS token FROM (${from}) x LEFT JOIN ${TOKENS} k ON x.token_number = k.token ORDER BY seq, place`

const LEVEL = `CASE side WHEN 0 THEN 'bid' WHEN 1 THEN 'ask' END AS side, price_1e4, CAST(${DOLLARS('price_1e4')} AS DOUBLE) AS price, size_micro`

const SNAPSHOT = `{"token":"BIGINT","bids":[["BIGINT"]],"asks":[["BIGINT"]],"lag":"BIGINT","unfit":"BIGINT"}`
const TRADE = `{"token":"BIGINT","side":"BIGINT","price":"BIGINT","size":"BIGINT","id":"VARCHAR","lag":"BIGINT"}`

const named = (type: string): string => `line LIKE '%"e":"${type}.1"%'`

/** Inputs without a table of their own: as they stand in the log. */
const REST = allTypes()
  .filter(({ kind, type }) => kind === 'feed' && !TABLED.includes(type))
  .map(({ name }) => textOf(name))
  .join(', ')
/** Inputs of all kinds. */
const FED = [
  ...new Set(
    allTypes()
      .filter(({ kind }) => kind === 'feed')
      .map(({ type }) => textOf(type)),
  ),
].join(', ')
const NAME = `regexp_extract(line, '"e":"([A-Za-z]+\\.\\d+)"', 1)`

const CLOCK = `SELECT regexp_extract(line, '"clock":"([a-z]+)"', 1) FROM log_text WHERE line LIKE '{"n":1,%' LIMIT 1`

const SQL: Readonly<Record<TableName, string>> = {
  book_changes: keyed(
    `seq, place, t_us, t_us - lag_us AS venue_us, lag_us, token_number, ${LEVEL}, venue_bid_1e4, venue_ask_1e4`,
    `SELECT seq, t_us, lag_us, place, m[1] AS token_number, m[2] AS side, m[3] AS price_1e4, m[4] AS size_micro, m[5] AS venue_bid_1e4, m[6] AS venue_ask_1e4
     FROM (SELECT n AS seq, t AS t_us, l AS lag_us, unnest(range(len(d))) AS place, unnest(d) AS m FROM log_numbers WHERE e = 'BookChanged.1')`,
  ),
  // An empty book has one row without a level, so that it is told from none.
  book_snapshots: keyed(
    `seq, place, t_us, t_us - lag_us AS venue_us, lag_us, token_number, unfit, ${LEVEL}`,
    `SELECT seq, t_us, lag_us, unfit, token_number, place, m[1] AS side, m[2] AS price_1e4, m[3] AS size_micro
     FROM (SELECT *, unnest(range(greatest(len(levels), 1))) AS place, unnest(CASE WHEN len(levels) = 0 THEN [NULL] ELSE levels END) AS m FROM (
       SELECT seq, t_us, j.lag AS lag_us, j.unfit AS unfit, j.token AS token_number,
         list_concat(list_transform(j.bids, lambda l: [0, l[1], l[2]]), list_transform(j.asks, lambda l: [1, l[1], l[2]])) AS levels
       FROM (SELECT ${HEAD}, json_transform(line, '${SNAPSHOT}') AS j FROM log_text WHERE ${named('BookSnapshot')})))`,
  ),
  trades: keyed(
    `seq, t_us, t_us - lag_us AS venue_us, lag_us, token_number, CASE side WHEN 0 THEN 'buy' ELSE 'sell' END AS side, price_1e4, CAST(${DOLLARS('price_1e4')} AS DOUBLE) AS price, size_micro, trade_id`,
    `SELECT seq, 0 AS place, t_us, j.lag AS lag_us, j.token AS token_number, j.side AS side, j.price AS price_1e4, j.size AS size_micro, j.id AS trade_id
     FROM (SELECT ${HEAD}, json_transform(line, '${TRADE}') AS j FROM log_text WHERE ${named('TradePrinted')})`,
  ),
  inputs: `SELECT ${HEAD}, ${NAME} AS type, line, ${DATE.replace('t_us', NUMBER('"t":(\\d+)'))} FROM log_text
    WHERE ${NAME} IN (${REST}) ORDER BY seq`,
  decisions: `SELECT seq, t_us, cause, CAST(data AS VARCHAR) AS data, ${DATE}, type FROM events WHERE type NOT IN (${FED}) ORDER BY seq`,
  quotes: `SELECT place, t_us, bid_1e4, ask_1e4, ${DATE}, token_id, coalesce(folder, 'unknown') AS token FROM (
      SELECT *, lag((bid_1e4, ask_1e4)) OVER (PARTITION BY token_id ORDER BY place) AS before FROM (
        SELECT ts_recv_us AS t_us, token_id, best_bid_1e4 AS bid_1e4, best_ask_1e4 AS ask_1e4, row_number() OVER () AS place FROM ticks))
    LEFT JOIN ${TOKENS} USING (token_id) WHERE before IS DISTINCT FROM (bid_1e4, ask_1e4) ORDER BY place`,
}
