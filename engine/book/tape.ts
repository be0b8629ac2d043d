import { ASK, CHANGE, UNSAID } from '#schemas/levels.js'
import { PRICE_MAX } from '#schemas/units.js'

/** What an entry of a tape is: the low four bits of its first word. `native/wire/src/tape.rs` has the same. */
export const ENTRY = {
  /** Absolute time in µs, low word first: for what follows, and no input itself. */
  jump: 0,
  /** One level change. */
  one: 1,
  /** One, and its mirror image in the book of the next token. */
  up: 2,
  /** One, and its mirror image in the book of the token before. */
  down: 3,
  /** Any number of changes, `CHANGE_WORDS` each. */
  many: 4,
  /** A trade: as a change, but instead of best bid and ask the offset of its id among the lines. */
  trade: 5,
  /** Any other input, as the line at an offset of the lines. */
  line: 6,
  /** Added to `one`, `up`, `down`, `trade`: the size takes two words, low word first, as it stands; else one, in `LOT`s. */
  wide: 8,
} as const

/** 1e-6 shares in the unit of sizes in one word: a hundredth of a share. */
export const LOT = 10_000
/** Words of a change of `many`: token, side and price, size low and high, best bid and ask. */
export const CHANGE_WORDS = 5
/** Bits of the kind in an entry's first word; above them stand the µs since the entry before. */
const KIND_BITS = 4
/** The bits of an entry's kind. */
export const KINDS = (1 << KIND_BITS) - 1
/** Most µs since the entry before that stand beside a kind. */
export const LAG_MAX = 2 ** (32 - KIND_BITS) - 1
/** Tokens above take the form of `many`. */
export const TOKEN_MAX = 2 ** 17 - 1
/** Bits of a price beside a side. */
const PRICE_BITS = 14
/** The bits of a price. */
export const PRICES = (1 << PRICE_BITS) - 1
/** What a side counts beside a price. */
export const SIDE = 1 << PRICE_BITS
/** What a token counts beside a side and a price. */
export const TOKEN = SIDE << 1
/** In sixteen bits, for a best that the venue did not state. */
export const UNSAID_HALF = 0xffff
/** What a word counts to. */
export const WORD = 2 ** 32
/** Ends a line or an id. */
export const NEWLINE = 10

/**
 * Feed inputs of a run, decoded: what a fold takes from them as words, the rest as log lines. How late the venue's news
 * came is not on it: no rule asks for that.
 */
export interface Tape {
  /** The entries; the first says its time in full. */
  readonly words: Uint32Array
  /** Lines and ids of trades that entries point at, each with its newline. */
  readonly lines: Uint8Array
  /** Inputs on it. */
  readonly inputs: number
}

/** A trade as `TradePrinted` has it; its id is plain ASCII. */
export interface TapeTrade {
  readonly token: number
  readonly side: number
  readonly price: number
  readonly size: number
  readonly id: string
}

/** What an entry holds, as `TapeReader` says it. */
export const FOUND = { changes: 0, trade: 1, line: 2, end: 3 } as const

const NOTHING: Tape = { words: new Uint32Array(0), lines: new Uint8Array(0), inputs: 0 }

/** Reads a tape entry by entry. */
export class TapeReader {
  /** The next entry's first word. */
  at = 0
  /** Time of the last entry, in µs. */
  tUs = 0
  /** Level changes of the last entry, `CHANGE` numbers each, `length` of them. */
  changes = new Float64Array(16 * CHANGE)
  length = 0
  /** Of a line: where it begins among the lines. */
  offset = 0
  #tape: Tape = NOTHING
  #words: Uint32Array = NOTHING.words
  /** First word of the last trade. */
  #place = 0

  /** Stands at `at`, with the time of the entry before it. */
  over(tape: Tape, at: number, tUs: number): this {
    this.#tape = tape
    this.#words = tape.words
    this.at = at
    this.tUs = tUs
    return this
  }

