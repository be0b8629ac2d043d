import { BID, type Side } from '#schemas/levels.js'

/** One level that an order takes from, or may take from. */
export interface Take {
  readonly price: number
  readonly size: number
}

/** What an order is offered: prices in 1e-4 dollar, sizes in 1e-6 share. */
export interface Offer {
  readonly order: string
  readonly token: number
  readonly side: Side
  readonly limit: number
  readonly size: number
  readonly tick: number
  /** Best first: those that it can reach, and at most one behind them. */
  readonly levels: readonly Take[]
}

/** Which levels an order takes, best first. Any two sweeps give the same answer to the same offer. */
export type BookSweep = (offer: Offer) => readonly Take[]

/** The reference: level by level up to the limit, until the order is filled. */
export const sweepBook: BookSweep = ({ side, limit, size, levels }) => {
  const takes: Take[] = []
  let left = size
  for (const { price, size: there } of levels) {
    if (left <= 0 || (side === BID ? price > limit : price < limit)) break
    const part = Math.min(left, there)
    takes.push({ price, size: part })
    left -= part
  }
  return takes
}
