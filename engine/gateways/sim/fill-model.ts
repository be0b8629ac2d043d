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
}

/** Which levels an order fills against, best first. */
export type FillModel = (meeting: Meeting) => readonly Take[]

/**
 * Share model: when the limit crosses the touch, a part of the touch's size fills, at the touch and not at the limit.
 * Rounded down. Source: the SIM gateway of the earlier system Razor, with the price corrected.
 */
export const shareModel =
  (shareBps: number): FillModel =>
  ({ book, taken, token, side, limit, size }) => {
    const touch = side === BID ? book.bestAsk : book.bestBid
    const from = side === BID ? ASK : BID
    const there = book.sizeAt(from, touch)
    if (there === 0 || (side === BID ? touch > limit : touch < limit)) return []
    const offered = mulDivFloor(there, shareBps, 10_000) - taken.of(token, from, touch)
    const part = Math.min(size, offered)
    return part > 0 ? [{ price: touch, size: part }] : []
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
