import type { Side } from '#schemas/levels.js'
import type { BookView } from '#engine/book/view.js'
import type { Addon, Handle, Out } from './addon.js'

const top: Out = new Float64Array(4)

/** A book of the native fold as it stands whenever it is asked: each question is one native call. */
export class NativeView implements BookView {
  readonly #addon: Addon
  readonly #handle: Handle
  readonly #token: number

  constructor(addon: Addon, handle: Handle, token: number) {
    this.#addon = addon
    this.#handle = handle
    this.#token = token
  }

  get bestBid(): number {
    return this.#top(0)
  }

  get bestAsk(): number {
    return this.#top(1)
  }

  get tick(): number {
    return this.#top(2)
  }

  get updatedUs(): number {
    return this.#top(3)
  }

  sizeAt(side: Side, price: number): number {
    return this.#addon.sizeAt(this.#handle, this.#token, side, price)
  }

  walk(side: Side, each: (price: number, size: number) => unknown): void {
    const levels = this.#addon.levels(this.#handle, this.#token, side)
    for (let i = 0; i < levels.length; i += 2)
      if (each(levels[i]!, levels[i + 1]!) === false) return
  }

  #top(at: number): number {
    this.#addon.top(this.#handle, this.#token, top)
    return top[at]!
  }
}
