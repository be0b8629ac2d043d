import assert from 'node:assert'
import { PRICE_MAX } from '#schemas/units.js'

/** Price steps that a grid may have, in 1e-4 dollar, coarse to fine. The venue uses 1000, 100, 50, 25, 10 and 1. */
export const TICKS = [1_000, 100, 50, 25, 10, 1] as const

/**
 * One side of a book on a fixed price grid: an array of sizes and a two-level bitset over it, so that setting a level
 * and finding the next best are both a handful of instructions. Owns its arrays and changes them in place. Prices are in
 * 1e-4 dollar, sizes in 1e-6 share. `direction` 1 is a bid side (best is highest), −1 an ask side (best is lowest).
 */
export class Ladder {
  readonly direction: 1 | -1
  tick = 0
  /** Grid index of the best level; −1 where there is none. */
  best = -1
  /** Best price; 0 for a bid side and 10,000 for an ask side without levels. Kept, because every change asks for it. */
  bestPrice: number
  #perTick = 0
  #sizes = new Float64Array(0)
  #words = new Int32Array(0)
  #summary = new Int32Array(0)

  constructor(direction: 1 | -1, tick: number) {
    this.direction = direction
    this.bestPrice = direction === 1 ? 0 : PRICE_MAX
    this.regrid(tick)
  }

  /** Whether a price lies on the grid. */
  fits(price: number): boolean {
    return price % this.tick === 0
  }

  sizeAt(price: number): number {
    return this.fits(price) ? this.#sizes[(price * this.#perTick + 0.5) | 0]! : 0
  }

  /** Sets the total size at a price; 0 removes the level. A price off the grid makes the grid finer. */
  set(price: number, size: number): void {
    const index = (price * this.#perTick + 0.5) | 0
    if (index * this.tick !== price) {
      this.#refine(price)
      this.set(price, size)
      return
    }
    const sizes = this.#sizes
    const before = sizes[index]!
    sizes[index] = size
    if (size > 0) {
      if (before > 0) return
      const word = index >> 5
      this.#words[word]! |= 1 << (index & 31)
      this.#summary[word >> 5]! |= 1 << (word & 31)
      if (this.best < 0 || (index - this.best) * this.direction > 0) {
        this.best = index
        this.bestPrice = price
      }
      return
    }
    if (before > 0) this.#remove(index)
  }

  /** Grid index of the next worse level behind `index`, −1 for none. */
  next(index: number): number {
    return this.direction === 1 ? this.#below(index) : this.#above(index)
  }

  sizeOf(index: number): number {
    return this.#sizes[index]!
  }

  clear(): void {
    for (let index = this.best; index >= 0; index = this.next(index)) this.#sizes[index] = 0
    this.#words.fill(0)
    this.#summary.fill(0)
    this.#setBest(-1)
  }

  /** Drops all levels and takes a new grid. */
  regrid(tick: number): void {
    assert(PRICE_MAX % tick === 0, `Invariant: ${tick} is not a tick`)
    const count = PRICE_MAX / tick + 1
    this.tick = tick
    this.#perTick = 1 / tick
    this.#sizes = new Float64Array(count)
    this.#words = new Int32Array((count + 31) >> 5)
    this.#summary = new Int32Array((this.#words.length + 31) >> 5)
    this.#setBest(-1)
  }

  #remove(index: number): void {
    const word = index >> 5
    const left = this.#words[word]! & ~(1 << (index & 31))
    this.#words[word] = left
    if (left === 0) this.#summary[word >> 5]! &= ~(1 << (word & 31))
    if (index === this.best) this.#setBest(this.next(index))
  }

  #setBest(index: number): void {
    this.best = index
    this.bestPrice = index >= 0 ? index * this.tick : this.direction === 1 ? 0 : PRICE_MAX
  }

  #refine(price: number): void {
    const finer = TICKS.find(
      tick => tick < this.tick && this.tick % tick === 0 && price % tick === 0,
    )
    const levels: [number, number][] = []
    for (let i = this.best; i >= 0; i = this.next(i)) levels.push([i * this.tick, this.#sizes[i]!])
    this.regrid(finer ?? 1)
    for (const [at, size] of levels) this.set(at, size)
  }

  #below(index: number): number {
    let word = index >> 5
    const here = this.#words[word]! & ((1 << (index & 31)) - 1)
    if (here !== 0) return (word << 5) + 31 - Math.clz32(here)
    let group = word >> 5
    let groups = this.#summary[group]! & ((1 << (word & 31)) - 1)
    while (groups === 0) {
      if (group-- === 0) return -1
      groups = this.#summary[group]!
    }
    word = (group << 5) + 31 - Math.clz32(groups)
    return (word << 5) + 31 - Math.clz32(this.#words[word]!)
  }

  #above(index: number): number {
    let word = index >> 5
    const here = this.#words[word]! & ~above(index & 31)
    if (here !== 0) return (word << 5) + 31 - Math.clz32(here & -here)
    let group = word >> 5
    let groups = this.#summary[group]! & ~above(word & 31)
    while (groups === 0) {
      if (++group === this.#summary.length) return -1
      groups = this.#summary[group]!
    }
    word = (group << 5) + 31 - Math.clz32(groups & -groups)
    const bits = this.#words[word]!
    return (word << 5) + 31 - Math.clz32(bits & -bits)
  }
}

/** The lowest `bit + 1` bits. */
function above(bit: number): number {
  return bit === 31 ? -1 : (1 << (bit + 1)) - 1
}
