import { TICKS, priceFrom, sizeFrom, tickHolding } from '../../decimal.js'
import { FeedFault } from '../../feed.js'
import type { FeedEvent } from '../../feed.js'
import { polymarket as venue } from '#engine/venues/polymarket/venue.js'
import type { HashFacts } from '#engine/venues/venue.js'
import type { Guess, Listing } from '../../recorded/listing.js'
import { byLabel, exactly, exponentFrom, rateFrom, tickFrom } from '../../recorded/market-meta.js'
import type { MarketMeta, Meta } from '../../recorded/market-meta.js'
import { maybeTextIn, objectIn, textIn, textsIn } from '../../recorded/wire.js'
import type { Wire } from '../../recorded/wire.js'

/**
 * Where no schedule is known the fee is the highest of the venue's current ones (crypto, 0.07): an unknown counts as
 * the worst case. Source: Polymarket fee documentation, 2026-10.
 */
const GUESS: Guess = { venue: 'polymarket', feeRate: venue.worstFees.feeRate, tick: 100 }

/** A token at first sight: what the message shows of its grid. */
interface Sighting {
  readonly market: string
  readonly key: string
  /** The tick that the message states. */
  readonly tick?: string | undefined
  /** A price of the message, to guess the tick by. */
  readonly sample?: string | undefined
  readonly where: string
}

/** The markets of an import: described beside the frames, or guessed from them at first sight. */
export class KnownMarkets {
  private readonly listing: Listing
  private readonly say: (event: FeedEvent) => void
  private readonly byKey = new Map<string, MarketMeta>()
  private readonly ticks = new Map<string, number>()

  constructor(listing: Listing, meta: Meta, say: (event: FeedEvent) => void) {
    this.listing = listing
    this.say = say
    for (const market of meta)
      this.byKey.set(market.key, merged(this.byKey.get(market.key), market))
  }

  /** The small id of a token; introduces it, and its market, at first sight. */
  token({ market, key, tick, sample, where }: Sighting): number {
    const known = this.listing.token(key)
    if (known !== undefined) return known
    if (!this.listing.market(market)) {
      const at = sample === undefined ? undefined : priceFrom(sample)
      const guessed = typeof at === 'number' ? tickHolding(GUESS.tick, at) : GUESS.tick
      this.ticks.set(market, tickFrom(tick, where) ?? guessed)
      this.list(this.byKey.get(market) ?? { key: market, tokens: [] })
    }
    this.listing.add(market, { key }, this.ticks.get(market) ?? GUESS.tick, this.say)
    return this.listing.token(key) ?? 0
  }

  /** The small id of a market; introduces it and these tokens of it. */
  market(key: string, tokens: readonly string[]): number {
    if (!this.listing.market(key)) this.list(this.byKey.get(key) ?? { key, tokens: [] })
    for (const token of tokens) this.listing.add(key, { key: token }, GUESS.tick, this.say)
    return this.listing.market(key)?.id ?? 0
  }

  /** Introduces a market that a message describes. */
  list(meta: MarketMeta): void {
    this.byKey.set(meta.key, merged(this.byKey.get(meta.key), meta))
    const tick = this.ticks.get(meta.key) ?? GUESS.tick
    this.listing.introduce(this.byKey.get(meta.key) ?? meta, { ...GUESS, tick }, this.say)
  }

  /** What the market's description says of the facts that a book's hash covers, as the venue writes them. */
  factsOf(market: string): HashFacts {
    const meta = this.byKey.get(market)
    const tick = meta?.tokens[0]?.tick
    return {
      minOrderSize: meta?.minSize === undefined ? undefined : String(meta.minSize / 1e6),
      tickSize: tick === undefined || !isTick(tick) ? undefined : String(tick / 1e4),
      negRisk: meta?.negRisk,
    }
  }
}

/** What a `new_market` message says of its market. */
export function metaOfNewMarket(wire: Wire): MarketMeta {
  const keys = textsIn(wire, 'clob_token_ids') ?? textsIn(wire, 'assets_ids') ?? []
  if (keys.length === 0) throw new FeedFault('assets_ids is missing', wire.where, 'token ids')
  const outcomes = textsIn(wire, 'outcomes') ?? []
  const tick = tickFrom(maybeTextIn(wire, 'order_price_min_tick_size'), wire.where)
  const isFree = wire.value['fees_enabled'] === false
  const isStated = !isFree && isThere(wire.value['fee_schedule'])
  const fees = isStated ? objectIn(wire, 'fee_schedule') : undefined
  const event = wire.value['event_message'] ? objectIn(wire, 'event_message') : undefined
  return {
    key: textIn(wire, 'market'),
    question: maybeTextIn(wire, 'question'),
    group: event && maybeTextIn(event, 'slug'),
    minSize: exactly(maybeTextIn(wire, 'order_min_size'), sizeFrom, wire.where),
    feeRate: isFree ? 0 : fees && rateFrom(textIn(fees, 'rate'), wire.where),
    feeExponent: fees && exponentFrom(maybeTextIn(fees, 'exponent'), wire.where),
    tokens: byLabel(keys.map((key, index) => ({ key, outcome: outcomes[index], tick }))),
  }
}

const isThere = (field: unknown): boolean => field !== undefined && field !== null

/** Two descriptions of one market as one; the first one's statements hold. */
function merged(first: MarketMeta | undefined, second: MarketMeta): MarketMeta {
  if (!first) return second
  const said = Object.entries(first).filter(([, value]) => value !== undefined)
  const tokens = first.tokens.length > 0 ? first.tokens : second.tokens
  return { ...second, ...Object.fromEntries(said), tokens }
}

const isTick = (tick: number): boolean => TICKS.some(each => each === tick)
