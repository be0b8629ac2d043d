import { setImmediate } from 'node:timers/promises'
import * as E from 'fp-ts/lib/Either.js'
import { ASK, BID, type Side } from '#schemas/levels.js'
import { BAD, HOT, LineReader, TRADE } from '#schemas/line/reader.js'
import { DISTRUSTS, type Distrust } from '#schemas/reasons.js'
import { TRUST_BITS } from '#engine/book/book.js'
import type { BookFold } from '#engine/book/fold.js'
import { foldEvent } from '#engine/book/ts-fold.js'
import { clearTouched, untouched } from '#engine/book/touched.js'
import { NativeFold, type Folded } from '#engine/native/native-fold.js'
import type { Event } from '#schemas/registry.js'
import type { EventIndex } from '#engine/log/store/event-index.js'
import type { Commit, RunStore } from '#engine/log/store/run-store.js'
import { PATIENCE, SCAN_OVER, type ScanApi } from '#engine/log/prove/scan.js'
import { scanApi, walkingFold } from './backend.js'
import { checkpointAt, engineOf } from './checkpoints.js'
import { Refusal } from './command.js'
import { commitsFrom, commitsOf, FOLDERS } from './runs.js'

/** A token as it was listed. */
export interface Listed {
  readonly token: number
  readonly market: number
  readonly outcome: string
  readonly key: string
  readonly question: string
}

/** A book as it is shown: levels best first, price in 1e-4 dollar and size in 1e-6 share. */
export interface BookShown extends Listed {
  readonly bids: readonly (readonly [price: number, size: number])[]
  readonly asks: readonly (readonly [price: number, size: number])[]
  readonly tradable: boolean
  /** Why it may not be traded. */
  readonly why: readonly Distrust[]
}

/** Books behind an event, and the tokens listed by then. */
export interface BooksAt {
  readonly fold: BookFold
  readonly listed: readonly Listed[]
  readonly seq: number
  readonly tUs: number
}

/** All books of a run as they stood behind an event: from the nearest checkpoint on, where there is one. */
export async function booksAt(
  dir: string,
  at: number,
  {
    index,
    fold = walkingFold(),
    patience = PATIENCE,
    store = FOLDERS,
  }: { index?: EventIndex; fold?: BookFold; patience?: number; store?: RunStore } = {},
): Promise<BooksAt> {
  const from = await checkpointAt(dir, at, { store })
  const folding = new Folding(fold)
  if (!from) {
    if (await folding.scan(dir, { store, at, patience })) return folding
    const read = { fromSeq: folding.seq + 1, api: folding.api, store }
    for await (const commit of commitsOf(dir, read)) if (folding.commit(dir, commit, at)) break
    return folding
  }
  const { turns, state } = engineOf(from)
  folding.fold.load(state.fold)
  folding.seq = turns.lastSeq
  folding.tUs = turns.tUs
  for (const { event } of await (index ?? (await store.index(dir))).listings(turns.lastSeq))
    folding.list(event)
  for await (const commit of commitsFrom(dir, from.mark, store))
    if (folding.commit(dir, commit, at)) break
  return folding
}

/** Books and listings while commits go through them. */
class Folding implements BooksAt {
  readonly fold: BookFold
  readonly listed: Listed[] = []
  seq = 0
  tUs = 0
  readonly #touched = untouched()
  readonly #reader = new LineReader()
  readonly #questions = new Map<number, string>()

  constructor(fold: BookFold) {
    this.fold = fold
  }

  /** What reads the log for a native fold. */
  get api(): ScanApi | undefined {
    return this.fold instanceof NativeFold ? scanApi() : undefined
  }

  /** Takes a run as far as it can be read and proven natively; true once an event behind `at` or the end was met. */
  async scan(
    dir: string,
    { store, at, patience }: { store: RunStore; at: number; patience: number },
  ): Promise<boolean> {
    const { fold, api } = this
    if (!api || !(fold instanceof NativeFold)) return false
    const scan = await store.scan(dir, api, patience)
    if (!scan) return false
    for (;;) {
      const length = api.scanNext(scan)
      if (length < 0) return length === SCAN_OVER
      for (;;) {
        clearTouched(this.#touched)
        const { why } = this.#note(fold.foldScan(scan, at, this.#touched))
        if (why === 'due') return true
        if (why === 'end') break
        const line = this.#reader.over(api.scanLine(scan), true)
        if (this.#line(line, { start: 0, at, where: dir })) return true
      }
      await setImmediate() // the process hears its signals
    }
  }

  /** Takes one commit; true once an event behind `at` was met. */
  commit(dir: string, { bytes, file }: Commit, at: number): boolean {
    const reader = this.#reader.over(bytes, true) // the walk over commits has proven the head
    clearTouched(this.#touched) // nobody looks at it: one batch is as good as many
    for (let start = 0; start < bytes.length;) {
      const walked = this.#walk(bytes, start, at)
      if (walked && walked.why !== 'unsupported') return walked.why === 'due'
      start = walked?.at ?? start
      if (this.#line(reader, { start, at, where: `${dir}/${file}` })) return true
      start = reader.end + 1
    }
    return false
  }

  /** Takes one line; true where it stands behind `at`. */
  #line(
    reader: LineReader,
    { start, at, where }: { start: number; at: number; where: string },
  ): boolean {
    const kind = reader.next(start)
    const place = `${where}, behind ${this.seq}`
    if (kind === BAD) throw new Refusal('damaged', reader.fault?.message ?? '', place)
    if (reader.seq > at) return true
    this.seq = reader.seq
    this.tUs = reader.tUs
    if (kind === HOT) {
      const { changes, length, tUs } = reader
      this.fold.change({ changes, length, tUs }, this.#touched)
    } else if (kind !== TRADE) {
      const row = reader.recorded(kind)
      if (E.isLeft(row)) throw new Refusal('unreadable-event', row.left.message, place)
      foldEvent(this.fold, row.right.event, this.tUs, this.#touched)
      this.list(row.right.event)
    }
    return false
  }

  /** Takes lines of level changes for as long as they follow each other, where the fold does so by itself. */
  #walk(bytes: Uint8Array, start: number, at: number): Folded | undefined {
    if (!(this.fold instanceof NativeFold)) return undefined
    clearTouched(this.#touched)
    return this.#note(this.fold.fold(bytes, { start, untilSeq: at, isProven: true }, this.#touched))
  }

  #note(folded: Folded): Folded {
    if (folded.seq > 0) {
      this.seq = folded.seq
      this.tUs = folded.tUs
    }
    return folded
  }

  /** Remembers a listing; ignores all other events. */
  list(event: Event): void {
    if (event.type === 'MarketListed')
      this.#questions.set(event.data.market, event.data.question || event.data.key)
    if (event.type === 'TokenListed')
      this.listed.push({ ...event.data, question: this.#questions.get(event.data.market) ?? '' })
  }
}

/** One book, `depth` levels a side (0: all). */
export function bookOf(
  fold: BookFold,
  { token, market, outcome, question, key }: Listed,
  depth: number,
): BookShown {
  const bits = fold.distrustOf(token)
  const levels = (side: Side): (readonly [number, number])[] => {
    const found: (readonly [number, number])[] = []
    fold.view(token)?.walk(side, (price, size) => {
      found.push([price, size])
      return depth === 0 || found.length < depth
    })
    return found
  }
  const why = DISTRUSTS.filter(reason => (bits & TRUST_BITS[reason]) !== 0)
  return {
    token,
    market,
    key,
    question,
    outcome,
    bids: levels(BID),
    asks: levels(ASK),
    tradable: bits === 0,
    why,
  }
}
