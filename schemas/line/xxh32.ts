const P1 = 0x9e3779b1 | 0
const P2 = 0x85ebca77 | 0
const P3 = 0xc2b2ae3d | 0
const P4 = 0x27d4eb2f | 0
const P5 = 0x165667b1 | 0

/**
 * XXH32 with seed 0 of `bytes[from, to)`, as an unsigned 32-bit number. Written here because it runs once per line on
 * the hot path. Source: the xxHash specification, version 0.1.1.
 */
export function xxh32(view: DataView, from: number, to: number): number {
  let at = from
  let h: number
  if (to - from >= 16) {
    let a = (P1 + P2) | 0
    let b = P2
    let c = 0
    let d = -P1 | 0
    // `| 0` spares a check for overflow at each read.
    for (const last = to - 16; at <= last; at = (at + 16) | 0) {
      a = round(a, view.getInt32(at, true))
      b = round(b, view.getInt32((at + 4) | 0, true))
      c = round(c, view.getInt32((at + 8) | 0, true))
      d = round(d, view.getInt32((at + 12) | 0, true))
    }
    h =
      (((a << 1) | (a >>> 31)) +
        ((b << 7) | (b >>> 25)) +
        ((c << 12) | (c >>> 20)) +
        ((d << 18) | (d >>> 14))) |
      0
  } else h = P5
  h = (h + (to - from)) | 0
  for (; at + 4 <= to; at += 4) {
    h = (h + Math.imul(view.getInt32(at, true), P3)) | 0
    h = Math.imul((h << 17) | (h >>> 15), P4)
  }
  for (; at < to; at++) {
    h = (h + Math.imul(view.getUint8(at), P5)) | 0
    h = Math.imul((h << 11) | (h >>> 21), P1)
  }
  h = Math.imul(h ^ (h >>> 15), P2)
  h = Math.imul(h ^ (h >>> 13), P3)
  return (h ^ (h >>> 16)) >>> 0
}

// A constant, so that inlining it needs no look at what the name stands for.
const round = (lane: number, word: number): number => {
  const x = (lane + Math.imul(word, P2)) | 0
  return Math.imul((x << 13) | (x >>> 19), P1)
}
