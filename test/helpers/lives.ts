import * as E from 'fp-ts/lib/Either.js'
import { RunStarted } from '#schemas/events/run.js'
import type { Recorded } from '#schemas/recorded.js'
import { SCHEMA } from '#schemas/registry.js'
import type { WallClock } from '#engine/core/wall-clock.js'
import type { Feed } from '#engine/feeds/feed.js'
import { prng, type Prng } from '#engine/feeds/simulator/prng.js'
import { simulatorFeed } from '#engine/feeds/simulator/simulator.js'
import { drained } from '#engine/feeds/testing/drain.js'
import { LoopbackVenue, type LoopbackFaults } from '#engine/gateways/loopback/venue.js'
import { startOf as factsOf } from '#engine/log/testing/builders.js'
import { instancesOf } from '#engine/run/instances.js'
import type { LiveEnd } from '#engine/run/live-options.js'
import { configWith } from '#engine/run/testing/story.js'
import { VirtualClock } from '#engine/run/testing/virtual-clock.js'
import { STRATEGIES } from '#engine/strategies/registry.js'
import { Refusal } from '#cli/command.js'
import { openLive } from '#cli/live-run.js'
import { clockedFeed } from './clocked-feed.js'
import type { Ground } from './grounds.js'

const START_US = 1_780_000_000_000_000

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

const STARTED = RunStarted.make({
  ...{ parent: '', mode: 'paper_live', source: 'test', schema: SCHEMA, seed: 1, faults: [] },
  ...{ config: RULES, digest: '', exchange: 'venue', clock: 'wall' },
  instances: instancesOf(RULES, STRATEGIES),
})

const { parent, mode, source, digest: configDigest } = STARTED.data
const FACTS = { ...factsOf('live'), parent, mode, source, configDigest }

/** What happens to a run: how long its feeds go on, how often it is killed, and what goes wrong at the venue. */
export interface Fate {
  readonly ms: number
  readonly kills: number
  readonly faults: Partial<LoopbackFaults>
  /** Another script of faults for each life, in turn. */
  readonly scripts?: readonly Partial<LoopbackFaults>[]
  /** Events between two checkpoints; 0: none. */
  readonly everyEvents: number
}

/** A run over the loopback venue that is over. */
export interface Lived {
  readonly rows: readonly Recorded[]
  /** Undefined where it was killed between its seal and the moment at which it would have said so. */
  readonly end: LiveEnd | undefined
  readonly venue: LoopbackVenue
  readonly kills: number
  /** Lives that were taken up from a checkpoint, the events that all lives found, and those that were not replayed. */
  readonly taken: number
  readonly found: number
  readonly skipped: number
}

/** One run over the loopback venue, killed so many times and resumed each time, until it is stopped. */
export async function livesOf(seed: number, ground: Ground, fate: Fate): Promise<Lived> {
  const { ms, kills, scripts = [] } = fate
  const rng = prng(seed, 'kills')
  const { clock, venue, feeds } = await worldOf(seed, fate, ground)
  let [taken, found, skipped] = [0, 0, 0]
  for (let life = 0; ; life++) {
    const script = scripts[life % scripts.length]
    if (script) venue.faults = { ...venue.faults, ...script }
    const own = mortal(clock)
    const opening = openLive({
      ...{ store: ground.store, run: ground.run, started: STARTED, facts: FACTS },
      ...{ clock: own.clock, feeds: feeds.map(own.feed), venue: venue.connect() },
      keep: { commitEvents: 64, commitMs: 0, durability: 'commit' },
      everyEvents: fate.everyEvents,
      remark: () => undefined,
    })
    const opened = await opening.catch((error: unknown) => {
      if (error instanceof Refusal && error.code === 'sealed' && life > 0) return undefined
      throw error
    })
    if (!opened)
      return {
        rows: await rowsIn(ground),
        end: undefined,
        venue,
        kills: life,
        taken,
        found,
        skipped,
      }
    if (opened.fromSeq > 0) taken++
    found += opened.lastSeq
    skipped += opened.fromSeq
    const delayUs = 100 + rng.below(2_000)
    ground.pace = () =>
      new Promise(resolve => void own.clock.wakeAt(own.clock.nowUs() + delayUs, resolve))
    const stop = new AbortController()
    let over: { readonly end: E.Either<unknown, LiveEnd> } | { readonly error: unknown } | undefined
    opened.go(stop.signal).then(
      end => (over = { end }),
      (error: unknown) => (over = { error }),
    )
    const isOver = (): boolean => over !== undefined
    const isLast = life === kills
    const lifeMs = isLast ? 2_000 + rng.below(10_000) : rng.below((2 * ms) / (kills + 1))
    await clock.run({ untilUs: clock.nowUs() + lifeMs * 1_000, isOver })
    if (isLast) {
      stop.abort()
      await clock.run({ untilUs: clock.nowUs() + 600_000_000, isOver })
    }
    if (isOver() || isLast) {
      if (over && 'error' in over) throw over.error as Error
      if (!over || E.isLeft(over.end)) throw new Error(`it does not end: ${JSON.stringify(over)}`)
      const counts = { kills: life, taken, found, skipped }
      return { rows: await rowsIn(ground), end: over.end.right, venue, ...counts }
    }
    own.kill()
    venue.disconnect()
    await ground.crash(rng.oneIn(3) ? rng.below(4_000) : 0)
    await clock.run({ untilUs: clock.nowUs() + rng.below(3_000) * 1_000, isOver: () => false })
  }
}

