/**
 * Requests at a rate, with a burst: what a venue allows of them, in its part that we use. Waiting requests leave in their order. Times in ms
 * of a clock that the caller reads.
 */
export class TokenBucket {
  readonly #perMs: number
  readonly #burst: number
  #left: number
  #atMs: number

  /** `perSecond` and `burst` are whole requests; a batch costs its length, and one that is longer than the burst never passes. */
  constructor(of: { readonly perSecond: number; readonly burst: number; readonly nowMs: number }) {
    this.#perMs = of.perSecond / 1_000
    this.#burst = of.burst
    this.#left = of.burst
    this.#atMs = of.nowMs
  }

  /** Most that one request may cost. */
  get burst(): number {
    return this.#burst
  }

  /** Takes `cost` requests at this time. Answers how long they have to wait, ms: 0 for not at all. What waits is taken all the same. */
  take(cost: number, nowMs: number): number {
    this.#fill(nowMs)
    this.#left -= cost
    return this.#left >= 0 ? 0 : Math.ceil(-this.#left / this.#perMs)
  }

  /** How long `cost` requests would have to wait, ms. */
  wait(cost: number, nowMs: number): number {
    this.#fill(nowMs)
    return this.#left >= cost ? 0 : Math.ceil((cost - this.#left) / this.#perMs)
  }

  /** The venue says that nothing is left before this time. */
  empty(untilMs: number): void {
    this.#left = Math.min(this.#left, 0)
    this.#atMs = Math.max(this.#atMs, untilMs)
  }

  #fill(nowMs: number): void {
    if (nowMs <= this.#atMs) return
    this.#left = Math.min(this.#burst, this.#left + (nowMs - this.#atMs) * this.#perMs)
    this.#atMs = nowMs
  }
}
