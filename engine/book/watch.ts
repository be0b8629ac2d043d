import type { Book } from './book.js'

/**
 * What a watch adds up over its tokens: nothing (it fires whenever one of them is touched), best asks (at most the limit),
 * best bids (at least the limit), ask minus bid (at least the limit). A watch names its test by its place here.
 */
export const TESTS = ['touched', 'asks', 'bids', 'spread'] as const

/** A group of tokens with a cheap test on their best prices. */
export interface Watch {
  readonly test: (typeof TESTS)[number]
  /** 1e-4 dollar, a whole number. */
  readonly limit: number
  readonly tokens: readonly number[]
}

/** Weights of best ask and best bid in the sum of a test, and what turns its limit into the most that the sum may be. */
const WEIGHTS = {
  touched: [0, 0, 0],
  asks: [1, 0, 1],
  bids: [0, -1, -1],
  spread: [-1, 1, -1],
} as const satisfies Record<Watch['test'], readonly [ask: number, bid: number, limit: number]>

/** One watch, with the sum of its books. */
export interface Held {
  readonly id: number
  readonly ask: number
  readonly bid: number
  readonly most: number
  readonly books: readonly Book[]
  sum: number
  /** As of the last look; true at first, so that the first look after a change of watches is told. */
  wasFiring: boolean
  mark: number
}

/** The watches of a book, and its best prices as they know them. */
export interface Seen {
  readonly held: Held[]
  ask: number
  bid: number
}

/** The watches of a fold, so that nobody has to look at books of which all tests say no. */
export class Watches {
  readonly #byId = new Map<number, Held>()

  /** Whether there is none. */
  get isEmpty(): boolean {
    return this.#byId.size === 0
  }

  /** Watches a group from here on, instead of what had this number. */
  set(id: number, { test, limit }: Omit<Watch, 'tokens'>, books: readonly Book[]): void {
    this.drop(id)
    const [ask, bid, sign] = WEIGHTS[test]
    const held = { id, ask, bid, most: sign * limit, books, sum: 0, wasFiring: true, mark: 0 }
    for (const book of books) {
      const seen = this.#seenOf(book)
      this.#settle(book, seen)
      held.sum += ask * seen.ask + bid * seen.bid
      seen.held.push(held)
    }
    this.#byId.set(id, held)
  }

  /** Watches a group no more. */
  drop(id: number): void {
    const held = this.#byId.get(id)
    if (!held) return
    this.#byId.delete(id)
    for (const book of held.books) {
      const left = this.#seenOf(book).held
      left.splice(left.indexOf(held), 1)
      if (left.length === 0) book.seen = undefined
    }
  }

  /** After a batch: adds to `fired` each watch of a touched book that fires, or has just ceased to. */
  look(touched: readonly Book[], mark: number, fired: number[]): void {
    for (const book of touched) {
      const { seen } = book
      if (seen) this.#settle(book, seen)
    }
    for (const book of touched) {
      const { seen } = book
      if (seen) report(seen.held, mark, fired)
    }
    for (const id of fired) {
      const held = this.#byId.get(id)
      if (held) held.wasFiring = held.sum <= held.most
    }
  }

  #seenOf(book: Book): Seen {
    book.seen ??= { held: [], ask: book.bestAsk, bid: book.bestBid }
    return book.seen
  }

  /** Brings the sums of a book's watches up to its best prices. */
  #settle(book: Book, seen: Seen): void {
    const byAsk = book.bestAsk - seen.ask
    const byBid = book.bestBid - seen.bid
    if (byAsk === 0 && byBid === 0) return
    seen.ask = book.bestAsk
    seen.bid = book.bestBid
    for (const held of seen.held) held.sum += held.ask * byAsk + held.bid * byBid
  }
}

function report(watches: readonly Held[], mark: number, fired: number[]): void {
  for (const held of watches) {
    if (held.mark === mark || !(held.sum <= held.most || held.wasFiring)) continue
    held.mark = mark
    fired.push(held.id)
  }
}
