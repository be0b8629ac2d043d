import { HOT, TRADE, type LineReader } from '#schemas/line/reader.js'
import type { BookFold, Touched, TurnsFrom, TurnsWalked } from './fold.js'
import { clearTouched } from './touched.js'

/** What the reference walks with. */
export interface Walker {
  /** Over the bytes. */
  readonly reader: LineReader
  /** Whether trust in a touched book is other than before the batch. */
  readonly isMoved: (token: number) => boolean
}

/** The reference of `BookFold.walk`. */
export function walkTurns(
  fold: BookFold,
  { reader, isMoved }: Walker,
  from: TurnsFrom,
  touched: Touched,
): TurnsWalked {
  const { untilSeq, dueUs } = from
  let { start: at, seq, tUs } = from
  let lines = 0
  const ended = (why: TurnsWalked['why']): TurnsWalked => {
    if (why !== 'stirred') clearTouched(touched)
    return { at, lines, seq, tUs, why }
  }
  while (at < reader.total) {
    const kind = reader.next(at)
    if ((kind !== HOT && kind !== TRADE) || reader.end === reader.total) return ended('foreign')
    if (reader.seq > untilSeq || reader.tUs >= dueUs) return ended('behind')
    if (reader.seq !== seq + 1 || reader.tUs < tUs || reader.cause !== 0) return ended('foreign')
    if (kind === HOT) {
      clearTouched(touched)
      const { changes, length } = reader
      fold.change({ changes, length, tUs: reader.tUs }, touched)
      const { tokens, notices, fired, isHeard } = touched
      if (isHeard || notices.length > 0 || fired.length > 0 || tokens.some(isMoved))
        return ended('stirred')
    }
    seq = reader.seq
    tUs = reader.tUs
    at = reader.end + 1
    lines++
  }
  return ended('end')
}
