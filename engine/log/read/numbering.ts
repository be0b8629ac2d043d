const N = Buffer.from('{"n":')
const ENDED = Buffer.from('"e":"RunEnded.')

/**
 * Where in a commit's event lines the first line stands that does not begin with its number, or the length where lines
 * are too few; -1 where every line from `firstSeq` to `lastSeq` is in its place.
 */
export function misnumbered(lines: Buffer, firstSeq: number, lastSeq: number): number {
  const digits = new Uint8Array(17)
  let length = digitsOf(firstSeq, digits)
  let at = 0
  for (let seq = firstSeq; seq <= lastSeq; seq++) {
    if (lines[at] !== N[0] || lines[at + 2] !== N[2] || lines[at + 4] !== N[4]) return at
    const from = at + N.length
    for (let i = 0; i < length; i++) if (lines[from + i] !== digits[i]) return at
    if (lines[from + length] !== 44) return at
    const end = lines.indexOf(10, from)
    if (end < 0) return at
    at = end + 1
    length = increment(digits, length)
  }
  return at === lines.length ? -1 : at
}

/** Whether the last of a commit's event lines is a `RunEnded`. */
export function endsRun(lines: Buffer): boolean {
  const start = lines.lastIndexOf(10, -2) + 1
  const at = lines.indexOf(ENDED, start)
  return at >= 0 && at < start + 80
}

function digitsOf(n: number, into: Uint8Array): number {
  const text = String(n)
  for (let i = 0; i < text.length; i++) into[i] = text.charCodeAt(i)
  return text.length
}

function increment(digits: Uint8Array, length: number): number {
  for (let i = length - 1; i >= 0; i--) {
    if (digits[i]! < 57) {
      digits[i]!++
      return length
    }
    digits[i] = 48
  }
  digits.copyWithin(1, 0, length)
  digits[0] = 49
  return length + 1
}
