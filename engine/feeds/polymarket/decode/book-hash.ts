import { hash } from 'node:crypto'
import type { BookText } from '#engine/book/frame-walk.js'
import { bookHash } from '#engine/venues/polymarket/book-hash.js'
import type { HashFacts } from '#engine/venues/venue.js'

/** A level in the venue's own words. */
export interface TextLevel {
  readonly price: string
  readonly size: string
}

/** A preimage that can be completed with another last trade price. */
export type Preimage = (lastTradePrice: string) => string

interface Line {
  readonly at: number
  readonly text: string
}

/** What is tried where nothing states a fact. Nearly every market has 5 shares and is not of a neg-risk event. */
const MIN_ORDER_SIZES = ['5', '15', '1', '10'] as const
const TICK_SIZES = ['0.01', '0.001', '0.1', '0.0001', '0.005', '0.0025'] as const

/** One token's book in the venue's own number strings, for its hash (`engine/venues/polymarket/book-hash.ts`). */
export class HashedBook {
  /** Who hears of every change that is made here. */
  onChange: (() => void) | undefined
  /** Whether the last hash that was checked was not the venue's. */
  isDoubted = false
  private known: HashFacts
  private readonly market: string
  private readonly key: string
  private sides: readonly [Line[], Line[]] | undefined
  /** Takes back levels that were handed over; undefined while they are here. */
  private takeBack: (() => readonly [bids: string, asks: string]) | undefined
  /** The levels of each side as they are hashed, until the next change of it. */
  private readonly texts: [string | undefined, string | undefined] = [undefined, undefined]

  constructor(market: string, key: string, facts: HashFacts) {
    this.market = market
    this.key = key
    this.known = facts
  }

  get facts(): HashFacts {
    return this.known
  }

  set facts(facts: HashFacts) {
    this.known = facts
    this.onChange?.()
  }

  /** Whether a snapshot was seen since the start or the last change of the tick. */
  get isKnown(): boolean {
    return this.sides !== undefined
  }

  /** Whether another follows it. */
  get isHandedOver(): boolean {
    return this.takeBack !== undefined
  }

  /**
   * Hands the levels over until they are needed here, to who gives them back as they are hashed. Undefined, and not lent, where
   * there are none, or two at one price.
   */
  handOver(takeBack: () => readonly [bids: string, asks: string]): BookText | undefined {
    if (!this.sides) return undefined
    const [bids, asks] = [this.sides[0], this.sides[1].toReversed()]
    if (![bids, asks].every(isOrdered)) return undefined
    const levels = [...bids, ...asks]
    this.takeBack = takeBack
    return {
      at: levels.map(({ at }) => at),
      bids: bids.length,
      levels: levels.map(({ text }) => text),
    }
  }

  /** What is hashed before the time and behind the levels. */
  get around(): readonly [head: string, tail: string] {
    return [this.head, bookHash.tail(this.facts)(this.facts.lastTradePrice ?? '')]
  }

  restate(bids: readonly TextLevel[], asks: readonly TextLevel[]): void {
    const rising = (levels: readonly TextLevel[]): Line[] =>
      levels.map(lineOf).sort((a, b) => a.at - b.at)
    this.takeBack = undefined
    this.sides = [rising(bids), rising(asks)]
    this.texts.fill(undefined)
    this.onChange?.()
  }

  forget(): void {
    this.takeBack = undefined
    this.sides = undefined
    this.texts.fill(undefined)
    this.onChange?.()
  }

  /** Sets a level of side 0 (bids) or 1 (asks); a size of zero removes it. */
  change(side: 0 | 1, level: TextLevel): void {
    const lines = this.own()?.[side]
    if (!lines) return
    this.onChange?.()
    this.texts[side] = undefined
    const line = lineOf(level)
    const i = placeOf(lines, line.at)
    const isThere = lines[i]?.at === line.at
    if (Number(level.size) === 0) lines.splice(i, isThere ? 1 : 0)
    else lines.splice(i, isThere ? 1 : 0, line)
  }

  /** The preimage at a time (the `timestamp` of the message), open in its last trade price. */
  preimage(timestamp: string, facts: HashFacts = this.facts): Preimage {
    const [bids, asks] = this.own() ?? [[], []]
    this.texts[0] ??= bids.map(({ text }) => text).join(',')
    this.texts[1] ??= asks.map((_, i) => asks[asks.length - 1 - i]?.text).join(',')
    const levels = bookHash.levels(this.texts[0], this.texts[1])
    const tail = bookHash.tail(facts)
    return price => this.head + timestamp + levels + tail(price)
  }

  private get head(): string {
    return bookHash.head(this.market, this.key)
  }

  /** The levels, taken back where they were handed over. */
  private own(): readonly [Line[], Line[]] | undefined {
    if (!this.takeBack) return this.sides
    const [bids, asks] = this.takeBack()
    this.takeBack = undefined
    this.texts.fill(undefined)
    this.onChange?.()
    return (this.sides = [linesIn(bids), linesIn(asks).reverse()])
  }

  /** Finds those facts that nothing states by trying them against a hash; says whether any made it come out. */
  learn(timestamp: string, hash: string): boolean {
    const { minOrderSize, tickSize, negRisk, lastTradePrice = '' } = this.facts
    for (const flag of negRisk === undefined ? [false, true] : [negRisk])
      for (const tick of tickSize === undefined ? TICK_SIZES : [tickSize])
        for (const least of minOrderSize === undefined ? MIN_ORDER_SIZES : [minOrderSize]) {
          const facts = { ...this.facts, minOrderSize: least, tickSize: tick, negRisk: flag }
          if (sha1(this.preimage(timestamp, facts)(lastTradePrice)) !== hash) continue
          this.facts = facts
          return true
        }
    return false
  }
}

/** SHA-1 of UTF-8 text, lower-case hex. */
export const sha1 = (text: string): string => hash('sha1', text, 'hex')

const lineOf = ({ price, size }: TextLevel): Line => ({
  at: Number(price), // only orders the lines; what is hashed is the venue's text
  text: bookHash.level(price, size),
})

/** Levels as they are hashed, which only this program wrote. */
const linesIn = (text: string): Line[] => (JSON.parse(`[${text}]`) as TextLevel[]).map(lineOf)

/** Whether no two levels, rising or falling, stand at one place. */
const isOrdered = (lines: readonly Line[]): boolean =>
  lines.every(({ at }, k) => Number.isFinite(at) && (k === 0 || at !== lines[k - 1]?.at))

function placeOf(lines: readonly Line[], at: number): number {
  let [low, high] = [0, lines.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((lines[middle]?.at ?? 0) < at) low = middle + 1
    else high = middle
  }
  return low
}
