import { once } from 'node:events'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { DEPTH_ROW, JOBS, QUOTE_ROW, type Job } from '#schemas/harvest.js'
import type { Recorded } from '#schemas/recorded.js'
import type { EventOf, TypeName } from '#schemas/registry.js'
import { depthOf } from '#engine/harvest/jobs/books.js'
import { HarvestFold } from '#projections/harvest/fold.js'
import { HarvestDatabase } from '#projections/sinks/harvest/database.js'
import { stepBook } from '#twin/collected/step-books.js'
import { TwinSources } from '#twin/collected/sources.js'
import { VirtualClock } from '#engine/run/testing/virtual-clock.js'
import { DAY_OF_FAULTS } from './helpers/day-of-faults.js'
import { HARVEST_BEGIN_US, type HarvestFate } from './helpers/harvest-lives.js'

const SKEW_MS = 60_000

const FATE: HarvestFate = { hours: 24, kills: 5, faults: DAY_OF_FAULTS, markets: 3 }
const SEED = 11
const worker = new Worker(new URL('./helpers/harvest-day-worker.js', import.meta.url), {
  workerData: { seed: SEED, fate: FATE },
})
const [{ rows, endUs, downUs }] = (await once(worker, 'message')) as [
  { rows: readonly Recorded[]; endUs: number; downUs: number },
]
/** What was true, by itself: it is a function of seed and time. */
const twin = new TwinSources({
  seed: SEED,
  handles: ['elonmusk'],
  markets: FATE.markets,
  clock: new VirtualClock(HARVEST_BEGIN_US),
})
const ofType = <N extends TypeName>(type: N) =>
  rows.flatMap(row =>
    row.event.type === type
      ? [
          {
            ...row,
            data: row.event.data as unknown as Extract<EventOf<N>, { data: unknown }>['data'],
          },
        ]
      : [],
  )
const runs = ofType('CollectorRan')
const endMs = endUs / 1_000
const account = twin.xtracker.accounts[0]!

/** When a collector last began a run that brought all, ms. */
const lastOf = (job: Job): number =>
  Math.max(
    ...runs
      .filter(({ data }) => data.job === job && /ok|unchanged/.test(data.status))
      .map(({ data }) => data.started),
  ) / 1_000

t.test('every slot of a day is run, or said to be missed; none twice', async t => {
  for (const job of JOBS) {
    const own = runs.filter(({ data }) => data.job === job && data.interval > 0)
    const { interval } = own[0]!.data
    // Posts are asked for less often while they fail: there slots of two lengths follow each other.
    if (own.some(({ data }) => data.interval !== interval)) {
      t.equal(job, 'post_sync')
      const spans = own.map(
        ({ data }) =>
          [
            (data.slot - Math.max(0, data.missed - 1)) * data.interval,
            (data.slot + 1) * data.interval,
          ] as const,
      )
      spans.forEach(([from], k) => {
        const before = spans[k - 1]
        if (before && from > before[1]) t.fail(`${job}: nothing is said of ${before[1]} to ${from}`)
      })
      continue
    }
    const slots = own.flatMap(({ data: { slot, missed } }) =>
      missed > 0 ? Array.from({ length: missed }, (_, k) => slot - missed + 1 + k) : [slot],
    )
    const first = Math.floor(HARVEST_BEGIN_US / 1_000 / interval)
    t.same(
      slots,
      Array.from({ length: slots.length }, (_, k) => (slots[0] ?? 0) + k),
      `${job}: one after the other`,
    )
    t.ok(
      slots[0]! - first <= 1 && Math.floor(endMs / interval) - slots.at(-1)! <= 1,
      `${job}: from begin to end`,
    )
  }
  const missed = runs.reduce(
    (sum, { data }) => sum + (data.job === 'quote_top_sync' ? data.missed : 0),
    0,
  )
  t.ok(
    missed >= Math.floor(downUs / 10_000_000) - 6,
    'what a killed process could not do is among the missed',
  )
  t.comment(
    `${runs.length} runs, ${missed} quote slots missed, down ${Math.round(downUs / 1e6)} s, ${rows.length} events`,
  )
})

