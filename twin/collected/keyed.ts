import { createHash } from 'node:crypto'

/** A whole number in [0, 2^32) that belongs to these words: the same words, the same number. */
export function keyedNumber(...words: readonly (string | number)[]): number {
  return createHash('sha256').update(words.join(' ')).digest().readUInt32BE(0)
}

/** Hex digits that belong to these words, 64 of them. */
export const keyedHex = (...words: readonly (string | number)[]): string =>
  createHash('sha256').update(words.join(' ')).digest('hex')
