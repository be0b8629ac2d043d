import { ASK, BID } from '#schemas/levels.js'
import { BookChanged, TradePrinted } from '#schemas/events/feed.js'
import { price, shares } from '#schemas/units.js'
import type { FeedEvent, FeedInput } from '../feed.js'
import { act } from './activity.js'
import { dislocate, resync } from './dislocation.js'
import { incidents, type Incidents } from './incidents.js'
import { prng } from './prng.js'
import type { Prng } from './prng.js'
import { MARKETS } from './scenario.js'
import { simMarket } from './sim-market.js'
import type { SimMarket } from './sim-market.js'
import { RUNG, TOP } from './sim-book.js'
import { sayBooks, sayListed } from './statements.js'

/** When every simulated run begins, µs since the epoch (2026-05-28T20:26:40Z): a constant, never the clock. */
export const SIM_START_US = 1_780_000_000_000_000

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
}

/** What a simulation needs to know. */
export interface SimulationOptions {
  readonly scenario: string
  readonly seed: number
  readonly mispricingsPerMillion: number
  readonly say: (input: FeedInput) => void
}

/** A venue at its start: has listed its markets and stated their books. */
export function simulation(options: SimulationOptions): Simulation {
  const random = prng(options.seed, options.scenario)
  const sim: Simulation = {
    markets: MARKETS.map((plan, index) => simMarket(plan, index, random)),
    random,
    tUs: SIM_START_US,
    said: 0,
    nextMispricing: 0,
    incidents: incidents(),
    say: event => {
      sim.said++
      options.say({ tUs: sim.tUs, event })
    },
  }
  for (const market of sim.markets) sayListed(sim.say, market)
  for (const market of sim.markets) sayBooks(sim.say, market)
  sim.nextMispricing = afterThis(sim, options.mispricingsPerMillion)
  return sim
}

/** All that a venue remembers, as plain values. */
export function saveSimulation({
  random,
  tUs,
  said,
  nextMispricing,
  incidents: once,
  markets,
}: Simulation) {
  return {
    random: random.save(),
    incidents: once.save(),
    now: { tUs, said, nextMispricing },
    markets: markets.map(({ step, fair, dislocatedUntil, isOpen, books: [yes, no] }) => {
      return { now: { step, fair, dislocatedUntil, isOpen }, yes: yes.save(), no: no.save() }
    }),
  }
}

/** Takes up what `saveSimulation` gave of a venue with the same options. */
export function loadSimulation(sim: Simulation, saved: ReturnType<typeof saveSimulation>): void {
  sim.random.load(saved.random)
  sim.incidents.load(saved.incidents)
  Object.assign(sim, saved.now)
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
  sim.tUs += gapUs(random)
  if (sim.incidents.due(sim, progress)) return
  const over = markets.find(m => m.dislocatedUntil !== 0 && m.dislocatedUntil <= sim.tUs)
  if (over) {
    sim.say(BookChanged.make({ d: resync(over) }))
    return
  }
  const market = markets[random.below(markets.length)]
  if (!market?.isOpen) return
  if (sim.said >= sim.nextMispricing && market.dislocatedUntil === 0) {
    const d = dislocate(market, sim.tUs, random)
    if (d) {
      sim.nextMispricing = afterThis(sim, mispricingsPerMillion)
      sim.say(BookChanged.make({ d }))
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
