import { ASK, BID, CHANGE, type Side } from '#schemas/levels.js'
import type { EventOf } from '#schemas/registry.js'
import { mulDivFloor } from '#schemas/units.js'
import type { SendOrder } from '#engine/core/effects.js'

/** How an order moves up in the queue of its level besides by trades: not at all, by its part of cancels, by all of them. */
export type QueueModel = 'pessimistic' | 'proportional' | 'optimistic'

/** An order that rests in the simulated book. Sizes in 1e-6 share. */
export interface Resting {
  readonly order: SendOrder
  left: number
  /** What of others has to trade or go before it is reached. */
  ahead: number
  /** What the feed last said stands at its level. */
  level: number
  /** Of what left the level, how much may yet be told as trades: those must not move the order up twice. */
  untraded: number
  /** Fills so far. */
  fills: number
}

/** Part of a resting order that matched, at the order's own price. */
export interface RestingFill {
  readonly resting: Resting
  readonly size: number
  /** Which fill of its order it is, from 1, and what is left of the order behind it. */
  readonly fill: number
  readonly left: number
}

/**
 * Orders that rest behind what stood there. They move up by trades, and by cancels as the model says, and fill when they are
 * reached, or when others trade or stand beyond their price. The fills of one trade are never more than was traded; the
 * feed's own levels are others' and know nothing of ours. Trades are those told of the order's own token.
 */
export class RestingBook {
  model: QueueModel
  readonly #orders = new Map<string, Resting>()
  /** By token, in the order of arrival. */
  readonly #byToken = new Map<number, Resting[]>()
  /** What our orders took of levels that stand beyond their price, until such a level is gone. */
  readonly #met = new Map<string, number>()

  /** Takes the tokens of which orders begin to rest, or do so no more. */
  readonly #changed: Set<number>

  constructor(model: QueueModel, changed = new Set<number>()) {
    this.model = model
    this.#changed = changed
  }

  /** Whether something rests in the book of a token. */
  has(token: number): boolean {
    return this.#byToken.has(token)
  }

  get isEmpty(): boolean {
    return this.#orders.size === 0
  }

  get all(): Iterable<Resting> {
    return this.#orders.values()
  }

  find(order: string): Resting | undefined {
    return this.#orders.get(order)
  }

  /** Puts the rest of an order at the end of its level, behind `level` of others. */
  add(order: SendOrder, left: number, level: number): void {
    const resting = { order, left, ahead: level, level, untraded: 0, fills: 0 }
    this.#insert(resting)
  }

