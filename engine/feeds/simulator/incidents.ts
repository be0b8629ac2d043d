import { BookChanged, FeedLost, FeedResumed } from '#schemas/events/feed.js'
import { MarketResolved, TickSizeChanged } from '#schemas/events/market.js'
import { ASK, BID } from '#schemas/levels.js'
import { PRICE_MAX, price } from '#schemas/units.js'
import { act } from './activity.js'
import { dislocate, resync } from './dislocation.js'
import { misprice } from './mispricing.js'
import type { Incident, IncidentName } from './scenario.js'
import { pull, shift } from './shift.js'
import { RUNG, TOP } from './sim-book.js'
import type { SimMarket } from './sim-market.js'
import type { Simulation } from './simulation.js'
import { sayBooks } from './statements.js'

/** Name of the feed in `FeedLost` and `FeedResumed`. */
const FEED = 'sim'
/** What the books live through while nobody listens. */
const [UNHEARD_ACTS, UNHEARD_US] = [120, 1_800_000]
/** How long a feed is silent about a market, longer than a book may be old. */
const SILENT_US = 30_000_000
/** After a mispricing one side is pulled this much later, while orders are on their way, and stays away so long. */
const [PULLED_AFTER_US, PULLED_US] = [200_000, 8_000_000]
/** After a wrong level the venue states the books anew. */
const RESTATED_AFTER_US = 1_500_000

/** Where the price of a market that turns falls to, rung. */
const UPSET_RUNG = 60

const HAPPENS: Readonly<Record<IncidentName, (sim: Simulation, index: number) => void>> = {
  'lose-feed': loseFeed,
  'refine-tick': refineTick,
  regime: sim => {
    sim.isBusy = !sim.isBusy
  },
  silence: (sim, index) => {
    const market = openAt(sim, index)
    if (market) market.silentUntil = sim.tUs + SILENT_US
  },
  misprice: mispriceNow,
  cross,
  pull: pullSide,
  resolve,
  upset,
}

/** Something that happens to a market a little later: it is stated anew, a side is pulled, its price moves. */
export interface Later {
  readonly what: 'restate' | 'pull' | 'shift'
  /** Index of the market. */
  readonly index: number
  /** Rung to which its price moves. */
  readonly fair: number
}

/** Lets it happen, where the market is still open. */
export const HAPPENS_LATER: Readonly<Record<Later['what'], (sim: Simulation, of: Later) => void>> =
  {
    restate: (sim, { index }) => {
      const market = openAt(sim, index)
      if (market) sayBooks(sim.say, market)
    },
    pull: (sim, { index }) => {
      const market = openAt(sim, index)
      if (market) sayChanges(sim, pull(market))
    },
    shift: (sim, { index, fair }) => {
      const market = openAt(sim, index)
      if (market) sayChanges(sim, shift(market, fair, sim.random))
    },
  }

/** A frame; nothing where nothing changed. */
function sayChanges(sim: Simulation, d: number[]): void {
  if (d.length > 0) sim.say(BookChanged.make({ d }))
}

/** What happens once, in order. */
export interface Incidents {
  readonly due: (sim: Simulation, progress: number) => boolean
  /** How many happened. */
  readonly save: () => number
  readonly load: (saved: number) => void
}

/** The incidents of one run. `due` lets at most one happen and says whether it did. */
export function incidents(plan: readonly Incident[]): Incidents {
  let next = 0
  return {
    save: () => next,
    load: saved => {
      next = saved
    },
    due: (sim, progress) => {
      const incident = plan[next]
      if (!incident || progress < incident[0]) return false
      next++
      HAPPENS[incident[1]](sim, incident[2] ?? 0)
      return true
    },
  }
}

function openAt(sim: Simulation, index: number): SimMarket | undefined {
  const market = sim.markets[index]
  return market?.isOpen === true ? market : undefined
}

