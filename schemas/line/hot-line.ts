import { CHANGE, UNSAID } from '../levels.js'
import { TYPES } from '../registry.js'
import { four, HIGHS, SIXES, word as wordOf, ZEROS } from './digits.js'

/** Bytes that are looked at, at most, in the envelope, and in one change with what follows it. */
const [ENVELOPE_MAX, CHANGE_MAX] = [80, 48]
/** The constant parts, as little-endian words of four bytes. */
const OPEN = wordOf('{"n"')
const TIME = wordOf(',"t"')
const COLON = 58
const COMMA = 44
const CLOSE = 93
/** `,0,` and the same for side 1, which differs in one bit; `],[` and `]]`: three and two bytes of a word. */
const [SIDE, SIDE_BITS] = [0x2c302c, 0xfffeff]
const [ANOTHER, DONE, THREE, TWO] = [0x5b2c5d, 0x5d5d, 0xffffff, 0xffff]
/**
 * Eight bytes of the middle part at a time, read as doubles; the last overlap. Two doubles made of ASCII are equal
 * exactly where their bytes are: none is a zero or not a number.
 */
const MIDDLE = `,"c":0,"e":"${TYPES.BookChanged.name}","d":[[`
const MIDDLE_LENGTH = MIDDLE.length
const LAST = MIDDLE_LENGTH - 8
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
  /** Digits of the sequence before: the next has as many, nearly always, and what follows it need not wait for a count. */
  digits: number
}

/**
 * Reads a `BookChanged` line up to the end of its changes as it nearly always is: a sequence of at most twelve digits,
 * a time of sixteen, no cause. Returns the place behind `]]`; −1 for any other form, which is then to be read the slow
 * way, as is one that the buffer ends soon after. `size` is the length of the view.
 */
export function readHotLine(view: DataView, size: number, start: number, into: HotLine): number {
  if (start + ENVELOPE_MAX > size) return -1
  if (view.getInt32(start, true) !== OPEN || view.getUint8(start + 4) !== COLON) return -1
  let at = start + 5 + into.digits
  if (view.getInt32(at, true) !== TIME) {
    into.digits = digitsFrom(view, start + 5)
    at = start + 5 + into.digits
    if (view.getInt32(at, true) !== TIME) return -1
  }
  const seq = sequence(view, start + 5, at)
  const a = view.getInt32(at + 5, true) ^ ZEROS
  const b = view.getInt32(at + 9, true) ^ ZEROS
  const c = view.getInt32(at + 13, true) ^ ZEROS
  const d = view.getInt32(at + 17, true) ^ ZEROS
  const not = a | (a + SIXES) | b | (b + SIXES) | c | (c + SIXES) | d | (d + SIXES)
  if (
    seq < 0 ||
    (not & HIGHS) !== 0 ||
    (a & 255) === 0 ||
    view.getUint8(at + 4) !== COLON ||
    view.getFloat64(at + 21, true) !== M0 ||
    view.getFloat64(at + 29, true) !== M8 ||
    view.getFloat64(at + 37, true) !== M16 ||
    view.getFloat64(at + 45, true) !== M24 ||
    view.getFloat64(at + 21 + LAST, true) !== M_LAST
  )
    return -1
  into.seq = seq
  into.tUs = (four(a) * 10_000 + four(b)) * 100_000_000 + (four(c) * 10_000 + four(d))
  into.cause = 0
  return readChanges(view, size - CHANGE_MAX, at + 21 + MIDDLE_LENGTH, into)
}

