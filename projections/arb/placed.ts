import { BID, type Side } from '#schemas/levels.js'
import type { Recorded } from '#schemas/recorded.js'
import type { World } from '../world.js'
import { codeOfStrategy, isSignal } from './strategy-codes.js'

/** An order as the arb tables look it up. */
export interface PlacedOrder {
  readonly order: string
  /** The signal that it is of; empty where it is an instance's or the operator's own. */
  readonly signal: string
  /** The trade that what it opens is of: its signal, else the order itself. */
  readonly trade: string
  /** Place among the orders of its signal, from 0. */
  readonly index: number
  /** Code of its strategy; empty for the operator's. */
  readonly strategy: string
  readonly scope: string
  readonly token: number
  readonly side: Side
  readonly leg: number
  readonly action: string
  readonly tUs: number
}

/** The purse of whoever names none. */
export const SHARED = 'shared'

/** Orders that are over and remembered, for what is told late; the oldest give way. */
const OVER_MAX = 4_096

/** Orders by id, as long as something may still be said of them. Owned by the view that folds it. */
export class PlacedOrders {
  readonly #orders = new Map<string, PlacedOrder>()
  /** How many orders each signal in work has had. */
  readonly #counts = new Map<string, number>()
  readonly #over: string[] = []

  take({ event, tUs }: Recorded, world: World): void {
    if (event.type === 'OrderPlaced') {
      const { order, signal: owner, scope = SHARED, token, side, leg, action } = event.data
      const strategy = codeOfStrategy(world.owners.ofOrder(order)?.strategy ?? '')
      const signal = isSignal(owner) ? owner : ''
      const index = signal === '' ? 0 : (this.#counts.get(signal) ?? 0)
      if (signal !== '') this.#counts.set(signal, index + 1)
      const own = { order, signal, trade: signal === '' ? order : signal, index, strategy, scope }
      this.#orders.set(order, { ...own, token, side, leg, action, tUs })
    } else if (event.type === 'OrderClosed') this.#forget(event.data.order)
    else if (event.type === 'LegsSettled' && event.data.result !== 'unknown')
      this.#counts.delete(event.data.signal)
  }

  /** An order by its id; one that was never placed is nobody's. */
  of(order: string): PlacedOrder {
    return this.#orders.get(order) ?? { ...NOBODY, order, trade: order }
  }

  #forget(order: string): void {
    this.#over.push(order)
    if (this.#over.length <= 2 * OVER_MAX) return
    for (const oldest of this.#over.splice(0, OVER_MAX)) this.#orders.delete(oldest)
  }
}

const NOBODY: Omit<PlacedOrder, 'order' | 'trade'> = {
  ...{ signal: '', index: 0, strategy: '', scope: SHARED, token: 0, side: BID, leg: 0 },
  ...{ action: '', tUs: 0 },
}
