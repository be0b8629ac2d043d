import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { textOf } from '#projections/sinks/duckdb/text.js'
import { Refusal, type Call } from '../command.js'
import { Dataset, filesOf } from './dataset.js'
import { writeHive, type DatasetFacts } from './hive.js'

/** A token as it was listed. */
export interface ExportToken {
  readonly number: number
  readonly key: string
  readonly outcome: string
  readonly venue: string
  readonly market: string
  readonly question: string
  /** The finest tick that it had, 1e-4 dollar. */
  readonly tick: number
  /** 1e-6 share. */
  readonly minSize: number
  readonly feeRateBps: number
  readonly feeExponent: number
  readonly listedUs: number
}

/**
 * Opens what a run's feed said as tables, token by token: `steps` has every row of a token's book and trades in the order of the log, with what
 * happened in `kind`: 0 the book is gone (a side that is cleared: `side` NULL for both), 1 a level of a whole book, 2 a level that changed, 3 a trade.
 *
 * A book that is not to be believed is no book: after a lost feed, a tick change, or something of it that was lost or does not fit it is cleared, and changes that come before
 * its next whole book are left out, as the engine does not trade at them.
 */
export async function withTokens<A>(
  dir: string,
  call: Call,
  work: (dataset: Dataset, tokens: readonly ExportToken[], facts: DatasetFacts) => Promise<A>,
): Promise<A> {
  const temporary = mkdtempSync(join(tmpdir(), 'polaris-tokens-'))
  try {
    const hive = join(temporary, 'hive')
    mkdirSync(hive)
    const facts = await writeHive(dir, hive, call)
    const dataset = await Dataset.open(temporary, join(temporary, 'steps.db'))
    try {
      for (const [name, columns] of Object.entries(COLUMNS))
        await dataset.run(
          (facts.rows[name] ?? 0) > 0
            ? `CREATE VIEW ${name} AS SELECT * FROM ${filesOf(hive, name)}`
            : `CREATE VIEW ${name} AS SELECT ${columns} WHERE false`,
        )
      for (const name of ['tokens', 'markets'])
        await dataset.run(
          `CREATE VIEW ${name} AS SELECT * FROM read_parquet(${textOf(join(hive, `${name}.parquet`))})`,
        )
      await dataset.run(DARK)
      await dataset.run(STEPS)
      return await work(dataset, await tokensOf(dataset), facts)
    } finally {
      dataset.close()
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

/** Rows of `steps` of one token. */
export const stepsOf = ({ number }: ExportToken): string =>
  `(SELECT ${STEP} FROM steps WHERE token_number = ${number})`

/** A name of a token or market that can be a file and part of an identifier. */
export const plain = (name: string): string => name.replace(/[^A-Za-z0-9_-]/g, '_')

/** Refuses to begin where two tokens would have one name. */
export function requireDistinct(names: readonly string[]): void {
  const double = names.find((name, k) => names.indexOf(name) !== k)
  if (double !== undefined)
    throw new Refusal('names', `two tokens would be called ${double}`, double, 'one name a token')
}

async function tokensOf(dataset: Dataset): Promise<ExportToken[]> {
  const rows = await dataset.all(`
    SELECT any_value(k.token)::DOUBLE, k.token_id, any_value(k.outcome), any_value(k.venue), any_value(k.market_id), any_value(k.question),
      least(min(k.tick_1e4), min(c.tick))::DOUBLE, any_value(m.min_size_micro)::DOUBLE, any_value(m.fee_rate_bps)::DOUBLE, any_value(m.fee_exponent)::DOUBLE, min(k.t_us)::DOUBLE
    FROM tokens k LEFT JOIN markets m USING (market)
    LEFT JOIN (SELECT CAST(line->>'token' AS BIGINT) AS token, min(CAST(line->>'to' AS BIGINT)) AS tick FROM inputs WHERE type = 'TickSizeChanged.1' GROUP BY ALL) c ON c.token = k.token
    GROUP BY k.token, k.token_id ORDER BY 1`)
  return rows.map(
    ([number, key, outcome, venue, market, question, tick, minSize, rate, exponent, us]) => ({
      ...{ number: Number(number), key: String(key), outcome: String(outcome) },
      ...{ venue: String(venue), market: String(market), question: String(question) },
      ...{ tick: Number(tick), minSize: Number(minSize), feeRateBps: Number(rate) },
      ...{ feeExponent: Number(exponent), listedUs: Number(us) },
    }),
  )
}

const LEVELS = `NULL::BIGINT AS seq, NULL::BIGINT AS place, NULL::BIGINT AS t_us, NULL::BIGINT AS venue_us, NULL::BIGINT AS token_number, NULL::BIGINT AS unfit, NULL::VARCHAR AS side, NULL::BIGINT AS price_1e4, NULL::BIGINT AS size_micro, NULL::VARCHAR AS token`

/** Columns of the tables that may have no rows, and then no files. */
const COLUMNS = {
  book_changes: LEVELS,
  book_snapshots: LEVELS,
  trades: `${LEVELS}, NULL::VARCHAR AS trade_id`,
  inputs: 'NULL::BIGINT AS seq, NULL::BIGINT AS t_us, NULL::VARCHAR AS type, NULL::VARCHAR AS line',
} as const

/** Where a token's book is gone. */
const DARK = `CREATE TABLE dark AS
  SELECT seq, t_us, CAST(line->>'token' AS BIGINT) AS token_number FROM inputs WHERE type IN ('TickSizeChanged.1', 'BookIncomplete.1')
  UNION ALL
  SELECT DISTINCT seq, t_us, token_number FROM book_snapshots WHERE unfit > 0
  UNION ALL
  SELECT i.seq, i.t_us, k.token FROM inputs i JOIN tokens k ON k.seq < i.seq AND (k.feed IS NULL OR k.feed = i.line->>'feed') WHERE i.type = 'FeedLost.1'`

const STEP = 'seq, place, kind, t_us, venue_us, side, price_1e4, size_micro, trade_id'

/** Every token's steps, those of one token together: so that to read one is to read its part. */
const STEPS = `CREATE TABLE steps AS
  WITH levels AS (SELECT * FROM book_snapshots WHERE coalesce(unfit, 0) = 0),
  books AS (SELECT DISTINCT token_number, seq, t_us, venue_us FROM levels),
  gone AS (SELECT DISTINCT token_number, seq, t_us FROM dark),
  believed AS (
    SELECT c.* FROM book_changes c
    ASOF LEFT JOIN gone g ON c.token_number = g.token_number AND c.seq >= g.seq
    ASOF LEFT JOIN books b ON c.token_number = b.token_number AND c.seq >= b.seq
    WHERE g.seq IS NULL OR b.seq > g.seq)
  SELECT token_number, ${STEP} FROM (
    SELECT token_number, seq, -1 AS place, 0 AS kind, t_us, t_us AS venue_us, NULL AS side, 0 AS price_1e4, 0 AS size_micro, NULL AS trade_id FROM gone
    UNION ALL SELECT token_number, seq, -1, 0, t_us, venue_us, NULL, 0, 0, NULL FROM books
    UNION ALL SELECT token_number, seq, place, 1, t_us, venue_us, side, price_1e4, size_micro, NULL FROM levels WHERE side IS NOT NULL
    UNION ALL SELECT token_number, seq, place, 2, t_us, venue_us, side, price_1e4, size_micro, NULL FROM believed
    UNION ALL SELECT token_number, seq, 0, 3, t_us, venue_us, side, price_1e4, size_micro, trade_id FROM trades)
  ORDER BY token_number, seq, place`