t.test('whatever failed says why', async t => {
  const bad = runs.filter(({ data }) => data.status === 'error')
  t.ok(bad.length > 20, 'there was enough to fail at')
  t.ok(bad.every(({ data }) => data.error !== '' && data.message !== ''))
  const kinds = new Set(runs.map(({ data }) => data.error))
  for (const kind of ['server-error', 'rate-limited', 'not-json', 'timeout', 'network'])
    t.ok(kinds.has(kind), kind)
  const drift = runs.filter(({ data }) =>
    /refused|another form/.test(`${data.detail} ${data.message}`),
  )
  t.ok(drift.length > 0, 'another form of answers is told')
  t.ok(
    runs.every(
      ({ data }) =>
        data.attempts <= 5 || data.job === 'markets_discovery' || data.job === 'tracking_sync',
    ),
  )
})

t.test('posts, counts, windows and accounts are the source’s, each told once', async t => {
  const posts = ofType('PostsReported').flatMap(({ data }) => data.rows)
  const truth = twin.xtracker.posts(account, lastOf('post_sync'))
  t.equal(
    new Set(posts.map(({ id }) => id)).size,
    posts.length,
    'none is told twice, whatever crashed',
  )
  t.same(
    posts.map(({ id, text }) => `${id} ${text}`).sort(),
    truth.map(({ platformId, content }) => `${platformId} ${content}`).sort(),
  )
  const counts = new Map<string, { readonly count: number; readonly total: number }>(
    ofType('PostCountsReported').flatMap(({ data }) =>
      data.rows.map(row => [`${row.tracking} ${row.day}`, row] as const),
    ),
  )
  const atMs = lastOf('metric_sync')
  const truths = twin.xtracker.counts(account, atMs)
  for (const { trackingId, dayMs, count, cumulative } of truths) {
    const row = counts.get(`${trackingId} ${dayMs * 1_000}`)
    // Windows that were over for a day when all began are not asked about.
    if (row) t.ok(row.count === count && row.total === cumulative, `${trackingId} ${dayMs}`)
  }
  const open = twin.xtracker.trackings(account, atMs).filter(({ endMs: ms }) => ms > atMs)
  const ofOpen = truths.filter(({ trackingId }) => open.some(({ id }) => id === trackingId))
  t.ok(
    ofOpen.length > 3 &&
      ofOpen.every(({ trackingId, dayMs }) => counts.has(`${trackingId} ${dayMs * 1_000}`)),
  )
  t.ok(counts.size > 5)
  const windows = new Set(
    ofType('TrackingsReported').flatMap(({ data }) => data.rows.map(({ id }) => id)),
  )
  for (const { id } of twin.xtracker
    .trackings(account, lastOf('tracking_sync'))
    .filter(({ endMs: ms }) => ms > HARVEST_BEGIN_US / 1_000))
    t.ok(windows.has(id))
})

t.test('markets, tokens and results are the catalogue’s, each described once', async t => {
  const described = ofType('MarketDescribed').map(({ data }) => data)
  const truth = twin.catalogue
    .markets(lastOf('markets_discovery'))
    .filter(({ closedMs }) => closedMs > HARVEST_BEGIN_US / 1_000 + 1_000)
  t.same(
    described.map(({ condition }) => condition).sort(),
    truth.map(({ conditionId }) => conditionId).sort(),
  )
  const tokens = new Map(
    described.map(({ condition, tokens }) => [condition, tokens.map(({ id }) => id)]),
  )
  for (const { conditionId, tokens: own } of truth) t.same(tokens.get(conditionId), own)
  const refs = described.flatMap(({ ref, tokens: own }) => [ref, ...own.map(one => one.ref)])
  t.equal(new Set(refs).size, refs.length, 'no number is given twice')
  const conditionOf = new Map(described.map(({ ref, condition }) => [ref, condition]))
  const settled = ofType('MarketSettled').map(
    ({ data }) => `${conditionOf.get(data.ref)} ${data.winner} ${data.settled}`,
  )
  const lastMs = lastOf('settlement_sync')
  const results = truth
    .filter(({ closedMs }) => closedMs <= lastMs)
    .map(
      ({ conditionId, tokens: own, winner, closedMs }) =>
        `${conditionId} ${own[winner]} ${Math.floor(closedMs / 1_000) * 1_000_000}`,
    )
  t.same([...settled].sort(), [...results].sort())
  t.ok(settled.length > 3)
})

