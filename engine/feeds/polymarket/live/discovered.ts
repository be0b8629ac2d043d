import { FeedFault } from '../../feed.js'
import { discover, type Found, type Universe } from './discovery.js'
import { pause } from '#engine/transport/pause.js'
import type { MarketRest } from './rest.js'

/** How often, and within which time, a venue that fails is asked for its markets before the feed gives up. Times in ms. */
export const DISCOVERY = { triesMax: 4, withinMs: 8_000, waitMs: 250 } as const

/** The universe as it is at the start. A venue that fails is asked again a few times, each after twice the wait; then it throws. */
export async function discovered(
  of: { rest: MarketRest; universe: Universe; nowMs: () => number; signal: AbortSignal },
  failed: (fault: FeedFault) => void,
): Promise<Found> {
  const startedMs = performance.now()
  for (let tries = 1; ; tries++)
    try {
      return await discover(of.rest, of.universe, of.nowMs())
    } catch (error) {
      if (!(error instanceof FeedFault) || of.signal.aborted) throw error
      const waitMs = DISCOVERY.waitMs * 2 ** (tries - 1)
      const tookMs = performance.now() - startedMs
      if (tries === DISCOVERY.triesMax || tookMs + waitMs > DISCOVERY.withinMs) {
        const tried = `asked ${tries} times in ${(tookMs / 1_000).toFixed(1)} s`
        throw new FeedFault(`${error.message}; ${tried}`, error.where, error.expected)
      }
      failed(error)
      await pause(waitMs, of.signal)
    }
}
