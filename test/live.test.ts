import * as E from 'fp-ts/lib/Either.js'
import t from 'tap'
import type { Recorded } from '#schemas/recorded.js'
import { RunStarted } from '#schemas/events/run.js'
import { SCHEMA } from '#schemas/registry.js'
import type { WallClock } from '#engine/core/wall-clock.js'
import { prng, type Prng } from '#engine/feeds/simulator/prng.js'
import { simulatorFeed } from '#engine/feeds/simulator/simulator.js'
import { clockedFeed } from './helpers/clocked-feed.js'
import { drained } from '#engine/feeds/testing/drain.js'
import { LoopbackVenue, type LoopbackFaults } from '#engine/gateways/loopback/venue.js'
import { STRATEGIES } from '#engine/strategies/registry.js'
import { instancesOf } from '#engine/run/instances.js'
import { runLive } from '#engine/run/live.js'
import type { LiveEnd } from '#engine/run/live-options.js'
import { Replay } from '#engine/run/replay.js'
import { CrashLog } from '#engine/run/testing/crash-log.js'
import { VirtualClock } from '#engine/run/testing/virtual-clock.js'
import { configWith } from '#engine/run/testing/story.js'

const START_US = 1_780_000_000_000_000
const LONG = process.env['POLARIS_LONG'] === '1'
const FIRST = Number(process.env['POLARIS_SEED'] ?? 1)
const SEEDS = process.env['POLARIS_SEED']
  ? 1
  : Number(process.env['POLARIS_SEEDS'] ?? (LONG ? 1_000 : 25))

const RULES = configWith({
  strategy: {
    names: ['parity', 'quoting'],
    instances: [
      { id: 'maker', strategy: 'quoting', scope: 'maker', params: { half_spread_bps: 50 } },
    ],
  },
  parity: { min_edge_bps: 60, size_max_micro: 20_000_000 },
  quoting: { half_spread_bps: 200, inventory_max_micro: 40_000_000 },
  risk: {
    rejects_max: 1_000,
    error_rate_max_bps: 0,
    book_age_max_ms: 60_000,
    reconcile_every_ms: 15_000,
  },
  oms: { answer_timeout_ms: 1_500, query_every_ms: 1_000, query_deadline_ms: 60_000 },
  live: { shutdown_ms: 70_000 },
})

const startedAs = (exchange: 'sim' | 'venue', config = RULES) =>
  RunStarted.make({
    ...{ parent: '', mode: 'paper_live', source: 'test', schema: SCHEMA, seed: 1, faults: [] },
    ...{ config, digest: '', exchange, clock: 'wall' },
    instances: instancesOf(config, STRATEGIES),
  })

/** A clock for one life of the engine: once it is killed, none of its alarms rings. */
function mortal(clock: WallClock): { clock: WallClock; kill: () => void } {
  let isDead = false
  return {
    clock: {
      nowUs: clock.nowUs,
      wakeAt: (atUs, call) =>
        clock.wakeAt(atUs, () => {
          if (!isDead) call()
        }),
    },
    kill: () => {
      isDead = true
    },
  }
}

interface World {
  readonly clock: VirtualClock
  readonly venue: LoopbackVenue
  readonly feedsOn: (clock: WallClock) => ReturnType<typeof clockedFeed>[]
}

async function worldOf(
  seed: number,
  of: { ms: number; faults: Partial<LoopbackFaults> },
): Promise<World> {
  const clock = new VirtualClock(START_US)
  const inputsOf = (scenario: string, salt: number) =>
    drained(
      simulatorFeed({
        scenario,
        seed: seed + salt,
        durationMs: of.ms,
        mispricingsPerMillion: 3_000,
      }),
    )
  const [one, other] = await Promise.all([inputsOf('quoting', 0), inputsOf('parity-quiet', 7)])
  // Sources go on while the engine is down, so they live by the world's own clock.
  const feeds = [
    clockedFeed({ name: 'one', venue: 'polymarket', inputs: one, clock }),
    clockedFeed({ name: 'other', venue: 'kalshi', inputs: other, clock }),
  ]
  const venue = new LoopbackVenue({ clock, seed, faults: of.faults })
  return { clock, venue, feedsOn: () => feeds }
}

