import assert from 'node:assert'
import { CHANGE, UNSAID, type Side } from '#schemas/levels.js'
import { BAD, HOT, LineReader } from '#schemas/line/reader.js'
import type { Event } from '#schemas/registry.js'
import { Book, TRUST_BITS } from './book.js'
import type { BookFold, BookStats, Touched } from './fold.js'

/** The reference fold: one `Book` per token, in an array by token id. */
export function tsFold(): BookFold {
  const books: (Book | undefined)[] = []
  const stats: BookStats = {
    changes: 0,
    checks: 0,
    agreeBefore: 0,
    agreeAfter: 0,
    repaired: 0,
    pruned: 0,
    crossed: 0,
  }
  const reader = new LineReader()
  const bookOf = (token: number): Book => listed(books, token)

  const fold: BookFold = {
    stats,
    list: (token, tick) => {
      books[token] ??= new Book(token, tick)
    },
    view: token => books[token],
    distrustOf: token => bookOf(token).distrust,
    change: ({ changes, length, tUs }, touched) => {
      const flat = changes instanceof Float64Array ? changes : doubles(changes, length)
      foldChanges(books, { flat, length, tUs }, stats, touched)
    },
    snapshot: ({ token, bids, asks, tUs }, touched) => {
      const book = bookOf(token)
      book.bids.clear()
      book.asks.clear()
      for (let i = 0; i < bids.length; i += 2) book.bids.set(bids[i]!, bids[i + 1]!)
      for (let i = 0; i < asks.length; i += 2) book.asks.set(asks[i]!, asks[i + 1]!)
      book.updatedUs = tUs
      book.hadSnapshot = true
      book.distrust = book.isCrossed ? TRUST_BITS.crossed : 0
      if (book.isCrossed) stats.crossed++
      touch(touched, book)
    },
    regrid: (token, tick, touched) => {
      const book = bookOf(token)
      book.regrid(tick)
      book.distrust |= TRUST_BITS['tick-epoch']
      touch(touched, book)
    },
    distrust: (token, bit, touched) => {
      const book = bookOf(token)
      book.distrust |= bit
      touch(touched, book)
    },
    distrustAll: (bit, touched) => {
      for (const book of books) if (book) fold.distrust(book.token, bit, touched)
    },
    lines: (bytes, touched) => {
      reader.over(bytes)
      let count = 0
      for (let start = 0; start < bytes.length;) {
        count += foldLine(fold, reader, start, touched)
        start = reader.end + 1
      }
      return count
    },
    save: () => ({ stats, books: books.flatMap(book => (book ? [book.save()] : [])) }),
    load: saved => {
      Object.assign(stats, saved.stats)
      for (const row of saved.books) {
        fold.list(row.token, row.asks[0]!)
        bookOf(row.token).load(row)
      }
    },
  }
  return fold
}

/** Folds the line at `start` of what the reader is over; answers how many level changes it holds. */
export function foldLine(
  fold: BookFold,
  reader: LineReader,
  start: number,
  touched: Touched,
): number {
  const kind = reader.next(start)
  if (kind === BAD) assert.fail(`byte ${start}: ${reader.fault?.message ?? 'unreadable line'}`)
  if (kind === HOT) {
    const { changes, length, tUs } = reader
    fold.change({ changes, length, tUs }, touched)
    return length / CHANGE
  }
  const row = reader.recorded(kind)
  if (row._tag === 'Left') assert.fail(`byte ${start}: unreadable event`)
  foldEvent(fold, row.right.event, row.right.tUs, touched)
  return 0
}

/** Folds one event that concerns books; ignores all others. */
export function foldEvent(fold: BookFold, event: Event, tUs: number, touched: Touched): void {
  switch (event.type) {
    case 'BookChanged':
      fold.change({ changes: event.data.d, length: event.data.d.length, tUs }, touched)
      return
    case 'BookSnapshot':
      fold.snapshot({ ...event.data, tUs }, touched)
      return
    case 'TokenListed':
      fold.list(event.data.token, event.data.tick)
      return
    case 'TickSizeChanged':
      fold.regrid(event.data.token, event.data.to, touched)
      return
    case 'BookHashDiffers':
      fold.distrust(event.data.token, TRUST_BITS['hash-differs'], touched)
      return
    case 'FeedLost':
      fold.distrustAll(TRUST_BITS['feed-lost'], touched)
      return
    default:
  }
}

