import { ASK, BID } from '#schemas/levels.js'
import { BookChanged, TradePrinted } from '#schemas/events/feed.js'
import { price, shares } from '#schemas/units.js'
import type { Numbering } from '#engine/core/instruments.js'
import type { FeedEvent, FeedInput } from '../feed.js'
import { act } from './activity.js'
import { resync } from './dislocation.js'
import { HAPPENS_LATER, incidents, type Incidents, type Later } from './incidents.js'
import { prng } from './prng.js'
import type { Prng } from './prng.js'
import { misprice } from './mispricing.js'
import { SIM_START_US, type Scenario } from './scenario.js'
import { simMarket } from './sim-market.js'
import type { SimMarket } from './sim-market.js'
import { RUNG, TOP } from './sim-book.js'
import { sayBooks, sayGroup, sayListed } from './statements.js'

/** A simulated venue in the middle of its day. Owned by one opening of the feed; `advance` moves it on. */
export interface Simulation {
  readonly markets: readonly SimMarket[]
  readonly random: Prng
  tUs: number
  /** Inputs said so far. */
  said: number
  /** Inputs before the next mispricing; infinite where there is none. */
  nextMispricing: number
  /** What happens once, in order. */
  readonly incidents: Incidents
  readonly say: (event: FeedEvent) => void
  /** Lets something happen so many µs later; in the order of time, then of asking. */
  readonly later: (afterUs: number, happens: Later) => void
  readonly timers: { readonly atUs: number; readonly happens: Later }[]
  /** A busy spell: three times the traffic. */
  isBusy: boolean
  readonly deepOneIn: number
}

/** What a simulation needs to know. */
export interface SimulationOptions {
  readonly scenario: Scenario
  readonly seed: number
  readonly mispricingsPerMillion: number
  readonly instruments: Numbering
  readonly say: (input: FeedInput) => void
}

/** A venue at its start: has listed its markets and stated their books. */
export function simulation(options: SimulationOptions): Simulation {
  const { scenario, instruments } = options
  const random = prng(options.seed, scenario.name)
  const sim: Simulation = {
    markets: scenario.markets.map((plan, index) => simMarket(plan, index, { random, instruments })),
    random,
    tUs: SIM_START_US,
    said: 0,
    nextMispricing: 0,
    incidents: incidents(scenario.incidents),
    timers: [],
    isBusy: false,
    deepOneIn: scenario.deepOneIn,
    later: (afterUs, happens) => {
      sim.timers.push({ atUs: sim.tUs + afterUs, happens })
      sim.timers.sort((a, b) => a.atUs - b.atUs)
    },
    say: event => {
      sim.said++
      options.say({ tUs: sim.tUs, event })
    },
  }
  for (const market of sim.markets)
    market.peers.push(...sim.markets.filter(other => isPeer(market, other)))
  for (const market of sim.markets) sayListed(sim.say, market, instruments.feed)
  for (const group of scenario.groups) sayGroup(sim.say, group, sim.markets)
  for (const market of sim.markets) sayBooks(sim.say, market)
  sim.nextMispricing = afterThis(sim, options.mispricingsPerMillion)
  return sim
}

/** Whether another market is an outcome of the same event. */
const isPeer = (one: SimMarket, other: SimMarket): boolean =>
  one !== other && one.plan.group !== undefined && one.plan.group === other.plan.group

/** All that a venue remembers, as plain values. */
export function saveSimulation({
  random,
  tUs,
  said,
  nextMispricing,
  incidents: once,
  markets,
  isBusy,
  timers,
}: Simulation) {
  return {
    random: random.save(),
    incidents: once.save(),
    now: { tUs, said, nextMispricing, isBusy },
    timers: [...timers],
    markets: markets.map(
      ({ step, fair, dislocatedUntil, silentUntil, isOpen, books: [yes, no] }) => {
        const now = { step, fair, dislocatedUntil, silentUntil, isOpen }
        return { now, yes: yes.save(), no: no.save() }
      },
    ),
  }
}

/** Takes up what `saveSimulation` gave of a venue with the same options. */
export function loadSimulation(sim: Simulation, saved: ReturnType<typeof saveSimulation>): void {
  sim.random.load(saved.random)
  sim.incidents.load(saved.incidents)
  Object.assign(sim, saved.now)
  sim.timers.push(...saved.timers)
  saved.markets.forEach(({ now, yes, no }, k) => {
    const market = sim.markets[k]!
    Object.assign(market, now)
    market.books[0].load(yes)
    market.books[1].load(no)
  })
}

/** Lets the next thing happen. `progress` is the share of the run that is over, 0 … 1. */
export function advance(sim: Simulation, progress: number, mispricingsPerMillion: number): void {
  const { markets, random } = sim
  const gap = gapUs(random)
  sim.tUs += sim.isBusy ? Math.floor(gap / 3) : gap
  const timer = sim.timers[0]
  if (timer && timer.atUs <= sim.tUs) {
    sim.timers.shift()
    HAPPENS_LATER[timer.happens.what](sim, timer.happens)
    return
  }
  if (sim.incidents.due(sim, progress)) return
  const over = markets.find(m => m.dislocatedUntil !== 0 && m.dislocatedUntil <= sim.tUs)
  if (over) {
    sim.say(BookChanged.make({ d: resync(over) }))
    return
  }
  const market = markets[random.below(markets.length)]
  if (!market?.isOpen || market.silentUntil > sim.tUs) return
  market.silentUntil = 0
  if (sim.said >= sim.nextMispricing && market.dislocatedUntil === 0) {
    const said = sim.said
    if (misprice(sim, market)) {
      sim.nextMispricing = afterThis(sim, mispricingsPerMillion) - (sim.said - said)
      return
    }
  }
  live(sim, market)
}

/** One piece of ordinary life: the frame, and the print where it was a trade, on YES or on NO. */
function live(sim: Simulation, market: SimMarket): void {
  const { changes, trade } = act(market, sim.random)
  sim.say(BookChanged.make({ d: changes }))
  if (!trade) return
  const onNo = market.dislocatedUntil === 0 && sim.random.oneIn(2)
  const isBuy = (trade.hit === ASK) !== onNo
  sim.say(
    TradePrinted.make({
      token: market.tokens[onNo ? 1 : 0],
      side: isBuy ? BID : ASK,
      price: price((onNo ? TOP - trade.rung : trade.rung) * RUNG),
      size: shares(trade.size),
      id: `sim-${sim.said}`,
    }),
  )
}

/** µs to the next input: bursts, ordinary traffic and pauses, 42 ms in the mean. */
function gapUs(random: Prng): number {
  const dice = random.below(100)
  if (dice < 25) return 200 + random.below(5_000)
  return dice < 85 ? 5_000 + random.below(75_000) : 30_000 + random.below(150_000)
}

/** The input count at which the next mispricing is due: half to one and a half times the mean distance away. */
function afterThis(sim: Simulation, perMillion: number): number {
  if (perMillion <= 0) return Infinity
  const mean = Math.max(2, Math.floor(1_000_000 / perMillion))
  return sim.said + Math.floor(mean / 2) + sim.random.below(mean)
}
