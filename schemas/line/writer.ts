import { CHANGE, UNSAID } from '../levels.js'
import { TYPES, typeOf, type Event, type EventOf, type TypeName } from '../registry.js'
import { coldWriter } from './cold.js'
import { xxh32 } from './xxh32.js'

const DIGITS = fourDigits()
/** Two lower-case hex digits of each byte, as one big-endian half word. */
export const HEX = hexPairs()
const encoder = new TextEncoder()
const ascii = (text: string): Uint8Array => encoder.encode(text)

const OPEN = ascii('{"n":')
const TIME = ascii(',"t":')
const CAUSE = ascii(',"c":')
const CHANGED = ascii(`,"e":"${TYPES.BookChanged.name}","d":[[`)
const LAG = ascii(',"l":')
const SUM = ascii(',"x":"')
/** Bytes from the comma before `"x"` to the closing brace. */
export const TAIL = 16

type Cold = (data: Readonly<Record<string, unknown>>) => string
const COLD = new Map<TypeName, Cold>()

/**
 * Writes canonical lines into a buffer that it owns and grows. `bytes` is valid until the next write; `reset` starts
 * over. A whole line is written or, if an event breaks its codec, an assertion of the caller's is due: it does not check.
 */
export class LineWriter {
  #buffer: Uint8Array
  #view: DataView
  #end = 0

  constructor(capacity = 1 << 16) {
    this.#buffer = new Uint8Array(capacity)
    this.#view = new DataView(this.#buffer.buffer)
  }

  /** Bytes written since the last reset. */
  get length(): number {
    return this.#end
  }

  /** What was written since the last reset: a window into the buffer, not a copy. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#end)
  }

  reset(): void {
    this.#end = 0
  }

  /** Forgets what was written behind `length`. */
  truncate(length: number): void {
    this.#end = length
  }

  /** Appends one event line. Returns where it starts. */
  event(seq: number, tUs: number, cause: number, event: Event): number {
    const start = this.#end
    if (event.type === 'BookChanged') this.#changed(seq, tUs, cause, event)
    else this.#cold(seq, tUs, cause, event)
    return start
  }

  /** Appends the line that opens a segment. */
  segment(of: { segment: number; run: string; first: number; head: string }): void {
    const start = this.#end
    const run = JSON.stringify(of.run)
    this.#text(`{"segment":${of.segment},"run":${run},"first":${of.first},"head":"${of.head}"`)
    this.#close(start)
  }

  /** Appends the line that ends a commit. */
  commit(of: { commit: number; n: number; head: string }): void {
    const start = this.#end
    this.#text(`{"commit":${of.commit},"n":${of.n},"head":"${of.head}"`)
    this.#close(start)
  }

