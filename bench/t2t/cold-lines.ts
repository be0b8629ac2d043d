import { prng } from '#engine/feeds/simulator/prng.js'

/** Cache lines that are looked at: 32 KiB, what a core keeps closest. */
const LINES = 512
/** 32-bit words of a cache line. */
const WORDS = 16
const ROUNDS = 100

/**
 * What the machine itself makes of a pause: ns for each of a few cache lines, one leading to the next, right after they
 * were looked at and after a process that never slept looked at nothing for so long. Where the second is that of main
 * memory, whatever comes seldom finds nothing in the caches, however short its code.
 */
export function coldLines(pauseMs: number): { readonly atOnce: number; readonly after: number } {
  const ring = ringOf(LINES)
  for (let i = 0; i < 10 * ROUNDS; i++) around(ring)
  return { atOnce: median(ring, 0), after: median(ring, pauseMs) }
}

function median(ring: Int32Array, pauseMs: number): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const until = performance.now() + pauseMs
    while (performance.now() < until);
    const started = process.hrtime.bigint()
    around(ring)
    return Number(process.hrtime.bigint() - started)
  })
  return Number(((times.sort((a, b) => a - b)[ROUNDS / 2] ?? 0) / LINES).toFixed(1))
}

/** Every line holds the place of the next, in a shuffled order that no prefetcher foresees. */
function ringOf(lines: number): Int32Array {
  const random = prng(1, 'cold-lines')
  const order = Array.from({ length: lines }, (_, k) => k)
  for (let i = lines - 1; i > 0; i--) {
    const j = random.below(i + 1)
    const [a, b] = [order[i]!, order[j]!]
    order[i] = b
    order[j] = a
  }
  const ring = new Int32Array(lines * WORDS)
  order.forEach((line, k) => {
    ring[line * WORDS] = order[(k + 1) % lines]! * WORDS
  })
  return ring
}

function around(ring: Int32Array): number {
  let at = 0
  for (let i = 0; i < LINES; i++) at = ring[at]!
  return at
}
