import { DEPTH_ROW, QUOTE_ROW, type BookOrigin } from '#schemas/harvest.js'
import { DepthsSampled, LevelsSampled, QuotesSampled } from '#schemas/events/harvest.js'
import { PRICE_MAX, sumOf } from '#schemas/units.js'
import type { FeedEvent } from '#engine/feeds/feed.js'
import type { SampledBook } from '../ports.js'
import type { Collector, Context } from './job.js'
import type { Outcome } from './outcome.js'

/** Most rows of one event; of whole levels fewer. */
const [ROWS_MAX, BOOKS_MAX] = [500, 50]
const ORIGINS: readonly BookOrigin[] = ['channel', 'rest']
/** How far from the best of its side a level may be, in percent. */
const DEPTHS = [1, 2, 5]

type Row = readonly [ref: number, book: SampledBook]

/** Best prices. */
export const quoteTopSync = sampling('quote_top_sync', {
  rowsMax: ROWS_MAX,
  rowsOf: ({ rows }) => rows / QUOTE_ROW,
  event: (from, books) => {
    const rows = books.flatMap(([ref, { bids, asks, last, atMs }]) => [
      ref,
      bids[0] ?? 0,
      asks[0] ?? PRICE_MAX,
      last,
      atMs,
    ])
    return { event: QuotesSampled.make({ from, rows }), rows: rows.length }
  },
})

/** What stands near the best prices. */
export const quoteDepthSync = sampling('quote_depth_sync', {
  rowsMax: ROWS_MAX,
  rowsOf: ({ rows }) => rows / DEPTH_ROW,
  event: (from, books) => {
    const rows = books.flatMap(([ref, { bids, asks, atMs }]) => [
      ref,
      ...DEPTHS.map(percent => depthOf(bids, percent, -1)),
      ...DEPTHS.map(percent => depthOf(asks, percent, 1)),
      atMs,
    ])
    return { event: DepthsSampled.make({ from, rows }), rows: rows.length }
  },
})

/** The best levels. A row of the table is one level. */
export const orderbookL2Sync = sampling('orderbook_l2_sync', {
  rowsMax: BOOKS_MAX,
  rowsOf: ({ rows }) => rows,
  event: (from, all, { settings }) => {
    const most = 2 * settings.levels
    const books = all.map(([ref, { bids, asks, atMs }]) => ({
      ref,
      at: atMs,
      bids: bids.slice(0, most),
      asks: asks.slice(0, most),
    }))
    const rows = books.reduce((sum, { bids, asks }) => sum + (bids.length + asks.length) / 2, 0)
    return { event: LevelsSampled.make({ from, books }), rows }
  },
})

/** Shares within so many percent of the best price of a side: a price on the very bound counts. */
export function depthOf(side: readonly number[], percent: number, way: 1 | -1): number {
  const best = side[0]
  if (best === undefined) return 0
  let sum = 0
  for (let i = 0; i < side.length; i += 2) {
    if (((side[i] ?? 0) - best) * way * 100 > best * percent) break
    sum = sumOf(sum, side[i + 1] ?? 0)
  }
  return sum
}

interface Sampling {
  readonly rowsMax: number
  /** Rows of the table that an event is. */
  readonly rowsOf: (of: { readonly rows: number }) => number
  readonly event: (
    from: BookOrigin,
    books: readonly Row[],
    of: Context,
  ) => { readonly event: FeedEvent; readonly rows: number }
}

function sampling(
  job: 'quote_top_sync' | 'quote_depth_sync' | 'orderbook_l2_sync',
  { rowsMax, rowsOf, event }: Sampling,
): Collector {
  return {
    job,
    from: 'clob',
    run: async (of, out) => {
      const tokens = wantedTokens(of, out)
      const books = await of.books.sample([...tokens.keys()], out)
      const missing = tokens.size - books.size
      if (missing > 0) out.detail['missing'] = missing
      for (const from of originsIn(books)) {
        const rows: Row[] = [...tokens].flatMap(([token, ref]) => {
          const book = books.get(token)
          return book?.from === from ? [[ref, book] as const] : []
        })
        out.detail[from] = rows.length
        for (let k = 0; k < rows.length; k += rowsMax) {
          const said = event(from, rows.slice(k, k + rowsMax), of)
          out.say(said.event, rowsOf(said))
        }
      }
    },
  }
}

const originsIn = (
  books: ReadonlyMap<string, { readonly from: BookOrigin }>,
): readonly BookOrigin[] =>
  ORIGINS.filter(from => [...books.values()].some(book => book.from === from))

/** Tokens of the markets that are open, at most as many as are sampled; what is left out is said. */
function wantedTokens({ memory, settings }: Context, out: Outcome): ReadonlyMap<string, number> {
  const all = [...memory.markets.values()].flatMap(({ described, isOpen, isSettled }) =>
    isOpen && !isSettled ? described.tokens.map(({ id, ref }) => [id, ref] as const) : [],
  )
  if (all.length > settings.tokensMax) out.detail['leftOut'] = all.length - settings.tokensMax
  return new Map(all.slice(0, settings.tokensMax))
}
