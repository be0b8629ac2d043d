import { four, HIGHS, SIXES, TENS, ZEROS } from './digits.js'

const [COMMA, MINUS, ZERO, COLON] = [44, 45, 48, 58]

/** A place in a buffer, and what can be taken from there: the parts that lines are made of. */
export class LineCursor {
  protected bytes: Uint8Array = new Uint8Array(0)
  protected view: DataView = new DataView(new ArrayBuffer(0))
  protected place = 0
  protected start = 0
  protected stop = 0
  protected isProven = false
  /** Bytes in the buffer. */
  total = 0

  /** Where the line ends that was read last: at its newline, or at the end of the buffer. */
  get end(): number {
    return this.stop
  }

  /** Sets the buffer that is read from. Where the head over its lines `isProven`, their sums are not looked at again. */
  over(bytes: Uint8Array, isProven = false): this {
    this.isProven = isProven
    this.bytes = bytes
    this.total = bytes.length
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return this
  }

  /** Whether a comma, this two-letter key and a colon come next; takes them. */
  protected key(key: number): boolean {
    const at = this.place
    if (at + 5 > this.stop) return false
    if (this.view.getInt32(at, true) !== key || this.view.getUint8(at + 4) !== COLON) return false
    this.place = at + 5
    return true
  }

  /** Whether these bytes come next; takes them. */
  protected longKey(key: Uint8Array): boolean {
    const at = this.place
    if (at + key.length > this.stop) return false
    for (let k = 0; k < key.length; k++) if (this.view.getUint8(at + k) !== key[k]) return false
    this.place = at + key.length
    return true
  }

  /** A whole number of at most 16 digits, without leading zeros; NaN where none stands. */
  protected whole(): number {
    const from = this.place
    const n = this.rest(0)
    return this.isNumber(from) && n <= Number.MAX_SAFE_INTEGER ? n : Number.NaN
  }

  /** Whether what was taken since `from` are the digits of one number. */
  protected isNumber(from: number): boolean {
    const length = this.place - from
    if (length === 1) return true
    return length > 0 && length <= 16 && this.view.getUint8(from) !== ZERO
  }

  /** The digits that follow, behind those that `n` already holds. */
  protected rest(n: number): number {
    const view = this.view
    let at = this.place
    for (;;) {
      const digits4 = view.getInt32(at, true) ^ ZEROS
      const not = (digits4 | (digits4 + SIXES)) & HIGHS
      if (not !== 0) {
        const digits = (31 - Math.clz32(not & -not)) >> 3
        this.place = at + digits
        return n * TENS[digits]! + four((digits4 << (16 - 4 * digits)) << (16 - 4 * digits))
      }
      n = n * 10_000 + four(digits4)
      at += 4
    }
  }

  /** Times have 16 digits between the years 2001 and 2286; any other length is read the slow way. */
  protected time(): number {
    const view = this.view
    const at = this.place
    const a = view.getInt32(at, true) ^ ZEROS
    const b = view.getInt32(at + 4, true) ^ ZEROS
    const c = view.getInt32(at + 8, true) ^ ZEROS
    const d = view.getInt32(at + 12, true) ^ ZEROS
    const not = a | (a + SIXES) | b | (b + SIXES) | c | (c + SIXES) | d | (d + SIXES)
    if ((not & HIGHS) !== 0 || (a & 255) === 0 || view.getUint8(at + 16) !== COMMA)
      return this.whole()
    this.place = at + 16
    const high = Math.imul(four(a), 10_000) + four(b)
    return high * 100_000_000 + (Math.imul(four(c), 10_000) + four(d))
  }

  protected signed(): number {
    if (this.bytes[this.place] !== MINUS) return this.whole()
    this.place++
    const n = this.whole()
    return n === 0 ? Number.NaN : -n
  }
}
