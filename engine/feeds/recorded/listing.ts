import { GroupListed, MarketListed, TokenListed } from '#schemas/events/market.js'
import { wellFormed } from '#schemas/text.js'
import { bps, price, shares } from '#schemas/units.js'
import type { Numbering } from '#engine/core/instruments.js'
import type { NamedOutcome } from '#engine/venues/venue.js'
import type { FeedEvent } from '../feed.js'
import { byLabel } from './market-meta.js'
import type { EventMeta, MarketMeta, TokenMeta } from './market-meta.js'

/** What an importer assumes of a market that nothing describes. */
export interface Guess {
  readonly venue: string
  /** Taker fee rate, bps, exponent 1. */
  readonly feeRate: number
  /** Tick, 1e-4 dollar. */
  readonly tick: number
  /** Smallest order, 1e-6 share; `MIN_SIZE_GUESS` where it is left out. */
  readonly minSize?: number
}

interface Known {
  readonly id: number
  readonly tokens: number[]
  readonly outcomes: (NamedOutcome & { readonly token: number })[]
}

/** The smallest order where nobody says: 5 shares, as on nearly every Polymarket market (1e-6 share). */
export const MIN_SIZE_GUESS = 5_000_000

/** The markets and tokens of one opening, under the numbers that the run gives them. */
export class Listing {
  markets = 0
  tokens = 0
  private readonly marketIds = new Map<string, Known>()
  private readonly tokenIds = new Map<string, number>()
  private readonly instruments: Numbering

  constructor(instruments: Numbering) {
    this.instruments = instruments
  }

  /** Who speaks, for `FeedLost`: the feed's name in a run of several, else its kind. */
  named(kind: string): string {
    return this.instruments.feed === '' ? kind : this.instruments.feed
  }

  /** The small id of a token; undefined where it was not introduced. */
  token(key: string): number | undefined {
    return this.tokenIds.get(key)
  }

  /** A market's small id and tokens by outcome index; undefined where it was not introduced. */
  market(key: string): Readonly<{ id: number; tokens: readonly number[] }> | undefined {
    return this.marketIds.get(key)
  }

  /** The outcomes of a market by index: the venue's id, its label, and the token; none where it was not introduced. */
  outcomesOf(key: string): Known['outcomes'] {
    return this.marketIds.get(key)?.outcomes ?? []
  }

  /** Introduces a market and all tokens that its description names. What it leaves open is guessed, and said so. */
  introduce(meta: MarketMeta, guess: Guess, say: (event: FeedEvent) => void): void {
    if (this.marketIds.has(meta.key)) return
    const isWhole =
      meta.minSize !== undefined &&
      meta.feeRate !== undefined &&
      meta.tokens.length > 0 &&
      meta.tokens.every(({ tick }) => tick !== undefined)
    const venue = meta.venue ?? guess.venue
    const { id, isFirst } = this.instruments.market(venue, meta.key)
    this.markets++
    this.marketIds.set(meta.key, { id, tokens: [], outcomes: [] })
    const listed = MarketListed.make({
      market: id,
      venue,
      key: wellFormed(meta.key),
      question: wellFormed(meta.question ?? ''),
      group: wellFormed(meta.group ?? ''),
      negRisk: meta.negRisk ?? false,
      minSize: shares(meta.minSize ?? guess.minSize ?? MIN_SIZE_GUESS),
      feeRate: bps(meta.feeRate ?? guess.feeRate),
      feeExponent: meta.feeExponent ?? 1,
      inferred: !isWhole,
      ...this.own,
      ...(meta.protocol !== undefined && { protocol: wellFormed(meta.protocol) }),
      ...(meta.endsUs !== undefined && { ends: meta.endsUs }),
    })
    if (isFirst) say(listed)
    for (const token of byLabel(meta.tokens)) this.add(meta.key, token, guess.tick, say)
    if (meta.event) this.group(meta.event, say)
  }

  /** Says which markets of an event are here by now. */
  group({ key, title, exclusive, growing, markets }: EventMeta, say: (event: FeedEvent) => void) {
    const known = markets.flatMap(market => this.marketIds.get(market)?.id ?? [])
    const named = { group: wellFormed(key), title: wellFormed(title ?? '') }
    const facts = { ...named, exclusive, growing }
    say(GroupListed.make({ ...facts, outcomes: markets.length, markets: known }))
  }

  /** Introduces one more token of a known market, under the next outcome index. */
  add(marketKey: string, token: TokenMeta, tick: number, say: (event: FeedEvent) => void): void {
    const market = this.marketIds.get(marketKey)
    if (!market || this.tokenIds.has(token.key)) return
    const { id, isFirst } = this.instruments.token(market.id, token.key)
    this.tokens++
    this.tokenIds.set(token.key, id)
    const index = market.tokens.push(id) - 1
    market.outcomes.push({ key: token.key, outcome: wellFormed(token.outcome ?? ''), token: id })
    if (!isFirst) return
    say(
      TokenListed.make({
        token: id,
        market: market.id,
        index,
        key: wellFormed(token.key),
        outcome: wellFormed(token.outcome ?? ''),
        tick: price(token.tick ?? tick),
        ...this.own,
      }),
    )
  }

  private get own(): { feed?: string } {
    const { feed } = this.instruments
    return feed === '' ? {} : { feed }
  }
}
