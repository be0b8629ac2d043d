import type { DecisionConfig } from '#schemas/config.js'
import type { Bucket } from '#schemas/reasons.js'
import { ASK, BID, type Side } from '#schemas/levels.js'
import { mirrored, mulDivFloor } from '#schemas/units.js'
import type { BookView } from '#engine/book/view.js'
import type { Consumed } from './consumed.js'
import type { Take } from './sweep.js'

/** What an order meets: the book of its token, what is already taken from it, and the order's own terms. */
export interface Meeting {
  readonly book: BookView
  readonly taken: Consumed
  readonly token: number
  readonly side: Side
  readonly limit: number
  readonly size: number
  readonly bucket: Bucket
}

/** The levels that an order is offered, best first; which of them it takes is for the sweep to say. */
export type FillModel = (meeting: Meeting) => readonly Take[]

/**
 * Share model: when the limit crosses the touch, a part of the touch's size fills, at the touch and not at the limit.
 * A level of which that part is taken is the touch no longer. Rounded down. Source: the SIM gateway of the earlier system Razor, with the price corrected.
 */
export const shareModel =
  (shareBps: Readonly<Record<Bucket, number>>): FillModel =>
  ({ book, bucket, taken, token, side }) => {
    const from = side === BID ? ASK : BID
    let touch = 0
    let offered = 0
    book.walk(from, (at, there) => {
      touch = at
      offered = mulDivFloor(there, shareBps[bucket], 10_000) - taken.of(token, from, at)
      return offered <= 0 // our share of it is taken: it is no touch any more
    })
    return offered <= 0 ? [] : [{ price: touch, size: offered }]
  }

/** Level-walking model: every level up to the limit, each at its own price, and the first one behind. */
export const walkModel: FillModel = ({ book, taken, token, side, limit, size }) => {
  const from = side === BID ? ASK : BID
  const levels: Take[] = []
  let left = size
  book.walk(from, (at, there) => {
    const isBehind = left <= 0 || (side === BID ? at > limit : at < limit)
    const offered = there - taken.of(token, from, at)
    if (offered > 0) levels.push({ price: at, size: offered })
    left -= Math.max(offered, 0)
    return !isBehind
  })
  return levels
}

/** The same liquidity on the other outcome's book. */
export const twinOf = (side: Side, price: number): { side: Side; price: number } => ({
  side: side === BID ? ASK : BID,
  price: mirrored(price),
})

/** The model that a configuration names. */
export function modelOf(sim: DecisionConfig['sim']): FillModel {
  if (sim.fill_model === 'walk') return walkModel
  return shareModel({ liquid: sim.fill_share_liquid_bps, thin: sim.fill_share_thin_bps })
}