  remove(id: string): Resting | undefined {
    const resting = this.#orders.get(id)
    if (!resting) return undefined
    this.#orders.delete(id)
    const { token } = resting.order
    const left = (this.#byToken.get(token) ?? []).filter(one => one !== resting)
    if (this.#orders.size === 0) this.#met.clear()
    if (left.length > 0) this.#byToken.set(token, left)
    else {
      this.#byToken.delete(token)
      this.#changed.add(token)
    }
    return resting
  }

  /** What of a token rests on one side. */
  sizeOf(token: number, side: Side): number {
    let size = 0
    for (const { order, left } of this.#byToken.get(token) ?? [])
      if (order.side === side) size += left
    return size
  }

  /** Others traded: those that trade through an order's price fill it, those at its price move it up and then fill it. */
  traded({ data: { token, side, price, size } }: EventOf<'TradePrinted'>): RestingFill[] {
    const hit = side === BID ? ASK : BID
    const reached = this.#at(token, hit).filter(({ order: { limit } }) =>
      hit === BID ? limit >= price : limit <= price,
    )
    let left: number = size
    let gone = 0
    const fills: RestingFill[] = []
    for (const resting of reached) {
      if (resting.order.limit === price) {
        const told = Math.min(left, resting.untraded)
        resting.untraded -= told
        const others = Math.max(0, Math.min(left - told, resting.ahead - gone))
        gone += others
        left -= told + others
        resting.ahead -= Math.min(gone, resting.ahead)
      }
      const part = Math.min(left, resting.left)
      left -= part
      if (part > 0) fills.push(filled(resting, part))
    }
    return fills
  }

  /** Levels were stated: queues shrink, and what stands beyond an order's price would have met it. */
  changed({ data: { d } }: EventOf<'BookChanged'>): RestingFill[] {
    const fills: RestingFill[] = []
    for (let i = 0; i < d.length; i += CHANGE) {
      const [token, side, price, size] = [d[i]!, d[i + 1]!, d[i + 2]!, d[i + 3]!]
      if (this.#byToken.has(token)) this.#stated({ token, side, price, size }, fills)
    }
    return fills
  }

  /** A whole book was stated. */
  restated({ data: { token, bids, asks } }: EventOf<'BookSnapshot'>): RestingFill[] {
    const fills: RestingFill[] = []
    if (!this.#byToken.has(token)) return fills
    for (const [side, levels] of [
      [BID, bids],
      [ASK, asks],
    ] as const) {
      const sizes = new Map<number, number>()
      for (let i = 0; i < levels.length; i += 2) sizes.set(levels[i]!, levels[i + 1]!)
      for (const { order } of this.#at(token, side))
        if (!sizes.has(order.limit)) sizes.set(order.limit, 0)
      for (const [price, size] of sizes) this.#stated({ token, side, price, size }, fills)
    }
    return fills
  }

  save() {
    return { model: this.model, orders: [...this.#orders.values()], met: this.#met }
  }

  load({ model, orders, met }: ReturnType<RestingBook['save']>): void {
    this.model = model
    for (const [level, size] of met) this.#met.set(level, size)
    for (const resting of orders) this.#insert(resting)
  }

  #insert(resting: Resting): void {
    const { order } = resting
    this.#orders.set(order.order, resting)
    const of = this.#byToken.get(order.token)
    if (of) of.push(resting)
    else {
      this.#byToken.set(order.token, [resting])
      this.#changed.add(order.token)
    }
  }

  /** Orders of one side, best price first and then by arrival. */
  #at(token: number, side: Side): Resting[] {
    const of = (this.#byToken.get(token) ?? []).filter(
      ({ order, left }) => order.side === side && left > 0,
    )
    const sign = side === BID ? -1 : 1
    return of.sort((a, b) => sign * (a.order.limit - b.order.limit))
  }

  #stated(
    { token, side, price, size }: { token: number; side: number; price: number; size: number },
    fills: RestingFill[],
  ): void {
    const met = `${token}|${side}|${price}`
    let offered = Math.max(0, size - (this.#met.get(met) ?? 0))
    if (size === 0) this.#met.delete(met)
    for (const resting of this.#at(token, side === BID ? ASK : BID)) {
      const { limit, side: own } = resting.order
      if (own === BID ? price > limit : price < limit) continue
      const part = Math.min(offered, resting.left)
      offered -= part
      if (part === 0) continue
      fills.push(filled(resting, part))
      this.#met.set(met, (this.#met.get(met) ?? 0) + part)
    }
    for (const resting of this.#at(token, side === BID ? BID : ASK))
      if (resting.order.limit === price) this.#shrunk(resting, size)
  }

  /** The level of an order has another size: what left it was ahead or behind, as the model says. */
  #shrunk(resting: Resting, size: number): void {
    const gone = Math.max(0, resting.level - size)
    const before = resting.ahead
    if (gone > 0 && resting.level > 0) {
      if (this.model === 'optimistic') resting.ahead -= Math.min(gone, resting.ahead)
      if (this.model === 'proportional')
        resting.ahead -= mulDivFloor(gone, Math.min(resting.ahead, resting.level), resting.level)
    }
    resting.ahead = Math.min(resting.ahead, size) // no more can be ahead than stands there
    resting.untraded += before - resting.ahead
    resting.level = size
  }
}

function filled(resting: Resting, size: number): RestingFill {
  resting.left -= size
  const fill = ++resting.fills
  return { resting, size, fill, left: resting.left }
}
