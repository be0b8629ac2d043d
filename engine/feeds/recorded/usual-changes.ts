import { CHANGE, type Side } from '#schemas/levels.js'
import type { FramesWalked, FrameWalker } from '#engine/book/frame-walk.js'
import { hotMessage } from '../polymarket/frame-hot.js'
import { AT, Frame, OF, PLACES } from '../polymarket/frame.js'
import { TokenIds } from '../polymarket/token-ids.js'
import type { HashedBook } from './book-hash.js'
import type { HashCheck } from './hash-check.js'
import type { Tally } from './import-feed.js'
import type { ScanPlace } from './message-scan.js'

/** Why a hash is not checked: the book is unknown, or another hash of it follows in the same frame. */
export const NO_SNAPSHOT = 'hash of a token without a snapshot (not checked)'
export const REPEATED = 'hash inside a frame (not checked)'

interface Known {
  readonly key: string
  readonly book: HashedBook
}

/** Reads `price_change` messages in the usual form out of their bytes, of tokens that it was told of. */
export class UsualChanges {
  readonly #tally: Tally
  readonly #hashes: HashCheck
  readonly #walker: FrameWalker | undefined
  readonly #ids = new TokenIds()
  readonly #known: (Known | undefined)[] = []
  readonly #frame = new Frame()
  /** Rows whose hash is to be checked: the last of each token, in order of its first. */
  readonly #checked: number[] = []

  constructor(tally: Tally, hashes: HashCheck, walker?: FrameWalker) {
    this.#tally = tally
    this.#hashes = hashes
    this.#walker = walker
  }

  /** Tells it of a token. */
  know(key: string, token: number, book: HashedBook): void {
    if (this.#known[token]) return
    this.#known[token] = { key, book }
    this.#ids.register(key, token)
    this.#walker?.know(key, token)
  }

  /** The book of a token was restated, or forgotten: only one that is not known needs no following. */
  followed(token: number, { isKnown }: HashedBook): void {
    this.#walker?.leave(token, isKnown)
  }

  /** Counts what a walker took. Oddities are told with their first place, which it does not know: see `isTold`. */
  walked({ messages, changes }: FramesWalked): void {
    this.#tally.read += messages
    if (changes > 0) this.#tally.skip(NO_SNAPSHOT, '', changes)
  }

  /** Whether all that a walker passes over is told already. */
  get isTold(): boolean {
    return this.#tally.knows(NO_SNAPSHOT)
  }

  /** Reads the message at `at`; the place behind it, −1 where it is none of these. */
  read(bytes: Buffer, at: number): number {
    this.#frame.restart()
    return hotMessage(bytes, at, this.#ids, this.#frame)
  }

  /** The venue's time of the message. */
  get tUs(): number {
    return this.#frame.messages[1]!
  }

  /** Its level changes; the books that hashes are taken of follow them. */
  changes(bytes: Buffer, where: ScanPlace): readonly number[] {
    const { rows, rowCount } = this.#frame
    this.#checked.length = 0
    const flat: number[] = []
    for (let row = 0, at = 0; row < rowCount; row++, at += CHANGE) {
      flat.push(rows[at]!, rows[at + 1]!, rows[at + 2]!)
      flat.push(rows[at + 3]!, rows[at + 4]!, rows[at + 5]!)
      const known = this.#known[rows[at]!]
      if (!known?.book.isKnown) this.#tally.skip(NO_SNAPSHOT, where)
      else this.#follow(bytes, row, known.book, where)
    }
    return flat
  }

  /** Checks the hashes of the message. */
  check(bytes: Buffer): void {
    if (this.#checked.length === 0) return
    const { messages, rows } = this.#frame
    const timestamp = bytes.toString('latin1', messages[AT.timestamp], messages[AT.timestamp + 1])
    for (const row of this.#checked) {
      const known = this.#known[rows[row * CHANGE]!]
      if (known) this.#hashes.check(known.key, this.#text(bytes, row, OF.hash), timestamp, false)
    }
  }

  #follow(bytes: Buffer, row: number, book: HashedBook, where: ScanPlace): void {
    const { rows } = this.#frame
    const price = this.#text(bytes, row, OF.price)
    book.change(rows[row * CHANGE + 1] as Side, { price, size: this.#text(bytes, row, OF.size) })
    const token = rows[row * CHANGE]
    const before = this.#checked.findIndex(one => rows[one * CHANGE] === token)
    if (before < 0) this.#checked.push(row)
    else {
      this.#tally.skip(REPEATED, where)
      this.#checked[before] = row
    }
  }

  #text(bytes: Buffer, row: number, of: number): string {
    const { places } = this.#frame
    return bytes.toString('latin1', places[row * PLACES + of], places[row * PLACES + of + 1])
  }
}
