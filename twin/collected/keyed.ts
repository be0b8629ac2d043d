import { createHash } from 'node:crypto'

/** A whole number in [0, 2^32) that belongs to these words: the same words, the same number. */
export function keyedNumber(...words: readonly (string | number)[]): number {
  let h = 0x811c9dc5
  for (const word of words) {
    const text = typeof word === 'string' ? word : `${word}`
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
    h = Math.imul(h ^ 0x20, 0x01000193)
  }
  // The last bits of such a sum are poor: they are mixed once more.
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39)
  return (h ^ (h >>> 15)) >>> 0
}

/** Hex digits that belong to these words, 64 of them. */
export const keyedHex = (...words: readonly (string | number)[]): string =>
  createHash('sha256').update(words.join(' ')).digest('hex')
