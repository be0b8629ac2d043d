import { HOT, TRADE, type LineReader } from '#schemas/line/reader.js'
import type { BookFold, TapeFrom, TapeWalked, Touched, TurnsFrom, TurnsWalked } from './fold.js'
import { FOUND, type TapeReader } from './tape.js'
import { clearTouched } from './touched.js'

/** What the reference walks with. */
export interface Walker<R> {
  /** Over what it walks on. */
  readonly reader: R
  /** Whether trust in a touched book is other than before the batch. */
  readonly isMoved: (token: number) => boolean
  /** Whether somebody has to see trades of this token. */
  readonly isTradeSeen: (token: number) => boolean
}

/** The reference of `BookFold.walk`. */
export function walkTurns(
  fold: BookFold,
  { reader, isMoved, isTradeSeen }: Walker<LineReader>,
  from: TurnsFrom,
  touched: Touched,
): TurnsWalked {
  const { untilSeq, dueUs } = from
  let { start: at, seq, tUs } = from
  let lines = 0
  const ended = (why: TurnsWalked['why']): TurnsWalked => {
    if (why !== 'actionable') clearTouched(touched)
    return { at, lines, seq, tUs, why }
  }
  while (at < reader.total) {
    const kind = reader.next(at)
    if ((kind !== HOT && kind !== TRADE) || reader.end === reader.total) return ended('unsupported')
    if (reader.seq > untilSeq || reader.tUs >= dueUs) return ended('due')
    if (reader.seq !== seq + 1 || reader.tUs < tUs || reader.cause !== 0)
      return ended('unsupported')
    if (kind === HOT) {
      clearTouched(touched)
      const { changes, length } = reader
      fold.change({ changes, length, tUs: reader.tUs }, touched)
      if (isActionable(touched, isMoved)) return ended('actionable')
    } else if (isTradeSeen(reader.tradeToken)) {
      clearTouched(touched)
      return ended('actionable')
    }
    seq = reader.seq
    tUs = reader.tUs
    at = reader.end + 1
    lines++
  }
  return ended('end')
}

/** The reference of `BookFold.walkTape`. */
export function walkTape(
  fold: BookFold,
  { reader, isMoved, isTradeSeen }: Walker<TapeReader>,
  { tUs, dueUs }: TapeFrom,
  touched: Touched,
): TapeWalked {
  let { at, tUs: tapeUs } = reader
  let inputs = 0
  const ended = (why: TapeWalked['why']): TapeWalked => {
    if (why !== 'actionable') clearTouched(touched)
    return { at, tapeUs, inputs, why }
  }
  for (;;) {
    const held = reader.next()
    if (held === FOUND.end) return ended('end')
    const now = Math.max(reader.tUs, tUs)
    if (now >= dueUs) return ended('due')
    if (held === FOUND.line) return ended('unsupported')
    if (held === FOUND.changes) {
      clearTouched(touched)
      const { changes, length } = reader
      fold.change({ changes, length, tUs: now }, touched)
      if (isActionable(touched, isMoved)) return ended('actionable')
    } else if (isTradeSeen(reader.tradeToken)) {
      clearTouched(touched)
      return ended('actionable')
    }
    at = reader.at
    tapeUs = reader.tUs
    inputs++
  }
}

function isActionable(
  { tokens, notices, fired, isWanted }: Touched,
  isMoved: Walker<unknown>['isMoved'],
): boolean {
  return isWanted || notices.length > 0 || fired.length > 0 || tokens.some(isMoved)
}
