import assert from 'node:assert'
import { PRICE_MAX } from '#schemas/units.js'

/** Price steps that a grid may have, in 1e-4 dollar, coarse to fine. The venue uses 1000, 100, 50, 25, 10 and 1. */
export const TICKS = [1_000, 100, 50, 25, 10, 1] as const

/** Binary digits behind the point of 1 / tick: enough that every price on the grid gives its index without a division. */
const SHIFT = 17

/**
 * One side of a book on a fixed price grid: an array of sizes and a two-level bitset over it, so that setting a level
 * and finding the next best are both a handful of instructions. Owns its arrays and changes them in place. Prices are in
 * 1e-4 dollar, sizes in 1e-6 share. `direction` 1 is a bid side (best is highest), −1 an ask side (best is lowest).
 */
export class Ladder {
  // Every field starts with a number: one that starts undefined is never read as a plain integer by the compiled code.
  readonly direction: 1 | -1 = 1
  tick = 0
  /** Grid index of the best level; −1 where there is none. */
  best = -1
  /** Best price; 0 for a bid side and 10,000 for an ask side without levels. Kept, because every change asks for it. */
  bestPrice = 0
  /** 2^`SHIFT` / tick, rounded up. */
  #perTick = 0
  #sizes = new Float64Array(0)
  #words = new Int32Array(0)
  #summary = new Int32Array(0)

  constructor(direction: 1 | -1, tick: number) {
    this.direction = direction
    this.regrid(tick)
  }

  /** Whether a price lies on the grid. */
  fits(price: number): boolean {
    return price % this.tick === 0
  }

  sizeAt(price: number): number {
    return this.fits(price) ? this.#sizes[price / this.tick]! : 0
  }

  /**
   * Sets the total size at a price; 0 removes the level. A price off the grid makes the grid finer. Answers whether it
   * was at the best level or better, which is the only place where a change can move the best.
   */
  set(price: number, size: number): boolean {
    const index = Math.imul(price, this.#perTick) >> SHIFT
    if (Math.imul(index, this.tick) !== price) {
      this.#refine(price)
      return this.set(price, size)
    }
    this.#sizes[index] = size
    // Whether a change adds a level or removes one cannot be foreseen: the bit is computed, so that nothing is guessed.
    const words = this.#words
    const before = words[index >> 5]!
    const after = (before & ~(1 << index)) | (Number(size > 0) << index)
    words[index >> 5] = after
    if (before === 0 || after === 0) this.#summarize(index >> 5, after)
    if (Math.imul(price - this.bestPrice, this.direction) < 0) return false
    this.#setBest(size > 0 ? index : this.next(index))
    return true
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
    this.#perTick = Math.ceil((1 << SHIFT) / tick)
    this.#sizes = new Float64Array(count)
    this.#words = new Int32Array((count + 31) >> 5)
    this.#summary = new Int32Array((this.#words.length + 31) >> 5)
    this.#setBest(-1)
  }

  /** The grid, then price and size of each level, best first. */
  save(): readonly number[] {
    const flat = [this.tick]
    for (let i = this.best; i >= 0; i = this.next(i)) flat.push(i * this.tick, this.sizeOf(i))
    return flat
  }

  load([tick, ...levels]: readonly number[]): void {
    this.regrid(tick ?? 1)
    for (let i = 0; i < levels.length; i += 2) this.set(levels[i]!, levels[i + 1]!)
  }

  #summarize(word: number, bits: number): void {
    if (bits === 0) this.#summary[word >> 5]! &= ~(1 << word)
    else this.#summary[word >> 5]! |= 1 << word
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