/** The connection breaks, the books move on unheard, and the venue states them anew. */
function loseFeed(sim: Simulation): void {
  sim.say(FeedLost.make({ feed: FEED, why: 'closed: the simulated connection broke' }))
  const open = sim.markets.filter(market => market.isOpen)
  for (const market of open) if (market.dislocatedUntil !== 0) resync(market)
  for (let i = 0; i < UNHEARD_ACTS; i++) {
    const market = open[sim.random.below(open.length)]
    if (market) act(market, sim.random)
  }
  sim.tUs += UNHEARD_US
  sim.say(FeedResumed.make({ feed: FEED }))
  for (const market of open) sayBooks(sim.say, market)
}

/** The market goes from cents to tenths of a cent; the venue states both books anew. */
function refineTick(sim: Simulation, index: number): void {
  const market = openAt(sim, index)
  if (!market) return
  if (market.dislocatedUntil !== 0) resync(market)
  for (const token of market.tokens)
    sim.say(TickSizeChanged.make({ token, from: price(market.step * RUNG), to: price(RUNG) }))
  market.step = 1
  sayBooks(sim.say, market)
}

/** A mispricing at a time of our choosing. */
function mispriceNow(sim: Simulation, index: number): void {
  const market = openAt(sim, index)
  if (!market) return
  market.silentUntil = 0
  misprice(sim, market)
}

/** A wrong level: a bid above the ask, with the venue's own bests beside it. Later the venue states the books anew. */
function cross(sim: Simulation, index: number): void {
  const market = openAt(sim, index)
  if (!market || market.dislocatedUntil !== 0) return
  const [yes] = market.books
  const [bid, ask] = [yes.best(BID), yes.best(ASK)]
  if (ask + market.step >= TOP) return
  const wrong = (ask + market.step) * RUNG
  const d = [market.tokens[0], BID, wrong, 25_000_000, bid * RUNG, ask * RUNG]
  sim.say(BookChanged.make({ d }))
  market.silentUntil = sim.tUs + RESTATED_AFTER_US
  sim.later(RESTATED_AFTER_US, { what: 'restate', index, fair: 0 })
}

/** Right after a mispricing one side is pulled: no second leg to buy, and nobody to sell the first to. */
function pullSide(sim: Simulation, index: number): void {
  const market = openAt(sim, index)
  if (!market || market.dislocatedUntil !== 0) return
  const d = dislocate(market, sim.tUs, sim.random, false)
  if (!d) return
  sim.say(BookChanged.make({ d }))
  market.dislocatedUntil = sim.tUs + PULLED_AFTER_US + PULLED_US
  market.silentUntil = market.dislocatedUntil
  sim.later(PULLED_AFTER_US, { what: 'pull', index, fair: 0 })
}

/** What seemed certain is not: the price falls at once, and most of what was bid is gone. */
function upset(sim: Simulation, index: number): void {
  const market = openAt(sim, index)
  if (!market) return
  if (market.dislocatedUntil !== 0) resync(market)
  sayChanges(sim, shift(market, UPSET_RUNG, sim.random))
}

/** The market, or the event it is an outcome of, is decided for the side that the price favours. */
function resolve(sim: Simulation, index: number): void {
  const market = openAt(sim, index)
  if (!market) return
  const { group } = market.plan
  if (group === undefined) {
    decide(sim, market, market.fair * 2 >= TOP)
    return
  }
  const outcomes = sim.markets.filter(one => one.plan.group === group && one.isOpen)
  const winner = outcomes.reduce((best, one) => (one.fair > best.fair ? one : best))
  for (const one of outcomes) if (one !== winner) decide(sim, one, false)
  decide(sim, winner, true)
}

function decide(sim: Simulation, market: SimMarket, hasYesWon: boolean): void {
  market.isOpen = false
  market.dislocatedUntil = 0
  const [yes, no] = market.tokens
  const [won, lost] = hasYesWon ? [yes, no] : [no, yes]
  sim.say(
    MarketResolved.make({
      market: market.id,
      payouts: [[won, price(PRICE_MAX)] as const, [lost, price(0)] as const].sort(
        (a, b) => a[0] - b[0],
      ),
    }),
  )
}
