/** Approved-to-be signals that wait for one in work to end: first come, first served, bounded. Owned by `engine/run`. */
export class Waiting<S> {
  readonly #most: number
  readonly #signals: S[] = []

  constructor(most: number) {
    this.#most = most
  }

  get length(): number {
    return this.#signals.length
  }

  /** Takes a signal; false when there is no room. */
  push(signal: S): boolean {
    if (this.#signals.length >= this.#most) return false
    this.#signals.push(signal)
    return true
  }

  /** The one that waited longest. */
  next(): S | undefined {
    return this.#signals.shift()
  }

  /** All that wait, longest first. */
  all(): readonly S[] {
    return this.#signals
  }
}
