import * as E from 'fp-ts/lib/Either.js'
import { CommandGiven, RunStarted } from '#schemas/events/run.js'
import type { Recorded } from '#schemas/recorded.js'
import { SCHEMA } from '#schemas/registry.js'
import { polymarketLive } from '#engine/feeds/polymarket/live/live-feed.js'
import { PolymarketGateway } from '#engine/gateways/polymarket/gateway.js'
import type { AnswerEvent, Request } from '#engine/gateways/gateway.js'
import type { VenueGateway } from '#engine/gateways/venue-gateway.js'
import { startOf as factsOf } from '#engine/log/testing/builders.js'
import { instancesOf } from '#engine/run/instances.js'
import type { LiveEnd } from '#engine/run/live-options.js'
import { OperatorQueue } from '#engine/run/operator-queue.js'
import { configWith } from '#engine/run/testing/story.js'
import { STRATEGIES } from '#engine/strategies/registry.js'
import { prng } from '#engine/feeds/simulator/prng.js'
import { defaults } from '#schemas/config.js'
import { openAccount } from '#cli/live-account.js'
import { openLive } from '#cli/live-run.js'
import { twinAt } from '#cli/venue-options.js'
import { machineClock } from '#cli/machine-clock.js'
import type { FaultKind } from '#twin/faults.js'
import { TwinVenue } from '#twin/venue.js'
import { memoryGround, type Ground } from './grounds.js'

/** In which state of an order, or of the run, a fault begins. */
export const ORDER_STATES = [
  'pending',
  'resting',
  'cancelling',
  'filled',
  'recovering',
  'hard-stop',
  'firing',
  'chasing',
] as const
/** One of them. */
export type OrderStateName = (typeof ORDER_STATES)[number]

const RULES = configWith({
  strategy: { names: ['parity', 'quoting'] },
  parity: { min_edge_bps: 60, size_max_micro: 20_000_000 },
  quoting: { half_spread_bps: 100, size_micro: 20_000_000, inventory_max_micro: 60_000_000 },
  risk: {
    ...{ rejects_max: 1_000, error_rate_max_bps: 0, book_age_max_ms: 60_000 },
    ...{ reconcile_every_ms: 1_500 },
  },
  oms: {
    ...{ answer_timeout_ms: 1_000, query_every_ms: 400, query_deadline_ms: 20_000 },
    ...{ requote_min_ms: 300 },
  },
  live: { shutdown_ms: 6_000 },
})

/** Where legs of signals are fired and chased all the time. */
const LEGS = { ...RULES, strategy: { ...RULES.strategy, names: ['parity'] } }

const startedWith = (rules: typeof RULES): ReturnType<typeof RunStarted.make> =>
  RunStarted.make({
    ...{ parent: '', mode: 'live', source: 'polymarket', schema: SCHEMA, seed: 1, faults: [] },
    ...{ config: rules, digest: '', exchange: 'venue', clock: 'wall' },
    instances: instancesOf(rules, STRATEGIES),
  })
const { parent, mode, source, digest: configDigest } = startedWith(RULES).data
const FACTS = { ...factsOf('live'), parent, mode, source, configDigest }

/** A key of a test; the address that it has stands for the account. */
const KEY = 'ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'

/** A run over the twin that is over. */
export interface Cell {
  readonly ground: Ground
  readonly rows: readonly Recorded[]
  readonly end: LiveEnd
  readonly venue: TwinVenue
  readonly owner: string
}

