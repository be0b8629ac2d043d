import { EXPECTED } from './frame-fault.js'
import { VALUE, type JsonBytes } from './frame-json.js'

/** The keys that mean something; each names its slot. */
export const SLOT = {
  event_type: 0,
  market: 1,
  asset_id: 2,
  timestamp: 3,
  hash: 4,
  price: 5,
  size: 6,
  side: 7,
  best_bid: 8,
  best_ask: 9,
  price_changes: 10,
  changes: 11,
  bids: 12,
  asks: 13,
  buys: 14,
  sells: 15,
  old_tick_size: 16,
  new_tick_size: 17,
  transaction_hash: 18,
} as const

const KEYS = Object.keys(SLOT).map(key => Buffer.from(key))
const BY_LENGTH: readonly (readonly number[])[] = Array.from({ length: 20 }, (_, length) =>
  KEYS.flatMap((key, slot) => (key.length === length ? [slot] : [])),
)
const [CLOSE, COMMA] = [125, 44]

/** Numbers of a slot: kind, start, end. */
const STRIDE = 3

/** The values of one object under its known keys. Used again for the next one. */
export class Fields {
  /** Where the object begins. */
  at = 0
  isPlain = true
  readonly #values = new Int32Array(KEYS.length * STRIDE)
  /** Whether the string of a slot needs its escapes resolved. */
  readonly #escaped = new Uint8Array(KEYS.length)

  /** Takes the object whose brace stands at `at`; the place behind it, −1 for a fault. */
  take(json: JsonBytes, at: number): number {
    this.at = at
    this.isPlain = true
    this.#values.fill(0)
    let next = json.behindSpace(at + 1)
    const first = json.byte(next)
    if (first < 0) return -1
    if (first === CLOSE) return next + 1
    for (;;) {
      const from = json.key(next)
      if (from < 0) return -1
      const slot = slotOf(json)
      const behind = json.value(from)
      if (behind < 0) return -1
      if (slot >= 0) {
        if (this.kind(slot) !== VALUE.absent) return json.fail(next, EXPECTED.once)
        this.#keep(json, slot)
      }
      next = json.behindSpace(behind)
      const byte = json.byte(next)
      if (byte === CLOSE) return next + 1
      if (byte !== COMMA) return byte < 0 ? -1 : json.fail(next, EXPECTED.comma)
      next = json.behindSpace(next + 1)
    }
  }

  kind(slot: number): number {
    return this.#values[slot * STRIDE]!
  }

  start(slot: number): number {
    return this.#values[slot * STRIDE + 1]!
  }

  end(slot: number): number {
    return this.#values[slot * STRIDE + 2]!
  }

  isEscaped(slot: number): boolean {
    return this.#escaped[slot] === 1
  }

  has(slot: number): boolean {
    return this.kind(slot) !== VALUE.absent
  }

  /** Whether a string stands there; notes a fault where none does. */
  isText(json: JsonBytes, slot: number): boolean {
    const kind = this.kind(slot)
    if (kind === VALUE.text) return true
    if (kind === VALUE.absent) json.fail(this.at, EXPECTED.field)
    else json.fail(this.start(slot), EXPECTED.text)
    return false
  }

  /** As `isText`; nothing there, or null, is no fault. */
  isTextIfSaid(json: JsonBytes, slot: number): boolean {
    const kind = this.kind(slot)
    return kind !== VALUE.absent && kind !== VALUE.nothing && this.isText(json, slot)
  }

  /** Where an array begins; −1 and a fault where none does. */
  list(json: JsonBytes, slot: number): number {
    const kind = this.kind(slot)
    if (kind === VALUE.list) return this.start(slot)
    if (kind === VALUE.absent) return json.fail(this.at, EXPECTED.field)
    return json.fail(this.start(slot), EXPECTED.list)
  }

  #keep(json: JsonBytes, slot: number): void {
    const at = slot * STRIDE
    this.#values[at] = json.kind
    this.#values[at + 1] = json.start
    this.#values[at + 2] = json.end
    this.#escaped[slot] = Number(!json.isPlain)
    this.isPlain &&= json.isPlain
  }
}

/** The slot of the key that was just read; −1 for one that means nothing. */
function slotOf(json: JsonBytes): number {
  const { bytes, start, end, isPlain } = json
  if (!isPlain) {
    const key = textOf(bytes, start, end)
    return KEYS.findIndex(known => known.toString() === key)
  }
  const slots = BY_LENGTH[end - start]
  if (slots === undefined) return -1
  for (const slot of slots) if (isAt(KEYS[slot]!, bytes, start)) return slot
  return -1
}

function isAt(word: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < word.length; i++) if (word[i] !== bytes[at + i]) return false
  return true
}

/** What a string says, its escapes resolved. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString()
  // The bytes are a string of JSON as `JsonBytes` read it.
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text
}
