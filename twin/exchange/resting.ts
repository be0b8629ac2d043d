import { BID, type Side } from '#schemas/levels.js'
import { bookSide, inTerms, type TwinOrder } from './order.js'

/** The orders that rest in one market, in terms of its first outcome: best price first, then the older. */
export class RestingOrders {
  readonly #sides: readonly [TwinOrder[], TwinOrder[]] = [[], []]

  /** Orders of a side of the first outcome's book. */
  of(side: Side): readonly TwinOrder[] {
    return this.#sides[side]
  }

  get isEmpty(): boolean {
    return this.#sides[0].length + this.#sides[1].length === 0
  }

  /** Every order that rests. */
  all(): TwinOrder[] {
    return this.#sides.flat()
  }

  /** Puts an order behind those that are as good. */
  add(order: TwinOrder): void {
    const side = bookSide(order)
    const orders = this.#sides[side]
    const price = firstTerms(order)
    const isWorse = (other: TwinOrder): boolean =>
      side === BID ? firstTerms(other) < price : firstTerms(other) > price
    const at = orders.findIndex(isWorse)
    if (at < 0) orders.push(order)
    else orders.splice(at, 0, order)
  }

  remove(order: TwinOrder): void {
    const orders = this.#sides[bookSide(order)]
    const at = orders.indexOf(order)
    if (at >= 0) orders.splice(at, 1)
  }
}

/** The limit of an order in terms of the first outcome. */
const firstTerms = ({ price, outcome }: TwinOrder): number => inTerms(price, outcome, 0)
