import { EXPECTED } from './frame-fault.js'

/** Values may stand in each other this deep. */
export const DEPTH_MAX = 64

/** Kinds of values, as far as a frame cares. */
export const VALUE = { absent: 0, text: 1, nothing: 2, list: 3, other: 4 } as const

const [QUOTE, BACKSLASH, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [34, 92, 123, 125, 91, 93]
const [COMMA, COLON, MINUS, PLUS, DOT, ZERO, NINE] = [44, 58, 45, 43, 46, 48, 57]
const [TRUE, FALSE, NULL] = ['true', 'false', 'null'].map(word => Buffer.from(word))

/**
 * Bytes that should be JSON: where a value ends, or where it is none. Methods answer the place behind what they took, or
 * −1, and then `fault` and `faultAt` say why. Twin of `native/wire/src/json.rs`.
 */
export class JsonBytes {
  bytes: Uint8Array = new Uint8Array()
  fault = 0
  faultAt = 0
  /** Of the last value or key: kind, place (a string without its quotes), whether each byte stands for itself. */
  kind = 0
  start = 0
  end = 0
  isPlain = true
  readonly #isObject = new Uint8Array(DEPTH_MAX)

  over(bytes: Uint8Array): void {
    this.bytes = bytes
    this.fault = 0
    this.faultAt = 0
  }

  /** Notes a fault. */
  fail(at: number, expected: number): -1 {
    this.fault = expected
    this.faultAt = at
    return -1
  }

  /** The bytes end too early. */
  ended(): -1 {
    return this.fail(this.bytes.length, EXPECTED.more)
  }

  /** The byte at a place; −1 behind the end, which is a fault. */
  byte(at: number): number {
    return at < this.bytes.length ? this.bytes[at]! : this.ended()
  }

  /** The first place from `at` on that is no white space. */
  behindSpace(at: number): number {
    const { bytes } = this
    while (at < bytes.length) {
      const byte = bytes[at]!
      if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) return at
      at++
    }
    return at
  }

  /** Takes the value at a place and notes what it is. */
  value(at: number): number {
    const first = this.byte(at)
    if (first === QUOTE) return this.#string(at)
    const isNested = first === OPEN || first === OPEN_LIST
    const behind = isNested ? this.#nested(at) : this.#scalar(at)
    this.kind = first === OPEN_LIST ? VALUE.list : first === NULL![0] ? VALUE.nothing : VALUE.other
    this.start = at
    this.end = behind
    this.isPlain = true
    return behind
  }

  /** Takes a key, which `start`, `end` and `isPlain` then tell of, its colon, and white space behind it. */
  key(at: number): number {
    const first = this.byte(at)
    if (first !== QUOTE) return first < 0 ? -1 : this.fail(at, EXPECTED.key)
    const end = this.#string(at)
    if (end < 0) return -1
    const colon = this.behindSpace(end)
    const byte = this.byte(colon)
    if (byte !== COLON) return byte < 0 ? -1 : this.fail(colon, EXPECTED.colon)
    return this.behindSpace(colon + 1)
  }

  #string(at: number): number {
    const { bytes } = this
    const { length } = bytes
    let isPlain = true
    let end = at + 1
    for (;;) {
      if (end >= length) return this.ended()
      const byte = bytes[end]!
      if (byte === QUOTE) break
      if (byte === BACKSLASH) {
        isPlain = false
        end = this.#escape(end)
        if (end < 0) return -1
        continue
      }
      if (byte < 32) return this.fail(end, EXPECTED.character)
      if (byte > 126) isPlain = false
      end++
    }
    this.kind = VALUE.text
    this.start = at + 1
    this.end = end
    this.isPlain = isPlain
    return end + 1
  }

  #escape(at: number): number {
    const letter = this.byte(at + 1)
    if (letter < 0) return -1
    if (ESCAPES.includes(letter)) return at + 2
    if (letter !== 117) return this.fail(at, EXPECTED.escape)
    for (let i = at + 2; i < at + 6; i++) {
      const digit = this.byte(i)
      if (digit < 0) return -1
      if (!isHex(digit)) return this.fail(at, EXPECTED.escape)
    }
    return at + 6
  }

  #scalar(at: number): number {
    const first = this.byte(at)
    if (first < 0) return -1
    if (first === QUOTE) return this.#string(at)
    if (first === TRUE![0]) return this.#word(at, TRUE!)
    if (first === FALSE![0]) return this.#word(at, FALSE!)
    if (first === NULL![0]) return this.#word(at, NULL!)
    return first === MINUS || isDigit(first) ? this.#number(at) : this.fail(at, EXPECTED.value)
  }

  #word(at: number, word: Uint8Array): number {
    for (let i = 0; i < word.length; i++) {
      const byte = this.byte(at + i)
      if (byte !== word[i]) return byte < 0 ? -1 : this.fail(at, EXPECTED.value)
    }
    return at + word.length
  }

  #number(start: number): number {
    const { bytes } = this
    let at = bytes[start] === MINUS ? start + 1 : start
    at = bytes[at] === ZERO ? at + 1 : this.#digits(at)
    if (at >= 0 && bytes[at] === DOT) at = this.#digits(at + 1)
    if (at < 0 || (bytes[at] !== 101 && bytes[at] !== 69)) return at
    at++
    if (bytes[at] === PLUS || bytes[at] === MINUS) at++
    return this.#digits(at)
  }

  /** Takes one digit at least. */
  #digits(at: number): number {
    const first = this.byte(at)
    if (!isDigit(first)) return first < 0 ? -1 : this.fail(at, EXPECTED.digit)
    const { bytes } = this
    while (at < bytes.length && isDigit(bytes[at]!)) at++
    return at
  }

  #nested(from: number): number {
    let [at, depth] = [from, 0]
    const isObject = this.#isObject
    for (;;) {
      const opened = this.byte(at)
      if (opened === OPEN || opened === OPEN_LIST) {
        if (depth === DEPTH_MAX) return this.fail(at, EXPECTED.depth)
        isObject[depth++] = Number(opened === OPEN)
        at = this.behindSpace(at + 1)
        const next = this.byte(at)
        if (next < 0) return -1
        if (next !== opened + 2) {
          if (opened === OPEN && (at = this.key(at)) < 0) return -1
          continue
        }
        at++
        depth--
      } else if ((at = this.#scalar(at)) < 0) return -1
      for (;;) {
        if (depth === 0) return at
        at = this.behindSpace(at)
        const next = this.byte(at)
        const inObject = isObject[depth - 1] === 1
        if (next === COMMA) {
          at = this.behindSpace(at + 1)
          if (inObject && (at = this.key(at)) < 0) return -1
          break
        }
        if (next !== (inObject ? CLOSE : CLOSE_LIST))
          return next < 0 ? -1 : this.fail(at, EXPECTED.comma)
        at++
        depth--
      }
    }
  }
}

const ESCAPES = [34, 92, 47, 98, 102, 110, 114, 116]

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE

const isHex = (byte: number): boolean => isDigit(byte) || ((byte | 32) >= 97 && (byte | 32) <= 102)
