import type { Opening } from '../../feed.js'
import { Listening } from './listening.js'
import type { LiveFeed, LiveFeedOptions } from './live-options.js'

/** Polymarket's market data as it happens: the market channel first, REST for whatever it does not say or seems to have lost. */
export function polymarketLive(options: LiveFeedOptions): LiveFeed {
  let listening: Listening | undefined
  return {
    source: 'polymarket',
    isReceived: true,
    status: () => listening?.status(),
    requestSnapshot: token => listening?.want(token),
    async *open(opening: Opening) {
      listening = new Listening(options, opening)
      yield* listening.inputs()
    },
  }
}
