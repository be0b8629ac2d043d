import { BID } from '#schemas/levels.js'
import type { EventOf } from '#schemas/registry.js'
import { mulDivFloor, PRICE_MAX, proceedsOf } from '#schemas/units.js'

/** What is held of one token by one owner, and what it cost, fees included (1e-6 share, 1e-6 dollar). */
export interface Holding {
  size: number
  cost: number
}

/** Realised and open profit, and fees, in 1e-6 dollar. Fees are part of both. */
export interface Pnl {
  realised: number
  open: number
  fees: number
}

/** Holdings and realised profit of one owner: a strategy, a market or a whole run. Changed in place. */
export class Holdings {
  realised = 0
  fees = 0
  readonly byToken = new Map<number, Holding>()

  fill({ token, side, size, cash, fee }: EventOf<'OrderFilled'>['data']): void {
    const held = this.#of(token)
    this.fees += fee
    if (side === BID) {
      held.size += size
      held.cost += fee - cash
      return
    }
    const released =
      held.size === 0 ? 0 : mulDivFloor(held.cost, Math.min(size, held.size), held.size)
    this.realised += cash - fee - released
    held.size -= size
    held.cost -= released
  }

  /** The token pays `at` (1e-4 dollar) a share. */
  settle(token: number, at: number): void {
    const held = this.byToken.get(token)
    if (!held) return
    this.realised += proceedsOf(at, held.size) - held.cost
    this.byToken.delete(token)
  }

  /**
   * What open holdings would earn: complete sets of a market pay a dollar, what is left over its best bid now, rounded
   * down. `twins` gives the other outcome's token.
   */
  pnl(bidOf: (token: number) => number, twinOf: (token: number) => number | undefined): Pnl {
    let value = 0
    let cost = 0
    for (const [token, held] of this.byToken) {
      cost += held.cost
      const twin = twinOf(token)
      const paired = Math.min(
        held.size,
        twin === undefined ? 0 : (this.byToken.get(twin)?.size ?? 0),
      )
      if (twin !== undefined && token < twin) value += proceedsOf(PRICE_MAX, paired)
      value += proceedsOf(bidOf(token), held.size - paired)
    }
    return { realised: this.realised, open: value - cost, fees: this.fees }
  }

  #of(token: number): Holding {
    const held = this.byToken.get(token) ?? { size: 0, cost: 0 }
    this.byToken.set(token, held)
    return held
  }
}
