import { CHANGE, UNSAID } from '../levels.js'
import { TYPES } from '../registry.js'
import { four, HIGHS, SIXES, word as wordOf, ZEROS } from './digits.js'

const COMMA = 44
const CLOSE = 93
/** `],[` and `]]`, read as little-endian numbers of three and two bytes. */
const [ANOTHER, DONE] = [0x5b2c5d, 0x5d5d]

/** Bytes that are looked at, at most, in the envelope, and in one change with what follows it. */
const [ENVELOPE_MAX, CHANGE_MAX] = [80, 48]
/** The constant parts, as little-endian words of four bytes. */
const OPEN = wordOf('{"n"')
const TIME = wordOf(',"t"')
const COLON = 58
const ZERO = 48
/**
 * Eight bytes of the middle part at a time, read as doubles; the last overlap. Two doubles made of ASCII are equal
 * exactly where their bytes are: none is a zero or not a number.
 */
const MIDDLE = `,"c":0,"e":"${TYPES.BookChanged.name}","d":[[`
const LAST = MIDDLE.length - 8
const eight = (from: number): number => Buffer.from(MIDDLE, 'latin1').readDoubleLE(from)
const M0 = eight(0)
const M8 = eight(8)
const M16 = eight(16)
const M24 = eight(24)
const M_LAST = eight(LAST)

/** What a line says: the array is as long as need be, `length` says how much of it counts. */
export interface HotLine {
  seq: number
  tUs: number
  cause: number
  readonly changes: Float64Array
  length: number
}

/**
 * Reads a `BookChanged` line up to the end of its changes as it nearly always is: a sequence of at most twelve digits,
 * a time of sixteen, no cause. Returns the place behind `]]`; −1 for any other form, which is then to be read the slow
 * way, as is one that the buffer ends soon after.
 */
export function readHotLine(view: DataView, start: number, into: HotLine): number {
  if (start + ENVELOPE_MAX > view.byteLength) return -1
  if (view.getInt32(start, true) !== OPEN || view.getUint8(start + 4) !== COLON) return -1
  let at = start + 5
  let word = view.getInt32(at, true) ^ ZEROS
  let digits = digitsIn(word)
  let seq = valueOf(word, digits)
  at += digits
  if (digits === 4) {
    word = view.getInt32(at, true) ^ ZEROS
    digits = digitsIn(word)
    seq = Math.imul(seq, POWERS[digits]!) + valueOf(word, digits)
    at += digits
    if (digits === 4) {
      word = view.getInt32(at, true) ^ ZEROS
      digits = digitsIn(word)
      seq = seq * POWERS[digits]! + valueOf(word, digits)
      at += digits
    }
  } else if (digits === 0) return -1
  if (view.getUint8(start + 5) === ZERO) return -1
  if (view.getInt32(at, true) !== TIME || view.getUint8(at + 4) !== COLON) return -1
  const a = view.getInt32(at + 5, true) ^ ZEROS
  const b = view.getInt32(at + 9, true) ^ ZEROS
  const c = view.getInt32(at + 13, true) ^ ZEROS
  const d = view.getInt32(at + 17, true) ^ ZEROS
  const not = a | (a + SIXES) | b | (b + SIXES) | c | (c + SIXES) | d | (d + SIXES)
  at += 21
  if (
    (not & HIGHS) !== 0 ||
    (a & 255) === 0 ||
    view.getFloat64(at, true) !== M0 ||
    view.getFloat64(at + 8, true) !== M8 ||
    view.getFloat64(at + 16, true) !== M16 ||
    view.getFloat64(at + 24, true) !== M24 ||
    view.getFloat64(at + LAST, true) !== M_LAST
  )
    return -1
  into.seq = seq
  into.tUs =
    (Math.imul(four(a), 10_000) + four(b)) * 100_000_000 + (Math.imul(four(c), 10_000) + four(d))
  into.cause = 0
  return readChanges(view, at + MIDDLE.length, into)
}

/** Tokens and prices of at most four digits, sizes of at most twelve; from behind `[[` to behind `]]`. */
function readChanges(view: DataView, from: number, into: HotLine): number {
  const { changes } = into
  const most = changes.length - CHANGE
  const last = view.byteLength - CHANGE_MAX
  let at = from
  for (let k = 0; k <= most && at <= last; k += CHANGE) {
    // Token, side, price.
    let word = view.getInt32(at, true) ^ ZEROS
    let digits = digitsIn(word)
    changes[k] = valueOf(word, digits)
    at += digits
    if (isPadded(word, digits) || view.getUint8(at) !== COMMA) return -1
    const side = view.getUint8(at + 1) - 48
    if (side >>> 0 > 1 || view.getUint8(at + 2) !== COMMA) return -1
    changes[k + 1] = side
    at += 3
    word = view.getInt32(at, true) ^ ZEROS
    digits = digitsIn(word)
    changes[k + 2] = valueOf(word, digits)
    at += digits
    if (isPadded(word, digits) || view.getUint8(at) !== COMMA) return -1
    // Size, four digits at a time.
    word = view.getInt32(++at, true) ^ ZEROS
    digits = digitsIn(word)
    let size = valueOf(word, digits)
    if (isPadded(word, digits)) return -1
    at += digits
    if (digits === 4) {
      word = view.getInt32(at, true) ^ ZEROS
      digits = digitsIn(word)
      size = Math.imul(size, POWERS[digits]!) + valueOf(word, digits)
      at += digits
      if (digits === 4) {
        word = view.getInt32(at, true) ^ ZEROS
        digits = digitsIn(word)
        size = size * POWERS[digits]! + valueOf(word, digits)
        at += digits
      }
    }
    changes[k + 3] = size
    if (view.getUint8(at) === CLOSE) changes[k + 4] = changes[k + 5] = UNSAID
    else {
      if (view.getUint8(at) !== COMMA) return -1
      // Bid, ask.
      word = view.getInt32(++at, true) ^ ZEROS
      digits = digitsIn(word)
      changes[k + 4] = valueOf(word, digits)
      at += digits
      if (isPadded(word, digits) || view.getUint8(at) !== COMMA) return -1
      word = view.getInt32(++at, true) ^ ZEROS
      digits = digitsIn(word)
      changes[k + 5] = valueOf(word, digits)
      at += digits
      if (isPadded(word, digits)) return -1
    }
    const next = view.getInt32(at, true) & 0xffffff
    if ((next & 0xffff) === DONE) {
      into.length = k + CHANGE
      return at + 2
    }
    if (next !== ANOTHER) return -1
    at += 3
  }
  return -1
}

/** Powers of ten by number of digits. */
const POWERS = Int32Array.of(1, 10, 100, 1_000, 10_000)

/** How many of the four bytes are digits, from the first on. */
function digitsIn(word: number): number {
  const not = (word | (word + SIXES)) & HIGHS
  return not === 0 ? 4 : (31 - Math.clz32(not & -not)) >> 3
}

/** Whether the digits at the start of a number are none, or begin with a zero that does not belong there. */
function isPadded(word: number, digits: number): boolean {
  return digits !== 1 && (digits === 0 || (word & 255) === 0)
}

/** The value of the first `digits` of four bytes. */
function valueOf(word: number, digits: number): number {
  const shift = 16 - (digits << 2)
  return four((word << shift) << shift)
}
