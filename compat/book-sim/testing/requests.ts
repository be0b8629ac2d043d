import * as E from 'fp-ts/lib/Either.js'
import { answerTo, type BookSimOptions } from '../book-sim.js'
import type { BookSimAnswer } from '../answer.js'

/** An intent as a caller writes it; a test names only what it tests. */
export type Asked = Readonly<Record<string, string | number | null>>

/** The book of the golden examples: three asks, two bids, least size 5, ticks of a cent. */
export const BOOK = {
  market_id: 'm1',
  best_bid: 0.47,
  best_ask: 0.48,
  min_order_size: 5,
  tick_size: 0.01,
  bids: [
    { price: 0.47, size: 8 },
    { price: 0.45, size: 50 },
  ],
  asks: [
    { price: 0.48, size: 10 },
    { price: 0.49, size: 20 },
    { price: 0.52, size: 100 },
  ],
}

/** A request of these intents on token `t1`, 40 bps of slack. */
export const requestOf = (
  intents: readonly Asked[],
  snapshots: Readonly<Record<string, unknown>> = { t1: BOOK },
): unknown => ({
  slippage_bps: 40,
  intents: intents.map((intent, k) => ({
    intent_id: `i${k + 1}`,
    token_id: 't1',
    market_id: 'm1',
    side: 'BUY',
    order_type: 'FAK',
    ...intent,
  })),
  snapshots,
})

/** What the book-sim answers to these intents; a request that is malformed fails the test. */
export function asked(
  intents: readonly Asked[],
  of: { snapshots?: Readonly<Record<string, unknown>>; options?: BookSimOptions } = {},
): BookSimAnswer {
  const answer = answerTo(requestOf(intents, of.snapshots), of.options)
  if (E.isLeft(answer)) throw new Error(answer.left)
  return answer.right
}
