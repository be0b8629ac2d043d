/** Signals that wait for one in work to end: first come, first served. Owned by `engine/run`. */
export class Waiting<S> {
  readonly #signals: S[] = []

  get length(): number {
    return this.#signals.length
  }

  /** Takes a signal, as long as fewer than `most` wait; false when there is no room. */
  push(signal: S, most: number): boolean {
    if (this.#signals.length >= most) return false
    this.#signals.push(signal)
    return true
  }

  /** The one that waited longest. */
  next(): S | undefined {
    return this.#signals.shift()
  }

  /** Takes up what `all` of a checkpoint gave. */
  load(signals: readonly S[]): void {
    this.#signals.push(...signals)
  }

  /** All that wait, longest first. */
  all(): readonly S[] {
    return this.#signals
  }
}
