import type { Side } from '#schemas/levels.js'

const NONE: readonly number[] = []

/**
 * Liquidity that our own orders took and the feed has not restated: it stays taken until the feed speaks of that level
 * again, on the token and on its mirror.
 */
export class Consumed {
  /** Shares taken, 1e-6, by token, side and price as one number. */
  readonly #sizes = new Map<number, number>()
  /** Side and price, as one number, of the levels of each token. */
  readonly #levels = new Map<number, Set<number>>()
  /** Takes the tokens whose levels are others than they were. */
  readonly #changed: Set<number>

  constructor(changed = new Set<number>()) {
    this.#changed = changed
  }

  get isEmpty(): boolean {
    return this.#sizes.size === 0
  }

  /** Levels of a token of which something is taken, side and price in turn. */
  levelsOf(token: number): readonly number[] {
    const levels = this.#levels.get(token)
    if (!levels) return NONE
    return [...levels].flatMap(level => [Math.floor(level / SIDE), level % SIDE])
  }

  of(token: number, side: Side, price: number): number {
    return this.#sizes.get(token * TOKEN + side * SIDE + price) ?? 0
  }

  add(token: number, side: Side, price: number, size: number): void {
    this.#set(token, side * SIDE + price, this.of(token, side, price) + size)
  }

  /** All that it remembers, for a checkpoint. */
  save(): ReadonlyMap<number, number> {
    return this.#sizes
  }

  load(sizes: ReadonlyMap<number, number>): void {
    for (const [key, size] of sizes) this.#set(Math.floor(key / TOKEN), key % TOKEN, size)
  }

  /** The feed restated this level. */
  restate(token: number, side: number, price: number): void {
    const level = side * SIDE + price
    if (!this.#sizes.delete(token * TOKEN + level)) return
    const levels = this.#levels.get(token)
    levels?.delete(level)
    if (levels?.size === 0) this.#levels.delete(token)
    this.#changed.add(token)
  }

  /** The feed restated this whole book. */
  restateBook(token: number): void {
    const levels = this.#levels.get(token)
    if (!levels) return
    for (const level of levels) this.#sizes.delete(token * TOKEN + level)
    this.#levels.delete(token)
    this.#changed.add(token)
  }

  #set(token: number, level: number, size: number): void {
    this.#sizes.set(token * TOKEN + level, size)
    const levels = this.#levels.get(token)
    if (levels?.has(level) === true) return
    if (levels) levels.add(level)
    else this.#levels.set(token, new Set([level]))
    this.#changed.add(token)
  }
}

/** What a side counts beside a price, and a token beside both: prices need 14 bits, the side one. */
const SIDE = 16_384
const TOKEN = 2 * SIDE