  /** Takes the next entry: one of `FOUND`. */
  next(): number {
    const words = this.#words
    let { at } = this
    if (at >= words.length) return FOUND.end
    let first = words[at]!
    if (first === ENTRY.jump) {
      this.tUs = words[at + 2]! * WORD + words[at + 1]!
      at += 3
      first = words[at]!
    }
    this.tUs += first >>> KIND_BITS
    const kind = first & KINDS
    const base = kind & ~ENTRY.wide
    if (base >= ENTRY.one && base <= ENTRY.down) {
      const isWide = kind !== base
      const size = sized(words, at + 2, isWide)
      this.at = at + (isWide ? 5 : 4)
      this.#usual(base, words[at + 1]!, size, words[this.at - 1]!)
      return FOUND.changes
    }
    if (kind === ENTRY.many) return this.#many(at + 1)
    if (base === ENTRY.trade) {
      this.at = at + (kind === base ? 4 : 5)
      this.#place = at
      return FOUND.trade
    }
    this.offset = words[at + 1]!
    this.at = at + 2
    return FOUND.line
  }

  /** Of a trade: its token. */
  get tradeToken(): number {
    return this.#words[this.#place + 1]! >>> (PRICE_BITS + 1)
  }

  /** The trade that the last entry was. */
  trade(): TapeTrade {
    const words = this.#words
    const at = this.#place
    const isWide = (words[at]! & KINDS & ENTRY.wide) !== 0
    const word = words[at + 1]!
    const from = words[this.at - 1]!
    const { lines } = this.#tape
    return {
      token: word >>> (PRICE_BITS + 1),
      side: (word >>> PRICE_BITS) & 1,
      price: word & PRICES,
      size: sized(words, at + 2, isWide),
      id: String.fromCharCode(...lines.subarray(from, lines.indexOf(NEWLINE, from))),
    }
  }

  #usual(kind: number, word: number, size: number, bests: number): void {
    const { changes } = this
    const token = word >>> (PRICE_BITS + 1)
    const side = (word >>> PRICE_BITS) & 1
    const at = word & PRICES
    const bid = half(bests >>> 16)
    const ask = half(bests & UNSAID_HALF)
    changes[0] = token
    changes[1] = side
    changes[2] = at
    changes[3] = size
    changes[4] = bid
    changes[5] = ask
    this.length = CHANGE
    if (kind === ENTRY.one) return
    changes[6] = kind === ENTRY.up ? token + 1 : token - 1
    changes[7] = ASK - side
    changes[8] = PRICE_MAX - at
    changes[9] = size
    changes[10] = flipped(ask)
    changes[11] = flipped(bid)
    this.length = 2 * CHANGE
  }

  #many(from: number): number {
    const words = this.#words
    const count = words[from]!
    this.length = count * CHANGE
    if (this.length > this.changes.length) this.changes = new Float64Array(2 * this.length)
    const { changes } = this
    let word = from + 1
    for (let i = 0; i < this.length; i += CHANGE, word += CHANGE_WORDS) {
      const bests = words[word + 4]!
      changes[i] = words[word]!
      changes[i + 1] = words[word + 1]! >>> PRICE_BITS
      changes[i + 2] = words[word + 1]! & PRICES
      changes[i + 3] = words[word + 3]! * WORD + words[word + 2]!
      changes[i + 4] = half(bests >>> 16)
      changes[i + 5] = half(bests & UNSAID_HALF)
    }
    this.at = word
    return FOUND.changes
  }
}

const sized = (words: Uint32Array, at: number, isWide: boolean): number =>
  isWide ? words[at + 1]! * WORD + words[at]! : words[at]! * LOT

/** A best price as the other outcome has it. */
export const flipped = (best: number): number => (best === UNSAID ? UNSAID : PRICE_MAX - best)

const half = (bits: number): number => (bits === UNSAID_HALF ? UNSAID : bits)
