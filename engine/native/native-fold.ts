import { CHANGE } from '#schemas/levels.js'
import { LineReader } from '#schemas/line/reader.js'
import {
  NOTICE,
  type BookFold,
  type BookStats,
  type SavedFold,
  type TapeFrom,
  type TapeWalked,
  type Touched,
  type TurnsFrom,
  type TurnsWalked,
} from '#engine/book/fold.js'
import type { Scan } from '#engine/log/prove/scan.js'
import type { Tape } from '#engine/book/tape.js'
import type { FrameWalker } from '#engine/book/frame-walk.js'
import type { Interest } from '#engine/book/interest.js'
import { Sources } from '#engine/book/sources.js'
import { TESTS, type Trigger } from '#engine/book/trigger.js'
import { foldLine } from '#engine/book/ts-fold.js'
import { CODES, HEAD, type Addon, type Handle, type Out } from './addon.js'
import { judge, unlisted } from './failures.js'
import { frameWalker, PLACE, type Ended } from './frame-walker.js'
import { NativeView } from './native-view.js'
import { booksIn, numbersOf, STATS, statsIn } from './saved-numbers.js'

/** How far a fold of lines came. */
export interface Folded {
  /** Where the line begins that it ended at. */
  readonly at: number
  /** Level changes folded. */
  readonly changes: number
  /** Last line folded, 0 for none. */
  readonly seq: number
  readonly tUs: number
  readonly why: 'end' | 'unsupported' | 'due'
}

/**
 * The fold in Rust: the same answers as `tsFold`, at the price of one native call for each of its own. It gains
 * where a call brings hundreds of changes, with `lines` above all, and loses where one brings a few.
 */
export class NativeFold implements BookFold {
  readonly #addon: Addon
  readonly #handle: Handle
  readonly #views: (NativeView | undefined)[] = []
  readonly #reader = new LineReader()
  readonly #sources = new Sources()
  readonly #stats: Out = new Float64Array(STATS.length)
  #out: Out = new Float64Array(HEAD + 1_024)
  /** Marks of walks: below those of callers, which count upwards. */
  #mark = -1
  #in: Out = new Float64Array(64 * CHANGE)

  constructor(addon: Addon) {
    this.#addon = addon
    this.#handle = addon.create()
  }

  /** The fold in the native addon, for other calls of it. */
  get handle(): Handle {
    return this.#handle
  }

