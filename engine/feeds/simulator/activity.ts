import { ASK, BID } from '#schemas/levels.js'
import type { Prng } from './prng.js'
import { setMirrored, sizeOf } from './sim-market.js'
import type { SimMarket } from './sim-market.js'
import { TOP } from './sim-book.js'
import type { BookSide } from './sim-book.js'

/** Levels a side keeps. */
const [LEVELS_MIN, LEVELS_MAX] = [10, 20]
/** Ticks that the fair price keeps from 0 and 1, so that both sides have room for their levels. */
const FAIR_MARGIN = 12

/** What one piece of ordinary life did to a market: level changes, and the print where it was a trade. */
export interface Act {
  readonly changes: number[]
  /** On YES: the side of the book that was hit, its rung, and the size that traded. */
  readonly trade?: { readonly hit: BookSide; readonly rung: number; readonly size: number }
}

/**
 * One event in the life of a market: makers that were passed by the price pull out or are hit, a side that fell behind
 * is improved, and else levels come, go, change size or trade. Keeps a spread of 1 to 3 ticks in the long run.
 */
export function act(market: SimMarket, random: Prng): Act {
  walk(market, random)
  const { step, fair } = market
  const [book] = market.books
  const [bid, ask] = [book.best(BID), book.best(ASK)]
  if (ask <= fair) return passedBy(market, ASK, random)
  if (bid > fair) return passedBy(market, BID, random)
  if (bid < fair - step) return put(market, BID, fair - step * random.below(2), sizeOf(random))
  if (ask > fair + 2 * step)
    return put(market, ASK, fair + step * (1 + random.below(2)), sizeOf(random))
  const side = random.oneIn(2) ? BID : ASK
  return trimmed(market, side, random) ?? ordinary(market, side, random)
}

/** Now and then the fair price moves by a tick, within its bounds. */
function walk(market: SimMarket, random: Prng): void {
  if (!random.oneIn(24)) return
  const margin = FAIR_MARGIN * market.step
  const { ups } = market.plan
  const isUp = ups === undefined ? random.oneIn(2) : random.below(100) < ups
  const moved = market.fair + (isUp ? market.step : -market.step)
  if (moved < margin || moved > TOP - margin) return
  if (market.peers.length > 0 && !yields(market, market.fair - moved, random)) return
  market.fair = moved
}

/** One of the other outcomes moves the other way, so that together they stay near a dollar. */
function yields(market: SimMarket, by: number, random: Prng): boolean {
  const peer = market.peers[random.below(market.peers.length)]
  const margin = FAIR_MARGIN * market.step
  if (!peer?.isOpen || peer.silentUntil !== 0 || peer.step !== market.step) return false
  if (peer.fair + by < margin || peer.fair + by > TOP - margin) return false
  peer.fair += by
  return true
}

/** The best level of a side stands on the wrong side of the fair price: it is hit, or its maker pulls it. */
function passedBy(market: SimMarket, side: BookSide, random: Prng): Act {
  const [book] = market.books
  const rung = book.best(side)
  return random.oneIn(3)
    ? traded(market, side, book.sizeAt(side, rung))
    : put(market, side, rung, 0)
}

/** A side with too few levels gets one more at its end, one with too many loses its last. */
function trimmed(market: SimMarket, side: BookSide, random: Prng): Act | undefined {
  const [book] = market.books
  const count = book.count(side)
  if (count >= LEVELS_MIN && count <= LEVELS_MAX) return undefined
  const worst = book.ranked(side, count)
  if (count > LEVELS_MAX) return put(market, side, worst, 0)
  const rung = worst + outward(side) * market.step * (1 + random.below(2))
  return rung > 0 && rung < TOP ? put(market, side, rung, sizeOf(random)) : undefined
}

function ordinary(market: SimMarket, side: BookSide, random: Prng): Act {
  const [book] = market.books
  const dice = random.below(100)
  if (dice < 8) {
    const size = book.sizeAt(side, book.best(side))
    return traded(market, side, random.oneIn(4) ? size : partOf(size, random))
  }
  const rank = Math.min(random.below(8), random.below(12))
  const rung = book.ranked(side, rank)
  if (dice < 60) return put(market, side, rung, sizeOf(random))
  if (dice < 85) {
    const fresh = book.best(side) + outward(side) * market.step * (1 + random.below(12))
    if (fresh > 0 && fresh < TOP) return put(market, side, fresh, sizeOf(random))
  }
  const canLose = book.count(side) > LEVELS_MIN
  return put(market, side, rung, canLose ? 0 : sizeOf(random))
}

function traded(market: SimMarket, hit: BookSide, size: number): Act {
  const [book] = market.books
  const rung = book.best(hit)
  const rest = book.sizeAt(hit, rung) - size
  return { ...put(market, hit, rung, rest), trade: { hit, rung, size } }
}

function put(market: SimMarket, side: BookSide, rung: number, size: number): Act {
  const changes: number[] = []
  setMirrored(market, changes, side, rung, size)
  return { changes }
}

/** Part of a level, in cents of a share, less than the whole. */
const partOf = (size: number, random: Prng): number =>
  Math.max(1, random.below(Math.floor(size / 10_000))) * 10_000

const outward = (side: BookSide): number => (side === BID ? -1 : 1)