/** A life of an engine at the twin in which a fault begins at its moment, and what it left. */
export async function cellOf(
  fault: FaultKind,
  state: OrderStateName,
  { seed = 3, faultMs = 1_200 }: { seed?: number; faultMs?: number } = {},
): Promise<Cell> {
  const isOfLegs = state === 'firing' || state === 'chasing'
  const started = startedWith(isOfLegs ? LEGS : RULES)
  const venue = new TwinVenue({
    ...{ scenario: isOfLegs ? 'parity-busy' : 'mixed', seed, speed: 8, events: 1e12 },
    settlement: { minedMs: [50, 300], confirmedMs: [100, 600] },
  })
  const base = await venue.start()
  const urls = twinAt(base)
  const { signer, account, credentials } = await openAccount(defaults(), urls, {
    POLARIS_PRIVATE_KEY: KEY,
  })
  const ground = memoryGround()
  const clock = machineClock()
  const rng = prng(seed, 'chance')
  const chance = (): number => rng.below(1_000) / 1_000
  const operator = new OperatorQueue()
  let isArmed = false
  let hasBegun = false
  const begin = (): void => {
    if (!isArmed || hasBegun) return
    hasBegun = true
    venue.script(fault, faultMs)
  }
  const life = async (): Promise<{
    over: Promise<E.Either<unknown, LiveEnd>>
    stop: AbortController
    gateway: PolymarketGateway
  }> => {
    const gateway = new PolymarketGateway({
      ...{ clob: urls.clob, data: urls.data, channel: urls.user },
      ...{ credentials, clock, chance, signing: { account, signer, run: 'cell' } },
      rules: {
        ...{ notFoundMs: 1_500, cancelFrameMs: 150, heartbeatMs: 500, checkMs: 2_000 },
        ...{ ordersPerSecond: 100, ordersBurst: 50, cancelsPerSecond: 200, cancelsBurst: 100 },
      },
      http: { timeoutMs: 700 },
      socket: { pingMs: 200, pongMs: 800, backoffMs: 50, backoffMaxMs: 300 },
    })
    const feed = polymarketLive({
      ...{ clob: urls.clob, gamma: urls.gamma, channel: urls.channel },
      ...{ universe: {}, clock, chance, lookMs: 200 },
      rules: { pingMs: 200, pongMs: 1_000, silentMs: 600, backoffMs: 50, backoffMaxMs: 400 },
    })
    const opened = await openLive({
      ...{ store: ground.store, run: ground.run, started, facts: FACTS, clock },
      ...{ feeds: [feed], venue: watched(gateway, state, begin), operator },
      keep: { commitEvents: 64, commitMs: 0, durability: 'commit' },
      everyEvents: 500,
      remark: () => undefined,
    })
    const stop = new AbortController()
    return { over: opened.go(stop.signal), stop, gateway }
  }
  let now = await life()
  await later(2_000)
  isArmed = true
  if (state === 'recovering') {
    // The process dies: its connections are gone, and what was on its way to the disk with them.
    await now.gateway.close()
    await ground.crash(0)
    now.stop.abort()
    await now.over
    begin()
    now = await life()
  }
  if (state === 'hard-stop') {
    begin()
    void operator
      .submit(CommandGiven.make({ command: 'hard-stop', by: 'test' }))
      .catch(() => undefined)
  }
  await later(faultMs + 2_500)
  venue.pause()
  await later(1_800)
  now.stop.abort()
  const end = await now.over
  if (E.isLeft(end)) throw new Error(`it does not end: ${JSON.stringify(end.left)}`)
  await later(1_200) // settlements
  const rows: Recorded[] = []
  for await (const read of ground.store.rows(ground.run)) {
    if (E.isLeft(read)) throw new Error(JSON.stringify(read.left))
    rows.push(...read.right)
  }
  return { ground, rows, end: end.right, venue, owner: signer.address.toLowerCase() }
}

/** The gateway, with a fault that begins where the first order comes into a state. */
function watched(inner: PolymarketGateway, state: OrderStateName, begin: () => void): VenueGateway {
  const said = (event: AnswerEvent): void => {
    if (state === 'resting' && event.type === 'OrderAcknowledged') begin()
    if (state === 'filled' && event.type === 'FillReported') begin()
  }
  const actions = new Map<string, string>()
  const asked = (request: Request): void => {
    if (request.tag === 'SendOrder') actions.set(request.order, request.action)
    if (request.tag === 'SubmitOrder') {
      const action = actions.get(request.order)
      if (state === 'firing' && action === 'fire') begin()
      if (state === 'chasing' && action === 'chase') begin()
    }
    if (state === 'pending' && request.tag === 'SubmitOrder') begin()
    if (state === 'cancelling' && request.tag === 'CancelOrder') begin()
  }
  return {
    isSigning: true,
    withhold: () => {
      inner.withhold()
    },
    listen: session => {
      inner.listen({
        ...session,
        hear: (cause, event) => {
          said(event)
          session.hear(cause, event)
        },
      })
    },
    send: (request, tUs) => {
      asked(request)
      inner.send(request, tUs)
    },
    close: () => inner.close(),
  }
}

const later = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
