import { CHANGE } from '#schemas/levels.js'

/** What a message of the venue's market channel says, by its number; `other` says nothing of levels. */
export const KIND = { other: 0, book: 1, priceChange: 2, trade: 3, tickSize: 4 } as const

/**
 * Numbers per message: kind, the venue's time in µs, first row, rows, token whose book it states (`book` only), then
 * where these stand as start and end each (both 0 for what is not there): the whole message, market, timestamp, hash,
 * transaction hash.
 */
export const MESSAGE = 15
/** Places of spans among the numbers of a message: the start; the end follows it. */
export const AT = { whole: 5, market: 7, timestamp: 9, hash: 11, transaction: 13 } as const

/**
 * Whole numbers per row: where asset id, price, size and hash stand as start and end each, then why it is no level
 * (`UNFIT`; 0 where it is one).
 */
export const PLACES = 9
/** Places of spans among the numbers of a row, and of its oddity. */
export const OF = { asset: 0, price: 2, size: 4, hash: 6, unfit: 8 } as const

/** Why a row is no level, by its number. */
export const UNFIT = [
  '',
  'price finer than the unit',
  'price too large',
  'size finer than the unit',
  'size too large',
  'price not between 0 and 1',
  'negative size',
] as const

/**
 * What a frame says, in arrays that the caller owns and uses again; they grow as needed. Offsets are within the bytes
 * that were read; strings stand without their quotes. Twin of `Frame` in `native/wire/src/frame.rs`.
 */
export class Frame {
  /** `MESSAGE` numbers each. */
  messages = new Float64Array(16 * MESSAGE)
  messageCount = 0
  /**
   * `CHANGE` numbers each. Price and size are 0 where the row is no level. A trade is one row, its side the taker's; a
   * change of the grid is one row, the old grid as its price and the new one as its size, both in 1e-4 dollar.
   */
  rows = new Float64Array(64 * CHANGE)
  /** `PLACES` numbers each. */
  places = new Int32Array(64 * PLACES)
  rowCount = 0
  /** Whether every string that was looked at is plain ASCII without escapes. */
  isPlain = true
  /** Whether a row is no level, or has an unknown token. */
  isOdd = false
  /** What should have stood at `faultAt`; one of `EXPECTED`, 0 where all could be read. */
  fault = 0
  faultAt = 0

  restart(): void {
    this.messageCount = 0
    this.rowCount = 0
    this.isPlain = true
    this.isOdd = false
    this.fault = 0
    this.faultAt = 0
  }

  /** Where the next row's numbers go, and its places; makes room. */
  roomForRow(): number {
    const row = this.rowCount
    if ((row + 1) * CHANGE > this.rows.length) {
      this.rows = doubled(this.rows, new Float64Array(2 * this.rows.length))
      this.places = doubled(this.places, new Int32Array(2 * this.places.length))
    }
    return row
  }

  /** Adds a message of the rows from `row` on; answers where its numbers stand. */
  addMessage(kind: number, tUs: number, row: number): number {
    const at = this.messageCount * MESSAGE
    if (at + MESSAGE > this.messages.length)
      this.messages = doubled(this.messages, new Float64Array(2 * this.messages.length))
    const { messages } = this
    messages.fill(0, at, at + MESSAGE)
    messages[at] = kind
    messages[at + 1] = tUs
    messages[at + 2] = row
    messages[at + 3] = this.rowCount - row
    this.messageCount++
    return at
  }
}

function doubled<A extends Int32Array | Float64Array>(from: A, to: A): A {
  to.set(from)
  return to
}
