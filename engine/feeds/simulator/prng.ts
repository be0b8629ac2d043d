/** A seeded source of 32-bit numbers. Integer arithmetic only, so the same everywhere. */
export interface Prng {
  /** The next number, 0 … 2^32 − 1. */
  readonly next: () => number
  /** A whole number in 0 … n − 1, for n up to 2^32. */
  readonly below: (n: number) => number
  /** True once in `n` times. */
  readonly oneIn: (n: number) => boolean
  readonly save: () => readonly number[]
  readonly load: (saved: readonly number[]) => void
}

/**
 * sfc32 (Chris Doty-Humphrey, PractRand), keyed by a seed and a label. The label separates scenarios that are run with
 * one seed; the seed is taken modulo 2^53.
 */
export function prng(seed: number, label: string): Prng {
  let [a, b, c, d] = [seed | 0, Math.floor(seed / 2 ** 32) | 0, fnv1a(label), 1]
  const next = (): number => {
    const sum = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return sum >>> 0
  }
  for (let i = 0; i < 16; i++) next() // sfc32 needs a dozen rounds to mix a poor key
  const below = (n: number): number => Math.floor((next() / 2 ** 32) * n)
  return {
    next,
    below,
    oneIn: n => below(n) === 0,
    save: () => [a, b, c, d],
    load: saved => {
      ;[a = 0, b = 0, c = 0, d = 0] = saved
    },
  }
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}
