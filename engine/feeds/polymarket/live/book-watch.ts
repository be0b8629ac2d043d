import type { LiveDecoder } from './live-decoder.js'
import type { RestBooks } from './rest-books.js'
import type { Shard, Subscriptions } from './subscriptions.js'

/** Assets of a silent connection that are compared with REST. */
const PROBED = 20
/** Most doublings of the time after which a connection without books is given up. */
const DEAF_DOUBLINGS = 6

/** Looks after books that never came, that were not spoken of for long, and after connections that say nothing. */
export class BookWatch {
  readonly #channel: Subscriptions
  readonly #books: RestBooks
  readonly #decoder: LiveDecoder
  readonly #of: { readonly lookMs: number; readonly ageMs: number; readonly nowMs: () => number }
  /** REST may take longer than the time between two looks: they do not pile up. */
  #isLooking = false
  readonly #probed = new Set<Shard>()

  constructor(
    with_: { channel: Subscriptions; books: RestBooks; decoder: LiveDecoder },
    of: { lookMs: number; ageMs: number; nowMs: () => number },
  ) {
    this.#channel = with_.channel
    this.#books = with_.books
    this.#decoder = with_.decoder
    this.#of = of
  }

  /** Looks for books that never came, and for those of which nothing was said for a while. */
  async look(): Promise<void> {
    const { ageMs, nowMs } = this.#of
    for (const shard of this.#channel.shards) this.#missing(shard)
    if (this.#isLooking) return
    this.#isLooking = true
    try {
      await this.#books.fetch()
      const old = ageMs > 0 ? this.#books.olderThan(nowMs() - ageMs) : []
      if (old.length > 0) await this.#books.compare(old)
    } finally {
      this.#isLooking = false
    }
  }

  /** A connection that says nothing: it is given up where REST knows more. */
  async probe(shard: Shard): Promise<void> {
    if (this.#probed.has(shard)) return
    this.#probed.add(shard)
    try {
      const some = [...shard.assets].slice(0, PROBED)
      if (await this.#books.compare(some, shard.saidUs))
        shard.socket.restart('it is silent although there is news')
    } finally {
      this.#probed.delete(shard)
    }
  }

  #missing(shard: Shard): void {
    const { lookMs, nowMs } = this.#of
    const openMs = nowMs() - shard.openedMs
    if (!shard.socket.isOpen || openMs < lookMs) return
    for (const asset of shard.awaited) if (!this.#isKnown(asset)) this.#books.want(asset)
    // A few books may not exist. Where most are missing the subscription itself was lost, unless that happens again and again.
    const isDeaf = shard.awaited.size * 2 > shard.assets.size
    if (!isDeaf || openMs < 2 * lookMs * 2 ** Math.min(shard.deafTimes, DEAF_DOUBLINGS)) return
    shard.deafTimes++
    shard.socket.restart('it does not send the books that it was asked for')
  }

  /** Whether the book of an asset is whole, from wherever it came. */
  #isKnown(asset: string): boolean {
    const token = this.#decoder.token(asset)
    return token !== undefined && this.#decoder.saidUs(token) > 0 && !this.#decoder.isDark(token)
  }
}
