import t from 'tap'
import { QUOTE_ROW } from '#schemas/harvest.js'
import type { EventOf, TypeName } from '#schemas/registry.js'
import type { FeedInput } from '#engine/feeds/feed.js'
import { Harvester, type HarvesterOptions } from '#engine/harvest/harvester.js'
import { HarvestMemory } from '#engine/harvest/memory.js'
import { COLLECTORS } from '#engine/harvest/jobs/registry.js'
import { Instruments } from '#engine/core/instruments.js'
import { VirtualClock } from '#engine/run/testing/virtual-clock.js'
import type { ScriptedFault } from '#twin/faults.js'
import { TwinSources } from '#twin/collected/sources.js'
import { stepBook } from '#twin/collected/step-books.js'
import { harvestSettings } from './helpers/harvest-settings.js'
import { twinHttp } from './helpers/twin-http.js'

const BEGIN_US = Date.UTC(2026, 10, 20, 3) * 1_000
const MINUTE = 60_000_000

/** Lets collectors run for so long by a clock of their own; all that they said. */
async function harvested(
  forUs: number,
  {
    faults = [],
    of = {},
    settings = {},
  }: { faults?: ScriptedFault[]; of?: Partial<HarvesterOptions>; settings?: object } = {},
) {
  const clock = new VirtualClock(BEGIN_US)
  const twin = new TwinSources({ seed: 3, handles: ['elonmusk'], markets: 12, faults, clock })
  const http = twinHttp(twin, clock)
  const memory = new HarvestMemory()
  const harvester = new Harvester({
    http,
    clock,
    memory,
    settings: harvestSettings(settings),
    ...of,
  })
  const ends = new AbortController()
  const said: FeedInput[] = []
  const isOver = { is: false }
  const pump = (async () => {
    const opening = { signal: ends.signal, instruments: new Instruments().opening() }
    for await (const batch of harvester.feed.open(opening)) said.push(...batch)
    isOver.is = true
  })()
  await clock.run({ untilUs: BEGIN_US + forUs, isOver: () => isOver.is })
  ends.abort()
  await pump
  return { clock, twin, memory, said, harvester }
}

const ofType = <N extends TypeName>(said: readonly FeedInput[], type: N) =>
  said.flatMap(({ event }) =>
    event.type === type
      ? [event.data as unknown as Extract<EventOf<N>, { data: unknown }>['data']]
      : [],
  )
const ran = (said: readonly FeedInput[], job: string) =>
  ofType(said, 'CollectorRan').filter(one => one.job === job)

t.test('every collector runs by its interval, and what it brings is what is true', async t => {
  const { said, twin, clock } = await harvested(10 * MINUTE)
  for (const { job } of COLLECTORS) t.ok(ran(said, job).length > 0, job)
  // One at the start and one in each slot; the last of them may still be due.
  t.ok([60, 61].includes(ran(said, 'quote_top_sync').length))
  t.ok([20, 21].includes(ran(said, 'quote_depth_sync').length))
  t.same(
    ofType(said, 'CollectorRan').filter(({ status }) => status !== 'ok' && status !== 'unchanged'),
    [],
  )
  const account = twin.xtracker.accounts[0]!
  const nowMs = clock.nowUs() / 1_000
  const posts = ofType(said, 'PostsReported').flatMap(({ rows }) => rows)
  const ids = posts.map(({ id }) => id)
  t.equal(new Set(ids).size, ids.length, 'no post is told twice')
  const lastSync = Math.max(...ran(said, 'post_sync').map(({ started }) => started)) / 1_000
  t.same(
    [...ids].sort(),
    twin.xtracker
      .posts(account, lastSync)
      .map(({ platformId }) => platformId)
      .sort(),
  )
  const described = ofType(said, 'MarketDescribed')
  t.same(
    described.map(({ condition }) => condition).sort(),
    twin.catalogue
      .open(nowMs)
      .map(({ conditionId }) => conditionId)
      .sort(),
  )
  const tokenOf = new Map(
    described.flatMap(({ tokens }) => tokens.map(({ ref, id }) => [ref, id] as const)),
  )
  for (const { rows } of ofType(said, 'QuotesSampled'))
    for (let i = 0; i < rows.length; i += QUOTE_ROW) {
      const [ref, bid, ask, last, at] = rows.slice(i, i + QUOTE_ROW) as [
        number,
        number,
        number,
        number,
        number,
      ]
      const book = stepBook(tokenOf.get(ref)!, at)
      if (bid !== (book.bids[0]?.[0] ?? 0) || ask !== book.asks[0]![0] || last !== book.last)
        t.fail(`token ${ref} at ${at}`)
    }
})

t.test('a source that says what it said brings a heartbeat and no row', async t => {
  const { said } = await harvested(10 * MINUTE)
  const unchanged = ran(said, 'post_sync').filter(({ status }) => status === 'unchanged')
  t.ok(unchanged.length > 0)
  t.ok(unchanged.every(({ rows }) => rows === 0))
})

t.test('runs are jittered within a tenth of their interval, by a key: the same twice', async t => {
  const [one, two] = [await harvested(5 * MINUTE), await harvested(5 * MINUTE)]
  t.same(one.said, two.said)
  const jitters = ran(one.said, 'quote_top_sync')
    .slice(1)
    .map(({ jitter }) => jitter)
  t.ok(jitters.every(ms => Math.abs(ms) <= 1_000))
  t.ok(new Set(jitters).size > 10, 'they differ')
})

