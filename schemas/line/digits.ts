/** Four characters of a text as one little-endian word. */
export const word = (of: string, at = 0): number =>
  of.charCodeAt(at) |
  (of.charCodeAt(at + 1) << 8) |
  (of.charCodeAt(at + 2) << 16) |
  (of.charCodeAt(at + 3) << 24)

// Four ASCII digits as one word: xor with ZEROS leaves their values, and a byte above nine shows in HIGHS.
/** Four `0` characters. */
export const ZEROS = 0x30303030
/** Added to four digits, it carries a byte above nine into its high half. */
export const SIXES = 0x06060606
/** The high half of each byte. */
export const HIGHS = 0xf0f0f0f0 | 0
/** Powers of ten by number of digits. */
export const TENS = [1, 10, 100, 1_000, 10_000]

/** The value of four digits of 0 … 9, the first in the lowest byte. No product here leaves the plain integers. */
export function four(digits: number): number {
  const pairs = (digits * 10 + (digits >>> 8)) & 0x00ff00ff
  return (pairs * 100 + (pairs >>> 16)) & 0xffff
}

/** The characters of an ASCII text as bytes. */
export const codes = (text: string): Uint8Array => Uint8Array.from(text, char => char.charCodeAt(0))
