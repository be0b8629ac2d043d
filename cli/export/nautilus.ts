import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { textOf } from '#projections/sinks/duckdb/text.js'
import { Refusal, type Call } from '../command.js'
import type { Dataset } from './dataset.js'
import { plain, requireDistinct, stepsOf, withTokens, type ExportToken } from './tokens.js'

/** What was written for one token. */
interface Written {
  readonly instrument: string
  readonly deltas: number
  readonly trades: number
}

/**
 * Writes what a run's feed said as a NautilusTrader catalog: order book deltas, trades and instruments of each token, as its `ParquetDataCatalog`
 * reads them in builds of high precision (the default but on Windows). Names follow Nautilus's own adapter: `condition-token.POLYMARKET`.
 * Source: nautilus_trader 1.221.0, `persistence/catalog/parquet.py` and the files that it writes (2026-11-29).
 */
export async function writeNautilus(
  dir: string,
  target: string,
  call: Call,
): Promise<{ readonly tokens: readonly Written[] }> {
  return withTokens(dir, call, async (dataset, tokens) => {
    requireDistinct(tokens.map(instrumentOf))
    await dataset.run(LITTLE_ENDIAN)
    const written: Written[] = []
    for (const token of tokens) {
      if (call.stop.aborted) throw new Refusal('stopped', 'it was stopped', target, 'patience')
      call.progress(`writing ${token.key}`)
      written.push(await writeToken(dataset, token, target))
    }
    return { tokens: written }
  })
}

/** Identifier of a token at Nautilus. */
export const instrumentOf = ({ market, key, venue }: ExportToken): string =>
  `${plain(market)}-${plain(key)}.${plain(venue).toUpperCase()}`

/** Decimals of prices: those of the finest tick there is. */
const PRICE_DECIMALS = 4
const SIZE_DECIMALS = 6

async function writeToken(dataset: Dataset, token: ExportToken, target: string): Promise<Written> {
  const instrument = instrumentOf(token)
  const known = {
    instrument_id: instrument,
    price_precision: PRICE_DECIMALS,
    size_precision: SIZE_DECIMALS,
  }
  const write = (kind: string, metadata: object, query: string) =>
    writeTable(dataset, join(target, 'data', kind, instrument), { metadata, query })
  await write('binary_option', { class: 'BinaryOption' }, instrumentSql(token, instrument))
  const steps = stepsOf(token)
  const deltas = await write('order_book_delta', known, DELTAS(steps))
  const trades = await write('trade_tick', known, TRADES(steps))
  return { instrument, deltas, trades }
}

/** One file of a table, named after the first and last moment in it; none where it has no rows. Returns the number of rows. */
async function writeTable(
  dataset: Dataset,
  folder: string,
  { metadata, query }: { readonly metadata: object; readonly query: string },
): Promise<number> {
  const [[rows = 0, first = 0n, last = 0n] = []] = await dataset.all(
    `SELECT count(*)::DOUBLE, min(ts_init), max(ts_init) FROM (${query})`,
  )
  if (Number(rows) === 0) return 0
  mkdirSync(folder, { recursive: true })
  const [from, to] = [first, last].map(ns => moment(BigInt(String(ns))))
  const pairs = Object.entries(metadata).map(([name, value]) => `${name}: ${textOf(String(value))}`)
  const options = `FORMAT parquet, COMPRESSION zstd, KV_METADATA {${pairs.join(', ')}}`
  await dataset.run(
    `COPY (${query}) TO ${textOf(join(folder, `${from}_${to}.parquet`))} (${options})`,
  )
  return Number(rows)
}

/** `2026-11-29T13-00-00-000000000Z` of nanoseconds. */
function moment(ns: bigint): string {
  const seconds = new Date(Number(ns / 1_000_000_000n) * 1_000).toISOString().slice(0, 19)
  return `${seconds.replaceAll(':', '-')}-${String(ns % 1_000_000_000n).padStart(9, '0')}Z`
}

