import { BookChanged } from '#schemas/events/feed.js'
import { ASK } from '#schemas/levels.js'
import { PRICE_MAX } from '#schemas/units.js'
import { dislocate } from './dislocation.js'
import { shift } from './shift.js'
import { RUNG } from './sim-book.js'
import type { SimMarket } from './sim-market.js'
import type { Simulation } from './simulation.js'

/** Least edge of a mispriced set of outcomes after the fees of all legs, 1e-4 dollar: 170 … 330. */
const [EDGE_MIN, EDGE_SPAN] = [170, 160]
/** How long a set is mispriced, µs. */
const [LASTS_MIN, LASTS_SPAN] = [1_500_000, 3_000_000]

/** Misprices a market: NO against YES, or, where it is an outcome of several, its YES against the others'. */
export function misprice(sim: Simulation, market: SimMarket): boolean {
  const isDeep = sim.deepOneIn > 0 && market.step === 1 && sim.random.oneIn(sim.deepOneIn)
  const { group } = market.plan
  const d =
    group === undefined
      ? dislocate(market, sim.tUs, sim.random, isDeep)
      : underprice(sim, market, group)
  if (!d || d.length === 0) return false
  sim.say(BookChanged.make({ d }))
  return true
}

/** The market of one outcome falls, and the others do not follow for a while. */
function underprice(sim: Simulation, market: SimMarket, group: string): number[] | undefined {
  const { random } = sim
  const wanted = EDGE_MIN + random.below(EDGE_SPAN)
  const outcomes = sim.markets.filter(one => one.plan.group === group && one.isOpen)
  const others = outcomes.filter(one => one !== market)
  const room = others.reduce((left, one) => left - dearOf(one, askOf(one)), PRICE_MAX - wanted)
  let ask = askOf(market)
  while (ask > 0 && dearOf(market, ask) > room) ask -= market.step * RUNG
  const fair = ask / RUNG - market.step
  if (others.length === 0 || fair < 8 * market.step || fair >= market.fair) return undefined
  const [was, lasts] = [market.fair, LASTS_MIN + random.below(LASTS_SPAN)]
  market.silentUntil = sim.tUs + lasts
  sim.later(lasts, { what: 'shift', index: market.index, fair: was })
  return shift(market, fair, random)
}

const askOf = ({ books: [yes] }: SimMarket): number => yes.best(ASK) * RUNG

/** What one share costs with its fee, 1e-4 dollar. */
const dearOf = ({ plan }: SimMarket, at: number): number =>
  at + (plan.feeRate * at * (PRICE_MAX - at)) / 1e8