/** One run over the loopback venue, killed so many times and resumed each time, until it is stopped. */
async function livesOf(
  seed: number,
  { ms, kills, faults }: { ms: number; kills: number; faults: Partial<LoopbackFaults> },
): Promise<{ rows: readonly Recorded[]; end: LiveEnd; venue: LoopbackVenue }> {
  const rng = prng(seed, 'kills')
  const { clock, venue, feedsOn } = await worldOf(seed, { ms, faults })
  const started = startedAs('venue')
  let rows: readonly Recorded[] = []
  for (let life = 0; ; life++) {
    const own = mortal(clock)
    const log = new CrashLog({ clock: own.clock, delayUs: 200 + rng.below(4_000), rows })
    const stop = new AbortController()
    let end: E.Either<unknown, LiveEnd> | undefined
    let failed: unknown
    runLive({
      ...{ started, log, clock: own.clock, stop: stop.signal, feeds: feedsOn(own.clock) },
      venue: venue.connect(),
      ...(rows.length > 0 && { resumed: { loop: engineOf(rows), tornBytes: 0 } }),
    }).then(
      found => (end = found),
      (error: unknown) => (failed = error),
    )
    const isOver = (): boolean => end !== undefined || failed !== undefined
    const isLast = life === kills
    const lifeMs = isLast ? 2_000 + rng.below(10_000) : rng.below((2 * ms) / (kills + 1))
    await clock.run({ untilUs: clock.nowUs() + lifeMs * 1_000, isOver })
    if (isLast) {
      stop.abort()
      await clock.run({ untilUs: clock.nowUs() + 600_000_000, isOver })
    }
    if (failed !== undefined) throw failed as Error
    if (isLast) {
      if (!end || E.isLeft(end)) throw new Error(`it does not end: ${JSON.stringify(end)}`)
      return { rows: log.rows, end: end.right, venue }
    }
    own.kill()
    venue.disconnect()
    rows = log.crash(rng.below(3))
    await clock.run({ untilUs: clock.nowUs() + rng.below(3_000) * 1_000, isOver: () => false })
  }
}

/** The engine at the end of what a crash left: compared with it, line by line. */
function engineOf(rows: readonly Recorded[]) {
  const replay = new Replay()
  const log = new CrashLog({ clock: new VirtualClock(0), delayUs: 0, rows })
  const found = replay.lines(log.bytes)
  if (found !== undefined || !replay.loop) throw new Error(`no replay: ${JSON.stringify(found)}`)
  return replay.loop
}

function holds(is: boolean, law: string): void {
  if (!is) throw new Error(law)
}

/** What must be so when a run is over. */
function obey({ rows, end, venue }: Awaited<ReturnType<typeof livesOf>>): void {
  engineOf(rows) // it replays
  const open = new Set<string>()
  let isStopped = false
  for (const { event } of rows) {
    if (event.type === 'HardStopTripped' && event.data.scope === undefined) isStopped = true
    if (event.type === 'OrderPlaced') {
      holds(!isStopped, `no order follows a hard stop, but ${event.data.order} does`)
      holds(!open.has(event.data.order), `${event.data.order} is placed once`)
      open.add(event.data.order)
    }
    if (event.type === 'OrderClosed') holds(open.delete(event.data.order), 'an order ends once')
  }
  holds(open.size === 0, `every order ends: ${[...open].join()}`)
  holds(venue.repeated.length === 0, `no order is sent twice: ${venue.repeated.join()}`)
  holds(venue.isFlat || end.unknown.length > 0, 'nothing rests at the venue')
  if (end.unknown.length > 0) return
  const { purses } = end.loop.state
  const tokens = new Set([...purses.tokens, ...venue.positions.keys()])
  const resolved = (token: number): boolean =>
    end.loop.state.market(end.loop.state.marketOf[token]!).isResolved
  for (const token of tokens)
    if (!resolved(token))
      holds(
        purses.held(token) === (venue.positions.get(token) ?? 0),
        `token ${token}: ${purses.held(token)} here, ${venue.positions.get(token) ?? 0} there`,
      )
}

const faultsOf = (rng: Prng): Partial<LoopbackFaults> => {
  const one = <T>(of: readonly T[]): T => of[rng.below(of.length)]!
  return {
    lostBps: one([0, 200]),
    answerLostBps: one([0, 300]),
    lateBps: one([0, 2_000]),
    lateMs: one([500, 4_000]),
    rejectBps: one([0, 300]),
    twiceBps: one([0, 3_000]),
    fillFirstBps: one([0, 5_000]),
    crossedBps: one([0, 5_000]),
    partialMs: one([1_000, 8_000, 60_000]),
    latencyMs: one([5, 60, 400]),
  }
}

t.test(`${SEEDS} runs over a venue of another thread of time, with kills and faults`, async t => {
  t.setTimeout(1_800_000)
  let [orders, fills, recovered] = [0, 0, 0]
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++)
    try {
      const faults = faultsOf(prng(seed, 'faults'))
      const run = await livesOf(seed, { ms: 12_000, kills: seed % 4, faults })
      obey(run)
      for (const { event } of run.rows) {
        if (event.type === 'OrderPlaced') orders++
        if (event.type === 'OrderFilled') fills++
        if (event.type === 'RunReconciled') recovered++
      }
    } catch (error) {
      t.fail(`seed ${seed}: ${String(error)}; again: POLARIS_SEED=${seed} npm test -- test/live`)
      return
    }
  t.ok(orders > 10 * SEEDS, `${orders} orders`)
  t.ok(fills > SEEDS, `${fills} fills`)
  t.ok(recovered > SEEDS / 4 || SEEDS === 1, `${recovered} recoveries`)
})
