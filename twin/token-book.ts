import { createHash } from 'node:crypto'
import { ASK, BID, type Side } from '#schemas/levels.js'
import { priceText, sizeText } from './texts.js'

/** What a book's summary says of its market. */
export interface BookFacts {
  /** 0x and 64 hex digits. */
  readonly market: string
  readonly assetId: string
  readonly minOrderSize: string
  readonly negRisk: boolean
}

/** One token's book at the twin: what REST answers, what frames say, and its hash. */
export class TokenBook {
  readonly facts: BookFacts
  /** Sizes by price, 1e-4 dollar and 1e-6 share: bids and asks. */
  readonly #sides: readonly [Map<number, number>, Map<number, number>] = [new Map(), new Map()]
  /** The levels of each side as the summary has them; undefined since the last change. */
  readonly #texts: [string | undefined, string | undefined] = [undefined, undefined]
  /** 1e-4 dollar. */
  tick: number
  lastTradePrice = ''
  /** Time of the last change, ms. */
  changedMs = 0

  constructor(facts: BookFacts, tick: number) {
    this.facts = facts
    this.tick = tick
  }

  /** Sets a level; size 0 removes it. */
  set(side: Side, price: number, size: number): void {
    this.#texts[side] = undefined
    if (size === 0) this.#sides[side].delete(price)
    else this.#sides[side].set(price, size)
  }

  /** Replaces everything: price and size in turn. */
  restate(bids: readonly number[], asks: readonly number[]): void {
    for (const [side, levels] of [
      [BID, bids],
      [ASK, asks],
    ] as const) {
      this.#sides[side].clear()
      this.#texts[side] = undefined
      for (let i = 0; i < levels.length; i += 2) this.set(side, levels[i]!, levels[i + 1]!)
    }
  }

  /** The best price of a side as the venue writes it; `0` and `1` where there is none. */
  best(side: Side): string {
    const prices = [...this.#sides[side].keys()]
    if (prices.length === 0) return side === BID ? '0' : '1'
    return priceText(side === BID ? Math.max(...prices) : Math.min(...prices))
  }

  /** Its levels as a hash of both sides covers them, for comparison: best first, price and size in turn. */
  levels(side: Side): number[] {
    const sign = side === BID ? -1 : 1
    return [...this.#sides[side]].sort(([a], [b]) => sign * (a - b)).flat()
  }

  /** The answer of `/book`: worst level first, as the venue has it. */
  summary(): string {
    return this.#json(this.hash())
  }

  /** SHA-1 of the summary with an empty hash. */
  hash(): string {
    return createHash('sha1').update(this.#json('')).digest('hex')
  }

  /** The `book` message of the market channel; after a trade it says neither tick nor last price. */
  message(isRefresh = false): string {
    const { market, assetId } = this.facts
    const facts = isRefresh
      ? ''
      : `,"tick_size":"${priceText(this.tick)}","last_trade_price":"${this.lastTradePrice}"`
    return (
      `{"market":"${market}","asset_id":"${assetId}","timestamp":"${this.changedMs}","hash":"${this.hash()}",` +
      `"bids":[${this.#side(BID)}],"asks":[${this.#side(ASK)}]${facts},"event_type":"book"}`
    )
  }

  #json(hash: string): string {
    const { market, assetId, minOrderSize, negRisk } = this.facts
    return (
      `{"market":"${market}","asset_id":"${assetId}","timestamp":"${this.changedMs}","hash":"${hash}",` +
      `"bids":[${this.#side(BID)}],"asks":[${this.#side(ASK)}],"min_order_size":"${minOrderSize}",` +
      `"tick_size":"${priceText(this.tick)}","neg_risk":${negRisk},"last_trade_price":"${this.lastTradePrice}"}`
    )
  }

  #side(side: Side): string {
    const sign = side === BID ? 1 : -1
    return (this.#texts[side] ??= [...this.#sides[side]]
      .sort(([a], [b]) => sign * (a - b))
      .map(([price, size]) => `{"price":"${priceText(price)}","size":"${sizeText(size)}"}`)
      .join())
  }
}
