import { ASK, BID } from '#schemas/levels.js'
import type { Prng } from './prng.js'
import { TOP, type BookSide } from './sim-book.js'
import { setMirrored, setOne, sizeOf, type SimMarket } from './sim-market.js'

/** Levels that a side gets near the new price, at least. */
const FRESH = 3

/**
 * Moves the fair price of a market at once, on both books: what would cross goes first, then new levels come. Returns
 * the frame, as `dislocate` does.
 */
export function shift(market: SimMarket, fair: number, random: Prng): number[] {
  const changes: number[] = []
  const [book] = market.books
  market.fair = fair
  while (book.best(BID) > fair) setMirrored(market, changes, BID, book.best(BID), 0)
  while (book.best(ASK) <= fair) setMirrored(market, changes, ASK, book.best(ASK), 0)
  for (let i = 0; i < FRESH; i++) {
    fill(market, changes, { side: BID, rung: fair - i * market.step }, random)
    fill(market, changes, { side: ASK, rung: fair + (i + 1) * market.step }, random)
  }
  return changes
}

/** All of one side goes, on both books: nobody sells YES any more, and so nobody buys NO. */
export function pull(market: SimMarket): number[] {
  const changes: number[] = []
  const [yes, no] = market.books
  while (yes.count(ASK) > 0) one(market, changes, { outcome: 0, side: ASK, rung: yes.best(ASK) })
  while (no.count(BID) > 0) one(market, changes, { outcome: 1, side: BID, rung: no.best(BID) })
  return changes
}

function fill(
  market: SimMarket,
  changes: number[],
  { side, rung }: { side: BookSide; rung: number },
  random: Prng,
): void {
  const [book] = market.books
  if (rung > 0 && rung < TOP && book.sizeAt(side, rung) === 0)
    setMirrored(market, changes, side, rung, sizeOf(random))
}

function one(
  market: SimMarket,
  changes: number[],
  of: { outcome: number; side: BookSide; rung: number },
): void {
  setOne(market, changes, { ...of, size: 0 })
}