t.test('every sample is the book that was there, and every open token is in it', async t => {
  const tokenOf = new Map(
    ofType('MarketDescribed').flatMap(({ data }) =>
      data.tokens.map(({ ref, id }) => [ref, id] as const),
    ),
  )
  /** The book of a row: its time, which a clock that is wrong sets forward. */
  const bookAt = (ref: number, at: number, tUs: number) =>
    stepBook(
      tokenOf.get(ref)!,
      at > tUs / 1_000 + 5_000 ? at - SKEW_MS : at > tUs / 1_000 ? at - SKEW_MS : at,
    )
  let wrong = 0
  for (const { data, tUs } of ofType('QuotesSampled'))
    for (let i = 0; i < data.rows.length; i += QUOTE_ROW) {
      const [ref = 0, bid, ask, last, at = 0] = data.rows.slice(i, i + QUOTE_ROW)
      const book = bookAt(ref, at, tUs)
      if (bid !== (book.bids[0]?.[0] ?? 0) || ask !== book.asks[0]![0] || last !== book.last)
        wrong++
    }
  for (const { data, tUs } of ofType('DepthsSampled'))
    for (let i = 0; i < data.rows.length; i += DEPTH_ROW) {
      const [ref = 0, ...row] = data.rows.slice(i, i + DEPTH_ROW)
      const { bids, asks } = bookAt(ref, row[6] ?? 0, tUs)
      const depths = [1, 2, 5].flatMap(pct => [
        depthOf(bids.flat(), pct, -1),
        depthOf(asks.flat(), pct, 1),
      ])
      if (
        !isSame(
          [0, 3, 1, 4, 2, 5].map(k => row[k]),
          depths,
        )
      )
        wrong++
    }
  for (const { data, tUs } of ofType('LevelsSampled'))
    for (const { ref, at, bids, asks } of data.books) {
      const book = bookAt(ref, at, tUs)
      if (
        !isSame(bids, book.bids.slice(0, 20).flat()) ||
        !isSame(asks, book.asks.slice(0, 20).flat())
      )
        wrong++
    }
  t.equal(wrong, 0)
})

t.test('the tables hold as many rows as were recorded, whatever crashed in between', async t => {
  const db = await HarvestDatabase.open(join(t.testdir(), 'polaris.db'))
  const fold = new HarvestFold('harvest')
  const progress = (row: Recorded | undefined) => ({
    runId: 'harvest',
    startedUs: 1,
    lastSeq: row?.seq ?? 0,
    head: '',
    state: fold.save(),
  })
  rows.forEach((row, k) => {
    fold.take(row)
    if (k % 5_000 === 0) db.apply(fold.drain(), progress(row))
  })
  db.apply(fold.drain(), progress(rows.at(-1)))
  const count = (table: string, where = '1'): number =>
    (db.db.prepare(`SELECT count(*) AS n FROM "${table}" WHERE ${where}`).get() as { n: number }).n
  const quotes = ofType('QuotesSampled').reduce(
    (sum, { data }) => sum + data.rows.length / QUOTE_ROW,
    0,
  )
  t.equal(count('fact_quote_top_raw'), quotes)
  t.equal(
    count('fact_quote_depth_raw'),
    ofType('DepthsSampled').reduce((sum, { data }) => sum + data.rows.length / DEPTH_ROW, 0),
  )
  const levels = ofType('LevelsSampled')
    .flatMap(({ data }) => data.books)
    .reduce((sum, { bids, asks }) => sum + (bids.length + asks.length) / 2, 0)
  t.equal(count('fact_orderbook_l2_raw'), levels)
  t.equal(count('fact_tweet_post'), twin.xtracker.posts(account, lastOf('post_sync')).length)
  t.equal(count('dim_market'), ofType('MarketDescribed').length)
  t.equal(count('dim_token'), 2 * ofType('MarketDescribed').length)
  t.equal(count('fact_settlement'), ofType('MarketSettled').length)
  t.equal(count('ops_collector_run'), runs.length)
  const { n } = db.db.prepare('SELECT sum(sample_count) AS n FROM fact_quote_1m').get() as {
    n: number
  }
  t.equal(
    n,
    count('fact_quote_top_raw', 'mid IS NOT NULL'),
    'each sample with both sides is in its minute',
  )
  const health = db.db.prepare('SELECT sum(runs) AS n FROM ops_api_health_minute').get() as {
    n: number
  }
  t.equal(health.n, runs.filter(({ data }) => data.status !== 'missed').length)
  db.close()
})

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, k) => item === other[k])
}
