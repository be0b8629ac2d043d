import * as E from 'fp-ts/lib/Either.js'
import { ASK, BID, type Side } from '#schemas/levels.js'
import { BAD, HOT, LineReader } from '#schemas/line/reader.js'
import { DISTRUSTS, type Distrust } from '#schemas/reasons.js'
import { TRUST_BITS } from '#engine/book/book.js'
import type { BookFold } from '#engine/book/fold.js'
import { clearTouched, foldEvent, tsFold, untouched } from '#engine/book/ts-fold.js'
import { Refusal } from './command.js'
import { commitsOf } from './runs.js'

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

/** All books of a run as they stood behind an event, and the tokens listed by then. */
export async function booksAt(
  dir: string,
  at: number,
): Promise<{ fold: BookFold; listed: Listed[]; seq: number; tUs: number }> {
  const fold = tsFold()
  const touched = untouched()
  const reader = new LineReader()
  const listed: Listed[] = []
  const questions = new Map<number, string>()
  let [seq, tUs] = [0, 0]
  for await (const { bytes, file } of commitsOf(dir)) {
    reader.over(bytes)
    for (let start = 0; start < bytes.length;) {
      const end = bytes.indexOf(10, start)
      const kind = reader.read(start, end)
      if (kind === BAD)
        throw new Refusal('damaged', reader.fault?.message ?? '', `${dir}/${file}, behind ${seq}`)
      if (reader.seq > at) return { fold, listed, seq, tUs }
      ;({ seq, tUs } = reader)
      clearTouched(touched)
      if (kind === HOT) {
        const { changes, length } = reader
        fold.change({ changes, length, tUs }, touched)
      } else {
        const row = reader.recorded(kind)
        if (E.isLeft(row))
          throw new Refusal('unreadable-event', row.left.message, `${dir}, sequence ${seq}`)
        const { event } = row.right
        foldEvent(fold, event, tUs, touched)
        if (event.type === 'MarketListed')
          questions.set(event.data.market, event.data.question || event.data.key)
        if (event.type === 'TokenListed')
          listed.push({ ...event.data, question: questions.get(event.data.market) ?? '' })
      }
      start = end + 1
    }
  }
  return { fold, listed, seq, tUs }
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
