import { CHANGE, type Side } from '#schemas/levels.js'
import { AT, Frame, OF, PLACES } from './frame.js'
import type { HashedBook } from './book-hash.js'
import type { HashCheck } from './hash-check.js'
import { tsUsual, type UsualReader } from './usual-reader.js'
import type { Tally } from '../../recorded/import-feed.js'
import type { ScanPlace } from '../../recorded/message-scan.js'

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
  readonly #reader: UsualReader
  readonly #known: (Known | undefined)[] = []
  readonly #frame = new Frame()
  /** Rows whose hash is to be checked: the last of each token, in order of its first. */
  readonly #checked: number[] = []

  constructor(tally: Tally, hashes: HashCheck, reader: UsualReader = tsUsual()) {
    this.#reader = reader
    this.#tally = tally
    this.#hashes = hashes
  }

  /** Tells it of a token; false where it knows it. */
  know(key: string, token: number, book: HashedBook): boolean {
    if (this.#known[token]) return false
    this.#known[token] = { key, book }
    this.#reader.register(key, token)
    return true
  }

  /** Reads the message at `at`; the place behind it, −1 where it is none of these. */
  read(bytes: Buffer, at: number): number {
    this.#frame.restart()
    return this.#reader.read(bytes, at, this.#frame)
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
