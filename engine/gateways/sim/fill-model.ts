import type { Bucket } from '#schemas/reasons.js'
import { ASK, BID, type Side } from '#schemas/levels.js'
import { mirrored, mulDivFloor } from '#schemas/units.js'
import type { BookView } from '#engine/book/view.js'
import type { Taken } from './taken.js'

/** One level that an order takes from. */
export interface Take {
  readonly price: number
  readonly size: number
}

/** What an order meets: the book of its token, what is already taken from it, and the order's own terms. */
export interface Meeting {
  readonly book: BookView
  readonly taken: Taken
  readonly token: number
  readonly side: Side
  readonly limit: number
  readonly size: number
  readonly bucket: Bucket
}

/** Which levels an order fills against, best first. */
export type FillModel = (meeting: Meeting) => readonly Take[]

/**
 * Share model: when the limit crosses the touch, a part of the touch's size fills, at the touch and not at the limit.
 * A level of which that part is taken is the touch no longer. Rounded down. Source: the SIM gateway of the earlier system Razor, with the price corrected.
 */
export const shareModel =
  (shareBps: Readonly<Record<Bucket, number>>): FillModel =>
  ({ book, bucket, taken, token, side, limit, size }) => {
    const from = side === BID ? ASK : BID
    let touch = 0
    let offered = 0
    book.walk(from, (at, there) => {
      touch = at
      offered = mulDivFloor(there, shareBps[bucket], 10_000) - taken.of(token, from, at)
      return offered <= 0 // our share of it is taken: it is no touch any more
    })
    if (offered <= 0 || (side === BID ? touch > limit : touch < limit)) return []
    return [{ price: touch, size: Math.min(size, offered) }]
  }

/** Level-walking model: every level up to the limit, each at its own price. */
export const walkModel: FillModel = ({ book, taken, token, side, limit, size }) => {
  const from = side === BID ? ASK : BID
  const takes: Take[] = []
  let left = size
  book.walk(from, (at, there) => {
    if (left <= 0 || (side === BID ? at > limit : at < limit)) return false
    const part = Math.min(left, there - taken.of(token, from, at))
    if (part > 0) {
      takes.push({ price: at, size: part })
      left -= part
    }
    return left > 0
  })
  return takes
}

/** The same liquidity on the other outcome's book. */
export const twinOf = (side: Side, price: number): { side: Side; price: number } => ({
  side: side === BID ? ASK : BID,
  price: mirrored(price),
})
