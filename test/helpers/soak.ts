// A soak: an engine that trades at the twin over real sockets for so long, the twin in a process of its own. Each second every book is held
// against the twin's own; memory, lag and what was lost are written down. Prints JSON.
//
//   node dist/test/helpers/soak.js MINUTES SPEED [TOKENS]
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createHistogram } from 'node:perf_hooks'
import * as E from 'fp-ts/lib/Either.js'
import { defaults } from '#schemas/config.js'
import { RunStarted } from '#schemas/events/run.js'
import { ASK, BID } from '#schemas/levels.js'
import type { Recorded } from '#schemas/recorded.js'
import { SCHEMA } from '#schemas/registry.js'
import { polymarketLive } from '#engine/feeds/polymarket/live/live-feed.js'
import { PolymarketGateway } from '#engine/gateways/polymarket/gateway.js'
import { folderStore } from '#engine/log/store/folder-store.js'
import type { LogWriter } from '#engine/log/event-log.js'
import type { KeepRun, RunStore } from '#engine/log/store/run-store.js'
import { startOf as factsOf } from '#engine/log/testing/builders.js'
import { instancesOf } from '#engine/run/instances.js'
import { configWith } from '#engine/run/testing/story.js'
import type { EngineLoop } from '#engine/run/engine-loop.js'
import { STRATEGIES } from '#engine/strategies/registry.js'
import { askVenue } from '#cli/ask-venue.js'
import { openAccount } from '#cli/live-account.js'
import { openLive } from '#cli/live-run.js'
import { twinAt } from '#cli/live-venue.js'
import { machineClock } from '#cli/machine-clock.js'
import { replayRun } from '#cli/replay-run.js'

const ROOT = resolve(import.meta.dirname, '..', '..', '..')
const KEY = '59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d'
/** What is taken for warm-up, ms. */
const WARM_MS = 60_000

const RULES = configWith({
  strategy: { names: ['parity', 'quoting'] },
  parity: { min_edge_bps: 60, size_max_micro: 20_000_000 },
  quoting: { half_spread_bps: 200, size_micro: 20_000_000, inventory_max_micro: 100_000_000 },
  risk: {
    rejects_max: 1_000,
    error_rate_max_bps: 0,
    book_age_max_ms: 600_000,
    reconcile_every_ms: 30_000,
  },
  oms: { requote_min_ms: 5_000 },
})

const DECISIONS: ReadonlySet<string> = new Set([
  'SignalRaised',
  'QuoteTargeted',
  'CancelRequested',
  'OrderPlaced',
])

interface Sample {
  readonly s: number
  readonly rssMb: number
  readonly heapMb: number
  readonly externalMb: number
}

