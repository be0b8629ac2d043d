import { FeedLost, FeedResumed } from '#schemas/events/feed.js'
import { MarketResolved, TickSizeChanged } from '#schemas/events/market.js'
import { PRICE_MAX, price } from '#schemas/units.js'
import { act } from './activity.js'
import { resync } from './dislocation.js'
import { RUNG, TOP } from './sim-book.js'
import { sayBooks } from './statements.js'
import type { Simulation } from './simulation.js'

/** Name of the feed in `FeedLost` and `FeedResumed`. */
const FEED = 'sim'
/** What the books live through while nobody listens. */
const [UNHEARD_ACTS, UNHEARD_US] = [120, 1_800_000]

/** Things that happen once in a run, each when its share of the run is over. */
const PLAN: readonly (readonly [share: number, happens: (sim: Simulation) => void])[] = [
  [0.4, loseFeed],
  [0.6, sim => refineTick(sim, 2)],
  [0.94, sim => resolve(sim, 4)],
  [0.97, sim => resolve(sim, 5)],
]

/** What happens once, in order. */
export interface Incidents {
  readonly due: (sim: Simulation, progress: number) => boolean
  /** How many happened. */
  readonly save: () => number
  readonly load: (saved: number) => void
}

/** The incidents of one run. `due` lets at most one happen and says whether it did. */
export function incidents(): Incidents {
  let next = 0
  return {
    save: () => next,
    load: saved => {
      next = saved
    },
    due: (sim, progress) => {
      const incident = PLAN[next]
      if (!incident || progress < incident[0]) return false
      next++
      incident[1](sim)
      return true
    },
  }
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
  const market = sim.markets[index]
  if (!market?.isOpen) return
  if (market.dislocatedUntil !== 0) resync(market)
  for (const token of market.tokens)
    sim.say(TickSizeChanged.make({ token, from: price(market.step * RUNG), to: price(RUNG) }))
  market.step = 1
  sayBooks(sim.say, market)
}

/** The market is decided for the side that the price favours. */
function resolve(sim: Simulation, index: number): void {
  const market = sim.markets[index]
  if (!market?.isOpen) return
  market.isOpen = false
  market.dislocatedUntil = 0
  const [yes, no] = market.tokens
  const [won, lost] = market.fair * 2 >= TOP ? [yes, no] : [no, yes]
  sim.say(
    MarketResolved.make({
      market: market.id,
      payouts: [[won, price(PRICE_MAX)] as const, [lost, price(0)] as const].sort(
        (a, b) => a[0] - b[0],
      ),
    }),
  )
}
