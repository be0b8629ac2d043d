import { ASK, BID, type Side } from '#schemas/levels.js'
import { PRICE_MAX } from '#schemas/units.js'
import { DISTRUSTS } from '#schemas/reasons.js'
import { TRUST_BITS } from '#engine/book/book.js'
import type { BookView } from '#engine/book/view.js'
import type { CatalogMarket, CatalogToken } from '#projections/desk/catalog.js'
import { similarTo } from '#projections/desk/similar.js'
import type { RunView } from '../run/run-view.js'
import type { Stage } from '../run/stage.js'
import type { Book, Heatmap, Market, MarketPage } from '../shapes/market.js'
import { NotFound } from './not-found.js'

/** A run behind one event, as answers look at it. */
export type Look = Pick<Stage, 'books' | 'moment'>

/** Points of a sparkline at most. */
const SPARKLINE_MAX = 200
/** Similar markets that are named. */
const SIMILAR_MAX = 12
/** Levels of a ladder that are shown where nobody says how many. */
export const DEPTH = 15
/** Columns and levels of a heat map at most. */
export const COLUMNS_MAX = 200
const HEAT_LEVELS = 60

/** Markets as they stood, most recently heard of or by number, with those that match first. */
export function marketsAt(
  view: RunView,
  look: Look,
  { limit, offset, search }: { limit: number; offset: number; search?: string | undefined },
): { items: Market[]; total: number } {
  const wanted = search?.toLowerCase()
  const all = view.catalog
    .marketsAt(look.moment.seq)
    .filter(
      ({ question, key }) =>
        wanted === undefined || `${question} ${key}`.toLowerCase().includes(wanted),
    )
  const items = all.slice(offset, offset + limit).map(market => marketOf(market, look))
  return { items, total: all.length }
}

/** One market with books, sparkline and similar ones. */
export function marketPage(
  view: RunView,
  look: Look,
  { id, depth }: { id: string; depth: number },
): MarketPage {
  const all = view.catalog.marketsAt(look.moment.seq)
  const market = all.find(({ key }) => key === id)
  if (!market) throw new NotFound(`there is no market '${id}'`, 'a market_id of /api/markets')
  const mids = view.activity.markets.get(market.market)?.mids.points ?? []
  const until = mids.filter(({ tUs }) => tUs <= look.moment.tUs)
  return {
    ...marketOf(market, look),
    seq: look.moment.seq,
    sparkline: until
      .slice(-SPARKLINE_MAX)
      .map(({ tUs, value }) => ({ ts: msOf(tUs), price: value / (2 * PRICE_MAX) })),
    synonyms: similarTo(market, all, SIMILAR_MAX).map(({ market: other, why }) => ({
      ...{ market_id: other.key, title: titleOf(other), why },
      last_price: other.outcomes[0] ? priceOf(look.books.view(other.outcomes[0].token)) : null,
    })),
    books: market.outcomes.map(token => bookAt(token, look, depth)),
  }
}

/** The book of a token as it stood, with what of ours is in it. */
export function bookAt(token: CatalogToken, { books, moment }: Look, depth: number): Book {
  const view = books.view(token.token)
  const bits = view ? books.distrustOf(token.token) : TRUST_BITS['no-snapshot']
  const own = [...moment.open.values()].filter(order => order.token === token.token)
  return {
    ...{ token: token.token, label: token.outcome },
    bids: levelsOf(view, BID, depth),
    asks: levelsOf(view, ASK, depth),
    tradable: bits === 0,
    why: DISTRUSTS.filter(reason => (bits & TRUST_BITS[reason]) !== 0),
    own: own.map(({ order, side, limit, size, filled }) => ({
      ...{ order, side: sideName(side), price_e4: limit },
      left_micro: Math.max(0, size - filled),
    })),
  }
}

/** Liquidity of a token between two events, in so many columns. */
export async function heatmap(
  view: RunView,
  of: { token: number; from: number; to: number; columns: number },
): Promise<Heatmap> {
  const { token, from, to } = of
  if (!view.catalog.tokens.has(token))
    throw new NotFound(`there is no token ${token}`, 'a token of a market')
  const step = Math.max(1, Math.ceil((to - from) / Math.min(of.columns, COLUMNS_MAX)))
  const columns: Heatmap['columns'] = []
  await view.along({ from, to, step }, ({ books, moment }) => {
    const book = books.view(token)
    const own = [...moment.open.values()].filter(order => order.token === token)
    columns.push({
      ...{ seq: moment.seq, t_us: moment.tUs, bid_e4: bidOf(book), ask_e4: askOf(book) },
      levels: [...levelsOf(book, BID, HEAT_LEVELS), ...levelsOf(book, ASK, HEAT_LEVELS)],
      own: own.map(({ limit, size, filled }) => [limit, Math.max(0, size - filled)]),
    })
  })
  return { token, columns }
}

/** Best prices, or nothing where there is no level. */
export const bidOf = (book: BookView | undefined): number | null =>
  book && book.bestBid > 0 ? book.bestBid : null
/** The other side of it. */
export const askOf = (book: BookView | undefined): number | null =>
  book && book.bestAsk < PRICE_MAX ? book.bestAsk : null

/** `buy` or `sell`. */
export const sideName = (side: Side): 'buy' | 'sell' => (side === BID ? 'buy' : 'sell')
/** Milliseconds of a time in µs. */
export const msOf = (tUs: number): number => Math.max(0, Math.floor(tUs / 1_000))
/** What a market is called. */
export const titleOf = ({ question, key }: { question: string; key: string }): string =>
  question === '' ? key : question

function marketOf(market: CatalogMarket, { books, moment }: Look): Market {
  const isResolved = market.resolved !== undefined && market.resolved.seq <= moment.seq
  const options = market.outcomes
    .filter(token => token.seq <= moment.seq)
    .map(token => {
      const book = books.view(token.token)
      const paid = isResolved ? market.resolved?.payouts.get(token.token) : undefined
      const heardUs = moment.health.updatedUs.get(token.token)
      return {
        ...{ option_id: token.key, label: token.outcome, token: token.token },
        last_price: paid === undefined ? priceOf(book) : paid / PRICE_MAX,
        last_ts: heardUs === undefined ? null : msOf(heardUs),
        ...{ bid_e4: bidOf(book), ask_e4: askOf(book) },
        tradable: book !== undefined && !isResolved && books.distrustOf(token.token) === 0,
      }
    })
  const heard = options.flatMap(({ last_ts }) => last_ts ?? [])
  return {
    ...{ market_id: market.key, title: titleOf(market), market: market.market, options },
    status: isResolved ? 'resolved' : 'active',
    ends_at: market.ends === undefined ? null : msOf(market.ends),
    tags: [market.venue, ...(market.group === '' ? [] : [market.group])],
    last_updated: heard.length === 0 ? null : Math.max(...heard),
  }
}

/** Mid in dollars where there are two sides, else the one there is. */
function priceOf(book: BookView | undefined): number | null {
  const [bid, ask] = [bidOf(book), askOf(book)]
  if (bid !== null && ask !== null) return (bid + ask) / (2 * PRICE_MAX)
  const one = bid ?? ask
  return one === null ? null : one / PRICE_MAX
}

function levelsOf(book: BookView | undefined, side: Side, depth: number): [number, number][] {
  const levels: [number, number][] = []
  book?.walk(side, (price, size) => {
    levels.push([price, size])
    return levels.length < depth
  })
  return levels
}
