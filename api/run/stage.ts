import * as E from 'fp-ts/lib/Either.js'
import { BAD, HOT, type LineReader } from '#schemas/line/reader.js'
import type { Recorded } from '#schemas/recorded.js'
import type { BookFold } from '#engine/book/fold.js'
import { clearTouched, untouched } from '#engine/book/touched.js'
import { foldEvent, tsFold } from '#engine/book/ts-fold.js'
import type { FollowedCommit } from '#engine/log/store/run-store.js'
import { Moment, type Background } from '#projections/desk/moment.js'

/** The log of a run is not what was written, or cannot be read on: what, and where. */
export class LogTrouble extends Error {}

/** Who is told of what a walk over lines meets. Frames of level changes come without an event for each. */
export interface LineTaker {
  readonly changed: (reader: LineReader) => void
  readonly take: (row: Recorded) => void
}

/** Walks over the lines of a commit, those behind `after` and not behind `until`. Answers whether one stands behind `until`. */
export function walkCommit(
  reader: LineReader,
  commit: FollowedCommit,
  { after = 0, until, isProven, to }: WalkOptions,
): boolean {
  const { bytes, firstSeq, file, start: offset } = commit
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  reader.over(buffer, isProven)
  let seq = firstSeq
  for (let start = 0; start < buffer.length; seq++) {
    const kind = reader.next(start)
    if (kind === BAD || reader.seq !== seq) {
      const what = kind === BAD ? (reader.fault?.message ?? 'no line') : `n is ${reader.seq}`
      throw new LogTrouble(`${what}, expected event ${seq} (${file}, byte ${offset + start})`)
    }
    if (seq > until) return true
    start = reader.end + 1
    if (seq <= after) continue
    if (kind === HOT) to.changed(reader)
    else {
      const row = reader.recorded(kind)
      if (E.isLeft(row)) throw new LogTrouble(`event ${seq}: ${row.left.message} (${file})`)
      to.take(row.right)
    }
  }
  return false
}

/** How a commit is walked over. */
export interface WalkOptions {
  readonly after?: number
  readonly until: number
  /** Whether the sums of its lines were compared before. */
  readonly isProven: boolean
  readonly to: LineTaker
}

/** A run as it stood behind one event: its books and all the rest. Owned by whoever walks it on. */
export class Stage implements LineTaker {
  readonly books: BookFold = tsFold()
  readonly moment = new Moment()
  readonly #touched = untouched()
  readonly #background: Background

  constructor(background: Background) {
    this.#background = background
  }

  changed({ changes, length, tUs, seq }: LineReader): void {
    clearTouched(this.#touched)
    this.books.change({ changes, length, tUs }, this.#touched)
    this.moment.changed(seq, tUs, this.#touched.tokens)
  }

  take(row: Recorded): void {
    clearTouched(this.#touched)
    foldEvent(this.books, row.event, row.tUs, this.#touched)
    if (MOVES_NO_LEVEL.has(row.event.type)) clearTouched(this.#touched)
    this.moment.take(row, this.#touched.tokens, this.#background)
  }
}

/** Events that only take trust from books: as for all views, they restate nothing. */
const MOVES_NO_LEVEL: ReadonlySet<string> = new Set([
  'FeedLost',
  'BookHashDiffers',
  'BookHashAgrees',
  'BookIncomplete',
])
