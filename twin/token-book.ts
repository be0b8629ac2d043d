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
  /** Protocol version of the market; only `v2` is told. */
  readonly version: 'v1' | 'v2'
}

type Levels = readonly [Map<number, number>, Map<number, number>]

/** One token's book at the twin: what REST answers, what frames say, and its hash. */
export class TokenBook {
  readonly facts: BookFacts
  /** Sizes by price, 1e-4 dollar and 1e-6 share, bids and asks: of the simulated market, and of the orders that rest here. */
  readonly #simulated: Levels = [new Map(), new Map()]
  readonly #resting: Levels = [new Map(), new Map()]
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

  /** Sets a level of the simulated market; size 0 removes it. */
  set(side: Side, price: number, size: number): void {
    this.#texts[side] = undefined
    if (size === 0) this.#simulated[side].delete(price)
    else this.#simulated[side].set(price, size)
  }

  /** Adds to what orders have at a level, or takes from it. */
  rest(side: Side, price: number, by: number): void {
    this.#texts[side] = undefined
    const size = (this.#resting[side].get(price) ?? 0) + by
    if (size <= 0) this.#resting[side].delete(price)
    else this.#resting[side].set(price, size)
  }

  /** Replaces everything that is simulated: price and size in turn. */
  restate(bids: readonly number[], asks: readonly number[]): void {
    for (const [side, levels] of [
      [BID, bids],
      [ASK, asks],
    ] as const) {
      this.#simulated[side].clear()
      this.#texts[side] = undefined
      for (let i = 0; i < levels.length; i += 2) this.set(side, levels[i]!, levels[i + 1]!)
    }
  }

  /** What stands at a level, 1e-6 share. */
  sizeAt(side: Side, price: number): number {
    return this.simulatedAt(side, price) + (this.#resting[side].get(price) ?? 0)
  }

  /** What the simulated market has at a level, 1e-6 share. */
  simulatedAt(side: Side, price: number): number {
    return this.#simulated[side].get(price) ?? 0
  }

  /** Best price of the simulated market on a side, 1e-4 dollar; undefined where it has none. */
  bestSimulated(side: Side): number | undefined {
    const prices = [...this.#simulated[side].keys()]
    if (prices.length === 0) return undefined
    return side === BID ? Math.max(...prices) : Math.min(...prices)
  }

  /** Prices of the simulated market on a side, best first. */
  simulatedPrices(side: Side): number[] {
    const sign = side === BID ? -1 : 1
    return [...this.#simulated[side].keys()].sort((a, b) => sign * (a - b))
  }

  /** The best price of a side as the venue writes it; `0` and `1` where there is none. */
  best(side: Side): string {
    const prices = [...this.#simulated[side].keys(), ...this.#resting[side].keys()]
    if (prices.length === 0) return side === BID ? '0' : '1'
    return priceText(side === BID ? Math.max(...prices) : Math.min(...prices))
  }

  /** Its levels as a hash of both sides covers them, for comparison: best first, price and size in turn. */
  levels(side: Side): number[] {
    const sign = side === BID ? -1 : 1
    return this.#levels(side)
      .sort(([a], [b]) => sign * (a - b))
      .flat()
  }

  #levels(side: Side): [price: number, size: number][] {
    const all = new Map(this.#simulated[side])
    for (const [price, size] of this.#resting[side]) all.set(price, (all.get(price) ?? 0) + size)
    return [...all]
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
      `"bids":[${this.#side(BID)}],"asks":[${this.#side(ASK)}]${facts},"event_type":"book"${this.#version()}}`
    )
  }

  #json(hash: string): string {
    const { market, assetId, minOrderSize, negRisk } = this.facts
    return (
      `{"market":"${market}","asset_id":"${assetId}","timestamp":"${this.changedMs}","hash":"${hash}",` +
      `"bids":[${this.#side(BID)}],"asks":[${this.#side(ASK)}],"min_order_size":"${minOrderSize}",` +
      `"tick_size":"${priceText(this.tick)}","neg_risk":${negRisk},"last_trade_price":"${this.lastTradePrice}"${this.#version()}}`
    )
  }

  #version(): string {
    return this.facts.version === 'v2' ? ',"version":"v2"' : ''
  }

  #side(side: Side): string {
    const sign = side === BID ? 1 : -1
    return (this.#texts[side] ??= this.#levels(side)
      .sort(([a], [b]) => sign * (a - b))
      .map(([price, size]) => `{"price":"${priceText(price)}","size":"${sizeText(size)}"}`)
      .join())
  }
}
