import type { FramesAt, FramesFrom, FramesWalked, FrameWalker } from '#engine/book/frame-walk.js'
import type { Touched } from '#engine/book/fold.js'
import type { HashedBook } from './book-hash.js'
import type { HashCheck } from './hash-check.js'
import type { Tally } from '../../recorded/import-feed.js'
import { NO_SNAPSHOT } from './usual-changes.js'

/**
 * Hands books whose hashes are checked over to a walk over frames, and takes them back when they are needed here: a book is followed
 * in one place at a time. One whose last hash was not the venue's is followed here until a hash is right again.
 */
export class HashHandover {
  readonly #walker: FrameWalker
  readonly #tally: Tally
  readonly #hashes: HashCheck
  readonly #books = new Map<number, HashedBook>()
  /** Tokens whose books changed here since the walker was told. */
  readonly #changed = new Set<number>()

  constructor(walker: FrameWalker, tally: Tally, hashes: HashCheck) {
    this.#walker = walker
    this.#tally = tally
    this.#hashes = hashes
  }

  /** Adds a token with the book that its hashes are checked on. */
  addToken(key: string, token: number, book: HashedBook): void {
    this.#walker.addToken(key, token)
    this.#books.set(token, book)
    this.#changed.add(token)
    book.onChange = () => {
      this.#changed.add(token)
    }
  }

  /** Walks, and counts what was walked over. */
  walk(where: FramesAt, from: FramesFrom, touched: Touched): FramesWalked {
    for (const token of this.#changed) this.#settle(token)
    this.#changed.clear()
    const [tally, hashes] = [this.#tally, this.#hashes]
    const isTold = tally.knows(NO_SNAPSHOT)
    const check = { isTold, checks: hashes.left, stamps: tally.stamps }
    const walked = this.#walker.walk({ ...where, ...check }, from, touched)
    if (walked.messages > 0) tally.guard.passed(walked.stampUs)
    const { messages, changes, checked } = walked
    tally.read += messages
    hashes.passed(checked)
    if (changes > checked) tally.skip(NO_SNAPSHOT, '', changes - checked)
    return walked
  }

  #settle(token: number): void {
    const [walker, book] = [this.#walker, this.#books.get(token)]
    if (!book) return
    if (!book.isHandedOver) {
      const text = book.isDoubted ? undefined : book.handOver(() => walker.takeBack(token) ?? NONE)
      if (text) walker.followBook(token, text)
      else walker.exclude(token, book.isKnown)
    }
    if (book.isHandedOver) walker.setHashedText(token, ...book.around)
  }
}

const NONE = ['', ''] as const
