import type { DecisionConfig } from '#schemas/config.js'
import type { Proposal } from './strategy.js'

interface Seen {
  readonly signal: string
  readonly tUs: number
  readonly prices: readonly number[]
}

/** Most opportunities remembered per shape; the oldest give way. */
const SEEN_MAX = 256

/**
 * Remembers which opportunities were signalled: strategy, market, legs and sides, with prices within a few bps of each
 * other. The same one within its time to live is told by the id of the first.
 */
export class Dedup {
  #ttlUs: number
  #priceBps: number
  readonly #seen = new Map<string, Seen[]>()

  constructor({ dedup: { ttl_ms, price_bps } }: DecisionConfig) {
    this.#ttlUs = ttl_ms * 1_000
    this.#priceBps = price_bps
  }

  /** From here on other limits hold; what was seen stays, but in logs of the first schemas (`forgets`). */
  reconfigure({ dedup: { ttl_ms, price_bps } }: DecisionConfig, forgets: boolean): void {
    this.#ttlUs = ttl_ms * 1_000
    this.#priceBps = price_bps
    if (forgets) this.#seen.clear()
  }

  /** The signal that this proposal repeats; or nothing, and then it is remembered as `signal`. */
  repeats(of: {
    strategy: string
    signal: string
    proposal: Proposal
    tUs: number
  }): string | undefined {
    const { legs, market } = of.proposal
    const shape = `${of.strategy}|${market}|${legs.map(({ token, side }) => `${token}:${side}`).join()}`
    const prices = legs.map(({ limit }) => limit)
    const recent = (this.#seen.get(shape) ?? []).filter(({ tUs }) => of.tUs - tUs < this.#ttlUs)
    this.#seen.set(shape, recent)
    const same = recent.find(seen => seen.prices.every((p, k) => this.#isNear(p, prices[k]!)))
    if (same) return same.signal
    recent.push({ signal: of.signal, tUs: of.tUs, prices })
    if (recent.length > SEEN_MAX) recent.shift()
    return undefined
  }

  /** All that it remembers, for a checkpoint. */
  save() {
    return { seen: this.#seen }
  }

  load({ seen }: ReturnType<Dedup['save']>): void {
    for (const [shape, recent] of seen) this.#seen.set(shape, recent)
  }

  #isNear(a: number, b: number): boolean {
    return Math.abs(a - b) * 10_000 <= this.#priceBps * Math.max(a, b)
  }
}
