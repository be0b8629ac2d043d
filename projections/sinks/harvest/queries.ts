import type { SampleKind } from '#projections/harvest/change.js'
import type { HarvestTableName } from '#projections/harvest/tables.js'
import { LAYOUTS } from './partitions.js'

/** A time in µs as the tables have it. */
export const isoSql = (us: string): string =>
  `strftime('%Y-%m-%dT%H:%M:%S', ${us} / 1000000, 'unixepoch') || printf('.%06dZ', ${us} % 1000000)`
const sourceSql = (ms: string): string =>
  `CASE ${ms} WHEN 0 THEN '' ELSE ${isoSql(`(${ms} * 1000)`)} END`
const known = (column: string, one: number): string =>
  `CASE WHEN ${column} < 0 THEN NULL ELSE ${column} / ${one}.0 END`
const MINUTE = "strftime('%Y-%m-%dT%H:%M:00.000000Z', minute / 1000000, 'unixepoch')"

const BOTH = 'bid > 0 AND ask < 10000'
const TOP = `token_id, market_id,
  CASE bid WHEN 0 THEN NULL ELSE bid / 10000.0 END AS best_bid,
  CASE ask WHEN 10000 THEN NULL ELSE ask / 10000.0 END AS best_ask,
  CASE WHEN ${BOTH} THEN (bid + ask) / 20000.0 END AS mid,
  CASE WHEN ${BOTH} THEN (ask - bid) / 10000.0 END AS spread,
  ${known('last', 10_000)} AS last_trade_price,
  ${sourceSql('source')} AS source_ts, ${isoSql('at')} AS captured_at`
const shares = (column: string, name: string): string => `${column} / 1000000.0 AS ${name}`
const DEPTH = `token_id, market_id,
  ${['bid', 'ask'].flatMap(side => [1, 2, 5].map(pct => shares(`${side}${pct}`, `${side}_depth_${pct}pct`))).join(', ')},
  CASE WHEN bid5 + ask5 > 0 THEN CAST(bid5 - ask5 AS REAL) / (bid5 + ask5) END AS imbalance,
  ${sourceSql('source')} AS source_ts, ${isoSql('at')} AS captured_at`
/** One row a level: of each book its bids, then its asks. */
const levels = (
  of: string,
): string => `SELECT s.at, s.of, s.source, d.side, CAST(e.key AS INTEGER) AS level,
  json_extract(e.value, '$[0]') AS price, json_extract(e.value, '$[1]') AS size
  FROM ${of} s CROSS JOIN (SELECT 'bid' AS side UNION ALL SELECT 'ask') d
  CROSS JOIN json_each(CASE d.side WHEN 'bid' THEN s.bids ELSE s.asks END) e`
const LEVELS = `token_id, market_id, side, price / 10000.0 AS price, size / 1000000.0 AS size, level AS level_index,
  ${sourceSql('source')} AS source_ts, ${isoSql('at')} AS captured_at`
const STATE = `market_id, active, closed, archived, ${known('spread', 1_000_000)} AS spread,
  ${known('liquidity', 1_000_000)} AS liquidity, ${known('volume', 1_000_000)} AS volume, ${isoSql('at')} AS captured_at`

const TOKENS = 'JOIN harvest_tokens k ON k.id = s.of'
/** The query over one partition or several, as the table shows it. */
const SHOWN: Readonly<Record<SampleKind, (from: string) => string>> = {
  top: from => `SELECT ${TOP} FROM ${from} s ${TOKENS}`,
  depth: from => `SELECT ${DEPTH} FROM ${from} s ${TOKENS}`,
  l2: from => `SELECT ${LEVELS} FROM (${levels(from)}) s ${TOKENS}`,
  state: from => `SELECT ${STATE} FROM ${from} s JOIN harvest_markets k ON k.id = s.of`,
}

/** Which kind of samples a table shows. */
export const KIND_OF: Readonly<Partial<Record<HarvestTableName, SampleKind>>> = {
  fact_quote_top_raw: 'top',
  fact_quote_depth_raw: 'depth',
  fact_orderbook_l2_raw: 'l2',
  fact_market_state_snapshot: 'state',
}

/** The samples of some partitions as their table shows them; of those from a time on (µs), where one is given. */
export function samplesSql(
  kind: SampleKind,
  partitions: readonly string[],
  fromUs?: number,
): string {
  const where = fromUs === undefined ? '' : ` WHERE at >= ${fromUs}`
  const columns = ['at', 'of', ...LAYOUTS[kind].columns].join(', ')
  const parts = partitions.map(name => `SELECT ${columns} FROM "${name}"${where}`)
  const none = `SELECT ${['at', 'of', ...LAYOUTS[kind].columns].map(column => `NULL AS ${column}`).join(', ')} WHERE 0`
  return SHOWN[kind](`(${parts.length === 0 ? none : parts.join(' UNION ALL ')})`)
}

/** The first or last of a price in a group: that with the least or greatest time. */
const atEnd = (which: 'min' | 'max', us: string, price: string): string =>
  `CAST(substr(${which}(printf('%017d', ${us}) || ${price}), 18) AS INTEGER) / 100000.0`

/** Queries over stored parts, by the name under which they are found. A minute may lie in two runs: both count. */
export const PART_QUERIES: Readonly<
  Record<'fact_quote_1m' | 'ops_api_health_minute' | 'view_quote_latest', string>
> = {
  fact_quote_1m: `SELECT token_id, ${MINUTE} AS bucket_minute, market_id,
    ${atEnd('min', 'open_us', 'open')} AS open, max(high) / 100000.0 AS high, min(low) / 100000.0 AS low,
    ${atEnd('max', 'close_us', 'close')} AS close,
    (sum(spread_sum) * 100 / sum(count)) / 1000000.0 AS avg_spread, min(spread_min) / 10000.0 AS min_spread,
    max(spread_max) / 10000.0 AS max_spread, sum(count) AS sample_count, ${isoSql('max(updated_us)')} AS updated_at
    FROM harvest_minutes m JOIN harvest_tokens k ON k.id = m.of GROUP BY minute, m.of`,
  ops_api_health_minute: `SELECT ${MINUTE} AS bucket_minute, source, status, count(*) AS runs,
    sum(status = 'error') AS error_runs, sum(latency) / count(*) AS avg_latency_ms,
    max(CASE WHEN place = (total * 95 + 99) / 100 THEN latency END) AS p95_latency_ms
    FROM (SELECT minute, source, status, e.value AS latency,
      row_number() OVER (PARTITION BY minute, source, status ORDER BY e.value) AS place,
      count(*) OVER (PARTITION BY minute, source, status) AS total
      FROM harvest_health, json_each(latencies) e)
    GROUP BY minute, source, status`.replace('AS bucket_minute', 'AS minute_bucket'),
  view_quote_latest: `SELECT ${TOP} FROM harvest_latest s ${TOKENS}`,
}
