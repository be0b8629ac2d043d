/** Whole numbers and how often each came. */
export class Histogram {
  readonly #counts = new Map<number, number>()
  /** How many there are. */
  count = 0

  add(value: number, times = 1): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + times)
    this.count += times
  }

  /** Values and counts, the least first. */
  get sorted(): readonly (readonly [value: number, count: number])[] {
    return [...this.#counts].sort(([a], [b]) => a - b)
  }

  /** The value at floor((n − 1) × percent ÷ 100) of the sorted ones; undefined for none. */
  quantile(percent: number): number | undefined {
    let left = Math.floor(((this.count - 1) * percent) / 100)
    for (const [value, count] of this.sorted) {
      if (left < count) return value
      left -= count
    }
    return undefined
  }
}
