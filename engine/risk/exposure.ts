import { mulDivFloor } from '#schemas/units.js'
import { BID, type Side } from '#schemas/levels.js'

/** What we hold of one token. */
export interface Position {
  /** 1e-6 share. */
  readonly size: number
  /** What it cost, fees included, 1e-6 dollar. */
  readonly cost: number
}

/** One booked fill: `cash` is the change of our cash before the fee. */
export interface BookedFill {
  readonly signal: string
  readonly token: number
  readonly side: Side
  readonly size: number
  readonly cash: number
  readonly fee: number
}

/** What we hold, what we owe, and what is reserved for signals in flight. All in 1e-6 dollar or share. */
export class Exposure {
  /** Cash: bankroll plus all that came in, minus all that went out. */
  cash: number
  realised = 0
  fees = 0
  readonly positions = new Map<number, Position>()
  readonly reserved = new Map<string, number>()

  constructor(bankroll: number) {
    this.cash = bankroll
  }

  /** Cash that nothing is reserved for. */
  get free(): number {
    return this.cash - sum(this.reserved.values())
  }

  /** Positions at cost plus all that is reserved. */
  get total(): number {
    let held = 0
    for (const { cost } of this.positions.values()) held += cost
    return held + sum(this.reserved.values())
  }

  reserve(signal: string, amount: number): void {
    this.reserved.set(signal, amount)
  }

  release(signal: string): void {
    this.reserved.delete(signal)
  }

  /** Books a fill; what a buy spent is no longer reserved. A sale releases cost in proportion, rounded down. */
  book({ signal, token, side, size, cash, fee }: BookedFill): void {
    const held = this.positions.get(token) ?? { size: 0, cost: 0 }
    this.cash += cash - fee
    this.fees += fee
    if (side === BID) {
      this.positions.set(token, { size: held.size + size, cost: held.cost - cash + fee })
      const left = this.reserved.get(signal)
      if (left !== undefined) this.reserved.set(signal, Math.max(0, left + cash - fee))
      return
    }
    const released =
      held.size === 0 ? 0 : mulDivFloor(held.cost, Math.min(size, held.size), held.size)
    this.realised += cash - fee - released
    this.#keep(token, { size: held.size - size, cost: held.cost - released })
  }

  /** A resolved token pays; the position is gone. */
  settle(token: number, payout: number): void {
    const held = this.positions.get(token)
    if (!held) return
    this.cash += payout
    this.realised += payout - held.cost
    this.positions.delete(token)
  }

  /** All that it remembers, for a checkpoint. */
  save() {
    const { cash, realised, fees, positions, reserved } = this
    return { cash, realised, fees, positions, reserved }
  }

  load({ positions, reserved, ...rest }: ReturnType<Exposure['save']>): void {
    Object.assign(this, rest)
    for (const [token, position] of positions) this.positions.set(token, position)
    for (const [signal, amount] of reserved) this.reserved.set(signal, amount)
  }

  #keep(token: number, position: Position): void {
    if (position.size === 0) this.positions.delete(token)
    else this.positions.set(token, position)
  }
}

function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}