  #changed(seq: number, tUs: number, cause: number, event: EventOf<'BookChanged'>): void {
    const { d, l } = event.data
    this.#room(192 + (d.length / CHANGE) * 64)
    const start = this.#end
    this.#open(seq, tUs, cause)
    this.#copy(CHANGED)
    for (let i = 0; i < d.length; i += CHANGE) {
      const buffer = this.#buffer
      if (i > 0) {
        buffer[this.#end++] = 44 // ,
        buffer[this.#end++] = 91 // [
      }
      this.#small(d[i]!)
      buffer[this.#end++] = 44
      buffer[this.#end++] = 48 + d[i + 1]!
      buffer[this.#end++] = 44
      this.#small(d[i + 2]!)
      buffer[this.#end++] = 44
      this.#integer(d[i + 3]!)
      if (d[i + 4]! !== UNSAID) {
        buffer[this.#end++] = 44
        this.#small(d[i + 4]!)
        buffer[this.#end++] = 44
        this.#small(d[i + 5]!)
      }
      buffer[this.#end++] = 93 // ]
    }
    this.#buffer[this.#end++] = 93
    if (l !== undefined) {
      this.#copy(LAG)
      this.#integer(l)
    }
    this.#close(start)
  }

  #cold(seq: number, tUs: number, cause: number, event: Event): void {
    const fields = coldOf(event.type)(event.data)
    this.#room(192)
    const start = this.#end
    this.#open(seq, tUs, cause)
    this.#text(`,"e":"${typeOf(event.type).name}"${fields}`)
    this.#close(start)
  }

  #open(seq: number, tUs: number, cause: number): void {
    this.#copy(OPEN)
    this.#integer(seq)
    this.#copy(TIME)
    this.#integer(tUs)
    this.#copy(CAUSE)
    this.#integer(cause)
  }

  #close(start: number): void {
    this.#room(TAIL + 1)
    const sum = xxh32(this.#view, start, this.#end)
    this.#copy(SUM)
    const at = this.#end
    this.#view.setUint16(at, HEX[sum >>> 24]!)
    this.#view.setUint16(at + 2, HEX[(sum >>> 16) & 255]!)
    this.#view.setUint16(at + 4, HEX[(sum >>> 8) & 255]!)
    this.#view.setUint16(at + 6, HEX[sum & 255]!)
    this.#buffer[at + 8] = 34 // "
    this.#buffer[at + 9] = 125 // }
    this.#buffer[at + 10] = 10
    this.#end = at + 11
  }

  /** A whole number of at most 8 digits, not negative. */
  #small(n: number): void {
    const buffer = this.#buffer
    if (n < 10) buffer[this.#end++] = 48 + n
    else if (n < 10_000) this.#head4(n)
    else {
      const high = (n / 10_000) | 0
      if (high < 10_000) this.#head4(high)
      else this.#integer(high)
      this.#four(n - high * 10_000)
    }
  }

  #integer(n: number): void {
    if (n < 0) {
      this.#buffer[this.#end++] = 45 // -
      this.#integer(-n)
      return
    }
    if (n < 100_000_000) {
      this.#small(n | 0)
      return
    }
    const high = Math.floor(n / 100_000_000)
    const low = n - high * 100_000_000
    this.#integer(high)
    const middle = (low / 10_000) | 0
    this.#four(middle)
    this.#four(low - middle * 10_000)
  }

  #four(n: number): void {
    this.#view.setUint32(this.#end, DIGITS[n]!)
    this.#end += 4
  }

  /** Up to four digits without leading zeros. */
  #head4(n: number): void {
    const digits = n < 10 ? 1 : n < 100 ? 2 : n < 1_000 ? 3 : 4
    this.#view.setUint32(this.#end, DIGITS[n]! << ((4 - digits) * 8))
    this.#end += digits
  }

  #copy(bytes: Uint8Array): void {
    const buffer = this.#buffer
    const at = this.#end
    for (let i = 0; i < bytes.length; i++) buffer[at + i] = bytes[i]!
    this.#end = at + bytes.length
  }

  #text(text: string): void {
    this.#room(text.length * 3 + TAIL + 1)
    this.#end += encoder.encodeInto(text, this.#buffer.subarray(this.#end)).written
  }

  /** Makes room for `more` bytes and four spare ones, which number writing may touch. */
  #room(more: number): void {
    const needed = this.#end + more + 4
    if (needed <= this.#buffer.length) return
    const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2))
    grown.set(this.#buffer.subarray(0, this.#end))
    this.#buffer = grown
    this.#view = new DataView(grown.buffer)
  }
}

function coldOf(type: TypeName): Cold {
  const known = COLD.get(type)
  if (known) return known
  const made = coldWriter(typeOf(type))
  COLD.set(type, made)
  return made
}

/** Digits of 0 … 9,999 as four ASCII bytes in one big-endian word. */
function fourDigits(): Uint32Array {
  const table = new Uint32Array(10_000)
  for (let n = 0; n < 10_000; n++) {
    const [a, b, c, d] = [n / 1_000, (n / 100) % 10, (n / 10) % 10, n % 10].map(Math.floor)
    table[n] = (((48 + a!) << 24) | ((48 + b!) << 16) | ((48 + c!) << 8) | (48 + d!)) >>> 0
  }
  return table
}

/** Two lower-case hex digits of 0 … 255 in one big-endian half word. */
function hexPairs(): Uint16Array {
  const digit = (n: number): number => (n < 10 ? 48 + n : 87 + n)
  return Uint16Array.from({ length: 256 }, (_, n) => (digit(n >> 4) << 8) | digit(n & 15))
}
