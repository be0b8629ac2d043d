import * as E from 'fp-ts/lib/Either.js'
import { CHANGE, UNSAID } from '../levels.js'
import type { Recorded } from '../recorded.js'
import { readCold, type LineFault } from './cold-reader.js'
import { codes, word } from './digits.js'
import { LineCursor } from './cursor.js'
import { readHotLine } from './hot-line.js'
import { readTrade, tradeOf, type TradeLine } from './trade-line.js'
import { HEX, TAIL } from './writer.js'
import { xxh32 } from './xxh32.js'

/** What kind of line it was. */
export const HOT = 1
export const COLD = 2
export const TRADE = 3
export const BAD = 0
/** What a whole line may be. */
export type LineKind = typeof HOT | typeof COLD | typeof TRADE

const lenient = new TextDecoder()
// The constant parts of a line, as little-endian words of four bytes.
const OPEN = word('{"n"')
const TIME = word(',"t"')
const CAUSE = word(',"c"')
const NAME = word(',"e"')
/** `,"l":` and `,"lag":`. */
const LAG = codes(',"l":')
const TRADE_LAG = codes(',"lag":')
const SUM = word(',"x"')
const CHANGED_TEXT = '"BookChanged.1","d":[['
const CHANGED_LENGTH = CHANGED_TEXT.length
const CHANGED_AT = [0, 4, 8, 12, 16, CHANGED_LENGTH - 4]
const CHANGED = CHANGED_AT.map(at => word(CHANGED_TEXT, at))
const NEWLINE = 10
const COMMA = 44
const COLON = 58
const BRACKET = 91
const CLOSE = 93
const COLON_QUOTE = 0x223a
const QUOTE_BRACE = 0x7d22
/** Length of `{"n":1,"t":0,"c":0,"e":"A.1","x":"00000000"}`. */
const SHORTEST = 44

/**
 * Reads event lines out of a buffer without making an object per event: `read` leaves the envelope in its fields and,
 * for a `BookChanged`, the level changes in `changes`; `recorded` makes the object where one is wanted. Every line's sum
 * is checked. Any other form than the canonical one is a located fault, never a guess.
 */
export class LineReader extends LineCursor {
  seq = 0
  tUs = 0
  cause = 0
  /** Of the sequence that was read last. */
  digits = 1
  /** Numbers in `changes` that belong to this line. */
  length = 0
  /** `CHANGE` numbers per level change; owned by the reader and overwritten by the next line. */
  changes: Float64Array = new Float64Array(CHANGE * 64)
  lag: number | undefined = undefined
  fault: LineFault | undefined = undefined

