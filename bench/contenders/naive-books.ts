import { BID, CHANGE } from '#schemas/levels.js'

/** One side of a book as contenders see it. Best is 0 for no bid and 10,000 for no ask. */
export interface NaiveSide {
  readonly best: () => number
  readonly set: (price: number, size: number) => void
  /** Levels by falling price for a bid side, by rising price for an ask side. */
  readonly levels: () => [number, number][]
}

type MakeSide = (isBid: boolean) => NaiveSide

/** Books of a contender: they apply flat level changes and count where the stated best is their own. */
export class NaiveFold {
  agrees = 0
  readonly #make: MakeSide
  #sides: NaiveSide[] = []
  readonly #books: number

  constructor(books: number, make: MakeSide) {
    this.#books = books
    this.#make = make
  }

  /** New books, filled. */
  restart(opening: Float64Array): void {
    this.#sides = Array.from({ length: this.#books * 2 }, (_, k) => this.#make(k % 2 === BID))
    this.change(opening)
  }

  side(token: number, side: number): NaiveSide {
    return this.#sides[token * 2 + side]!
  }

  change(changes: Float64Array): void {
    const sides = this.#sides
    for (let i = 0; i < changes.length; i += CHANGE) {
      const at = changes[i]! * 2
      sides[at + changes[i + 1]!]!.set(changes[i + 2]!, changes[i + 3]!)
      const bid = changes[i + 4]!
      if (bid >= 0 && bid === sides[at]!.best() && changes[i + 5] === sides[at + 1]!.best())
        this.agrees++
    }
  }
}

/** A hash map from price to size; the best is looked for again when it is deleted. */
export function mapSide(isBid: boolean): NaiveSide {
  const sizes = new Map<number, number>()
  const none = isBid ? 0 : 10_000
  let best = none
  return {
    best: () => best,
    set: (price, size) => {
      if (size > 0) {
        sizes.set(price, size)
        if (isBid ? price > best : price < best) best = price
        return
      }
      sizes.delete(price)
      if (price !== best) return
      best = none
      for (const one of sizes.keys()) if (isBid ? one > best : one < best) best = one
    },
    levels: () => [...sizes].sort(([a], [b]) => (isBid ? b - a : a - b)),
  }
}

/** Two sorted arrays, best last, found by binary search. */
export function sortedSide(isBid: boolean): NaiveSide {
  const keys: number[] = []
  const sizes: number[] = []
  const sign = isBid ? 1 : -1
  return {
    best: () => (keys.length === 0 ? (isBid ? 0 : 10_000) : keys[keys.length - 1]! * sign),
    set: (price, size) => {
      const key = price * sign
      let [low, high] = [0, keys.length]
      while (low < high) {
        const middle = (low + high) >> 1
        if (keys[middle]! < key) low = middle + 1
        else high = middle
      }
      if (keys[low] === key) {
        if (size > 0) sizes[low] = size
        else {
          keys.splice(low, 1)
          sizes.splice(low, 1)
        }
      } else if (size > 0) {
        keys.splice(low, 0, key)
        sizes.splice(low, 0, size)
      }
    },
    levels: () => keys.map((key, k): [number, number] => [key * sign, sizes[k]!]).reverse(),
  }
}
