import { ASK, BID } from '#schemas/levels.js'
import type { EventOf } from '#schemas/registry.js'
import { mulDivFloor, proceedsOf } from '#schemas/units.js'
import { execute } from '#engine/book/view.js'
import type { World } from '../world.js'

/** What is known of a trade when its entry is over, besides what it will really earn. In 1e-6 dollar. */
export interface Attachment {
  /** How its legs ended, or its order. */
  readonly result: string
  /** What was paid times the edge of the signal; of orders without one nothing is expected. */
  readonly expectedGross: number
  /** Cash of the entry, and what selling all of it into the bids at once would have brought. */
  readonly bookGross: number
  /** Fees of the entry. */
  readonly entryFees: number
  /** When the entry was over. */
  readonly tUs: number
}

/** Of the trade of a signal whose legs have settled. */
export function ofSignal(
  { signal, result, legs }: EventOf<'LegsSettled'>['data'],
  world: World,
  { paid }: { readonly paid: number },
): Attachment {
  const edge = world.signals.get(signal)?.edge ?? 0
  let [bookGross, entryFees] = [0, 0]
  for (const { token, bought, sold, cash, fee } of legs) {
    bookGross += cash + unwound(world, token, bought - sold)
    entryFees += fee
  }
  const expectedGross = mulDivFloor(paid, edge, 10_000)
  return { result, expectedGross, bookGross, entryFees, tUs: world.tUs }
}

/** Of an order that belongs to no signal: nothing was expected of it that anybody said. */
export function ofOrder(
  { result, filled, cash, fee }: EventOf<'OrderClosed'>['data'],
  token: number,
  world: World,
): Attachment {
  const bookGross = cash + unwound(world, token, filled)
  const own = { expectedGross: 0, bookGross, entryFees: fee }
  return { result, ...own, tUs: world.tUs }
}

/** What a purchase cost above its signal's best ask, rounded up; nothing where the signal saw none. */
export function slippageOf(
  { side, size, cash, token }: EventOf<'OrderFilled'>['data'],
  signal: string,
  world: World,
): number {
  const ask = world.signals.get(signal)?.legs.find(leg => leg.token === token)?.ask ?? 10_000
  return side !== BID || ask === 10_000 ? 0 : 0 - cash - proceedsOf(ask, size)
}

/** What selling into the bids as they stand brings; what finds no bid brings nothing. */
function unwound(world: World, token: number, size: number): number {
  const book = world.books.view(token)
  return !book || size <= 0 ? 0 : execute(book, { side: ASK, size }).cash
}
