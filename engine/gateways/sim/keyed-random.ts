/**
 * Random numbers that belong to a key: the same (seed, key, salt) gives the same number, so that changing one order
 * reshuffles no other. Whole numbers in [0, 2^32).
 */
export function keyedRandom(of: { seed: number; key: string; salt: number }): number {
  let h = (of.seed ^ 0x9e3779b9 ^ Math.imul(of.salt + 1, 0x85ebca6b)) | 0
  for (let i = 0; i < of.key.length; i++) {
    h = Math.imul(h ^ of.key.charCodeAt(i), 0xcc9e2d51)
    h = (h << 15) | (h >>> 17)
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** A number in [0, below) for a key. `below` up to 2^20, so that the product stays exact. */
export const keyedBelow = (
  of: { seed: number; key: string; salt: number },
  below: number,
): number => Math.floor((keyedRandom(of) * below) / 4_294_967_296)
