import { ASK, BID, type Side } from '#schemas/levels.js'
import { costOf, mirrored, PRICE_MAX, proceedsOf, sumOf } from '#schemas/units.js'

/** One token's book as rules may see it. Prices in 1e-4 dollar, sizes in 1e-6 share. */
export interface BookView {
  /** 0 where there is no bid. */
  readonly bestBid: number
  /** 10,000 where there is no ask. */
  readonly bestAsk: number
  readonly tick: number
  /** When the venue last spoke of this book, in µs; 0 for never. */
  readonly updatedUs: number
  readonly sizeAt: (side: Side, price: number) => number
  /** Calls back with price and size of each level, best first, until it answers `false`. */
  readonly walk: (side: Side, each: (price: number, size: number) => unknown) => void
}

/** What taking `size` from one side would do on the book as it stands. */
export interface Execution {
  /** Shares that the book can give, at most the size asked for. */
  readonly filled: number
  /** 1e-6 dollar: a cost rounded up per level when buying, proceeds rounded down when selling. */
  readonly cash: number
  /** Taker fees, one per level. */
  readonly fee: number
  /** Worst price touched; 0 when nothing fills. */
  readonly worst: number
}

/** Executable price by walking levels: buys walk the asks, sells the bids. */
export function execute(
  book: BookView,
  order: {
    side: Side
    size: number
    limit?: number
    /** What its venue charges for one fill, 1e-6 dollar. */
    fee?: (at: number, size: number) => number
  },
): Execution {
  const buys = order.side === BID
  const limit = order.limit ?? (buys ? PRICE_MAX : 0)
  let [left, cash, fee, worst] = [order.size, 0, 0, 0]
  book.walk(buys ? ASK : BID, (at, size) => {
    if (left <= 0 || (buys ? at > limit : at < limit)) return false
    const part = Math.min(left, size)
    left -= part
    cash = sumOf(cash, buys ? costOf(at, part) : proceedsOf(at, part))
    if (order.fee) fee = sumOf(fee, order.fee(at, part))
    worst = at
    return left > 0
  })
  return { filled: order.size - left, cash, fee, worst }
}

/** Shares on a side within `band` (1e-4 dollar) of that side's best, at most what the unit holds. */
export function depthWithin(book: BookView, side: Side, band: number): number {
  const best = side === BID ? book.bestBid : book.bestAsk
  let depth = 0
  book.walk(side, (at, size) => {
    if (Math.abs(at - best) > band) return false
    depth = sumOf(depth, size)
    return true
  })
  return depth
}

/** Dollars (1e-6) in the first `levels` levels of a side, rounded down: how thick a leg is. At most what the unit holds. */
export function notionalOf(book: BookView, side: Side, levels: number): number {
  let [dollars, count] = [0, 0]
  book.walk(side, (at, size) => {
    dollars = sumOf(dollars, proceedsOf(at, size))
    return ++count < levels
  })
  return dollars
}

/** The same liquidity seen from the other outcome: its bids are our asks at 1 − p, and the other way round. */
export function mirrorOf(book: BookView): BookView {
  const other = (side: Side): Side => (side === BID ? ASK : BID)
  return {
    get bestBid() {
      return mirrored(book.bestAsk)
    },
    get bestAsk() {
      return mirrored(book.bestBid)
    },
    get tick() {
      return book.tick
    },
    get updatedUs() {
      return book.updatedUs
    },
    sizeAt: (side, at) => book.sizeAt(other(side), mirrored(at)),
    walk: (side, each) => {
      book.walk(other(side), (at, size) => each(mirrored(at), size))
    },
  }
}