/**
 * Fixed-point numbers of 16 bytes, little end first, with 16 decimals. DuckDB has no such type, but writes a UUID as 16 bytes, big end first: digits
 * are turned around, then each pair of them.
 */
const LITTLE_ENDIAN = `CREATE MACRO fixed(raw) AS
  CAST(regexp_replace(reverse(lpad(lower(to_hex(CAST(raw AS HUGEINT))), 32, '0')), '(.)(.)', '\\2\\1', 'g') AS UUID)`

const NANOS = `CAST(coalesce(venue_us, t_us) * 1000 AS UBIGINT) AS ts_event, CAST(t_us * 1000 AS UBIGINT) AS ts_init`
const AMOUNTS = `fixed(price_1e4::HUGEINT * 1000000000000) AS price, fixed(size_micro::HUGEINT * 10000000000) AS size`

/** Clear 4, add 1 (of a snapshot, flag 32), update 2, delete 3; buy side 1, sell side 2; flag 128 closes an event. */
const DELTAS = (steps: string): string => `
  SELECT CAST(CASE WHEN kind = 0 THEN 4 WHEN kind = 1 THEN 1 WHEN size_micro = 0 THEN 3 ELSE 2 END AS UTINYINT) AS action,
    CAST(CASE side WHEN 'bid' THEN 1 WHEN 'ask' THEN 2 ELSE 0 END AS UTINYINT) AS side,
    ${AMOUNTS}, CAST(0 AS UBIGINT) AS order_id,
    CAST(CASE WHEN kind = 2 THEN 0 ELSE 32 END + CASE WHEN lead(seq) OVER (ORDER BY seq, place) IS DISTINCT FROM seq THEN 128 ELSE 0 END AS UTINYINT) AS flags,
    CAST(seq AS UBIGINT) AS sequence, ${NANOS}
  FROM ${steps} WHERE kind < 3 ORDER BY seq, place`

/** The venue's id of a trade where it fits (36 characters), else its place in the log: several trades share one transaction. */
const TRADES = (steps: string): string => `
  SELECT ${AMOUNTS}, CAST(CASE side WHEN 'buy' THEN 1 ELSE 2 END AS UTINYINT) AS aggressor_side,
    CASE WHEN length(trade_id) BETWEEN 1 AND 36 THEN trade_id ELSE 'seq-' || seq END AS trade_id, ${NANOS}
  FROM ${steps} WHERE kind = 3 AND size_micro > 0 ORDER BY seq`

function instrumentSql(token: ExportToken, instrument: string): string {
  const decimal = (n: number, decimals: number): string => (n / 10 ** decimals).toFixed(decimals)
  const ns = `CAST(${token.listedUs} AS UBIGINT) * 1000`
  const { feeRateBps, feeExponent, question, number } = token
  // Nautilus's fee is a share of the notional, which the venue's is not: it stands in `info`.
  const info = JSON.stringify({ feeRateBps, feeExponent, token: number })
  return `SELECT ${textOf(instrument)} AS id, ${textOf(plain(token.key))} AS raw_symbol, 'ALTERNATIVE' AS asset_class, '${token.venue === 'kalshi' ? 'USD' : 'USDC'}' AS currency,
    CAST(${PRICE_DECIMALS} AS UTINYINT) AS price_precision, CAST(${SIZE_DECIMALS} AS UTINYINT) AS size_precision,
    '${decimal(token.tick, PRICE_DECIMALS)}' AS price_increment, '${decimal(1, SIZE_DECIMALS)}' AS size_increment,
    CAST(0 AS UBIGINT) AS activation_ns, CAST(0 AS UBIGINT) AS expiration_ns, '0' AS maker_fee, '0' AS taker_fee,
    CAST(NULL AS VARCHAR) AS max_quantity, '${decimal(token.minSize, SIZE_DECIMALS)}' AS min_quantity,
    ${textOf(token.outcome)} AS outcome, ${textOf(question)} AS description, encode(${textOf(info)}) AS info,
    CAST(${ns} AS UBIGINT) AS ts_event, CAST(${ns} AS UBIGINT) AS ts_init`
}
