let last: Uint8Array | undefined
let view: DataView = new DataView(new ArrayBuffer(0))

/** A view of these bytes; kept for the next call about the same ones. */
export function viewOf(bytes: Uint8Array): DataView {
  if (bytes !== last) {
    last = bytes
    view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }
  return view
}

/** A text of at least four bytes, as little-endian words; the last overlaps the one before it. */
export interface TextPattern {
  readonly length: number
  readonly words: Int32Array
}

/** The words of an ASCII text. */
export function patternOf(text: string): TextPattern {
  const bytes = Uint8Array.from(text, char => char.charCodeAt(0))
  const of = new DataView(bytes.buffer)
  const at = Array.from({ length: Math.ceil(text.length / 4) }, (_, k) =>
    Math.min(4 * k, text.length - 4),
  )
  return { length: text.length, words: Int32Array.from(at, place => of.getInt32(place, true)) }
}

/** Whether exactly this text stands at `at`. */
export function matchesAt(bytes: Uint8Array, at: number, { length, words }: TextPattern): boolean {
  if (at + length > bytes.length) return false
  const of = viewOf(bytes)
  const end = words.length - 1
  for (let k = 0; k < end; k++) if (of.getInt32(at + 4 * k, true) !== words[k]) return false
  return of.getInt32(at + length - 4, true) === words[end]
}

const [ONES, HIGHS] = [0x01_01_01_01, 0x80_80_80_80 | 0]
const [SPACES, QUOTES, BACKSLASHES, DELETES] = [0x20, 0x22, 0x5c, 0x7f].map(byte =>
  Math.imul(byte, ONES),
) as [number, number, number, number]

/** Whether `length` bytes, at least four, from `at` on stand for themselves in a string: printable ASCII, no quote, no backslash. */
export function isPlainFor(bytes: Uint8Array, at: number, length: number): boolean {
  if (at + length > bytes.length) return false
  const of = viewOf(bytes)
  let odd = 0
  const lastWord = at + length - 4
  for (let place = at; place < lastWord; place += 4) odd |= oddities(of.getInt32(place, true))
  return ((odd | oddities(of.getInt32(lastWord, true))) & HIGHS) === 0
}

/** The high bit of a byte is set where one of the four does not stand for itself; which one is not said. */
function oddities(word: number): number {
  const quotes = word ^ QUOTES
  const backslashes = word ^ BACKSLASHES
  const deletes = word ^ DELETES
  return (
    word |
    ((word - SPACES) & ~word) |
    ((quotes - ONES) & ~quotes) |
    ((backslashes - ONES) & ~backslashes) |
    ((deletes - ONES) & ~deletes)
  )
}
