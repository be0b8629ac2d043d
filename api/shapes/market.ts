import Type, { type Static } from 'typebox'
import { Count, Dollars, orNull, Pair, PriceE4, SideName } from './common.js'

const Option = Type.Object({
  option_id: Type.String(),
  label: Type.String(),
  last_price: orNull(Dollars),
  last_ts: orNull(Count),
  token: Count,
  bid_e4: orNull(PriceE4),
  ask_e4: orNull(PriceE4),
  tradable: Type.Boolean(),
})

const facts = {
  market_id: Type.String(),
  title: Type.String(),
  status: Type.Union([Type.Literal('active'), Type.Literal('resolved')]),
  ends_at: orNull(Count),
  tags: Type.Array(Type.String()),
  last_updated: orNull(Count),
  market: Count,
  options: Type.Array(Option),
}

/** A market of the list. Times in ms. */
export const Market = Type.Object(facts)
export type Market = Static<typeof Market>

/** Price in 1e-4 dollar, size in 1e-6 share. */
const BookLevel = Pair

/** The book of a token, best first: price in 1e-4 dollar, size in 1e-6 share. */
export const Book = Type.Object({
  token: Count,
  label: Type.String(),
  bids: Type.Array(BookLevel),
  asks: Type.Array(BookLevel),
  tradable: Type.Boolean(),
  why: Type.Array(Type.String()),
  own: Type.Array(
    Type.Object({
      order: Type.String(),
      side: SideName,
      price_e4: PriceE4,
      left_micro: Count,
    }),
  ),
})
export type Book = Static<typeof Book>

/** A market with its books, its price so far and the markets that are like it. */
export const MarketPage = Type.Object({
  ...facts,
  seq: Count,
  sparkline: Type.Array(Type.Object({ ts: Count, price: Dollars }), {
    description: 'mid of the first outcome, at most 200 points',
  }),
  synonyms: Type.Array(
    Type.Object({
      market_id: Type.String(),
      title: Type.String(),
      why: Type.Union([Type.Literal('group'), Type.Literal('title')]),
      last_price: orNull(Dollars),
    }),
  ),
  books: Type.Array(Book),
})
export type MarketPage = Static<typeof MarketPage>

/** Liquidity over a stretch of the log: a column for each look, its levels by price; and what of ours rested there. */
export const Heatmap = Type.Object({
  token: Count,
  columns: Type.Array(
    Type.Object({
      seq: Count,
      t_us: Count,
      bid_e4: orNull(PriceE4),
      ask_e4: orNull(PriceE4),
      levels: Type.Array(BookLevel),
      own: Type.Array(BookLevel),
    }),
  ),
})
export type Heatmap = Static<typeof Heatmap>