async function worldOf(seed: number, { ms, faults }: Fate, ground: Ground) {
  const clock = new VirtualClock(START_US, () => ground.isBusy)
  const inputsOf = (scenario: string, salt: number) =>
    drained(
      simulatorFeed({ scenario, seed: seed + salt, durationMs: ms, mispricingsPerMillion: 3_000 }),
    )
  const [one, other] = await Promise.all([inputsOf('quoting', 0), inputsOf('parity-quiet', 7)])
  // Sources go on while the engine is down, so they live by the world's own clock.
  const feeds = [
    clockedFeed({ name: 'one', venue: 'polymarket', inputs: one, clock }),
    clockedFeed({ name: 'other', venue: 'kalshi', inputs: other, clock }),
  ]
  return { clock, feeds, venue: new LoopbackVenue({ clock, seed, faults }) }
}

/** What one life of the engine has of the world: once it is killed, none of its alarms rings and it hears no feed. */
export function mortal(clock: WallClock) {
  const death = new AbortController()
  return {
    clock: {
      nowUs: clock.nowUs,
      wakeAt: (atUs: number, call: () => void) =>
        clock.wakeAt(atUs, () => {
          if (!death.signal.aborted) call()
        }),
    },
    feed: (feed: Feed): Feed => ({
      ...feed,
      open: of => feed.open({ ...of, signal: AbortSignal.any([of.signal, death.signal]) }),
    }),
    kill: () => {
      death.abort()
    },
  }
}

/** All rows of the run of a ground. */
export async function rowsIn({ store, run }: Ground): Promise<Recorded[]> {
  const rows: Recorded[] = []
  for await (const read of store.rows(run)) {
    if (E.isLeft(read)) throw new Error(JSON.stringify(read.left))
    rows.push(...read.right)
  }
  return rows
}

/** What must be so of orders, the venue and positions when a run is over. Throws with the law that does not hold. */
export function obey({ rows, end, venue }: Lived): void {
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
  if (!end) return
  holds(venue.isFlat || end.unknown.length > 0, 'nothing rests at the venue')
  if (end.unknown.length === 0) agree(end, venue)
}

/** What we hold is what the venue says that we hold. */
function agree({ loop: { state } }: LiveEnd, venue: LoopbackVenue): void {
  const { purses } = state
  const isResolved = (token: number): boolean => state.market(state.marketOf[token]!).isResolved
  for (const token of new Set([...purses.tokens, ...venue.positions.keys()])) {
    const [here, there] = [purses.held(token), venue.positions.get(token) ?? 0]
    holds(isResolved(token) || here === there, `token ${token}: ${here} here, ${there} there`)
  }
}

export function holds(is: boolean, law: string): void {
  if (!is) throw new Error(law)
}

/** A script of faults, by chance. */
export function faultsOf(rng: Prng): Partial<LoopbackFaults> {
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