/** Tokens and prices of at most four digits, sizes of at most twelve; from behind `[[` to behind `]]`. */
function readChanges(view: DataView, last: number, from: number, into: HotLine): number {
  const { changes } = into
  const most = changes.length - CHANGE
  let at = from
  for (let k = 0; k <= most && at <= last; k += CHANGE) {
    // Token and side.
    let few = upToFour(view, at)
    changes[k] = few >> 3
    at += few & 7
    const side = view.getInt32(at, true)
    if (few < 0 || (side & SIDE_BITS) !== SIDE) return -1
    changes[k + 1] = (side >> 8) & 1
    // A number of four digits is told by the comma behind it: that can be foreseen, how many digits there are cannot.
    at += 3
    let word = view.getInt32(at, true) ^ ZEROS
    if (((word | (word + SIXES)) & HIGHS) === 0) {
      if ((word & 255) === 0) return -1
      changes[k + 2] = four(word)
      at += 4
    } else {
      few = upToFour(view, at)
      if (few < 0) return -1
      changes[k + 2] = few >> 3
      at += few & 7
    }
    if (view.getUint8(at) !== COMMA) return -1
    at++
    // Size, four digits at a time.
    word = view.getInt32(at, true) ^ ZEROS
    if (((word | (word + SIXES)) & HIGHS) !== 0) {
      few = upToFour(view, at)
      if (few < 0) return -1
      changes[k + 3] = few >> 3
      at += few & 7
    } else {
      if ((word & 255) === 0) return -1
      let size = four(word)
      word = view.getInt32(at + 4, true) ^ ZEROS
      at += 4
      let not = (word | (word + SIXES)) & HIGHS
      if (not === 0) {
        size = size * 10_000 + four(word)
        word = view.getInt32(at + 4, true) ^ ZEROS
        at += 4
        not = (word | (word + SIXES)) & HIGHS
      }
      const digits = not === 0 ? 4 : (31 - Math.clz32(not & -not)) >> 3
      const shift = 16 - (digits << 2)
      changes[k + 3] = size * POWERS[digits]! + four((word << shift) << shift)
      at += digits
    }
    // Bid and ask, or neither.
    if (view.getUint8(at) === CLOSE) changes[k + 4] = changes[k + 5] = UNSAID
    else {
      if (view.getUint8(at) !== COMMA) return -1
      const bid = view.getInt32(at + 1, true) ^ ZEROS
      const ask = view.getInt32(at + 6, true) ^ ZEROS
      const not = bid | (bid + SIXES) | ask | (ask + SIXES)
      if ((not & HIGHS) === 0 && view.getUint8(at + 5) === COMMA) {
        if ((bid & 255) === 0 || (ask & 255) === 0) return -1
        changes[k + 4] = four(bid)
        changes[k + 5] = four(ask)
        at += 10
      } else {
        few = upToFour(view, at + 1)
        at += 1 + (few & 7)
        if (few < 0 || view.getUint8(at) !== COMMA) return -1
        changes[k + 4] = few >> 3
        few = upToFour(view, at + 1)
        if (few < 0) return -1
        changes[k + 5] = few >> 3
        at += 1 + (few & 7)
      }
    }
    const next = view.getInt32(at, true)
    if ((next & TWO) === DONE) {
      into.length = k + CHANGE
      return at + 2
    }
    if ((next & THREE) !== ANOTHER) return -1
    at += 3
  }
  return -1
}

/** Powers of ten by number of digits. */
const POWERS = Int32Array.of(1, 10, 100, 1_000, 10_000)

/** A number of one to four digits, times eight, and how many they are; −8 where none stands or a zero leads it. */
function upToFour(view: DataView, at: number): number {
  const word = view.getInt32(at, true) ^ ZEROS
  const not = (word | (word + SIXES)) & HIGHS
  const digits = not === 0 ? 4 : (31 - Math.clz32(not & -not)) >> 3
  if (digits !== 1 && (digits === 0 || (word & 255) === 0)) return -8
  const shift = 16 - (digits << 2)
  return (four((word << shift) << shift) << 3) | digits
}

/** How many digits stand there, up to twelve. */
function digitsFrom(view: DataView, at: number): number {
  let digits = 0
  while (digits < 12 && (view.getUint8(at + digits) - 48) >>> 0 <= 9) digits++
  return digits
}

/** The whole number in `[from, to)`, of one to twelve digits; −1 where anything else stands or a zero leads it. */
function sequence(view: DataView, from: number, to: number): number {
  const digits = to - from
  if (digits <= 4) {
    const few = upToFour(view, from)
    return (few & 7) === digits ? few >> 3 : -1
  }
  // The last word overlaps the one before: of it count the digits behind.
  const a = view.getInt32(from, true) ^ ZEROS
  const z = view.getInt32(to - 4, true) ^ ZEROS
  if (((a | (a + SIXES) | z | (z + SIXES)) & HIGHS) !== 0 || (a & 255) === 0) return -1
  let n = four(a)
  let behind = digits - 4
  if (behind > 4) {
    const b = view.getInt32(from + 4, true) ^ ZEROS
    if (((b | (b + SIXES)) & HIGHS) !== 0) return -1
    n = n * 10_000 + four(b)
    behind -= 4
  }
  const shift = 32 - (behind << 3)
  return n * POWERS[behind]! + four((z >>> shift) << shift)
}
