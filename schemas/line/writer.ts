import assert from 'node:assert'
import { CHANGE, UNSAID } from '../levels.js'
import { PRICE_MAX } from '../units.js'
import { TYPES, typeOf, type Event, type EventOf, type TypeName } from '../registry.js'
import { coldWriter, type Sink } from './cold.js'
import { codes, word } from './digits.js'
import { commitText, segmentText } from './frame-lines.js'
import { writeInteger, writeSmall } from './numbers.js'
import { xxh32 } from './xxh32.js'

/** Two lower-case hex digits of each byte, as one big-endian half word. */
export const HEX = hexPairs()
const encoder = new TextEncoder()

// The constant parts of a line, as little-endian words of four bytes.
const OPEN = word('{"n"')
const TIME = word(',"t"')
const CAUSE = word(',"c"')
const LAG = word(',"l"')
const SUM = word(',"x"')
const NEXT = word('],[')
const CHANGED_TEXT = `,"e":"${TYPES.BookChanged.name}","d":[[`
const CHANGED_LENGTH = CHANGED_TEXT.length
const CHANGED_AT = [0, 4, 8, 12, 16, 20, CHANGED_LENGTH - 4]
const CHANGED = CHANGED_AT.map(at => word(CHANGED_TEXT, at))
const COMMA = 44
const COLON = 58
const CLOSE = 93
const NEWLINE = 10
const [QUOTE, BACKSLASH, SPACE, TILDE] = [34, 92, 32, 126]
/** `,0,` with room for the side. */
const COMMA_SIDE = word(',0,')
const COLON_QUOTE = 0x223a
const QUOTE_BRACE = 0x7d22
/** Bytes from the comma before `"x"` to the closing brace. */
export const TAIL = 16

type Cold = ReturnType<typeof coldWriter>
const COLD = new Map<TypeName, readonly [name: Uint8Array, write: Cold]>()

/**
 * Writes canonical lines into a buffer that it owns and grows. `bytes` is valid until the next write; `reset` starts
 * over. A whole line is written or, if an event breaks its codec, an assertion of the caller's is due: it does not check.
 */
export class LineWriter implements Sink {
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

  /** Whether `other` has from `at` on exactly the bytes that were written since the last reset. */
  isAt(other: DataView, at: number): boolean {
    const view = this.#view
    const end = this.#end
    if (at + end > other.byteLength) return false
    let i = 0
    for (; i + 4 <= end; i += 4)
      if (view.getInt32(i, true) !== other.getInt32(at + i, true)) return false
    for (; i < end; i++) if (view.getUint8(i) !== other.getUint8(at + i)) return false
    return true
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
    this.#text(segmentText(of))
    this.#close(start)
  }

  /** Appends the line that ends a commit. */
  commit(of: { commit: number; n: number; head: string }): void {
    const start = this.#end
    this.#text(commitText(of))
    this.#close(start)
  }