  readonly #trade: TradeLine = { token: 0, side: 0, price: 0, size: 0, from: 0, to: 0 }
  /**
   * Reads the line at `[start, end)`, without its newline. `HOT`: a BookChanged; `TRADE`: a TradePrinted in its usual form;
   * `COLD`: another event; `BAD`: see `fault`.
   */
  read(start: number, end: number): LineKind | typeof BAD {
    this.start = start
    this.stop = end
    this.place = start
    if (!this.#checkSum()) return BAD
    if (end - start < SHORTEST) return this.#form('a whole envelope')
    const at = readHotLine(this.view, this.total, start, this)
    if (at < 0) return this.#general(start)
    this.place = at
    return this.#lastKey()
  }

  /** Reads a line of any form, of which the sum is right. */
  #general(start: number): LineKind | typeof BAD {
    const view = this.view
    if (view.getInt32(start, true) !== OPEN || view.getUint8(start + 4) !== COLON)
      return this.#form('{"n":')
    this.place = start + 5
    this.seq = this.whole()
    if (!this.key(TIME)) return this.#form(',"t":')
    this.tUs = this.time()
    if (!this.key(CAUSE)) return this.#form(',"c":')
    this.cause = this.whole()
    if (Number.isNaN(this.seq + this.tUs + this.cause)) return this.#form('whole numbers')
    if (!this.key(NAME)) return this.#form(',"e":')
    if (this.#isChanged()) return this.#changed()
    const trade = readTrade(view, this.place, this.#trade)
    if (trade < 0) return COLD
    this.place = trade
    return this.#isLast(TRADE_LAG) ? TRADE : COLD
  }

  /** Reads the line that starts at `start`, as `read` does; `end` then says where it ended. */
  next(start: number): LineKind | typeof BAD {
    const view = this.view
    const { total } = this
    const body = readHotLine(view, total, start, this)
    const at = body + TAIL
    if (body >= 0 && at < total && view.getUint8(at) === NEWLINE) {
      this.start = start
      this.stop = at
      this.place = body
      this.lag = undefined
      if (this.isProven || this.#isSummed()) return HOT
    }
    // Any other form than the usual one, or none: where it ends is found first, and what is wrong is said.
    const end = this.bytes.indexOf(NEWLINE, start)
    this.start = this.place = start
    this.stop = end < 0 ? this.bytes.length : end
    if (!this.#checkSum()) return BAD
    if (body >= 0) return this.read(start, this.stop) // a lag follows, or what does not belong there
    if (this.stop - start < SHORTEST) return this.#form('a whole envelope')
    return this.#general(start)
  }

  /** Of a line that is a `TRADE`: the token that was traded. */
  get tradeToken(): number {
    return this.#trade.token
  }

  /** The event that `read` has just read, whole and checked against its codec. */
  recorded(kind: LineKind): E.Either<LineFault, Recorded> {
    const { seq, tUs, cause } = this
    if (kind === COLD) return readCold(this, this.bytes.subarray(this.start, this.stop))
    if (kind === TRADE) {
      const event = tradeOf(this.#trade, this.bytes, this.lag)
      return E.right({ seq, tUs, cause, event })
    }
    const { changes, length } = this
    const d: number[] = []
    for (let i = 0; i < length; i++) d.push(changes[i]!)
    const data = this.lag === undefined ? { d } : { d, l: this.lag }
    return E.right({ seq, tUs, cause, event: { type: 'BookChanged', data } })
  }

  #isChanged(): boolean {
    const view = this.view
    const at = this.place
    if (at + CHANGED_LENGTH > this.stop) return false
    for (let i = 0; i < CHANGED.length; i++)
      if (view.getInt32(at + CHANGED_AT[i]!, true) !== CHANGED[i]) return false
    this.place = at + CHANGED_LENGTH
    return true
  }

  /** The optional key behind the changes; then nothing but the sum. */
  #lastKey(): typeof HOT | typeof BAD {
    return this.#isLast(LAG) ? HOT : this.#form(',"x":"')
  }

  /** Whether nothing but a lag under this key, or not even that, stands before the sum. */
  #isLast(key: Uint8Array): boolean {
    const last = this.stop - TAIL
    this.lag = this.place !== last && this.longKey(key) ? this.signed() : undefined
    return this.place === last && !Number.isNaN(this.lag)
  }

  /** Changes of any length and with any fault, which it names. */
  #changed(): typeof HOT | typeof BAD {
    const view = this.view
    let at = this.place
    let changes = this.changes
    let k = 0
    let members = 0
    for (;;) {
      const from = at
      this.place = at
      const n = this.rest(0)
      at = this.place
      if (!this.isNumber(from)) return this.#formAt(at, 'a whole number')
      changes[k + members++] = n
      const next = view.getUint8(at++)
      if (next === COMMA && members < CHANGE) continue
      if (next !== CLOSE || members < 4 || members === 5) return this.#formAt(at, ',')
      if (members === 4) changes[k + 4] = changes[k + 5] = UNSAID
      if (!isChange(changes, k)) return this.#refuse('field', 'a level change out of range')
      k += CHANGE
      members = 0
      const after = view.getUint8(at++)
      if (after === CLOSE) break
      if (after !== COMMA || view.getUint8(at++) !== BRACKET) return this.#formAt(at, ',[')
      if (k + CHANGE > changes.length) changes = this.#grow()
    }
    this.length = k
    this.place = at
    return this.#lastKey()
  }

  /** Whether the line ends with the sum of its bytes. */
  #isSummed(): boolean {
    const body = this.stop - TAIL
    const view = this.view
    if (!endsSummed(view, body)) return false
    const sum = xxh32(view, this.start, body)
    return (
      view.getUint16(body + 6) === HEX[sum >>> 24] &&
      view.getUint16(body + 8) === HEX[(sum >>> 16) & 255] &&
      view.getUint16(body + 10) === HEX[(sum >>> 8) & 255] &&
      view.getUint16(body + 12) === HEX[sum & 255]
    )
  }

  #checkSum(): boolean {
    const body = this.stop - TAIL
    const view = this.view
    if (body <= this.start) return this.#isNot('form', 'no line: too short')
    if (!endsSummed(view, body)) return this.#isNot('form', 'a line ends with "x" and its sum')
    if (this.isProven || this.#isSummed()) return true
    const sum = xxh32(view, this.start, body)
    const stated = lenient.decode(this.bytes.subarray(body + 6, body + 14))
    const made = sum.toString(16).padStart(8, '0')
    return this.#isNot('sum', `sum ${stated}, but the bytes give ${made}`)
  }

  #grow(): Float64Array {
    const grown = new Float64Array(this.changes.length * 2)
    grown.set(this.changes)
    this.changes = grown
    return grown
  }

  #formAt(at: number, expected: string): typeof BAD {
    this.place = at
    return this.#form(expected)
  }

  #isNot(kind: LineFault['kind'], message: string): false {
    this.#refuse(kind, message)
    return false
  }

  #form(expected: string): typeof BAD {
    return this.#refuse('form', `not a canonical line: expected ${expected}`)
  }

  #refuse(kind: LineFault['kind'], message: string): typeof BAD {
    this.fault = { kind, at: this.place - this.start, message }
    return BAD
  }
}

/** Whether the key and the quotes of a sum stand at `body`, whatever the sum. */
function endsSummed(view: DataView, body: number): boolean {
  return (
    view.getInt32(body, true) === SUM &&
    view.getUint16(body + 4, true) === COLON_QUOTE &&
    view.getUint16(body + 14, true) === QUOTE_BRACE
  )
}

function isChange(d: Float64Array, i: number): boolean {
  const bid = d[i + 4]!
  const ask = d[i + 5]!
  const said = bid === UNSAID || (bid >= 0 && bid <= 10_000 && ask >= 0 && ask <= 10_000)
  return d[i]! >= 0 && d[i + 1]! >>> 0 <= 1 && d[i + 2]! >>> 0 <= 10_000 && d[i + 3]! >= 0 && said
}
