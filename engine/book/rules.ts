import { UNSAID, type Side } from '#schemas/levels.js'
import { TRUST_BITS, type Book } from './book.js'
import type { BookStats, Touched } from './fold.js'

/** One change of a book with something against it. */
export function foldDoubted(
  book: Book,
  flat: Float64Array,
  i: number,
  stats: BookStats,
  touched: Touched,
): void {
  if ((book.distrust & TRUST_BITS['tick-epoch']) !== 0) return
  const side = flat[i + 1]! as Side
  const at = flat[i + 2]!
  const size = flat[i + 3]!
  stats.changes++
  book.sides[side].set(at, size)
  if (size > 0) cross(book, side, at, stats)
  if (!book.hadSnapshot) book.changes++
  if (flat[i + 4] !== UNSAID) compare(book, flat[i + 4]!, flat[i + 5]!, stats, touched)
  if ((book.distrust & TRUST_BITS.crossed) !== 0) uncross(book, stats)
}

/** Only a snapshot can leave a book crossed: a change removes what it crosses. */
function uncross(book: Book, stats: BookStats): void {
  if (book.isCrossed) stats.crossed++
  else book.distrust &= ~TRUST_BITS.crossed
}

/** A level that crosses removes what it crosses: an aggressive order ate it, and no delta may ever say so. */
export function cross(book: Book, side: Side, at: number, stats: BookStats): void {
  const other = book.sides[(1 - side) as Side]
  while (other.best >= 0 && (other.bestPrice - at) * other.direction >= 0) {
    other.set(other.bestPrice, 0)
    stats.repaired++
  }
}

/** Compares our best with the venue's own before that corrects anything, then prunes what is better than it. */
export function compare(
  book: Book,
  venueBid: number,
  venueAsk: number,
  stats: BookStats,
  touched: Touched,
): void {
  const warm = book.isWarm
  if (warm) stats.checks++
  const bid = book.bids.bestPrice
  const ask = book.asks.bestPrice
  if (bid === venueBid && ask === venueAsk) {
    if (!warm) return
    stats.agreeBefore++
    stats.agreeAfter++
    if (book.distrust !== 0) book.agreed()
    return
  }
  const pruned = prune(book, venueBid, venueAsk)
  stats.pruned += pruned
  if (!warm) return
  const agrees = book.bestBid === venueBid && book.bestAsk === venueAsk
  touched.notices.push(book.token, bid, ask, venueBid, venueAsk, pruned, agrees ? 1 : 0)
  if (agrees) {
    stats.agreeAfter++
    book.agreed()
  } else book.distrust |= TRUST_BITS.suspect
}

function prune(book: Book, venueBid: number, venueAsk: number): number {
  let pruned = 0
  for (; book.bids.best >= 0 && book.bestBid > venueBid; pruned++) book.bids.set(book.bestBid, 0)
  for (; book.asks.best >= 0 && book.bestAsk < venueAsk; pruned++) book.asks.set(book.bestAsk, 0)
  return pruned
}
