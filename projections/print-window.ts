import { ASK, BID, type Side } from '#schemas/levels.js'
import type { EventOf } from '#schemas/registry.js'

/** After how long a window opens and closes, in µs of event time; both ends belong to it. */
export const WINDOW = { fromUs: 100_000, toUs: 1_100_000 } as const

/** What a window looks for: prints that could have filled this. */
export interface Wanted {
  readonly token: number
  readonly side: Side
  readonly limit: number
}

/**
 * Whether a print could have filled us: on our token, its taker on the other side, at our limit or better. A buy counts
 * taker sells at or below its limit, a sale taker buys at or above it; what takers on our own side took is the far side
 * of the market and went to others.
 */
export function couldFill(
  { token, side, limit }: Wanted,
  { data: print }: EventOf<'TradePrinted'>,
): boolean {
  if (print.token !== token || print.side === side) return false
  return side === BID ? print.price <= limit : print.price >= limit
}

/** The side of the book that an order takes from. */
export const takesFrom = (side: Side): Side => (side === BID ? ASK : BID)
