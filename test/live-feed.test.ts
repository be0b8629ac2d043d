import t from 'tap'
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
import { faultFrom, type ScriptedFault } from '#twin/faults.js'

/** A venue and a feed that hears it, for so long. */
async function heard(
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

const later = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

type Heard = Awaited<ReturnType<typeof heard>>

/** Folds what was heard, and says which books are not those of the venue, and which are not traded. */
function compared({ venue, inputs }: Heard) {
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

const counts = (inputs: readonly { event: Recorded['event'] }[]): Record<string, number> => {
  const found: Record<string, number> = {}
  for (const { event } of inputs) found[event.type] = (found[event.type] ?? 0) + 1
  return found
}

/** Lets the venue come to rest, and waits until what is heard has caught up, or for as long as that may take. */
async function settled(run: Heard): Promise<void> {
  run.venue.pause()
  for (let waits = 0; waits < 40; waits++) {
    await later(250)
    const { wrong, dark } = compared(run)
    if (waits > 2 && wrong.length + dark.length === 0) return
  }
}

const script = (...texts: string[]): ScriptedFault[] =>
  texts.map(text => {
    const fault = faultFrom(text)
    if (typeof fault === 'string') throw new Error(fault)
    return fault
  })

void t.test('every book that is heard is the book of the venue', async t => {
  const run = await heard(3)
  await settled(run)
  const { tokens, wrong, dark } = compared(run)
  const status = run.live.status()
  await run.stop()
  await run.venue.stop()
  t.equal(tokens, 26)
  t.same(wrong, [])
  t.same(dark, [])
  t.ok((status?.frames ?? 0) > 200, `${status?.frames} frames`)
  t.match(status, { lost: 0, staleBooks: 0, report: { skipped: [] } })
  t.ok(
    (status?.report.hashOk ?? 0) > 300 && status?.report.hashOk === status?.report.hashChecked,
    `${status?.report.hashOk} hashes`,
  )
})

/** Venues with their feeds that one thread serves at a time. */
const AT_ONCE = 4

const FAULTS: readonly (readonly [what: string, script: readonly string[]])[] = [
  ['connections that are dropped', ['close@0.6s', 'close@1.4s']],
  ['a silent stall', ['stall@0.5s+1.6s']],
  ['a half-open connection', ['half-open@0.5s+1.6s']],
  ['frames that are lost', ['drop-frames@0.5s+1s']],
  ['frames that come twice', ['duplicate-frames@0.3s+2s']],
  ['frames that change places', ['reorder-frames@0.5s+1s']],
  ['frames that are cut off', ['garbage-frames@0.5s+1s']],
  ['frames that come late', ['delay-frames@0.5s+1s']],
  ['REST that fails while books are wanted', ['rest-500@0s+1.2s', 'close@0.5s']],
  ['REST that puts off', ['garbage-frames@0.5s+0.6s', 'rest-429@0.5s+0.8s']],
  ['REST that is stale', ['stale-rest@0.4s+1s', 'garbage-frames@0.8s+0.4s']],
]

void t.test("whatever goes wrong, books are the venue's again, or not traded", async t => {
  const judged = async ([what, texts]: (typeof FAULTS)[number]) => {
    const faults = { faults: script(...texts), seed: 5, speed: 10 }
    const run = await heard(4.5, faults, { restAgeMs: 1_000 })
    await settled(run)
    const { wrong, dark } = compared(run)
    await run.stop()
    await run.venue.stop()
    const traded = wrong.filter(one => !dark.includes(one.split(' ')[0] ?? ''))
    return { what, traded, dark, heard: JSON.stringify(counts(run.inputs)) }
  }
  const all = []
  for (let k = 0; k < FAULTS.length; k += AT_ONCE)
    all.push(...(await Promise.all(FAULTS.slice(k, k + AT_ONCE).map(judged))))
  for (const { what, traded, dark, heard } of all) {
    t.same(traded, [], `${what}: no book that is traded is another than the venue's (${heard})`)
    t.same(dark, [], `${what}: all books are traded again`)
  }
})
