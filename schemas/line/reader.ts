import * as E from 'fp-ts/lib/Either.js'
import { failuresOf } from '../failures.js'
import { CHANGE, UNSAID } from '../levels.js'
import type { Recorded } from '../recorded.js'
import { typeNamed, type Event } from '../registry.js'
import { TAIL } from './writer.js'
import { xxh32 } from './xxh32.js'

/** What is wrong with a line, and at which byte of it. */
export interface LineFault {
  readonly kind: 'sum' | 'form' | 'unknown-event' | 'field'
  /** Offset within the line. */
  readonly at: number
  readonly message: string
}

/** What kind of line it was. */
export const HOT = 1
export const COLD = 2
export const BAD = 0

const text = new TextDecoder('utf-8', { fatal: true })
const ascii = (of: string): Uint8Array => new TextEncoder().encode(of)
const OPEN = ascii('{"n":')
const TIME = ascii(',"t":')
const CAUSE = ascii(',"c":')
const NAME = ascii(',"e":"')
const CHANGED = ascii('BookChanged.1","d":[[')
const LAG = ascii(',"l":')
const SUM = ascii(',"x":"')

/**
 * Reads event lines out of a buffer without making an object per event: `read` leaves the envelope in its fields and,
 * for a `BookChanged`, the level changes in `changes`; `recorded` makes the object where one is wanted. Every line's sum
 * is checked. Any other form than the canonical one is a located fault, never a guess.
 */
export class LineReader {
  seq = 0
  tUs = 0
  cause = 0
  /** Numbers in `changes` that belong to this line. */
  length = 0
  /** `CHANGE` numbers per level change; owned by the reader and overwritten by the next line. */
  changes = new Float64Array(CHANGE * 64)
  lag: number | undefined = undefined
  fault: LineFault | undefined = undefined

  #bytes: Uint8Array = new Uint8Array(0)
  #view: DataView = new DataView(new ArrayBuffer(0))
  #at = 0
  #start = 0
  #end = 0

  /** Sets the buffer that `read` reads from. */
  over(bytes: Uint8Array): this {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return this
  }