function listed(books: readonly (Book | undefined)[], token: number): Book {
  const book = books[token]
  if (!book) assert.fail(`Invariant: token ${token} was changed before it was listed`)
  return book
}

/**
 * The loop that all market data goes through. It takes one kind of array only, so that reading an element is one load,
 * and looks up what belongs to a token once per run of its changes.
 */
function foldChanges(
  books: readonly (Book | undefined)[],
  { flat, length, tUs }: { flat: Float64Array; length: number; tUs: number },
  stats: BookStats,
  touched: Touched,
): void {
  if (length === 0) return
  let token = flat[0]!
  let book = enter(books, token, tUs, touched)
  let agreed = 0
  let doubted = 0
  for (let i = 0; i < length; i += CHANGE) {
    if (flat[i] !== token) {
      token = flat[i]!
      book = enter(books, token, tUs, touched)
    }
    if (book.distrust !== 0) {
      doubted++
      foldDoubted(book, flat, i, stats, touched)
      continue
    }
    // No reason against the book: it is warm, counts no changes any more, and is not crossed.
    const side = (flat[i + 1]! | 0) as Side
    const at = flat[i + 2]! | 0
    const size = flat[i + 3]!
    const bid = flat[i + 4]!
    const ladder = book.sides[side]
    if (ladder.set(at, size) && size > 0) cross(book, side, at, stats)
    if (bid === book.bids.bestPrice && flat[i + 5] === book.asks.bestPrice) agreed++
    else if (bid !== UNSAID) compare(book, bid, flat[i + 5]!, stats, touched)
  }
  stats.changes += length / CHANGE - doubted
  stats.checks += agreed
  stats.agreeBefore += agreed
  stats.agreeAfter += agreed
}

/** The book of a token whose changes come next. */
function enter(
  books: readonly (Book | undefined)[],
  token: number,
  tUs: number,
  touched: Touched,
): Book {
  const book = listed(books, token)
  touch(touched, book)
  book.updatedUs = tUs
  return book
}

/** One change of a book with something against it. */
function foldDoubted(
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

let scratch = new Float64Array(64 * CHANGE)

/** The same numbers in the one kind of array that the fold reads; overwritten by the next call. */
function doubles(numbers: ArrayLike<number>, length: number): Float64Array {
  if (scratch.length < length) scratch = new Float64Array(2 * length)
  for (let i = 0; i < length; i++) scratch[i] = numbers[i]!
  return scratch
}

/** Only a snapshot can leave a book crossed: a change removes what it crosses. */
function uncross(book: Book, stats: BookStats): void {
  if (book.isCrossed) stats.crossed++
  else book.distrust &= ~TRUST_BITS.crossed
}

/** A level that crosses removes what it crosses: an aggressive order ate it, and no delta may ever say so. */
function cross(book: Book, side: Side, at: number, stats: BookStats): void {
  const other = book.sides[(1 - side) as Side]
  while (other.best >= 0 && (other.bestPrice - at) * other.direction >= 0) {
    other.set(other.bestPrice, 0)
    stats.repaired++
  }
}

/** Compares our best with the venue's own before that corrects anything, then prunes what is better than it. */
function compare(
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

function touch(touched: Touched, book: Book): void {
  if (book.mark === touched.mark) return
  book.mark = touched.mark
  touched.tokens.push(book.token)
}

let marks = 0

/** Empty arrays for a caller of the fold. */
export const untouched = (): Touched => ({ mark: ++marks, tokens: [], notices: [] })

/** Empties them for the next batch. */
export function clearTouched(touched: Touched): void {
  const { tokens, notices } = touched
  touched.mark = ++marks
  while (tokens.length > 0) tokens.pop() // setting the length is slower for these few
  while (notices.length > 0) notices.pop()
}
