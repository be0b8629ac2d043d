import * as t from 'io-ts'
import { Levels } from './levels.js'
import { keys } from './reasons.js'
import { Int, whole } from './units.js'

/** What collects, by the names that the earlier system gave its jobs. */
export const JOBS = [
  'tracking_sync',
  'metric_sync',
  'post_sync',
  'markets_discovery',
  'settlement_sync',
  'quote_top_sync',
  'quote_depth_sync',
  'orderbook_l2_sync',
  'mapping_sync',
  'agg_1m',
  'health_agg',
  'retention',
] as const
/** Codec of `JOBS`. */
export const Job = keys(JOBS, 'Job')
export type Job = t.TypeOf<typeof Job>

/**
 * What became of a collector's run: it brought something; its source said what it had said; a part failed; nothing came; slots of its interval
 * went by without a run.
 */
export const RUN_STATUSES = ['ok', 'unchanged', 'partial', 'error', 'missed'] as const
/** Codec of `RUN_STATUSES`. */
export const RunStatus = keys(RUN_STATUSES, 'RunStatus')
export type RunStatus = t.TypeOf<typeof RunStatus>

/** Who is asked by a collector. */
export const COLLECTED_FROM = ['xtracker', 'gamma', 'clob', 'internal'] as const
/** Codec of `COLLECTED_FROM`. */
export const CollectedFrom = keys(COLLECTED_FROM, 'CollectedFrom')
export type CollectedFrom = t.TypeOf<typeof CollectedFrom>

/** Where a sample of a book was taken: from the book that the market channel keeps, or from REST. */
export const BookOrigin = keys(['channel', 'rest'] as const, 'BookOrigin')
export type BookOrigin = t.TypeOf<typeof BookOrigin>

/** Why a request of a collector failed. */
export const FETCH_FAULTS = [
  'timeout',
  'network',
  'rate-limited',
  'server-error',
  'refused',
  'not-json',
  'unexpected-form',
  'stopped',
] as const
/** One of `FETCH_FAULTS`. */
export type FetchFault = (typeof FETCH_FAULTS)[number]

/** A market or a token among what is collected: the small integer that `MarketDescribed` introduced, within one run. */
export const Ref = whole('Ref', n => n >= 0 && n < 2 ** 31)

/** In rows, for a number that the source does not say. */
export const NOT_SAID = -1

/** Members of a row of `MarketStatesReported`, `QuotesSampled` and `DepthsSampled`. */
export const [STATE_ROW, QUOTE_ROW, DEPTH_ROW] = [7, 5, 8]

/** Codec of rows of whole numbers: stored `[[…],…]`, flat in memory, so that a batch is one array. */
function rowsOf(name: string, width: number) {
  return new t.Type<readonly number[], readonly (readonly number[])[], unknown>(
    name,
    (u): u is readonly number[] => Array.isArray(u) && u.length % width === 0,
    (u, context) => {
      if (!Array.isArray(u)) return t.failure(u, context)
      const flat: number[] = []
      for (const row of u as readonly unknown[]) {
        if (!Array.isArray(row) || row.length !== width) return t.failure(u, context)
        for (const n of row as readonly unknown[]) {
          if (!Number.isSafeInteger(n)) return t.failure(u, context)
          flat.push(Number(n))
        }
        if ((flat[flat.length - width] ?? -1) < 0) return t.failure(u, context)
      }
      return t.success(flat)
    },
    flat => {
      const rows: number[][] = []
      for (let i = 0; i < flat.length; i += width) rows.push(flat.slice(i, i + width))
      return rows
    },
  )
}

/** `[ref, active, closed, archived, spread, liquidity, volume]`: flags 0 or 1, amounts in 1e-6 $; −1: not said. */
export const StateRows = rowsOf('StateRows', STATE_ROW)
/** `[ref, bid, ask, last, at]`: 1e-4 $, bid 0 and ask 10000 where there is none, last −1 where not said; `at` ms, 0 where not said. */
export const QuoteRows = rowsOf('QuoteRows', QUOTE_ROW)
/** `[ref, bid1, bid2, bid5, ask1, ask2, ask5, at]`: 1e-6 share within 1, 2 and 5 % of the best of the side; `at` ms. */
export const DepthRows = rowsOf('DepthRows', DEPTH_ROW)

/** A time window over which the posts of an account are counted. */
export const Tracking = t.readonly(
  t.strict({
    id: t.string,
    title: t.string,
    starts: Int,
    ends: Int,
    active: t.boolean,
    link: t.string,
  }),
  'Tracking',
)
export type Tracking = t.TypeOf<typeof Tracking>

/** The posts of one day within a tracking. */
export const DayCount = t.readonly(
  t.strict({ id: t.string, tracking: t.string, day: Int, count: Int, total: Int }),
  'DayCount',
)
export type DayCount = t.TypeOf<typeof DayCount>

/** A post, and the very text that the source wrote of it. */
export const Post = t.readonly(
  t.strict({
    id: t.string,
    source: t.string,
    text: t.string,
    posted: Int,
    imported: Int,
    hash: t.string,
    raw: t.string,
  }),
  'Post',
)
export type Post = t.TypeOf<typeof Post>

/** One outcome of a market that is described. */
export const DescribedToken = t.readonly(
  t.strict({
    ref: Ref,
    id: t.string,
    outcome: t.string,
    index: Int,
    other: t.boolean,
    placeholder: t.boolean,
    tick: Int,
    minSize: Int,
  }),
  'DescribedToken',
)
export type DescribedToken = t.TypeOf<typeof DescribedToken>

/** The best levels of a book at one moment. */
export const SampledLevels = t.readonly(
  t.strict({ ref: Ref, at: Int, bids: Levels, asks: Levels }),
  'SampledLevels',
)
export type SampledLevels = t.TypeOf<typeof SampledLevels>