  /** Reads the line at `[start, end)`, without its newline. `HOT`: a BookChanged; `COLD`: another event; `BAD`: see `fault`. */
  read(start: number, end: number): typeof HOT | typeof COLD | typeof BAD {
    this.#start = start
    this.#end = end
    this.#at = start
    if (!this.#checkSum()) return BAD
    if (!this.#eat(OPEN)) return this.#form('{"n":')
    this.seq = this.#integer()
    if (!this.#eat(TIME)) return this.#form(',"t":')
    this.tUs = this.#integer()
    if (!this.#eat(CAUSE)) return this.#form(',"c":')
    this.cause = this.#integer()
    if (!this.#eat(NAME)) return this.#form(',"e":"')
    return this.#eat(CHANGED) ? this.#changed() : COLD
  }

  /** The event that `read` has just read, whole and checked against its codec. */
  recorded(kind: typeof HOT | typeof COLD): E.Either<LineFault, Recorded> {
    const { seq, tUs, cause } = this
    if (kind === COLD) return this.#cold()
    const d = Array.from(this.changes.subarray(0, this.length))
    const data = this.lag === undefined ? { d } : { d, l: this.lag }
    return E.right({ seq, tUs, cause, event: { type: 'BookChanged', data } })
  }

  #changed(): typeof HOT | typeof BAD {
    const bytes = this.#bytes
    let k = 0
    for (;;) {
      if (k + CHANGE > this.changes.length) this.#grow()
      const changes = this.changes
      changes[k] = this.#small()
      if (bytes[this.#at++] !== 44) return this.#form(',')
      changes[k + 1] = this.#small()
      if (bytes[this.#at++] !== 44) return this.#form(',')
      changes[k + 2] = this.#small()
      if (bytes[this.#at++] !== 44) return this.#form(',')
      changes[k + 3] = this.#integer()
      let next = bytes[this.#at++]
      if (next === 44) {
        changes[k + 4] = this.#small()
        if (bytes[this.#at++] !== 44) return this.#form(',')
        changes[k + 5] = this.#small()
        next = bytes[this.#at++]
      } else changes[k + 4] = changes[k + 5] = UNSAID
      k += CHANGE
      if (next !== 93) return this.#form(']')
      next = bytes[this.#at++]
      if (next === 93) break
      if (next !== 44 || bytes[this.#at++] !== 91) return this.#form(',[')
    }
    this.length = k
    this.lag = this.#eat(LAG) ? this.#integer() : undefined
    if (this.#at !== this.#end - TAIL) return this.#form(',"x":"')
    for (let i = 0; i < k; i += CHANGE)
      if (!isChange(this.changes, i)) return this.#refuse('field', 'a level change out of range')
    return HOT
  }

  #cold(): E.Either<LineFault, Recorded> {
    const fault = (kind: LineFault['kind'], message: string): E.Either<LineFault, never> =>
      E.left({ kind, at: this.#at - this.#start, message })
    let row: Record<string, unknown>
    try {
      row = JSON.parse(text.decode(this.#bytes.subarray(this.#start, this.#end))) as typeof row
    } catch (error) {
      return fault('form', `not JSON: ${String(error)}`)
    }
    const { n: _n, t: _t, c: _c, e, x: _x, ...fields } = row
    const type = typeNamed(String(e))
    if (!type) return fault('unknown-event', `unknown event ${JSON.stringify(e)}`)
    const wanted = [...Object.keys(type.required), ...Object.keys(type.optional)].filter(
      key => key in fields,
    )
    if (Object.keys(row).join() !== ['n', 't', 'c', 'e', ...wanted, 'x'].join())
      return fault(
        'form',
        `${type.name}: fields ${Object.keys(row).join()} are not ${wanted.join()}`,
      )
    const data = type.codec.decode(fields)
    if (E.isLeft(data)) return fault('field', `${type.name}: ${failuresOf(data.left)}`)
    // The codec is the type's own, so the pair is one of the union.
    const event = { type: type.type, data: data.right } as Event
    return E.right({ seq: this.seq, tUs: this.tUs, cause: this.cause, event })
  }

  #checkSum(): boolean {
    const body = this.#end - TAIL
    const bytes = this.#bytes
    if (body <= this.#start || bytes[this.#end - 1] !== 125 || bytes[this.#end - 2] !== 34)
      return this.#refuse('form', 'a line ends with "x" and its sum') !== BAD
    for (let i = 0; i < SUM.length; i++)
      if (bytes[body + i] !== SUM[i]) return this.#refuse('form', 'no "x" before the sum') !== BAD
    let stated = 0
    for (let i = body + 6; i < body + 14; i++) {
      const byte = bytes[i]!
      const digit =
        byte >= 48 && byte <= 57 ? byte - 48 : byte >= 97 && byte <= 102 ? byte - 87 : 64
      stated = (stated << 4) | digit
      if (digit === 64) return this.#refuse('form', 'a sum is 8 lower-case hex digits') !== BAD
    }
    const sum = xxh32(this.#view, this.#start, body)
    if (sum === stated >>> 0) return true
    const hex = (n: number): string => n.toString(16).padStart(8, '0')
    return this.#refuse('sum', `sum ${hex(stated >>> 0)}, but the bytes give ${hex(sum)}`) !== BAD
  }

  #eat(bytes: Uint8Array): boolean {
    const at = this.#at
    const from = this.#bytes
    for (let i = 0; i < bytes.length; i++) if (from[at + i] !== bytes[i]) return false
    this.#at = at + bytes.length
    return true
  }

  /** A whole number of at most 9 digits. */
  #small(): number {
    const bytes = this.#bytes
    let at = this.#at
    let n = 0
    for (; ; at++) {
      const digit = bytes[at]! - 48
      if (!(digit >= 0 && digit <= 9)) break
      n = (n * 10 + digit) | 0
    }
    if (at === this.#at || at - this.#at > 9) n = -1
    this.#at = at
    return n
  }

  #integer(): number {
    const bytes = this.#bytes
    let at = this.#at
    const minus = bytes[at] === 45
    if (minus) at++
    const from = at
    let high = 0
    let low = 0
    let scale = 1
    for (; ; at++) {
      const digit = bytes[at]! - 48
      if (!(digit >= 0 && digit <= 9)) break
      if (at - from < 9) high = (high * 10 + digit) | 0
      else {
        low = (low * 10 + digit) | 0
        scale = (scale * 10) | 0
      }
    }
    this.#at = at
    if (at === from || at - from > 16) return Number.NaN
    const n = at - from <= 9 ? high : high * scale + low
    return minus ? -n : n
  }

  #grow(): void {
    const grown = new Float64Array(this.changes.length * 2)
    grown.set(this.changes)
    this.changes = grown
  }

  #form(expected: string): typeof BAD {
    return this.#refuse('form', `not a canonical line: expected ${expected}`)
  }

  #refuse(kind: LineFault['kind'], message: string): typeof BAD {
    this.fault = { kind, at: this.#at - this.#start, message }
    return BAD
  }
}

function isChange(d: Float64Array, i: number): boolean {
  const bid = d[i + 4]!
  const ask = d[i + 5]!
  const said = bid === UNSAID || (bid >= 0 && bid <= 10_000 && ask >= 0 && ask <= 10_000)
  return d[i]! >= 0 && d[i + 1]! >>> 0 <= 1 && d[i + 2]! >>> 0 <= 10_000 && d[i + 3]! >= 0 && said
}
