import * as t from 'io-ts'
import { ASK, BID, UNSAID } from '#schemas/levels.js'
import { PRICE_MAX } from '#schemas/units.js'
import { priceFrom, sizeFrom } from '#engine/feeds/decimal.js'

const Message = t.type({
  market: t.string,
  price_changes: t.array(
    t.intersection([
      t.type({ asset_id: t.string, price: t.string, size: t.string, side: t.string }),
      t.partial({ hash: t.string, best_bid: t.string, best_ask: t.string }),
    ]),
  ),
  timestamp: t.string,
  event_type: t.literal('price_change'),
})

interface Parsed {
  readonly timestamp: string
  readonly price_changes: readonly {
    readonly asset_id: string
    readonly price: string
    readonly size: string
    readonly side: string
    readonly best_bid?: string
    readonly best_ask?: string
  }[]
}

/** What a contender makes of a frame: flat level changes and their time. */
export type Take = (frame: Buffer) => { readonly changes: readonly number[]; readonly tUs: number }

/** `JSON.parse`, the io-ts codec of the message, and exact decimals: what a careful TypeScript program does. */
export const checkedFrames =
  (tokens: ReadonlyMap<string, number>): Take =>
  frame => {
    const decoded = Message.decode(JSON.parse(frame.toString()))
    if (decoded._tag === 'Left') throw new Error('a frame that does not decode')
    return flat(decoded.right, tokens)
  }

/** `JSON.parse` alone, its fields taken on trust. */
export const trustedFrames =
  (tokens: ReadonlyMap<string, number>): Take =>
  frame =>
    flat(JSON.parse(frame.toString()) as Parsed, tokens)

function flat(of: Parsed, tokens: ReadonlyMap<string, number>): ReturnType<Take> {
  const changes: number[] = []
  for (const { asset_id, side, price, size, best_bid, best_ask } of of.price_changes) {
    const isStated = best_bid !== undefined && best_ask !== undefined
    changes.push(
      ...[tokens.get(asset_id) ?? 0, side === 'BUY' ? BID : ASK, Number(priceFrom(price))],
      ...[Number(sizeFrom(size)), isStated ? Number(priceFrom(best_bid)) : UNSAID],
      isStated ? Number(priceFrom(best_ask)) || PRICE_MAX : UNSAID,
    )
  }
  return { changes, tUs: Number(of.timestamp) * 1_000 }
}
