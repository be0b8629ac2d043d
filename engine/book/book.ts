import type { Side } from '#schemas/levels.js'
import type { Distrust } from '#schemas/reasons.js'
import { Ladder } from './ladder.js'
import type { BookInterest } from './interest.js'
import type { BookTriggers } from './trigger.js'
import type { BookView } from './view.js'

/** Reasons against trading a book, as bits; a book is tradable when none is set. */
export const TRUST_BITS = {
  'no-snapshot': 1,
  'feed-lost': 2,
  'tick-epoch': 4,
  crossed: 8,
  suspect: 16,
  'hash-differs': 32,
  incomplete: 64,
} as const satisfies Readonly<Record<Distrust, number>>

/** Changes after which a book that never had a snapshot counts as filled, provided that its best agrees. */
export const WARM_UP_CHANGES = 200

/** A book in a checkpoint. */
export type SavedBook = ReturnType<Book['save']>

/** One token's book: two ladders and what stands against trading it. Changed in place by the fold that owns it. */
export class Book implements BookView {
  readonly token: number = 0
  readonly bids: Ladder
  readonly asks: Ladder
  /** The two by `Side`: which one a change meets cannot be foreseen, and an index costs less than a wrong guess. */
  readonly sides: readonly [Ladder, Ladder]
  updatedUs = 0
  /** Bits of `TRUST_BITS`. */
  distrust: number = TRUST_BITS['no-snapshot']
  /** Changes applied since it was listed, while it never had a snapshot. */
  changes = 0
  hadSnapshot = false
  /** Mark of the last batch that touched it. */
  mark = 0
  /** `distrust` before that batch. */
  before: number = TRUST_BITS['no-snapshot']
  /** What of it somebody has to see; undefined where nobody has to. */
  interest: BookInterest = undefined
  /** Triggers that this book is part of; undefined where it is in none. */
  triggers: BookTriggers | undefined = undefined

  constructor(token: number, tick: number) {
    this.token = token
    this.bids = new Ladder(1, tick)
    this.asks = new Ladder(-1, tick)
    this.sides = [this.bids, this.asks]
  }

  get bestBid(): number {
    return this.bids.bestPrice
  }

  get bestAsk(): number {
    return this.asks.bestPrice
  }

  get tick(): number {
    return this.asks.tick
  }

  get isCrossed(): boolean {
    return this.bids.best >= 0 && this.asks.best >= 0 && this.bestBid >= this.bestAsk
  }

  /** Whether the touch shows enough to be compared with what a venue says: an empty book is not evidence. */
  get isWarm(): boolean {
    return this.hadSnapshot || this.changes > WARM_UP_CHANGES
  }

  sizeAt(side: Side, price: number): number {
    return this.sides[side].sizeAt(price)
  }

  walk(side: Side, each: (price: number, size: number) => unknown): void {
    const ladder = this.sides[side]
    for (let i = ladder.best; i >= 0; i = ladder.next(i))
      if (each(i * ladder.tick, ladder.sizeOf(i)) === false) return
  }

  /** The venue's own best is ours: nothing suspect any more, and a book that filled from changes alone counts as whole. */
  agreed(): void {
    this.distrust &= ~TRUST_BITS.suspect
    if (!this.hadSnapshot) this.distrust &= ~TRUST_BITS['no-snapshot']
  }

  /** All that it remembers, for a checkpoint. */
  save() {
    const { token, updatedUs, distrust, changes, hadSnapshot } = this
    const [bids, asks] = [this.bids.save(), this.asks.save()]
    return { token, updatedUs, distrust, changes, hadSnapshot, bids, asks }
  }

  load({ bids, asks, ...rest }: SavedBook): void {
    Object.assign(this, rest)
    this.bids.load(bids)
    this.asks.load(asks)
  }

  /** Drops all levels and starts a new epoch on another grid. */
  regrid(tick: number): void {
    this.bids.regrid(tick)
    this.asks.regrid(tick)
  }
}
