import { ASK, BID } from '#schemas/levels.js'
import { PRICE_MAX } from '#schemas/units.js'
import type { Prng } from './prng.js'
import { setOne } from './sim-market.js'
import type { SimMarket } from './sim-market.js'
import { RUNG, TOP } from './sim-book.js'

const NO = 1
/** Least edge of a mispricing after the fees of both legs, 1e-4 dollar a pair: 150 … 400. */
const [EDGE_MIN, EDGE_SPAN] = [150, 250]
/** How long a mispricing lasts, µs. */
const [LASTS_MIN, LASTS_SPAN] = [200_000, 2_800_000]
/** Bids that NO keeps at least while it is repriced. */
const BIDS_KEPT = 3

/**
 * A maker of NO misprices: the bids of NO above its new price go, and a few small asks come in below what YES implies,
 * so that YES and NO together cost less than a dollar after fees. The market keeps only the YES book moving until the
 * venue puts the two in step again. A deep one stands in size, a tick above its bid. Returns the frame, or undefined where the price leaves no room.
 */
export function dislocate(
  market: SimMarket,
  tUs: number,
  random: Prng,
  isDeep: boolean,
): number[] | undefined {
  const [yes, no] = market.books
  const wanted = EDGE_MIN + random.below(EDGE_SPAN)
  let rung = TOP - yes.best(ASK)
  while (rung > 0 && edgeOf(market, yes.best(ASK) * RUNG, rung * RUNG) < wanted) rung -= market.step
  if (rung < 8 * market.step) return undefined
  market.dislocatedUntil = tUs + LASTS_MIN + random.below(LASTS_SPAN)
  const changes: number[] = []
  while (no.best(BID) >= rung)
    setOne(market, changes, { outcome: NO, side: BID, rung: no.best(BID), size: 0 })
  for (let i = 2; no.count(BID) < BIDS_KEPT; i++)
    setOne(market, changes, level(BID, rung - i * market.step, random))
  if (isDeep) setOne(market, changes, deep(BID, rung - market.step))
  const limit = no.best(ASK)
  for (let i = 1 + random.below(3); i >= 0; i--) {
    const at = rung + i * market.step
    if (at < limit) setOne(market, changes, isDeep ? deep(ASK, at) : level(ASK, at, random))
  }
  return changes
}

/** Puts NO in step with YES again. Returns the frame; what must go goes first, so that no change crosses the book. */
export function resync(market: SimMarket): number[] {
  const [yes, no] = market.books
  market.dislocatedUntil = 0
  const changes: number[] = []
  for (const wanted of [false, true])
    for (const side of [ASK, BID] as const)
      for (let rung = 1; rung < TOP; rung++) {
        const size = yes.sizeAt(side === ASK ? BID : ASK, TOP - rung)
        if (size > 0 === wanted && no.sizeAt(side, rung) !== size)
          setOne(market, changes, { outcome: NO, side, rung, size })
      }
  return changes
}

/** What a pair earns after the fees of both legs, 1e-4 dollar: a dollar less two asks and two fees. */
function edgeOf({ plan }: SimMarket, yes: number, no: number): number {
  const fee = (at: number): number => (plan.feeRate * at * (PRICE_MAX - at)) / 1e8
  return PRICE_MAX - yes - no - fee(yes) - fee(no)
}

/** A large level: 2,000 shares. */
const deep = (side: typeof BID | typeof ASK, rung: number) =>
  ({ outcome: NO, side, rung, size: 2_000_000_000 }) as const

/** A small level: 20 to 300 shares. */
const level = (side: typeof BID | typeof ASK, rung: number, random: Prng) =>
  ({ outcome: NO, side, rung, size: (20 + random.below(281)) * 1_000_000 }) as const