t.test('each fault is overcome by another try, or said', async t => {
  const tried = {
    'rest-500': 1,
    'rest-429': 1,
    'truncated-json': 1,
    'rest-reset': 1,
    'rest-hang': 1,
  } as const
  for (const kind of Object.keys(tried) as (keyof typeof tried)[]) {
    const faults = [{ kind, fromMs: 60_000, forMs: 2_000 }]
    const { said } = await harvested(3 * MINUTE, { faults })
    const bad = ofType(said, 'CollectorRan').filter(
      ({ status }) => status === 'error' || status === 'partial',
    )
    t.same(bad, [], `${kind} is overcome`)
    t.ok(
      ofType(said, 'CollectorRan').some(
        ({ attempts, status, job }) => attempts > 1 && status === 'ok' && job === 'quote_top_sync',
      ),
      `${kind}: by another try`,
    )
  }
  const drift = await harvested(3 * MINUTE, {
    faults: [{ kind: 'schema-drift', fromMs: 60_000, forMs: 30_000 }],
  })
  const said = ofType(drift.said, 'CollectorRan').filter(
    ({ status }) => status === 'partial' || status === 'error',
  )
  t.ok(said.length > 0, 'another form is said')
  t.match(said[0], { detail: /refused|^\{/ })
})

t.test('a source that asks for peace gets it', async t => {
  const faults = [{ kind: 'rest-429', fromMs: 60_000, forMs: 10_000 } as const]
  const { twin, said } = await harvested(4 * MINUTE, { faults })
  const refused = [...twin.counts]
    .filter(([key]) => key.endsWith(' 429'))
    .reduce((sum, [, n]) => sum + n, 0)
  // Five sources of requests, three seconds of peace each time: a client that does not listen asks dozens of times.
  t.ok(refused > 0 && refused < 30, `${refused} requests were put off`)
  t.same(
    ofType(said, 'CollectorRan').filter(({ status }) => status === 'error'),
    [],
  )
})

t.test('slots that go by are counted, each once', async t => {
  const faults = [{ kind: 'rest-hang', fromMs: 60_000, forMs: 100_000 } as const]
  const { said } = await harvested(10 * MINUTE, { faults })
  const tops = ran(said, 'quote_top_sync')
  const missed = tops.filter(({ status }) => status === 'missed')
  t.ok(missed.length > 0)
  const covered = tops.flatMap(({ slot, missed: count }) =>
    count > 0 ? Array.from({ length: count }, (_, k) => slot - k) : [slot],
  )
  const sorted = [...covered].sort((a, b) => a - b)
  t.same(
    sorted,
    Array.from({ length: sorted.length }, (_, k) => sorted[0]! + k),
    'no slot twice, none unsaid',
  )
})

t.test('posts are asked for less often once they failed eight times', async t => {
  const faults = [{ kind: 'rest-500', fromMs: 0, forMs: 7_200_000 } as const]
  const memory = new HarvestMemory()
  const { said } = await harvested(120 * MINUTE, { faults, of: { memory } })
  const starts = ran(said, 'post_sync').filter(({ status }) => status === 'error')
  t.ok(starts.length > 10)
  t.equal(starts[4]!.interval, 120_000)
  t.equal(starts.at(-1)!.interval, 300_000)
})

t.test('other intervals hold at once; what runs ends first', async t => {
  const clock = new VirtualClock(BEGIN_US)
  const twin = new TwinSources({ seed: 3, handles: ['elonmusk'], markets: 4, clock })
  const settings = harvestSettings({
    intervals: { quote_top_sync: 3_600_000, markets_discovery: 3_600_000 },
  })
  const harvester = new Harvester({
    http: twinHttp(twin, clock),
    clock,
    memory: new HarvestMemory(),
    settings,
  })
  const ends = new AbortController()
  const said: FeedInput[] = []
  const pump = (async () => {
    for await (const batch of harvester.feed.open({
      signal: ends.signal,
      instruments: new Instruments().opening(),
    }))
      said.push(...batch)
  })()
  await clock.run({ untilUs: BEGIN_US + 2 * MINUTE, isOver: () => false })
  const before = ran(said, 'quote_top_sync').length
  harvester.reconfigure(harvestSettings({ intervals: { quote_top_sync: 10_000 } }))
  await clock.run({ untilUs: BEGIN_US + 4 * MINUTE, isOver: () => false })
  ends.abort()
  await pump
  t.equal(before, 1)
  t.ok(ran(said, 'quote_top_sync').length > 10)
})

t.test('jobs that are asked for once run in their order, and the feed ends', async t => {
  const { said, clock } = await harvested(60 * MINUTE, {
    of: { once: ['tracking_sync', 'metric_sync', 'agg_1m'] },
  })
  t.same(
    ofType(said, 'CollectorRan').map(({ job }) => job),
    ['tracking_sync', 'metric_sync', 'agg_1m'],
  )
  t.ok(clock.nowUs() < BEGIN_US + MINUTE)
  t.ok(ofType(said, 'PostCountsReported').length > 0)
})
