import { BookSnapshot } from '#schemas/events/feed.js'
import { ASK, BID, CHANGE, type Side } from '#schemas/levels.js'
import { foldEvent, tsFold } from '#engine/book/ts-fold.js'
import { clearTouched, untouched } from '#engine/book/touched.js'
import type { Numbering } from '#engine/core/instruments.js'
import type { WallClock } from '#engine/core/wall-clock.js'
import type { Feed, FeedEvent, FeedInput, Opening } from '#engine/feeds/feed.js'

/**
 * A feed for tests that says recorded inputs at their times by a clock, as a venue would: it goes on while nobody listens, and
 * whoever opens it anew is told what is listed and every book as it stands then.
 */
export function clockedFeed(of: {
  readonly name: string
  readonly venue: string
  readonly inputs: readonly FeedInput[]
  readonly clock: WallClock
}): Feed {
  const { name, venue, inputs, clock } = of
  const fold = tsFold()
  const touched = untouched()
  const listings: FeedEvent[] = []
  const resolved: FeedEvent[] = []
  let at = 0
  /** Takes what was said until now, and hands on what comes. */
  const pass = (say: (event: FeedEvent) => void): void => {
    for (; at < inputs.length && inputs[at]!.tUs <= clock.nowUs(); at++) {
      const { event, tUs } = inputs[at]!
      clearTouched(touched)
      if (event.type !== 'FeedLost') foldEvent(fold, event, tUs, touched)
      if (event.type.endsWith('Listed')) listings.push(event)
      if (event.type === 'MarketResolved') resolved.push(event)
      say(event)
    }
  }
  const books = (): FeedEvent[] =>
    listings.flatMap(event => {
      const view = event.type === 'TokenListed' ? fold.view(event.data.token) : undefined
      if (!view || event.type !== 'TokenListed') return []
      const levels = (side: Side): number[] => {
        const flat: number[] = []
        view.walk(side, (price, size) => {
          flat.push(price, size)
        })
        return flat
      }
      const { token } = event.data
      return [BookSnapshot.make({ token, bids: levels(BID), asks: levels(ASK) })]
    })
  return {
    source: name,
    async *open({ signal, instruments }: Opening): AsyncGenerator<readonly FeedInput[]> {
      const numbers = new Numbers(venue, instruments)
      pass(() => undefined)
      const before = [...listings, ...books(), ...resolved].map(event => numbers.mapped(event))
      if (before.length > 0) yield before.map(event => ({ tUs: clock.nowUs(), event }))
      while (!signal.aborted && at < inputs.length) {
        const batch: FeedInput[] = []
        pass(event => batch.push({ tUs: clock.nowUs(), event: numbers.mapped(event) }))
        if (batch.length > 0) {
          yield batch
          continue
        }
        await until(clock, inputs[at]!.tUs, signal)
      }
    },
  }
}

function until(clock: WallClock, atUs: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const stopped = (): void => {
      cancel()
      resolve()
    }
    const cancel = clock.wakeAt(atUs, () => {
      signal.removeEventListener('abort', stopped)
      resolve()
    })
    signal.addEventListener('abort', stopped)
  })
}

/** Numbers of the recording as the run's own. */
class Numbers {
  readonly #venue: string
  readonly #of: Numbering
  readonly #markets = new Map<number, number>()
  readonly #tokens = new Map<number, number>()

  constructor(venue: string, of: Numbering) {
    this.#venue = venue
    this.#of = of
  }

  mapped(event: FeedEvent): FeedEvent {
    const named = this.#of.feed === '' ? {} : { feed: this.#of.feed }
    switch (event.type) {
      case 'MarketListed': {
        const market = this.#of.market(this.#venue, event.data.key).id
        this.#markets.set(event.data.market, market)
        return { ...event, data: { ...event.data, ...named, market, venue: this.#venue } }
      }
      case 'TokenListed': {
        const market = this.#market(event.data.market)
        const token = this.#of.token(market, event.data.key).id
        this.#tokens.set(event.data.token, token)
        return { ...event, data: { ...event.data, ...named, market, token } }
      }
      case 'GroupListed': {
        const markets = event.data.markets.map(market => this.#market(market))
        return { ...event, data: { ...event.data, markets } }
      }
      case 'MarketResolved': {
        const payouts = event.data.payouts.map(
          ([token, paid]) => [this.#token(token), paid] as const,
        )
        return {
          ...event,
          data: { ...event.data, market: this.#market(event.data.market), payouts },
        }
      }
      case 'BookChanged': {
        const d = event.data.d.map((n, k) => (k % CHANGE === 0 ? this.#token(n) : n))
        return { ...event, data: { ...event.data, d } }
      }
      case 'BookSnapshot':
        return { ...event, data: { ...event.data, token: this.#token(event.data.token) } }
      case 'TradePrinted':
        return { ...event, data: { ...event.data, token: this.#token(event.data.token) } }
      case 'TickSizeChanged':
        return { ...event, data: { ...event.data, token: this.#token(event.data.token) } }
      case 'BookHashDiffers':
        return { ...event, data: { ...event.data, token: this.#token(event.data.token) } }
      case 'FeedLost':
      case 'FeedResumed':
        return { ...event, data: { ...event.data, feed: this.#of.feed } } as FeedEvent
      default:
        return event
    }
  }

  #market(number: number): number {
    return this.#markets.get(number) ?? number
  }

  #token(number: number): number {
    return this.#tokens.get(number) ?? number
  }
}
