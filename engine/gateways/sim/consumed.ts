import type { Side } from '#schemas/levels.js'

/**
 * Liquidity that our own orders took and the feed has not restated: it stays taken until the feed speaks of that level
 * again, on the token and on its mirror.
 */
export class Consumed {
  readonly #sizes = new Map<number, number>()
  #levels: readonly number[] | undefined = []

  get isEmpty(): boolean {
    return this.#sizes.size === 0
  }

  /** Levels of which something is taken, token, side and price in turn: another array whenever it holds others. */
  get levels(): readonly number[] {
    this.#levels ??= [...this.#sizes.keys()].flatMap(key => [
      tokenOf(key),
      Math.floor(key / 16_384) % 2,
      key % 16_384,
    ])
    return this.#levels
  }

  of(token: number, side: Side, price: number): number {
    return this.#sizes.get(keyOf(token, side, price)) ?? 0
  }

  add(token: number, side: Side, price: number, size: number): void {
    this.#set(keyOf(token, side, price), this.of(token, side, price) + size)
  }

  /** All that it remembers, for a checkpoint. */
  save(): ReadonlyMap<number, number> {
    return this.#sizes
  }

  load(sizes: ReadonlyMap<number, number>): void {
    for (const [key, size] of sizes) this.#set(key, size)
  }

  /** The feed restated this level. */
  restate(token: number, side: number, price: number): void {
    this.#delete(keyOf(token, side, price))
  }

  /** The feed restated this whole book. */
  restateBook(token: number): void {
    for (const key of this.#sizes.keys()) if (tokenOf(key) === token) this.#delete(key)
  }

  #set(key: number, size: number): void {
    if (!this.#sizes.has(key)) this.#levels = undefined
    this.#sizes.set(key, size)
  }

  #delete(key: number): void {
    if (this.#sizes.delete(key)) this.#levels = undefined
  }
}

const tokenOf = (key: number): number => Math.floor(key / 32_768)

/** Prices need 14 bits, the side one. */
function keyOf(token: number, side: number, price: number): number {
  return token * 32_768 + side * 16_384 + price
}
