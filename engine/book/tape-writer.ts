import { ASK, CHANGE } from '#schemas/levels.js'
import { PRICE_MAX } from '#schemas/units.js'
import {
  ENTRY,
  flipped,
  KINDS,
  LAG_MAX,
  LOT,
  NEWLINE,
  SIDE,
  TOKEN,
  TOKEN_MAX,
  UNSAID_HALF,
  WORD,
  type TapeTrade,
  type Tape,
} from './tape.js'

/** Puts inputs on a tape. */
export class TapeWriter {
  #words: Uint32Array<ArrayBuffer>
  #lines: Uint8Array<ArrayBuffer>
  #length = 0
  #lineBytes = 0
  #tUs = 0
  #inputs = 0

  constructor(words = 1 << 16, lineBytes = 1 << 16) {
    this.#words = new Uint32Array(words)
    this.#lines = new Uint8Array(lineBytes)
  }

  /** Words so far. */
  get length(): number {
    return this.#length
  }

  /** Adds the level changes of one event, `CHANGE` numbers each. False where they have no form here. */
  changes(of: ArrayLike<number>, length: number, tUs: number): boolean {
    const kind = usualKind(of, length)
    if (kind === ENTRY.many) return this.#many(of, length, tUs)
    this.#usual(kind, of[0]! * TOKEN + placed(of, 0), of[3]!, { last: bests(of, 0), tUs })
    return true
  }

  /** Adds a trade. False where it has no form here. */
  trade({ token, side, price, size, id }: TapeTrade, tUs: number): boolean {
    if (token > TOKEN_MAX) return false
    const last = this.#lineBytes
    this.#usual(ENTRY.trade, token * TOKEN + side * SIDE + price, size, { last, tUs })
    this.#keep(id.length + 1)
    for (let i = 0; i < id.length; i++) this.#lines[last + i] = id.charCodeAt(i)
    this.#lines[last + id.length] = NEWLINE
    return true
  }

  /** Adds another input as its line, newline included. */
  line(line: Uint8Array, tUs: number): void {
    this.#inputs++
    this.#begin(ENTRY.line, tUs)
    const at = this.#lineBytes
    this.#push(at)
    this.#keep(line.length)
    this.#lines.set(line, at)
  }

  /** What was put on it, in arrays of its own; what follows begins anew. */
  take(): Tape {
    const tape = {
      words: this.#words.slice(0, this.#length),
      lines: this.#lines.slice(0, this.#lineBytes),
      inputs: this.#inputs,
    }
    this.#length = this.#lineBytes = this.#inputs = 0
    return tape
  }

  #usual(
    kind: number,
    word: number,
    size: number,
    { last, tUs }: { readonly last: number; readonly tUs: number },
  ): void {
    this.#inputs++
    const lots = size / LOT
    const isWide = !Number.isInteger(lots) || lots >= WORD
    this.#begin(isWide ? kind + ENTRY.wide : kind, tUs)
    this.#push(word)
    if (isWide) {
      this.#push(size % WORD)
      this.#push(Math.floor(size / WORD))
    } else this.#push(lots)
    this.#push(last)
  }

  /** Makes room for so many bytes behind the lines, and counts them. */
  #keep(length: number): void {
    this.#lineBytes += length
    if (this.#lineBytes <= this.#lines.length) return
    const old = this.#lines
    this.#lines = new Uint8Array(2 * this.#lineBytes)
    this.#lines.set(old)
  }

  #many(of: ArrayLike<number>, length: number, tUs: number): boolean {
    for (let i = 0; i < length; i += CHANGE) if (of[i]! >= WORD) return false
    this.#inputs++
    this.#begin(ENTRY.many, tUs)
    this.#push(length / CHANGE)
    for (let i = 0; i < length; i += CHANGE) {
      const size = of[i + 3]!
      this.#push(of[i]!)
      this.#push(placed(of, i))
      this.#push(size % WORD)
      this.#push(Math.floor(size / WORD))
      this.#push(bests(of, i))
    }
    return true
  }

  /** The first word of an entry, behind a jump where the time does not fit. Time never goes back. */
  #begin(kind: number, tUs: number): void {
    const at = Math.max(tUs, this.#tUs)
    let lag = at - this.#tUs
    if (lag > LAG_MAX || this.#length === 0) {
      this.#push(ENTRY.jump)
      this.#push(at % WORD)
      this.#push(Math.floor(at / WORD))
      lag = 0
    }
    this.#tUs = at
    this.#push(lag * (KINDS + 1) + kind)
  }

  #push(word: number): void {
    if (this.#length === this.#words.length) {
      const old = this.#words
      this.#words = new Uint32Array(2 * old.length)
      this.#words.set(old)
    }
    this.#words[this.#length++] = word
  }
}

/** How these changes are put down: as one, as one with its mirror image, or one by one. */
function usualKind(of: ArrayLike<number>, length: number): number {
  const token = of[0]!
  if (token > TOKEN_MAX || length > 2 * CHANGE) return ENTRY.many
  if (length === CHANGE) return ENTRY.one
  const other = of[CHANGE]!
  const isMirror =
    other <= TOKEN_MAX &&
    of[7] === ASK - of[1]! &&
    of[8] === PRICE_MAX - of[2]! &&
    of[9] === of[3] &&
    of[10] === flipped(of[5]!) &&
    of[11] === flipped(of[4]!)
  if (!isMirror) return ENTRY.many
  if (other === token + 1) return ENTRY.up
  return other === token - 1 ? ENTRY.down : ENTRY.many
}

const placed = (of: ArrayLike<number>, i: number): number => of[i + 1]! * SIDE + of[i + 2]!

const bests = (of: ArrayLike<number>, i: number): number =>
  ((of[i + 4]! & UNSAID_HALF) << 16) | (of[i + 5]! & UNSAID_HALF)