  #changed(seq: number, tUs: number, cause: number, event: EventOf<'BookChanged'>): void {
    const { d, l } = event.data
    const { length } = d
    this.#room(192 + (length / CHANGE) * 64)
    const view = this.#view
    const start = this.#end
    let at = open(view, start, seq, tUs, cause)
    for (let i = 0; i < CHANGED.length; i++) view.setInt32(at + CHANGED_AT[i]!, CHANGED[i]!, true)
    at += CHANGED_LENGTH
    for (let i = 0; i < length; i += CHANGE) {
      if (!isChange(d, i)) unwritable(d.slice(i, i + CHANGE).join())
      // An array that holds one large size holds doubles only: all but sizes become integers here, once.
      const bid = d[i + 4]! | 0
      at = writeInteger(view, at, d[i]!)
      view.setInt32(at, COMMA_SIDE + (d[i + 1]! << 8), true)
      at = writeSmall(view, at + 3, d[i + 2]! | 0)
      view.setUint8(at, COMMA)
      at = writeInteger(view, at + 1, d[i + 3]!)
      if (bid !== UNSAID) {
        view.setUint8(at, COMMA)
        at = writeSmall(view, at + 1, bid)
        view.setUint8(at, COMMA)
        at = writeSmall(view, at + 1, d[i + 5]! | 0)
      }
      view.setInt32(at, NEXT, true)
      at += 3
    }
    at -= 1 // the last change ends with two brackets
    view.setUint8(at - 1, CLOSE)
    if (l !== undefined) {
      view.setInt32(at, LAG, true)
      view.setUint8(at + 4, COLON)
      at = writeInteger(view, at + 5, l)
    }
    this.#end = close(view, start, at)
  }

  #cold(seq: number, tUs: number, cause: number, event: Event): void {
    const [name, write] = coldOf(event.type)
    this.#room(192)
    const start = this.#end
    this.#end = open(this.#view, start, seq, tUs, cause)
    this.raw(name)
    write(this, event.data)
    this.#close(start)
  }

  /** For the writer of an event's fields. */
  raw(bytes: Uint8Array): void {
    this.#room(bytes.length)
    const buffer = this.#buffer
    const at = this.#end
    for (let i = 0; i < bytes.length; i++) buffer[at + i] = bytes[i]!
    this.#end = at + bytes.length
  }

  /** For the writer of an event's fields. */
  number(n: number): void {
    this.#room(32)
    if (!Number.isSafeInteger(n)) unwritable(`${n}`)
    this.#end = writeInteger(this.#view, this.#end, n)
  }

  /** For the writer of an event's fields. */
  string(text: string): void {
    const { length } = text
    this.#room(length + 2)
    const buffer = this.#buffer
    let at = this.#end
    buffer[at++] = QUOTE
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code < SPACE || code > TILDE || code === QUOTE || code === BACKSLASH) {
        this.#text(JSON.stringify(text)) // over what was written of it
        return
      }
      buffer[at++] = code
    }
    buffer[at++] = QUOTE
    this.#end = at
  }

  /** For the writer of an event's fields. */
  json(text: string): void {
    this.#text(text)
  }

  #close(start: number): void {
    this.#room(TAIL + 1)
    this.#end = close(this.#view, start, this.#end)
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

function coldOf(type: TypeName): readonly [name: Uint8Array, write: Cold] {
  const known = COLD.get(type)
  if (known) return known
  const of = typeOf(type)
  const made = [codes(`,"e":"${of.name}"`), coldWriter(of)] as const
  COLD.set(type, made)
  return made
}

/** Writes the envelope of an event. Returns where it ends. */
function open(view: DataView, start: number, seq: number, tUs: number, cause: number): number {
  view.setInt32(start, OPEN, true)
  view.setUint8(start + 4, COLON)
  let at = writeInteger(view, start + 5, seq)
  view.setInt32(at, TIME, true)
  view.setUint8(at + 4, COLON)
  at = writeInteger(view, at + 5, tUs)
  view.setInt32(at, CAUSE, true)
  view.setUint8(at + 4, COLON)
  return writeInteger(view, at + 5, cause)
}

/** Writes the sum of the line from `start` to `at`, and its end. Returns where the next line begins. */
function close(view: DataView, start: number, at: number): number {
  const sum = xxh32(view, start, at)
  view.setInt32(at, SUM, true)
  view.setUint16(at + 4, COLON_QUOTE, true)
  view.setUint16(at + 6, HEX[sum >>> 24]!)
  view.setUint16(at + 8, HEX[(sum >>> 16) & 255]!)
  view.setUint16(at + 10, HEX[(sum >>> 8) & 255]!)
  view.setUint16(at + 12, HEX[sum & 255]!)
  view.setUint16(at + 14, QUOTE_BRACE, true)
  view.setUint8(at + 16, NEWLINE)
  return at + TAIL + 1
}

/** Two lower-case hex digits of 0 … 255 in one big-endian half word. */
function hexPairs(): Uint16Array {
  const digit = (n: number): number => (n < 10 ? 48 + n : 87 + n)
  return Uint16Array.from({ length: 256 }, (_, n) => (digit(n >> 4) << 8) | digit(n & 15))
}

/** Whether the reader will take a change back: what is out of its units would leave a line that nobody can read. */
function isChange(d: ArrayLike<number>, i: number): boolean {
  const [at, bid] = [d[i + 2]!, d[i + 4]!]
  return (
    isCount(d[i]!) &&
    (d[i + 1] === 0 || d[i + 1] === 1) &&
    isPrice(at) &&
    isCount(d[i + 3]!) &&
    (bid === UNSAID || (isPrice(bid) && isPrice(d[i + 5]!)))
  )
}

const isCount = (n: number): boolean => Number.isSafeInteger(n) && n >= 0
const isPrice = (n: number): boolean => n === (n | 0) && n >= 0 && n <= PRICE_MAX

function unwritable(what: string): never {
  assert.fail(`Invariant: ${what} cannot be written, as it could not be read`)
}
