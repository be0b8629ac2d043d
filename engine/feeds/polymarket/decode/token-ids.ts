import { viewOf } from './text-match.js'

/** Stands for an asset id that nobody registered. */
export const UNKNOWN = -1

/** Bytes that an id may have. The venue's have 75 to 78 digits. */
const ID_MAX = 95
const STRIDE = ID_MAX + 1
const QUOTE = 34
/** Bytes of an id that its hash is made of. */
const HASHED = 24

/**
 * A table of asset ids: which small number each stands for. Ids are found by their first bytes, so that where one ends in
 * a frame is known from the table. Twin of `TokenIds` in `native/wire/src/ids.rs`.
 */
export class TokenIds {
  #size = 0
  /** Each id with the quote that ends it in a frame. */
  #bytes = new Uint8Array(16 * STRIDE)
  #view = new DataView(this.#bytes.buffer)
  /** Lengths with the quote. */
  #lengths = new Int32Array(16)
  #tokens = new Float64Array(16)
  /** Place plus one; 0 for none. A power of two, at most half full. */
  #slots = new Int32Array(32)

  /**
   * Registers an id; one that is there stands for the new token from here on. Answers whether it is one that a frame can
   * carry as it stands: 1 to 95 printable ASCII characters without quote and backslash.
   */
  register(id: string, token: number): boolean {
    if (id.length === 0 || id.length > ID_MAX || !/^[ !#-[\]-~]+$/.test(id)) return false
    const bytes = new Uint8Array(id.length + 1).map((_, i) => id.charCodeAt(i) || QUOTE)
    bytes[id.length] = QUOTE
    const known = this.#place(bytes, 0)
    if (known >= 0) {
      this.#tokens[known] = token
      return true
    }
    if (this.#size === this.#lengths.length) this.#grow()
    const place = this.#size++
    this.#bytes.set(bytes, place * STRIDE)
    this.#lengths[place] = bytes.length
    this.#tokens[place] = token
    this.#seat(place)
    return true
  }

  /** The token of the id in these bytes; `UNKNOWN` where nobody registered it. */
  token(bytes: Uint8Array, start: number, end: number): number {
    if (end - start > ID_MAX) return UNKNOWN
    scratch.set(bytes.subarray(start, end))
    scratch[end - start] = QUOTE
    const place = this.#place(scratch, 0)
    return place < 0 || this.#lengths[place] !== end - start + 1 ? UNKNOWN : this.#tokens[place]!
  }

  /** Place of the registered id that stands at `at` with its quote; −1 for none. */
  leading(bytes: Uint8Array, at: number): number {
    return this.#place(bytes, at)
  }

  /** The token at a place. */
  tokenAt(place: number): number {
    return this.#tokens[place]!
  }

  /** Length of the id at a place. */
  lengthAt(place: number): number {
    return this.#lengths[place]! - 1
  }

  #place(bytes: Uint8Array, at: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    for (let slot = hash(bytes, at) & mask; ; slot = (slot + 1) & mask) {
      const place = slots[slot]! - 1
      if (place < 0 || this.#isAt(bytes, at, place)) return place
    }
  }

  #isAt(bytes: Uint8Array, at: number, place: number): boolean {
    const length = this.#lengths[place]!
    if (at + length > bytes.length) return false
    const from = place * STRIDE
    const whole = length & ~3
    const [own, there] = [this.#view, viewOf(bytes)]
    for (let i = 0; i < whole; i += 4)
      if (own.getInt32(from + i) !== there.getInt32(at + i)) return false
    for (let i = whole; i < length; i++) if (this.#bytes[from + i] !== bytes[at + i]) return false
    return true
  }

  #seat(place: number): void {
    const mask = this.#slots.length - 1
    let slot = hash(this.#bytes, place * STRIDE) & mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = place + 1
  }

  #grow(): void {
    const room = 2 * this.#lengths.length
    this.#bytes = widened(this.#bytes, new Uint8Array(room * STRIDE))
    this.#view = new DataView(this.#bytes.buffer)
    this.#lengths = widened(this.#lengths, new Int32Array(room))
    this.#tokens = widened(this.#tokens, new Float64Array(room))
    this.#slots = new Int32Array(2 * room)
    for (let place = 0; place < this.#size; place++) this.#seat(place)
  }
}

const scratch = new Uint8Array(STRIDE)

/** Of the first bytes up to the quote: no byte behind an id counts, and ids that begin alike are told apart. */
function hash(bytes: Uint8Array, at: number): number {
  let sum = 0
  const end = Math.min(at + HASHED, bytes.length)
  for (let i = at; i < end; i++) {
    const byte = bytes[i]!
    if (byte === QUOTE) break
    sum = Math.imul(sum ^ byte, 0x01_00_01_93)
  }
  return sum ^ (sum >>> 15)
}

function widened<A extends Uint8Array | Int32Array | Float64Array>(from: A, to: A): A {
  to.set(from)
  return to
}
