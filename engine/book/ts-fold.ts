import assert from 'node:assert'
import { CHANGE, UNSAID, type Side } from '#schemas/levels.js'
import { BAD, HOT, TRADE, LineReader } from '#schemas/line/reader.js'
import type { Event } from '#schemas/registry.js'
import { Book, TRUST_BITS } from './book.js'
import type { BookFold, BookStats, Touched } from './fold.js'
import { compare, cross, foldDoubted } from './rules.js'
import { isLevelWanted, isSnapshotWanted, isTradeWanted, keptInterest } from './interest.js'
import { Sources } from './sources.js'
import { TapeReader } from './tape.js'
import { touch } from './touched.js'
import { walkTape, walkTurns } from './walk.js'
import { Triggers } from './trigger.js'

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
  const tapeReader = new TapeReader()
  const triggers = new Triggers()
  const sources = new Sources()
  const bookOf = (token: number): Book => listed(books, token)
  const evaluate = (touched: Touched): void => {
    if (!triggers.isEmpty) triggers.evaluate(books, touched)
  }

  const isMoved = (token: number): boolean => {
    const book = books[token]
    return book !== undefined && book.distrust !== book.before
  }

  const isTradeSeen = (token: number): boolean => isTradeWanted(books[token]?.interest)

  const fold: BookFold = {
    stats,
    list: (token, tick, feed) => {
      books[token] ??= new Book(token, tick)
      sources.list(token, feed)
    },
    view: token => books[token],
    distrustOf: token => bookOf(token).distrust,
    change: ({ changes, length, tUs }, touched) => {
      const flat = changes instanceof Float64Array ? changes : doubles(changes, length)
      foldChanges(books, { flat, length, tUs }, stats, touched)
      evaluate(touched)
    },
    snapshot: ({ token, bids, asks, tUs }, touched) => {
      const book = bookOf(token)
      touch(touched, book)
      touched.isWanted ||= isSnapshotWanted(book.interest)
      book.bids.clear()
      book.asks.clear()
      for (let i = 0; i < bids.length; i += 2) book.bids.set(bids[i]!, bids[i + 1]!)
      for (let i = 0; i < asks.length; i += 2) book.asks.set(asks[i]!, asks[i + 1]!)
      book.updatedUs = tUs
      book.hadSnapshot = true
      book.distrust = book.isCrossed ? TRUST_BITS.crossed : 0
      if (book.isCrossed) stats.crossed++
      evaluate(touched)
    },
    regrid: (token, tick, touched) => {
      const book = bookOf(token)
      book.regrid(tick)
      touch(touched, book)
      book.distrust |= TRUST_BITS['tick-epoch']
      evaluate(touched)
    },
    distrust: (token, bit, touched) => {
      const book = bookOf(token)
      touch(touched, book)
      book.distrust |= bit
      evaluate(touched)
    },
    restoreTrust: (token, bit, touched) => {
      const book = bookOf(token)
      touch(touched, book)
      book.distrust &= ~bit
      evaluate(touched)
    },
    distrustAll: (bit, touched, feed) => {
      const dark = sources.darkened(feed) ?? books.flatMap(book => book?.token ?? [])
      for (const token of dark) fold.distrust(token, bit, touched)
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
    setTrigger: (id, { tokens, ...of }) => {
      triggers.set(id, of, tokens.map(bookOf))
    },
    dropTrigger: id => {
      triggers.drop(id)
    },
    setInterest: (token, interest) => {
      bookOf(token).interest = keptInterest(interest)
    },
    walk: (bytes, from, touched) =>
      walkTurns(fold, { reader: reader.over(bytes), isMoved, isTradeSeen }, from, touched),
    walkTape: (tape, from, touched) => {
      const over = tapeReader.over(tape, from.at, from.tapeUs)
      return walkTape(fold, { reader: over, isMoved, isTradeSeen }, from, touched)
    },
    save: () => {
      const feeds = sources.save()
      const all = books.flatMap(book => (book ? [book.save()] : []))
      return { stats, books: all, ...(feeds && { feeds }) }
    },
    load: saved => {
      Object.assign(stats, saved.stats)
      sources.load([], saved.feeds)
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
  if (kind === TRADE) return 0
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
      if (event.data.unfit !== undefined)
        fold.distrust(event.data.token, TRUST_BITS.incomplete, touched)
      return
    case 'TokenListed':
      fold.list(event.data.token, event.data.tick, event.data.feed)
      return
    case 'TickSizeChanged':
      fold.regrid(event.data.token, event.data.to, touched)
      return
    case 'BookHashDiffers':
      fold.distrust(event.data.token, TRUST_BITS['hash-differs'], touched)
      return
    case 'BookHashAgrees':
      fold.restoreTrust(event.data.token, TRUST_BITS['hash-differs'], touched)
      return
    case 'BookIncomplete':
      fold.distrust(event.data.token, TRUST_BITS.incomplete, touched)
      return
    case 'FeedLost':
      fold.distrustAll(TRUST_BITS['feed-lost'], touched, event.data.feed)
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
    if (book.interest !== undefined && isLevelWanted(book.interest, flat[i + 1]!, flat[i + 2]!))
      touched.isWanted = true
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

let scratch = new Float64Array(64 * CHANGE)

/** The same numbers in the one kind of array that the fold reads; overwritten by the next call. */
function doubles(numbers: ArrayLike<number>, length: number): Float64Array {
  if (scratch.length < length) scratch = new Float64Array(2 * length)
  for (let i = 0; i < length; i++) scratch[i] = numbers[i]!
  return scratch
}
