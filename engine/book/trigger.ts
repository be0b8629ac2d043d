import type { Book } from './book.js'

/**
 * What a trigger tests, over the best prices of its tokens: nothing (it fires whenever one of them is touched), the sum of
 * the best asks (fires at or below the limit), of the best bids (at or above it), of ask minus bid (at or above it). The place
 * in this list is a trigger's test in the native addon.
 */
export const TESTS = ['touched', 'asks', 'bids', 'spread'] as const

/**
 * A cheap test on the best prices of a group of tokens: while it does not fire, the strategy that set it need not look at
 * their books. It may fire too often, never too seldom.
 */
export interface Trigger {
  readonly test: (typeof TESTS)[number]
  /** What the sum is compared with, a whole number of 1e-4 dollar. */
  readonly limit: number
  readonly tokens: readonly number[]
}

/**
 * How each test is computed: weights of a token's best ask and best bid in a sum, and the sign of the limit, so that every
 * test is `sum ≤ most`. An empty side counts as 10,000 (no ask) or 0 (no bid), as `Book` says it.
 */
const WEIGHTS = {
  touched: [0, 0, 0],
  asks: [1, 0, 1],
  bids: [0, -1, -1],
  spread: [-1, 1, -1],
} as const satisfies Record<Trigger['test'], readonly [ask: number, bid: number, limit: number]>

/** A trigger that is set, with its sum as of the last settled best prices of its books. */
export interface ArmedTrigger {
  readonly id: number
  readonly askWeight: number
  readonly bidWeight: number
  /** It fires while `sum` is at most this. */
  readonly most: number
  readonly books: readonly Book[]
  sum: number
  /** Whether it fired at the last evaluation; true at first, so that a fresh trigger is reported once in any case. */
  wasFiring: boolean
  /** The batch that it was last reported in: once a batch is enough. */
  mark: number
}

/** The triggers that a book is part of, and its best prices as their sums hold them. */
export interface BookTriggers {
  readonly armed: ArmedTrigger[]
  ask: number
  bid: number
}

/** What was touched, as far as triggers care. */
interface Evaluated {
  readonly tokens: readonly number[]
  readonly mark: number
  readonly fired: number[]
}

/** The triggers of a fold. Sums follow the best prices of touched books, so that evaluating one never walks its tokens. */
export class Triggers {
  readonly #byId = new Map<number, ArmedTrigger>()

  /** Whether no trigger is set. */
  get isEmpty(): boolean {
    return this.#byId.size === 0
  }

  /** Sets a trigger in place of the one that had this id. */
  set(id: number, { test, limit }: Omit<Trigger, 'tokens'>, books: readonly Book[]): void {
    this.drop(id)
    const [askWeight, bidWeight, sign] = WEIGHTS[test]
    const most = sign * limit
    const armed = { id, askWeight, bidWeight, most, books, sum: 0, wasFiring: true, mark: 0 }
    for (const book of books) {
      const of = this.#triggersOf(book)
      this.#settle(book, of)
      armed.sum += askWeight * of.ask + bidWeight * of.bid
      of.armed.push(armed)
    }
    this.#byId.set(id, armed)
  }

  /** Takes a trigger away; nothing where none has this id. */
  drop(id: number): void {
    const armed = this.#byId.get(id)
    if (!armed) return
    this.#byId.delete(id)
    for (const book of armed.books) {
      const left = this.#triggersOf(book).armed
      left.splice(left.indexOf(armed), 1)
      if (left.length === 0) book.triggers = undefined
    }
  }

  /** After a batch: adds to `fired` the id of each trigger of a touched book that fires, or that fired until now. */
  evaluate(books: readonly (Book | undefined)[], { tokens, mark, fired }: Evaluated): void {
    // By place and without lists of books: this runs behind every input of a walk.
    for (let i = 0; i < tokens.length; i++) {
      const book = books[tokens[i]!]
      if (book?.triggers) this.#settle(book, book.triggers)
    }
    for (let i = 0; i < tokens.length; i++) {
      const triggers = books[tokens[i]!]?.triggers
      if (triggers) report(triggers.armed, mark, fired)
    }
    for (let i = 0; i < fired.length; i++) {
      const armed = this.#byId.get(fired[i]!)
      if (armed) armed.wasFiring = armed.sum <= armed.most
    }
  }

  #triggersOf(book: Book): BookTriggers {
    book.triggers ??= { armed: [], ask: book.bestAsk, bid: book.bestBid }
    return book.triggers
  }

  /** Brings the sums of a book's triggers up to its best prices. */
  #settle(book: Book, of: BookTriggers): void {
    const byAsk = book.bestAsk - of.ask
    const byBid = book.bestBid - of.bid
    if (byAsk === 0 && byBid === 0) return
    of.ask = book.bestAsk
    of.bid = book.bestBid
    for (const one of of.armed) one.sum += one.askWeight * byAsk + one.bidWeight * byBid
  }
}

function report(triggers: readonly ArmedTrigger[], mark: number, fired: number[]): void {
  for (let k = 0; k < triggers.length; k++) {
    const armed = triggers[k]!
    if (armed.mark === mark || !(armed.sum <= armed.most || armed.wasFiring)) continue
    armed.mark = mark
    fired.push(armed.id)
  }
}