  /** As they are now: a copy, not the living numbers. */
  get stats(): BookStats {
    this.#addon.stats(this.#handle, this.#stats)
    return statsIn(this.#stats)
  }

  list(token: number, tick: number, feed?: string): void {
    this.#addon.list(this.#handle, token, tick, 0, this.#out)
    this.#judge()
    this.#sources.list(token, feed)
  }

  view(token: number): NativeView | undefined {
    const known = this.#views[token]
    if (known) return known
    if (this.#addon.distrustOf(this.#handle, token) < 0) return undefined
    return (this.#views[token] = new NativeView(this.#addon, this.#handle, token))
  }

  distrustOf(token: number): number {
    const bits = this.#addon.distrustOf(this.#handle, token)
    return bits < 0 ? unlisted(token) : bits
  }

  change(
    { changes, length, tUs }: { changes: ArrayLike<number>; length: number; tUs: number },
    touched: Touched,
  ): void {
    const flat = isOwnDoubles(changes) ? changes : this.#doubles(length, changes)
    this.#addon.change(this.#handle, flat, length, tUs, touched.mark, this.#out)
    this.#take(touched)
  }

  snapshot(
    {
      token,
      bids,
      asks,
      tUs,
    }: { token: number; bids: readonly number[]; asks: readonly number[]; tUs: number },
    touched: Touched,
  ): void {
    const length = bids.length + asks.length
    const flat = this.#doubles(length, bids, asks)
    const { mark } = touched
    this.#addon.snapshot(this.#handle, token, flat, bids.length, length, tUs, mark, this.#out)
    this.#take(touched)
  }

  regrid(token: number, tick: number, touched: Touched): void {
    this.#addon.regrid(this.#handle, token, tick, touched.mark, this.#out)
    this.#take(touched)
  }

  distrust(token: number, bit: number, touched: Touched): void {
    this.#addon.distrust(this.#handle, token, bit, touched.mark, this.#out)
    this.#take(touched)
  }

  restoreTrust(token: number, bit: number, touched: Touched): void {
    this.#addon.restoreTrust(this.#handle, token, bit, touched.mark, this.#out)
    this.#take(touched)
  }

  distrustAll(bit: number, touched: Touched, feed?: string): void {
    const dark = this.#sources.darkened(feed)
    if (dark) {
      for (const token of dark) this.distrust(token, bit, touched)
      return
    }
    this.#addon.distrustAll(this.#handle, bit, touched.mark, this.#out)
    this.#take(touched)
  }

  lines(bytes: Uint8Array, touched: Touched): number {
    const reader = this.#reader.over(bytes)
    let count = 0
    for (let start = 0; start < bytes.length;) {
      const { at, changes, why } = this.fold(bytes, { start }, touched)
      count += changes
      if (why === 'end') return count
      // Another event, a rare form or damage: the reference reader says which.
      count += foldLine(this, reader, at, touched)
      start = reader.end + 1
    }
    return count
  }

  /**
   * Folds lines from `start` on for as long as they carry levels and their sequence is at most `untilSeq`. Where the head
   * over them is proven, their sums are not looked at again, and events that concern no book are passed over.
   */
  fold(
    bytes: Uint8Array,
    { start = 0, untilSeq = Number.MAX_SAFE_INTEGER, isProven = false },
    touched: Touched,
  ): Folded {
    this.#addon.lines(this.#handle, bytes, start, untilSeq, isProven, touched.mark, this.#out)
    return this.#folded(touched)
  }

  /** As `fold`, from where a scan stands to the end of its block: nothing of it crosses to JavaScript. */
  foldScan(scan: Scan, untilSeq: number, touched: Touched): Folded {
    this.#addon.scanFold(this.#handle, scan, untilSeq, touched.mark, this.#out)
    return this.#folded(touched)
  }

  setTrigger(id: number, { test, limit, tokens }: Trigger): void {
    const [addon, handle] = [this.#addon, this.#handle]
    addon.setTrigger(
      handle,
      id,
      TESTS.indexOf(test),
      limit,
      Float64Array.from(tokens),
      0,
      this.#out,
    )
    this.#judge()
  }

  dropTrigger(id: number): void {
    this.#addon.dropTrigger(this.#handle, id)
  }

  setInterest(token: number, { isWhole, trades, levels }: Interest): void {
    const bits = Number(isWhole) + 2 * Number(trades)
    const flat = levels.length === 0 ? NO_LEVELS : Float64Array.from(levels)
    this.#addon.setInterest(this.#handle, token, bits, flat, 0, this.#out)
    this.#judge()
  }

  walk(bytes: Uint8Array, from: TurnsFrom, touched: Touched): TurnsWalked {
    const { start, untilSeq, seq, tUs, dueUs } = from
    const until = Math.min(untilSeq, Number.MAX_SAFE_INTEGER)
    const mark = this.#mark
    this.#addon.walk(this.#handle, bytes, start, until, seq, tUs, dueUs, mark, this.#out)
    const { why, changes: _, ...ended } = this.#walked(touched)
    return { ...ended, why: why === 'full' ? 'end' : why }
  }

  frames(): FrameWalker {
    const walker = this.#addon.frameWalker()
    return frameWalker(this.#addon, walker, (where, lines, place, touched) => {
      place[PLACE.mark] = this.#mark
      const { bytes, ends } = lines
      this.#addon.walkFrames(this.#handle, walker, where, bytes, ends, place, this.#out)
      return this.#walked(touched)
    })
  }

  walkTape({ words }: Tape, from: TapeFrom, touched: Touched): TapeWalked {
    const { at: start, tapeUs, tUs, dueUs } = from
    const [addon, handle, mark] = [this.#addon, this.#handle, this.#mark]
    addon.walkTape(handle, words, start, tapeUs, tUs, dueUs, mark, this.#out)
    const { at, lines: inputs, tUs: lastUs, why } = this.#walked(touched)
    return { at, inputs, tapeUs: lastUs, why: why === 'full' ? 'end' : why }
  }

  save(): SavedFold {
    const flat = this.#addon.save(this.#handle)
    const feeds = this.#sources.save()
    const books = booksIn(flat.subarray(STATS.length))
    return { stats: statsIn(flat), books, ...(feeds && { feeds }) }
  }

  load(saved: SavedFold): void {
    const tokens = saved.books.map(({ token }) => token)
    this.#sources.load(tokens, saved.feeds)
    this.#addon.load(this.#handle, numbersOf(saved), 0, this.#out)
    this.#judge()
  }

  /** How far a walk came; fails if it did. */
  #walked(touched: Touched): Ended {
    const [code, , , , , at, lines, changes, seq, tUs] = this.#out
    this.#mark -= lines! + 1
    if (code === CODES.actionable) this.#take(touched)
    else this.#judge()
    const why = WHYS[code!] ?? 'end'
    return { at: at!, lines: lines!, changes: changes!, seq: seq!, tUs: tUs!, why }
  }

  #folded(touched: Touched): Folded {
    const [code, , , , , at, , changes, seq, tUs] = this.#out
    this.#take(touched)
    const why = code === CODES.unsupported ? 'unsupported' : code === CODES.due ? 'due' : 'end'
    return { at: at!, changes: changes!, seq: seq!, tUs: tUs!, why }
  }

  /** Takes what the last call touched, then fails if the call did. */
  #take(touched: Touched): void {
    let out = this.#out
    const [code = 0, about = 0, tokens = 0, notices = 0, fired = 0] = out
    const told = HEAD + tokens + notices * NOTICE
    const end = told + fired
    if (end > out.length) {
      this.#out = out = new Float64Array(2 * end)
      this.#addon.report(this.#handle, out)
    }
    for (let i = HEAD; i < HEAD + tokens; i++) touched.tokens.push(out[i]!)
    for (let i = HEAD + tokens; i < told; i++) touched.notices.push(out[i]!)
    for (let i = told; i < end; i++) touched.fired.push(out[i]!)
    if (code !== CODES.done) judge(code, about)
  }

  #judge(): void {
    judge(this.#out[0]!, this.#out[1]!)
  }

  /** The same numbers, one list behind the other, in an array that may cross; overwritten by the next call. */
  #doubles(length: number, ...lists: readonly ArrayLike<number>[]): Out {
    if (this.#in.length < length) this.#in = new Float64Array(2 * length)
    let at = 0
    for (const list of lists)
      for (let i = 0; i < list.length && at < length; i++) this.#in[at++] = list[i]!
    return this.#in
  }
}

const NO_LEVELS: Out = new Float64Array(0)

/** Why a walk over turns ended, by its code. */
const WHYS: Readonly<Record<number, Ended['why']>> = {
  [CODES.unsupported]: 'unsupported',
  [CODES.due]: 'due',
  [CODES.actionable]: 'actionable',
  [CODES.full]: 'full',
}

function isOwnDoubles(changes: ArrayLike<number>): changes is Out {
  return changes instanceof Float64Array
}
