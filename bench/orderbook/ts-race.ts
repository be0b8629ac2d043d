import assert from 'node:assert'
import { ASK, BID, type Side } from '#schemas/levels.js'
import { PRICE_MAX } from '#schemas/units.js'
import { Ladder } from '#engine/book/ladder.js'
import { priceFrom, priceOfDouble, sizeFrom, sizeOfDouble } from '#engine/feeds/decimal.js'
import type { Tape, TapeLevel } from './tape.js'

/** What a race found: counts, milliseconds, µs per update, averages in dollars and shares, and the hash. */
export interface RaceFacts {
  readonly iterations: number
  readonly updates_per_iteration: number
  readonly total_updates: number
  /** Updates whose price is none of an outcome share: no book can hold them. */
  readonly skipped_updates: number
  readonly decode_ms: number
  readonly process_ms: number
  readonly total_ms: number
  readonly avg_update_us: number
  readonly p50_update_us: number
  readonly p95_update_us: number
  readonly p99_update_us: number
  readonly max_update_us: number
  readonly spread_avg: number
  readonly bid_depth_1pct_avg: number
  readonly ask_depth_1pct_avg: number
  /** Of touch and depths behind every update: it depends on each. */
  readonly state_hash: string
}

/** Side, price in 1e-4 dollar, size in 1e-6 share; undefined for one that no book can hold. */
type Update = readonly [side: Side, price: number, size: number] | undefined

type Book = readonly [bids: Ladder, asks: Ladder]

/** The race in TypeScript, from the text of its tape on; `native/book-sim/src/tape.rs` is its twin. */
export function tsRace(text: string): RaceFacts {
  const started = performance.now()
  // Made by `tapeOf`, whose type it has.
  const tape = JSON.parse(text) as Tape
  const initial = [...levels(tape.initial_bids, BID), ...levels(tape.initial_asks, ASK)]
  const updates = tape.updates.map(one => (typeof one === 'string' ? one : updateOf(one)))
  const bandBps = Math.round(tape.depth_pct * 10_000)
  const decoded = performance.now()
  const total = tape.iterations * updates.length
  const sums = new Sums(total)
  for (let k = 0; k < tape.iterations; k++)
    raceOnce(updates, { book: opening(initial), bandBps, sums })
  const done = performance.now()
  return {
    iterations: tape.iterations,
    updates_per_iteration: updates.length,
    total_updates: total,
    skipped_updates: sums.skipped,
    decode_ms: decoded - started,
    process_ms: done - decoded,
    total_ms: done - started,
    ...sums.facts(),
  }
}

function raceOnce(
  updates: readonly (Update | string)[],
  { book, bandBps, sums }: { book: Book; bandBps: number; sums: Sums },
): void {
  const [bids, asks] = book
  for (const waiting of updates) {
    const started = performance.now()
    const update = typeof waiting === 'string' ? updateIn(waiting) : waiting
    if (update) book[update[0]].set(update[1], update[2])
    else sums.skipped++
    const isWhole = bids.best >= 0 && asks.best >= 0
    const spread = isWhole ? Math.max(asks.bestPrice - bids.bestPrice, 0) : 0
    const [bidDepth, askDepth] = [depthOf(bids, bandBps), depthOf(asks, bandBps)]
    const us = (performance.now() - started) * 1_000
    sums.add(us, { bid: bids.bestPrice, ask: asks.bestPrice, spread, bidDepth, askDepth })
  }
}

/** Shares of a side within a band of its own best. */
function depthOf(side: Ladder, bandBps: number): number {
  const best = side.bestPrice * 10_000
  const band = side.bestPrice * bandBps
  let depth = 0
  for (let i = side.best; i >= 0; i = side.next(i)) {
    if (Math.abs(i * side.tick * 10_000 - best) > band) break
    depth += side.sizeOf(i)
  }
  return depth
}

/** What stands behind an update. */
interface Seen {
  readonly bid: number
  readonly ask: number
  readonly spread: number
  readonly bidDepth: number
  readonly askDepth: number
}

/** Sums over all updates, every latency, and the hash. */
class Sums {
  skipped = 0
  readonly #us: Float64Array
  #count = 0
  readonly #whole = [0n, 0n, 0n]
  #part = [0, 0, 0]
  #high = 1
  #low = 2

  constructor(total: number) {
    this.#us = new Float64Array(total)
  }

  add(us: number, { bid, ask, spread, bidDepth, askDepth }: Seen): void {
    this.#us[this.#count++] = us
    this.#part[0]! += spread
    this.#part[1]! += bidDepth
    this.#part[2]! += askDepth
    if (this.#count % 256 === 0) this.#carry()
    for (const word of [bid, ask, bidDepth, bidDepth / 2 ** 32, askDepth, askDepth / 2 ** 32])
      this.#mix(word)
  }

  facts() {
    this.#carry()
    const sorted = this.#us.sort()
    const at = (p: number): number => sorted[Math.round(p * (sorted.length - 1))] ?? 0
    const average = (sum: bigint): number => Number(sum / BigInt(this.#count)) / 1e6
    const [spread = 0n, bids = 0n, asks = 0n] = this.#whole
    return {
      avg_update_us: sorted.reduce((sum, us) => sum + us, 0) / this.#count,
      p50_update_us: at(0.5),
      p95_update_us: at(0.95),
      p99_update_us: at(0.99),
      max_update_us: at(1),
      spread_avg: average(spread * 100n),
      bid_depth_1pct_avg: average(bids),
      ask_depth_1pct_avg: average(asks),
      state_hash: [this.#high, this.#low].map(half => hex(half)).join(''),
    }
  }

  /** Numbers are exact so far, and go on as whole numbers without a bound. */
  #carry(): void {
    for (const [k, part] of this.#part.entries()) this.#whole[k]! += BigInt(part)
    this.#part = [0, 0, 0]
  }

  /** Each step can be undone, so two states that differ once differ for ever under the same updates. */
  #mix(word: number): void {
    this.#high = Math.imul(this.#high ^ word, 0x9e3779b1)
    this.#high ^= this.#high >>> 15
    this.#low = Math.imul(this.#low ^ word, 0x85ebca77)
    this.#low ^= this.#low >>> 13
  }
}

const hex = (half: number): string => (half >>> 0).toString(16).padStart(8, '0')

function opening(initial: readonly Exclude<Update, undefined>[]): Book {
  const tick = initial.reduce((so, [, price]) => gcd(so, price), PRICE_MAX)
  const book = [new Ladder(1, tick), new Ladder(-1, tick)] as const
  for (const [side, price, size] of initial) book[side].set(price, size)
  return book
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

function levels(of: readonly TapeLevel[], side: Side): Exclude<Update, undefined>[] {
  return of.flatMap(({ price, size }) => {
    const update = held(side, priceOfDouble(price), sizeOfDouble(size))
    return update ? [update] : []
  })
}

const updateOf = ({ side, price, size }: { side: string } & TapeLevel): Update =>
  held(side === 'BID' ? BID : ASK, priceOfDouble(price), sizeOfDouble(size))

/** An update from its text, as a socket would bring it: numbers are texts too. */
function updateIn(text: string): Update {
  const { side, price, size } = JSON.parse(text) as Record<'side' | 'price' | 'size', string>
  return held(side === 'BID' ? BID : ASK, priceFrom(price), sizeFrom(size))
}

function held(side: Side, price: number | string, size: number | string): Update {
  assert(typeof price === 'number' && typeof size === 'number', `Invariant: ${price}, ${size}`)
  return price > 0 && price < PRICE_MAX ? [side, price, size] : undefined
}
