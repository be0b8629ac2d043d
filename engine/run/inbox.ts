import { FeedLost } from '#schemas/events/feed.js'
import type { AnswerEvent } from '#engine/gateways/gateway.js'
import type { FeedEvent, FeedInput } from '#engine/feeds/feed.js'

/** Most inputs of feeds that wait to be taken. */
export const INBOX_MAX = 65_536

/** One thing that came in from outside, with the time at which it was received. */
export type Arrival =
  | { readonly tag: 'feed'; readonly tUs: number; readonly event: FeedEvent }
  | {
      readonly tag: 'answer'
      readonly tUs: number
      readonly cause: number
      readonly event: AnswerEvent
    }

/**
 * The one queue of a live run: inputs of any number of feeds and the answers of the gateway, in the order in which they were
 * received. It is bounded: where a feed brings more than the engine takes, what it brings is not taken any more, and the feed
 * counts as lost until it starts anew. Answers are never dropped: they are few, and each is money.
 */
export class Inbox {
  readonly #arrivals: Arrival[] = []
  #at = 0
  #waits: (() => void) | undefined
  /** Something has arrived that nobody waited for yet. */
  #isAwake = false
  /** Feeds of which something was dropped and that have not begun anew. */
  readonly #lost = new Set<string>()
  /** Inputs that were dropped. */
  dropped = 0
  readonly #most: number

  constructor(most: number = INBOX_MAX) {
    this.#most = most
  }

  get length(): number {
    return this.#arrivals.length - this.#at
  }

  /** Inputs of a feed, with the times of their receipt. Whether they were taken: false means that the feed is lost and has to begin anew. */
  feed(name: string, inputs: readonly FeedInput[]): boolean {
    if (this.#lost.has(name) || this.length + inputs.length > this.#most) {
      this.dropped += inputs.length
      if (!this.#lost.has(name)) {
        this.#lost.add(name)
        const why = `overflow: ${this.length} inputs wait`
        const tUs = inputs[0]?.tUs ?? 0
        this.#arrivals.push({ tag: 'feed', tUs, event: FeedLost.make({ feed: name, why }) })
      }
      this.wake()
      return false
    }
    for (const { tUs, event } of inputs) this.#arrivals.push({ tag: 'feed', tUs, event })
    this.wake()
    return true
  }

  /** A feed begins anew: what it brings is taken again. */
  restart(name: string): void {
    this.#lost.delete(name)
  }

  answer(tUs: number, cause: number, event: AnswerEvent): void {
    this.#arrivals.push({ tag: 'answer', tUs, cause, event })
    this.wake()
  }

  next(): Arrival | undefined {
    const arrival = this.#arrivals[this.#at]
    if (!arrival) return undefined
    if (++this.#at > 1_024 && this.#at * 2 > this.#arrivals.length) {
      this.#arrivals.splice(0, this.#at)
      this.#at = 0
    }
    return arrival
  }

  /** Ends a wait. */
  wake(): void {
    const waits = this.#waits
    this.#waits = undefined
    if (waits) waits()
    else this.#isAwake = true
  }

  /** Until something arrives, or `wake` is called. */
  wait(): Promise<void> {
    const isAwake = this.#isAwake
    this.#isAwake = false
    if (isAwake) return Promise.resolve()
    return new Promise(resolve => {
      this.#waits = resolve
    })
  }
}
