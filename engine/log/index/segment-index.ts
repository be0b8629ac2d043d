import { xxh32 } from '#schemas/line/xxh32.js'

/** Every so many events their place is kept. */
export const MARK_EVENTS = 1_024
/** Numbers per row that is listed: sequence, offset, cause, key. */
export const ROW = 4

/** Keys of rows that nobody looks for by name, and of the facts of markets and tokens. */
export const [KEY_NONE, KEY_LISTING] = [0, 1]

/**
 * Where things stand in one segment: every 1,024th event; every event with a cause, which are few; and the listings.
 * A cache: built from the segment's own lines, and whoever uses it checks the line that it finds.
 */
export interface SegmentIndex {
  /** Sequence of the first event; 0 where there is none. */
  readonly first: number
  readonly last: number
  /** Offset behind the last line looked at. */
  readonly bytes: number
  /** Offsets of events `first`, `first + 1024`, … */
  readonly marks: readonly number[]
  /** `ROW` numbers each, by sequence. */
  readonly rows: readonly number[]
}

/** The key of a signal or an order by its id: equal ids have one key, and few others do. */
export const keyOf = (kind: 'signal' | 'order', id: string): number => {
  const bytes = Buffer.from(`${kind}:${id}`)
  return xxh32(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length) + 2
}

const [NAMES, ID] = [
  { SignalRaised: 'signal', OrderPlaced: 'order' } as const,
  /"(?:signal|order)":"([^"]*)"/,
]
/** Where a name begins in `"e":"…`. */
const LETTER = 5
const LISTINGS = [Buffer.from('"e":"MarketListed.'), Buffer.from('"e":"TokenListed.')]

/** Builds the index of a segment out of its bytes, in pieces of any size. */
export class Indexer {
  #first = 0
  #last = 0
  #byte = 0
  #rest: Buffer = Buffer.alloc(0)
  #whole = { last: 0, bytes: 0, marks: 0, rows: 0 }
  readonly #marks: number[] = []
  readonly #rows: number[] = []

  /** Takes the next bytes of the segment. */
  take(bytes: Buffer): void {
    const all = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes
    let at = 0
    for (let end = all.indexOf(10); end >= 0; end = all.indexOf(10, at)) {
      // An event line begins with its number, `{"n":`; lines of the framing do not.
      if (all[at + 2] === 110) this.#event(all, at, end)
      else if (all[at + 2] === 99) this.#commit(this.#byte + end + 1)
      at = end + 1
    }
    this.#byte += at
    this.#rest = Buffer.from(all.subarray(at))
  }

  /** The index of what was taken, up to its last commit: what follows that is not written yet. */
  get index(): SegmentIndex {
    const { last, bytes, marks, rows } = this.#whole
    const [ofMarks, ofRows] = [this.#marks.slice(0, marks), this.#rows.slice(0, rows)]
    return { first: last === 0 ? 0 : this.#first, last, bytes, marks: ofMarks, rows: ofRows }
  }

  #commit(bytes: number): void {
    const [marks, rows] = [this.#marks.length, this.#rows.length]
    this.#whole = { last: this.#last, bytes, marks, rows }
  }

  #event(all: Buffer, start: number, end: number): void {
    const byte = this.#byte + start
    if (this.#first === 0) this.#last = (this.#first = numberAt(all, start + 5)) - 1
    this.#last++
    if ((this.#last - this.#first) % MARK_EVENTS === 0) this.#marks.push(byte)
    let causeAt = start + 12
    while (all[causeAt] !== 99 && causeAt < end) causeAt++ // near: a search by the system costs more
    causeAt += 3 // `"t":…,"c":`
    const isCaused = all[causeAt] !== 48
    if (!isCaused && !isListing(all, causeAt + 2)) return
    const cause = isCaused ? numberAt(all, causeAt) : 0
    const key = isCaused ? keyIn(all.subarray(causeAt, end)) : KEY_LISTING
    this.#rows.push(this.#last, byte, cause, key)
  }
}

function numberAt(bytes: Buffer, from: number): number {
  let n = 0
  for (let i = from; bytes[i]! >= 48 && bytes[i]! <= 57; i++) n = n * 10 + bytes[i]! - 48
  return n
}

/** Whether its name begins as that of a listing does tells most lines from these. */
const isListing = (bytes: Buffer, at: number): boolean =>
  (bytes[at + LETTER] === 77 || bytes[at + LETTER] === 84) &&
  LISTINGS.some(name => name.compare(bytes, at, at + name.length) === 0)

/** The key in what follows `"c":` of a line. */
function keyIn(line: Buffer): number {
  const name = /"e":"(\w+)\./.exec(line.toString('latin1', 0, 64))?.[1] ?? ''
  if (name !== 'SignalRaised' && name !== 'OrderPlaced') return KEY_NONE
  const id = ID.exec(line.toString('utf8'))?.[1]
  return id === undefined ? KEY_NONE : keyOf(NAMES[name], id)
}
