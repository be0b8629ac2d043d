import type { FramesAt, FramesFrom, FramesWalked, FrameWalker } from '#engine/book/frame-walk.js'
import type { Touched } from '#engine/book/fold.js'
import type { HashedBook } from './book-hash.js'
import type { HashCheck } from './hash-check.js'
import type { Tally } from '../../recorded/import-feed.js'
import { NO_SNAPSHOT } from './usual-changes.js'

/**
 * A walker with the books that it checks hashes of: lends it those that it may follow, and takes back what is needed here.
 * A book of which the last hash was not the venue's stays here until one is.
 */
export class Lending {
  readonly #walker: FrameWalker
  readonly #tally: Tally
  readonly #hashes: HashCheck
  readonly #books = new Map<number, HashedBook>()
  /** Tokens of which the walker does not know how their books stand. */
  readonly #changed = new Set<number>()

  constructor(walker: FrameWalker, tally: Tally, hashes: HashCheck) {
    this.#walker = walker
    this.#tally = tally
    this.#hashes = hashes
  }

  /** Tells it of a token. */
  know(key: string, token: number, book: HashedBook): void {
    this.#walker.know(key, token)
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
    if (!book.isLent) {
      const lent = book.isDoubted ? undefined : book.lend(() => walker.recall(token) ?? NONE)
      if (lent) walker.lend(token, lent)
      else walker.leave(token, book.isKnown)
    }
    if (book.isLent) walker.tell(token, ...book.around)
  }
}

const NONE = ['', ''] as const
