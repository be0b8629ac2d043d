import { BID } from '#schemas/levels.js'
import type { EventOf } from '#schemas/registry.js'
import { equalParts, mulDivFloor, PRICE_MAX, proceedsOf } from '#schemas/units.js'

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
  /** What a share of each decided token paid, 1e-4 dollar: a fill that is told later settles at once. */
  readonly #paid = new Map<number, number>()

  fill(of: EventOf<'OrderFilled'>['data']): void {
    this.#take(of)
    const at = this.#paid.get(of.token)
    if (at !== undefined) this.settle(of.token, at)
  }

  /** A fill failed to settle: the opposite of what it did, as in the books of the engine. */
  void({ token, side, size, cash, fee, cost }: EventOf<'FillVoided'>['data']): void {
    const held = this.#of(token)
    this.fees -= fee
    if (side === BID) {
      held.size -= size
      held.cost -= cost
    } else {
      this.realised -= cash - fee - cost
      held.size += size
      held.cost += cost
    }
    if (held.size === 0) {
      this.realised -= held.cost
      held.cost = 0
    }
    const at = this.#paid.get(token)
    if (at !== undefined) this.settle(token, at)
  }

  /** What the account held before the run began. */
  adopt({ token, size, cost }: EventOf<'PositionAdopted'>['data']): void {
    const held = this.#of(token)
    held.size += size
    held.cost += cost
  }

  /** A conversion: a merge releases what went and brings cash; else what comes carries on what the others cost, gas added. */
  convert({ gives, takes, size, cash, gas }: EventOf<'PositionsConverted'>['data']): void {
    let cost = 0
    for (const token of gives) {
      const held = this.#of(token)
      const part =
        held.size === 0 ? 0 : mulDivFloor(held.cost, Math.min(size, held.size), held.size)
      held.size -= size
      held.cost -= part
      cost += part
    }
    if (takes.length === 0) this.realised += cash - gas - cost
    const carried = equalParts(cost + gas - cash, takes.length)
    for (const [k, token] of takes.entries()) {
      const held = this.#of(token)
      held.size += size
      held.cost += carried[k]!
    }
  }

  /** Gas of a transaction that did nothing. */
  pay(amount: number): void {
    this.realised -= amount
  }

  /** The token pays `at` (1e-4 dollar) a share; what a late fill sold before is taken back. */
  settle(token: number, at: number): void {
    this.#paid.set(token, at)
    const held = this.byToken.get(token)
    if (!held) return
    const { size, cost } = held
    this.realised += (size < 0 ? 0 - proceedsOf(at, -size) : proceedsOf(at, size)) - cost
    this.byToken.delete(token)
  }

  /**
   * What open holdings would earn: complete sets pay a dollar, what is left over its best bid now, rounded down.
   * `setsAmong` gives the complete sets that these tokens belong to.
   */
  pnl(
    bidOf: (token: number) => number,
    setsAmong: (tokens: Iterable<number>) => readonly (readonly number[])[],
  ): Pnl {
    let value = 0
    let cost = 0
    const left = new Map<number, number>()
    for (const [token, held] of this.byToken) {
      cost += held.cost
      left.set(token, held.size)
    }
    for (const set of setsAmong(left.keys())) {
      const whole = Math.min(...set.map(token => left.get(token) ?? 0))
      // What was sold and then turned out not to be there makes no set.
      if (whole <= 0) continue
      value += proceedsOf(PRICE_MAX, whole)
      for (const token of set) left.set(token, left.get(token)! - whole)
    }
    for (const [token, size] of left) value += proceedsOf(bidOf(token), size)
    return { realised: this.realised, open: value - cost, fees: this.fees }
  }

  /** All that it remembers. */
  save() {
    const { realised, fees, byToken } = this
    return { realised, fees, byToken, paid: this.#paid }
  }

  /** Takes up what was saved, before anything else. */
  load({ realised, fees, byToken, paid }: ReturnType<Holdings['save']>): void {
    this.realised = realised
    this.fees = fees
    for (const [token, held] of byToken) this.byToken.set(token, { ...held })
    for (const [token, at] of paid) this.#paid.set(token, at)
  }

  #take({ token, side, size, cash, fee }: EventOf<'OrderFilled'>['data']): void {
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

  #of(token: number): Holding {
    const held = this.byToken.get(token) ?? { size: 0, cost: 0 }
    this.byToken.set(token, held)
    return held
  }
}
