const DIGITS = fourDigits()

/** Writes a safe whole number and returns where it ends. May touch four bytes behind that. */
export function writeInteger(view: DataView, at: number, n: number): number {
  if (n >= 0 && n < 100_000_000) return writeSmall(view, at, n | 0)
  if (n < 0) {
    view.setUint8(at, 45) // -
    return writeInteger(view, at + 1, -n)
  }
  // A safe whole number has at most 16 digits, so its upper half is below 100 million: from here on plain integers.
  const high = (n / 100_000_000) | 0
  const low = (n - high * 100_000_000) | 0
  const from = writeSmall(view, at, high)
  const middle = (low / 10_000) | 0
  view.setInt32(from, DIGITS[middle]!, true)
  view.setInt32(from + 4, DIGITS[(low - Math.imul(middle, 10_000)) | 0]!, true)
  return from + 8
}

/** Writes a whole number of at most 8 digits, not negative; as `writeInteger`. */
export function writeSmall(view: DataView, at: number, n: number): number {
  if (n < 10_000) return head4(view, at, n)
  const high = (n / 10_000) | 0
  const from = head4(view, at, high)
  view.setInt32(from, DIGITS[(n - Math.imul(high, 10_000)) | 0]!, true)
  return from + 4
}

/** Up to four digits without leading zeros. */
function head4(view: DataView, at: number, n: number): number {
  const zeros = n < 100 ? (n < 10 ? 3 : 2) : n < 1_000 ? 1 : 0
  view.setInt32(at, DIGITS[n]! >>> (zeros << 3), true)
  return at + 4 - zeros
}

/** Digits of 0 … 9,999 as four ASCII bytes in one little-endian word. */
function fourDigits(): Int32Array {
  const table = new Int32Array(10_000)
  for (let n = 0; n < 10_000; n++) {
    const [a, b, c, d] = [n / 1_000, (n / 100) % 10, (n / 10) % 10, n % 10].map(Math.floor)
    table[n] = (48 + a!) | ((48 + b!) << 8) | ((48 + c!) << 16) | ((48 + d!) << 24)
  }
  return table
}
