import { ASK, BID } from '#schemas/levels.js'
import type { Recorded } from '#schemas/recorded.js'
import type { EventOf } from '#schemas/registry.js'
import { PRICE_MAX, proceedsOf, sumOf } from '#schemas/units.js'
import { notionalOf } from '#engine/book/view.js'
import { venueNamed } from '#engine/venues/registry.js'
import type { World } from '../world.js'
import { Histogram } from './histogram.js'

/** Event time between two looks at all markets, µs. */
const EVERY_US = 1_000_000
/** The frozen rule of buckets: spread in bps below this, and depth in 1e-6 dollar above this. */
const LIQUID = { spread: 20, depth: 500_000_000 } as const
/** A depth above this (1e-6 dollar) is suspect. */
const DEPTH_MAX = 10_000_000_000_000
const NO_SPREAD = 10_000
/** The pool: markets of two and of three outcomes. */
const LEGS: ReadonlySet<number> = new Set([2, 3])

/** What a look asks for to call a market's asks a pass, bps of a dollar. */
export interface Asked {
  readonly minEdge: number
  readonly premium: number
}

/** What was seen of one market: counts of looks, and what they showed. */
export interface MarketScore {
  readonly facts: EventOf<'MarketListed'>['data']
  /** Venue ids of its tokens, by outcome. */
  tokens: readonly string[]
  snapshots: number
  oneSided: number
  /** Looks at which a leg had no depth. */
  nan: number
  /** Those, and looks at which a depth was absurd. */
  degraded: number
  liquid: number
  /** Spread (bps, rounded up) and depth (1e-6 dollar) of the worst leg. */
  readonly spreads: Histogram
  readonly depths: Histogram
  trades: number
  duplicates: number
  /** What was traded, 1e-6 dollar. */
  volume: number
  /** What all levels of its books held at the last look, 1e-6 dollar. */
  liquidity: number
  evaluated: number
  passes: number
  /** Net edge by the earlier rule, bps of a dollar. */
  readonly edges: Histogram
}

/** Scores the markets of a log by looking at them once a second of event time. Owned by whoever folds it. */
export class MarketScores {
  readonly markets = new Map<number, MarketScore>()
  /** How often a feed was lost: prints may be missing then. */
  feedLost = 0
  firstUs: number | undefined
  lastUs = 0
  looks = 0
  readonly #asked: Asked
  readonly #closed = new Set<number>()
  readonly #seen = new Set<string>()

  constructor(asked: Asked) {
    this.#asked = asked
  }

  /** Before the world takes a row: what stood at the full seconds up to it. */
  before({ tUs }: Recorded, world: World): void {
    this.firstUs ??= tUs
    this.lastUs = Math.max(this.lastUs, tUs)
    const due = Math.floor((tUs - this.firstUs) / EVERY_US) - this.looks
    if (due <= 0) return
    this.looks += due
    for (const [market, score] of this.markets)
      if (!this.#closed.has(market)) this.#look(score, world, due)
  }

  /** Behind it: what it said. */
  take({ tUs, event }: Recorded, world: World): void {
    switch (event.type) {
      case 'MarketListed':
        this.markets.set(event.data.market, scoreOf(event.data))
        return
      case 'MarketResolved':
        this.#closed.add(event.data.market)
        return
      case 'FeedLost':
        this.feedLost++
        return
      case 'TradePrinted':
        this.#print(event.data, tUs, world)
        return
      default:
    }
  }

  #print(print: EventOf<'TradePrinted'>['data'], tUs: number, world: World): void {
    const { token, price, size, id, lag = 0 } = print
    const score = this.markets.get(world.marketOf(token) ?? -1)
    if (!score) return
    const key = [token, tUs - lag, price, size, id].join()
    if (this.#seen.has(key)) score.duplicates++
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    score.trades++
    score.volume = sumOf(score.volume, proceedsOf(price, size))
  }

  /** `times`: for how many full seconds it stood. */
  #look(score: MarketScore, world: World, times: number): void {
    const tokens = world.markets.get(score.facts.market)?.tokens ?? []
    const books = tokens.flatMap(token => world.books.view(token) ?? [])
    const isWhole = books.length === tokens.length && books.every(({ updatedUs }) => updatedUs > 0)
    if (!LEGS.has(tokens.length) || !isWhole) return
    score.tokens = tokens.map(token => world.tokenKey(token))
    score.snapshots += times
    if (books.some(({ bestBid, bestAsk }) => bestBid === 0 || bestAsk === PRICE_MAX))
      score.oneSided += times
    const depths = books.map(book => world.depthIn(book))
    const depth = Math.min(...depths)
    const worst = books[depths.indexOf(depth)]!
    const isDegraded = depth <= 0 || depths.some(of => of > DEPTH_MAX)
    const spread = spreadOf(worst)
    if (depth <= 0) score.nan += times
    if (isDegraded) score.degraded += times
    else if (spread < LIQUID.spread && depth > LIQUID.depth) score.liquid += times
    score.spreads.add(spread, times)
    score.depths.add(depth, times)
    score.liquidity = books.reduce(
      (sum, book) => sumOf(sum, notionalOf(book, BID, Infinity) + notionalOf(book, ASK, Infinity)),
      0,
    )
    const asks = books.map(({ bestAsk }) => bestAsk)
    if (asks.includes(PRICE_MAX)) return
    const edge = edgeOf(asks, score.facts) - this.#asked.premium
    score.evaluated += times
    score.edges.add(edge, times)
    if (edge >= this.#asked.minEdge) score.passes += times
  }
}

/** (ask − bid) ÷ mid in bps, rounded up. */
const spreadOf = ({ bestBid, bestAsk }: { bestBid: number; bestAsk: number }): number =>
  bestBid === 0 || bestAsk === PRICE_MAX
    ? NO_SPREAD
    : Math.ceil((20_000 * (bestAsk - bestBid)) / (bestAsk + bestBid))

const SHARE = 1_000_000
const PER_BPS = 100

/** What a set of one share earns at these asks, fees paid, in bps of its dollar, rounded down. */
function edgeOf(asks: readonly number[], { venue, ...schedule }: MarketScore['facts']): number {
  const { takerFee } = venueNamed(venue)
  const fee = asks.reduce((sum, at) => sum + takerFee(at, SHARE, schedule), 0)
  return PRICE_MAX - asks.reduce((sum, at) => sum + at, 0) - Math.ceil(fee / PER_BPS)
}

const scoreOf = (facts: MarketScore['facts']): MarketScore => ({
  ...{ facts, tokens: [], snapshots: 0, oneSided: 0, nan: 0, degraded: 0, liquid: 0 },
  ...{ spreads: new Histogram(), depths: new Histogram(), edges: new Histogram() },
  ...{ trades: 0, duplicates: 0, volume: 0, liquidity: 0, evaluated: 0, passes: 0 },
})
