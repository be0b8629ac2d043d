import { ASK, BID } from '#schemas/levels.js'
import type { MarketPlan } from './scenario.js'
import type { Numbering } from '#engine/core/instruments.js'
import type { Prng } from './prng.js'
import { RUNG, SimBook, TOP } from './sim-book.js'
import type { BookSide } from './sim-book.js'

/** One simulated binary market. Owned by its simulation and changed in place. */
export interface SimMarket {
  /** Its number in this run. */
  readonly id: number
  /** Place in its scenario, from 0, and what the simulated venue calls it. */
  readonly index: number
  readonly key: string
  readonly plan: MarketPlan
  /** Small ids of YES and NO. */
  readonly tokens: readonly [number, number]
  /** Books of YES and NO: mirrors of each other, but for a dislocation. */
  readonly books: readonly [SimBook, SimBook]
  /** Rungs per tick. */
  step: number
  /** Rung below which its makers bid and above which they ask, on YES. */
  fair: number
  /** Until when the two books are out of step, µs; 0 where they are not. */
  dislocatedUntil: number
  /** The other outcomes of its event: where it rises, one of them falls. */
  readonly peers: SimMarket[]
  /** Nothing is said of it until then, µs; 0: it lives as always. */
  silentUntil: number
  isOpen: boolean
}

const [YES, NO] = [0, 1]
const LEVELS_AT_START = 14

/** A market before its first input. */
export function simMarket(
  plan: MarketPlan,
  index: number,
  { random, instruments }: { random: Prng; instruments: Numbering },
): SimMarket {
  // Each simulated feed is a venue of its own: two of them share nothing.
  const own = instruments.feed === '' ? 'sim' : `${instruments.feed}/sim`
  const key = `${own}-${index + 1}`
  const { id } = instruments.market('sim', key)
  const token = (outcome: string): number => instruments.token(id, `${key}-${outcome}`).id
  const market: SimMarket = {
    id,
    index,
    key,
    plan,
    tokens: [token('yes'), token('no')],
    books: [new SimBook(), new SimBook()],
    step: plan.tick / RUNG,
    fair: plan.start / RUNG,
    dislocatedUntil: 0,
    peers: [],
    silentUntil: 0,
    isOpen: true,
  }
  for (const side of [BID, ASK] as const) {
    let rung = side === BID ? market.fair : market.fair + market.step
    for (let i = 0; i < LEVELS_AT_START; i++) {
      setMirrored(market, [], side, rung, sizeOf(random))
      const away = market.step * (random.oneIn(3) ? 2 : 1)
      rung += side === BID ? -away : away
      if (rung <= 0 || rung >= TOP) break
    }
  }
  return market
}

/** A level's size, 1e-6 share: 5 … 2,005 shares, small ones more often. */
export function sizeOf(random: Prng): number {
  const most = 1 + random.below(200_000)
  return (500 + random.below(most)) * 10_000
}

/** Sets a YES level and, while the books are in step, its mirror on NO; appends the changes that the venue sends. */
export function setMirrored(
  market: SimMarket,
  changes: number[],
  side: BookSide,
  rung: number,
  size: number,
): void {
  setOne(market, changes, { outcome: YES, side, rung, size })
  if (market.dislocatedUntil !== 0) return
  setOne(market, changes, { outcome: NO, side: side === BID ? ASK : BID, rung: TOP - rung, size })
}

/** One level of one outcome. */
export interface LevelOfOutcome {
  readonly outcome: number
  readonly side: BookSide
  readonly rung: number
  readonly size: number
}

/** Sets one level of one token and appends the change, with the venue's best of that token after it. */
export function setOne(market: SimMarket, changes: number[], level: LevelOfOutcome): void {
  const { outcome, side, rung, size } = level
  const book = bookOf(market, outcome)
  book.set(side, rung, size)
  const token = outcome === YES ? market.tokens[0] : market.tokens[1]
  changes.push(token, side, rung * RUNG, size, book.best(BID) * RUNG, book.best(ASK) * RUNG)
}

/** The book of an outcome: 0 YES, 1 NO. */
export const bookOf = ({ books }: SimMarket, outcome: number): SimBook =>
  outcome === YES ? books[0] : books[1]
