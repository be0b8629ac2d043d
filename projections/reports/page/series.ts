/** A value at a time, in µs. */
export interface Point {
  readonly tUs: number
  readonly value: number
}

/** Points that a chart can show; more are thinned out. */
const POINTS_MAX = 600

/**
 * A value over time in few points: the last one of each of at most `POINTS_MAX` equal stretches of time, which double as
 * the time grows. The same values give the same points.
 */
export class Series {
  #every = 1
  #points: Point[] = []

  add(tUs: number, value: number): void {
    const last = this.#points.at(-1)
    if (last && this.#slot(last.tUs) === this.#slot(tUs)) this.#points.pop()
    this.#points.push({ tUs, value })
    while (this.#points.length > POINTS_MAX) this.#thin()
  }

  /** In the order of time. */
  get points(): readonly Point[] {
    return this.#points
  }

  #slot(tUs: number): number {
    return Math.floor(tUs / this.#every)
  }

  #thin(): void {
    this.#every *= 2
    this.#points = this.#points.filter((point, k, all) => {
      const next = all[k + 1]
      return !next || this.#slot(next.tUs) !== this.#slot(point.tUs)
    })
  }
}
