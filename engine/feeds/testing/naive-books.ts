import { ASK, BID } from '#schemas/levels.js'
import { PRICE_MAX } from '#schemas/units.js'

type Sides = readonly [Map<number, number>, Map<number, number>]

/** Books folded in the plainest way, one Map a side: what tests compare a feed's statements with. */
export class NaiveBooks {
  private readonly books = new Map<number, Sides>()

  has(token: number): boolean {
    return this.books.has(token)
  }

  restate(token: number, bids: readonly number[], asks: readonly number[]): void {
    const sides: Sides = [new Map(), new Map()]
    for (const [side, flat] of [bids, asks].entries())
      for (let i = 0; i < flat.length; i += 2) sides[side]?.set(flat[i] ?? 0, flat[i + 1] ?? 0)
    this.books.set(token, sides)
  }

  /** Sets a level, 0 removes it. `prune`: a new level that crosses removes the opposite levels it crosses. */
  change(token: number, side: number, at: number, size: number, prune = false): void {
    const sides = this.side(token)
    const [mine, other] = side === BID ? sides : [sides[1], sides[0]]
    if (size === 0) mine.delete(at)
    else mine.set(at, size)
    if (size === 0 || !prune) return
    for (const level of other.keys())
      if (side === BID ? level <= at : level >= at) other.delete(level)
  }

  /** Best price of a side; 0 for no bid, 10,000 for no ask. */
  best(token: number, side: typeof BID | typeof ASK): number {
    let best = side === BID ? 0 : PRICE_MAX
    for (const at of this.side(token)[side].keys())
      if (side === BID ? at > best : at < best) best = at
    return best
  }

  /** All levels of a side, as `price:size`, sorted: for comparing whole books. */
  levels(token: number, side: typeof BID | typeof ASK): readonly (readonly [number, number])[] {
    return [...this.side(token)[side]].sort(([a], [b]) => a - b)
  }

  private side(token: number): Sides {
    const sides = this.books.get(token)
    if (sides) return sides
    this.restate(token, [], [])
    return this.side(token)
  }
}
