/** Tokens in a second and at most: what a signer may send. */
export interface BucketSize {
  readonly perSecond: number
  readonly burst: number
}

/** What each signer may send. */
export interface RateLimits {
  /** Name of the tier that the headers tell. */
  readonly tier: string
  readonly orders: BucketSize
  readonly cancels: BucketSize
}

/** The venue's highest tier (documented 2026-09-30). */
export const ELITE: RateLimits = {
  tier: 'Elite',
  orders: { perSecond: 600, burst: 900 },
  cancels: { perSecond: 1_200, burst: 1_800 },
}

/** Token buckets by signer: orders and cancels each have their own. A batch costs its length, all or nothing. */
export class Limiter {
  readonly #limits: RateLimits
  readonly #nowMs: () => number
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>()

  constructor(limits: RateLimits, nowMs: () => number) {
    this.#limits = limits
    this.#nowMs = nowMs
  }

  /** Takes so many; whether there were enough. Cancels may drive their bucket below nothing. */
  take(
    signer: string,
    kind: 'orders' | 'cancels',
    cost: number,
  ): { isAllowed: boolean; headers: Record<string, string> } {
    const size = this.#limits[kind]
    const nowMs = this.#nowMs()
    const key = `${kind} ${signer}`
    const { tokens, atMs } = this.#buckets.get(key) ?? { tokens: size.burst, atMs: nowMs }
    const filled = Math.min(size.burst, tokens + ((nowMs - atMs) / 1_000) * size.perSecond)
    const isAllowed = kind === 'cancels' ? filled > 0 : filled >= cost
    const left = isAllowed ? filled - cost : filled
    this.#buckets.set(key, { tokens: left, atMs: nowMs })
    const missing = isAllowed ? 0 : (kind === 'cancels' ? 1 : cost) - filled
    const waitS = Math.max(1, Math.ceil(missing / size.perSecond))
    const headers = {
      'poly-ratelimit-remaining': String(Math.max(0, Math.floor(left))),
      'poly-ratelimit-reset': String(Math.ceil((size.burst - left) / size.perSecond)),
      'poly-ratelimit-tier': this.#limits.tier,
      ...(!isAllowed && { 'retry-after': String(waitS) }),
    }
    return { isAllowed, headers }
  }
}