/** A store whose writer tells how long each decision came after the receipt of what it was made on. */
function timed(store: RunStore, decided: (us: number) => void, nowUs: () => number): RunStore {
  const watched = (log: LogWriter): LogWriter =>
    new Proxy(log, {
      get: (target, name) => {
        if (name === 'append')
          return (rows: readonly Recorded[]) => {
            const [input] = rows
            const isDecided = rows.some(({ event }) => DECISIONS.has(event.type))
            if (input && isDecided && input.event.type.startsWith('Book'))
              decided(nowUs() - input.tUs)
            return target.append(rows)
          }
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    })
  return {
    ...store,
    create: async (run: string, facts: Parameters<RunStore['create']>[1], keep: KeepRun) => {
      const made = await store.create(run, facts, keep)
      return E.isRight(made) ? E.right(watched(made.right)) : made
    },
  }
}

async function soak(minutes: number, speed: number, tokens: number): Promise<unknown> {
  const twin = spawn(process.execPath, [
    join(ROOT, 'dist/cli/main.js'),
    'venue',
    'venue',
    '--speed',
    `${speed}`,
    '--cash',
    '900000',
  ])
  const base = await new Promise<string>((found, lost) => {
    twin.stdout.on('data', (text: Buffer) => {
      const [url] = /http:\/\/\S+\d/.exec(text.toString()) ?? []
      if (url !== undefined) found(url)
    })
    twin.on('exit', code => {
      lost(new Error(`the twin ended with ${code}`))
    })
  })
  const root = mkdtempSync(join(tmpdir(), 'polaris-soak-'))
  const urls = twinAt(base)
  const clock = machineClock()
  const { signer, account, credentials } = await openAccount(defaults(), urls, {
    POLARIS_PRIVATE_KEY: KEY,
  })
  const gateway = new PolymarketGateway({
    ...{
      clob: urls.clob,
      data: urls.data,
      channel: urls.user,
      credentials,
      clock,
      chance: Math.random,
    },
    signing: { account, signer, run: 'soak' },
    rules: { ordersPerSecond: 100, ordersBurst: 100, cancelsPerSecond: 200, cancelsBurst: 200 },
  })
  const feed = polymarketLive({
    ...{ clob: urls.clob, gamma: urls.gamma, channel: urls.channel, clock, chance: Math.random },
    universe: { tokensMax: tokens },
  })
  const started = RunStarted.make({
    ...{ parent: '', mode: 'live', source: 'polymarket', schema: SCHEMA, seed: 1, faults: [] },
    ...{ config: RULES, digest: '', exchange: 'venue', clock: 'wall' },
    instances: instancesOf(RULES, STRATEGIES),
  })
  const { parent, mode, source, digest: configDigest } = started.data
  const histogram = createHistogram()
  let isWarm = false
  const store = timed(
    folderStore(root),
    us => {
      if (isWarm) histogram.record(Math.max(1, Math.round(us)))
    },
    () => clock.nowUs(),
  )
  const run = join(root, 'soak')
  const opened = await openLive({
    ...{ store, run, started, clock, feeds: [feed], venue: gateway },
    facts: { ...factsOf('soak'), parent, mode, source, configDigest },
    keep: { commitEvents: 256, commitMs: 5, durability: 'commit' },
    everyEvents: 200_000,
    remark: line => process.stderr.write(`${line}\n`),
  })
  const stop = new AbortController()
  let loop: EngineLoop<unknown> | undefined
  const over = opened.go(stop.signal, one => {
    loop = one
  })
  const beganMs = Date.now()
  const samples: Sample[] = []
  const pending: Promise<void>[] = []
  const compared: Compared = { books: 0, equal: 0, late: 0, lost: 0, worst: '' }
  for (let tick = 0; Date.now() - beganMs < minutes * 60_000; tick++) {
    await later(beganMs + tick * 50 - Date.now())
    if (!loop) continue
    isWarm = Date.now() - beganMs > WARM_MS
    // Each book once a second, a few at a time: to look must not be what one sees.
    const keys = keysOf(loop)
    const part = keys.filter((_, k) => k % 20 === tick % 20)
    pending.push(compare(base, loop, part, compared))
    if (tick % 200 === 0) {
      await Promise.all(pending.splice(0))
      samples.push(sampleAt(beganMs))
      if (tick % 1_200 === 0)
        process.stderr.write(
          `${JSON.stringify({ ...samples.at(-1), events: loop.lastSeq, ...compared })}\n`,
        )
    }
  }
  await Promise.all(pending)
  const minutesRun = (Date.now() - beganMs) / 60_000
  stop.abort()
  const end = await over
  twin.removeAllListeners('exit')
  twin.kill('SIGINT')
  if (E.isLeft(end)) throw new Error(JSON.stringify(end.left))
  const counts: Record<string, number> = {}
  for await (const read of store.rows(run)) {
    if (E.isLeft(read)) throw new Error(JSON.stringify(read.left))
    for (const { event } of read.right) counts[event.type] = (counts[event.type] ?? 0) + 1
  }
  const { result } = await replayRun(run, { store })
  const ms = (p: number): number => histogram.percentile(p) / 1_000
  rmSync(root, { recursive: true, force: true })
  return {
    ...{ minutes: minutesRun, speed, tokens, eventHours: (minutesRun * speed) / 60 },
    changesPerSecond: Math.round((counts['BookChanged'] ?? 0) / (minutesRun * 60)),
    decisions: histogram.count,
    ...{ p50: ms(50), p90: ms(90), p99: ms(99), p999: ms(99.9), max: histogram.max / 1_000 },
    compared,
    ...{ counts, samples, unknown: end.right.unknown, replay: result.identical },
  }
}

/** Holds some books against the twin's; what differs is looked at again, since changes are on their way. */
async function compare(
  base: string,
  { state }: EngineLoop<unknown>,
  keys: readonly (readonly [key: string, token: number])[],
  found: Compared,
): Promise<void> {
  let left = keys
  for (let tries = 0; left.length > 0 && tries < 20; tries++) {
    if (tries > 0) await later(50)
    const body = JSON.stringify(left.map(([token_id]) => ({ token_id })))
    const { text } = await askVenue(base, { method: 'POST', path: '/books', body })
    const books = new Map((JSON.parse(text) as Summary[]).map(book => [book.asset_id, book]))
    const different = left.filter(([key, token]) => !isEqual(books.get(key), state, token))
    if (tries === 0) {
      found.books += left.length
      found.equal += left.length - different.length
    } else found.late += left.length - different.length
    left = different
  }
  found.lost += left.length
  if (left[0] !== undefined) found.worst = left[0][0]
}

interface Compared {
  books: number
  equal: number
  late: number
  lost: number
  worst: string
}

interface Summary {
  readonly asset_id: string
  readonly bids: readonly { price: string; size: string }[]
  readonly asks: readonly { price: string; size: string }[]
}

function isEqual(
  summary: Summary | undefined,
  state: EngineLoop<unknown>['state'],
  token: number,
): boolean {
  if (!summary) return false
  const { bids, asks } = summary
  for (const [side, theirs] of [
    [BID, bids],
    [ASK, asks],
  ] as const) {
    const levels: number[] = []
    state.book(token).walk(side, (price, size) => levels.push(price, size))
    const other = theirs
      .map(
        ({ price, size }) =>
          [Math.round(Number(price) * 1e4), Math.round(Number(size) * 1e6)] as const,
      )
      .sort(([a], [b]) => (side === BID ? b - a : a - b))
      .flat()
    if (levels.join() !== other.join()) return false
  }
  return true
}

function keysOf({ state }: EngineLoop<unknown>): (readonly [string, number])[] {
  return state.markets.flatMap(market =>
    (market?.tokens ?? []).map(
      token => [state.instruments.native(token)?.token ?? '', token] as const,
    ),
  )
}

function sampleAt(beganMs: number): Sample {
  const { rss, heapUsed, external } = process.memoryUsage()
  const mb = (bytes: number): number => Math.round(bytes / 104_857.6) / 10
  const s = Math.round((Date.now() - beganMs) / 1_000)
  return { s, rssMb: mb(rss), heapMb: mb(heapUsed), externalMb: mb(external) }
}

const later = (ms: number): Promise<void> => new Promise(done => setTimeout(done, ms))

const [minutes = '20', speed = '20', tokens = '200'] = process.argv.slice(2)
if (process.argv[1]?.endsWith('soak.js') === true)
  process.stdout.write(
    `${JSON.stringify(await soak(Number(minutes), Number(speed), Number(tokens)), null, 1)}\n`,
  )
