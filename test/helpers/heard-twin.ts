import { ASK, BID } from '#schemas/levels.js'
import type { Recorded } from '#schemas/recorded.js'
import { Instruments } from '#engine/core/instruments.js'
import { polymarketLive } from '#engine/feeds/polymarket/live/live-feed.js'
import type { LiveFeedOptions } from '#engine/feeds/polymarket/live/live-options.js'
import type { FeedInput } from '#engine/feeds/feed.js'
import { foldEvent, tsFold } from '#engine/book/ts-fold.js'
import { untouched } from '#engine/book/touched.js'
import { prng } from '#engine/feeds/simulator/prng.js'
import { machineClock } from '#cli/machine-clock.js'
import { TwinVenue, type TwinOptions } from '#twin/venue.js'

/** Rules of a feed that gives up nothing within a test, however busy the machine is. */
export const CALM = {
  rules: { pingMs: 200, pongMs: 60_000, silentMs: 60_000, backoffMs: 50, backoffMaxMs: 400 },
}

/** A venue and a feed that hears it, for so long. */
export async function heard(
  seconds: number,
  twin: Partial<TwinOptions> = {},
  feed: Partial<LiveFeedOptions> = {},
) {
  const venue = new TwinVenue({ scenario: 'mixed', seed: 3, speed: 20, ...twin })
  const base = await venue.start()
  const rng = prng(1, 'chance')
  const live = polymarketLive({
    ...{ clob: base, gamma: `${base}/gamma`, channel: `${base.replace('http', 'ws')}/ws/market` },
    ...{ universe: {}, clock: machineClock(), chance: () => rng.below(1_000) / 1_000 },
    rules: { pingMs: 200, pongMs: 1_000, silentMs: 600, backoffMs: 50, backoffMaxMs: 400 },
    lookMs: 200,
    ...feed,
  })
  const ends = new AbortController()
  const instruments = new Instruments()
  const inputs: FeedInput[] = []
  const done = (async () => {
    const opening = { signal: ends.signal, instruments: instruments.opening() }
    for await (const batch of live.open(opening)) inputs.push(...batch)
  })()
  await later(seconds * 1_000)
  return { venue, live, inputs, stop: () => stopped(ends, done) }
}

async function stopped(ends: AbortController, done: Promise<void>): Promise<void> {
  ends.abort()
  await done
}

/** Waits, ms. */
export const later = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** A venue with a feed that hears it. */
export type Heard = Awaited<ReturnType<typeof heard>>

/** Folds what was heard, and says which books are not those of the venue, and which are not traded. */
export function compared({ venue, inputs }: Heard) {
  const fold = tsFold()
  const touched = untouched()
  const assets = new Map<number, string>()
  for (const { event, tUs } of inputs) {
    if (event.type === 'TokenListed') assets.set(event.data.token, event.data.key)
    foldEvent(fold, event, tUs, touched)
  }
  const [wrong, dark]: [string[], string[]] = [[], []]
  for (const [token, asset] of assets) {
    const [ours, theirs] = [fold.view(token), venue.markets.books.get(asset)]
    if (!ours || !theirs) continue
    if (fold.distrustOf(token) !== 0) dark.push(asset)
    for (const side of [BID, ASK] as const) {
      const levels: number[] = []
      ours.walk(side, (price, size) => levels.push(price, size))
      if (levels.join() !== theirs.levels(side).join()) wrong.push(`${asset} ${side}`)
    }
  }
  return { tokens: assets.size, wrong, dark }
}

/** Inputs by type. */
export const counts = (inputs: readonly { event: Recorded['event'] }[]): Record<string, number> => {
  const found: Record<string, number> = {}
  for (const { event } of inputs) found[event.type] = (found[event.type] ?? 0) + 1
  return found
}

/** Lets the venue come to rest, and waits until what is heard has caught up, or for as long as that may take. */
export async function settled(run: Heard): Promise<void> {
  run.venue.pause()
  for (let waits = 0; waits < 40; waits++) {
    await later(250)
    const { wrong, dark } = compared(run)
    if (waits > 2 && wrong.length + dark.length === 0) return
  }
}
