import { equalParts, mulDivFloor } from '#schemas/units.js'
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
  /** Whose reservation it uses up: a signal, or an order that stands alone. */
  readonly owner: string
  readonly token: number
  readonly side: Side
  readonly size: number
  readonly cash: number
  readonly fee: number
}

/** Shares that an owner has set aside: nobody else may sell them. */
interface ReservedShares {
  readonly token: number
  size: number
}

/**
 * What one purse holds, what it owes, and what is reserved: cash for buys in flight, shares for sells in flight and for
 * signals in work. All in 1e-6 dollar or share.
 */
export class Exposure {
  /** Cash: bankroll plus all that came in, minus all that went out. */
  cash: number
  realised = 0
  fees = 0
  readonly positions = new Map<number, Position>()
  /** Cash by owner. */
  readonly reserved = new Map<string, number>()
  /** Shares by owner and token. */
  readonly shares = new Map<string, ReservedShares>()
  /** Sum of `shares` by token. */
  readonly #sharesOf = new Map<number, number>()
  #cost = 0
  #reservedCash = 0

  constructor(bankroll: number) {
    this.cash = bankroll
  }

  /** Cash that nothing is reserved for. */
  get free(): number {
    return this.cash - this.#reservedCash
  }

  /** Positions at cost plus all cash that is reserved. */
  get total(): number {
    return this.#cost + this.#reservedCash
  }

  /** Positions at cost. */
  get cost(): number {
    return this.#cost
  }

  /** Shares of a token that nobody has set aside; never negative. */
  freeShares(token: number): number {
    const held = this.positions.get(token)?.size ?? 0
    return Math.max(0, held - (this.#sharesOf.get(token) ?? 0))
  }

  /** Shares of a token that are set aside. */
  reservedShares(token: number): number {
    return this.#sharesOf.get(token) ?? 0
  }

  /** Cash that came in or went out without a trade: the bankroll is another. */
  deposit(amount: number): void {
    this.cash += amount
  }

  reserve(owner: string, amount: number): void {
    this.#reserved(owner, amount)
  }

  /** Sets shares aside, on top of what this owner has of the token. */
  reserveShares(owner: string, token: number, size: number): void {
    const key = `${owner}|${token}`
    const known = this.shares.get(key)
    if (known) known.size += size
    else this.shares.set(key, { token, size })
    this.#sharesOf.set(token, (this.#sharesOf.get(token) ?? 0) + size)
  }

  /** Gives back what an owner reserved: its cash, and its shares of these tokens. */
  release(owner: string, tokens: readonly number[] = []): void {
    this.#reserved(owner, undefined)
    for (const token of tokens) this.#releaseShares(`${owner}|${token}`, Number.MAX_SAFE_INTEGER)
  }

  /** Gives back shares of one token that an owner set aside: so many, or all of them. */
  releaseShares(owner: string, token: number, size = Number.MAX_SAFE_INTEGER): void {
    this.#releaseShares(`${owner}|${token}`, size)
  }

  /**
   * Books a fill; what a buy spent is no longer reserved, nor is what a sell gave away. A sale releases cost in proportion,
   * rounded down. Answers the cost that the position got (a buy) or gave (a sell).
   */
  book({ owner, token, side, size, cash, fee }: BookedFill): number {
    const held = this.positions.get(token) ?? { size: 0, cost: 0 }
    this.cash += cash - fee
    this.fees += fee
    if (side === BID) {
      this.#set(token, { size: held.size + size, cost: held.cost - cash + fee })
      const left = this.reserved.get(owner)
      if (left !== undefined) this.#reserved(owner, Math.max(0, left + cash - fee))
      return fee - cash
    }
    const released =
      held.size === 0 ? 0 : mulDivFloor(held.cost, Math.min(size, held.size), held.size)
    this.realised += cash - fee - released
    this.#keep(token, { size: held.size - size, cost: held.cost - released })
    this.#releaseShares(`${owner}|${token}`, size)
    return released
  }

  /** Takes a fill back: the opposite of what `book` did, which answered this `cost`. What was reserved for it does not come back. */
  unbook(of: Omit<BookedFill, 'owner'> & { readonly cost: number }): void {
    const { token, side, size, cash, fee, cost } = of
    const held = this.positions.get(token) ?? { size: 0, cost: 0 }
    this.cash -= cash - fee
    this.fees -= fee
    const isBuy = side === BID
    if (!isBuy) this.realised -= cash - fee - cost
    const sizeAfter = held.size + (isBuy ? -size : size)
    const costAfter = held.cost + (isBuy ? -cost : cost)
    // What was sold of it meanwhile took its part of the cost along.
    if (sizeAfter === 0) this.realised -= costAfter
    this.#keep(token, { size: sizeAfter, cost: costAfter })
  }

  /** Cash that goes for nothing that is held: gas of a transaction that failed. */
  pay(amount: number): void {
    this.cash -= amount
    this.realised -= amount
  }

  /**
   * Turns so many shares of each token that is given into as many of each that comes, and cash. Where tokens come they carry on what the
   * others cost, gas added; else that is released. What `owner` had set aside is given, and what comes is set aside for it. Answers the
   * cost of what went, in proportion, rounded down.
   */
  convert(of: {
    owner: string
    gives: readonly number[]
    takes: readonly number[]
    size: number
    cash: number
    gas: number
  }): number {
    const { owner, gives, takes, size, cash, gas } = of
    let cost = 0
    for (const token of gives) {
      const held = this.positions.get(token) ?? { size: 0, cost: 0 }
      const part = held.size === 0 ? 0 : mulDivFloor(held.cost, size, held.size)
      this.#keep(token, { size: held.size - size, cost: held.cost - part })
      this.releaseShares(owner, token, size)
      cost += part
    }
    this.cash += cash - gas
    if (takes.length === 0) {
      this.realised += cash - gas - cost
      return cost
    }
    const carried = equalParts(cost + gas - cash, takes.length)
    for (const [k, token] of takes.entries()) {
      const held = this.positions.get(token) ?? { size: 0, cost: 0 }
      this.#keep(token, { size: held.size + size, cost: held.cost + carried[k]! })
      this.reserveShares(owner, token, size)
    }
    return cost
  }

  /** Takes over what was held before the run began. */
  adopt(token: number, { size, cost }: Position): void {
    const held = this.positions.get(token) ?? { size: 0, cost: 0 }
    this.#keep(token, { size: held.size + size, cost: held.cost + cost })
  }

  /** A resolved token pays; the position is gone, and so is all that was set aside of it. */
  settle(token: number, payout: number): void {
    const held = this.positions.get(token)
    if (!held) return
    this.cash += payout
    this.realised += payout - held.cost
    this.#keep(token, { size: 0, cost: 0 })
    for (const [key, of] of this.shares) if (of.token === token) this.shares.delete(key)
    this.#sharesOf.delete(token)
  }

  /** All that it remembers, for a checkpoint. */
  save() {
    const { cash, realised, fees, positions, reserved, shares } = this
    return { cash, realised, fees, positions, reserved, shares }
  }

  load({ positions, reserved, shares, ...rest }: ReturnType<Exposure['save']>): void {
    Object.assign(this, rest)
    for (const [token, position] of positions) this.#set(token, position)
    for (const [owner, amount] of reserved) this.#reserved(owner, amount)
    for (const [key, { token, size }] of shares) {
      this.shares.set(key, { token, size })
      this.#sharesOf.set(token, (this.#sharesOf.get(token) ?? 0) + size)
    }
  }

  #reserved(owner: string, amount: number | undefined): void {
    this.#reservedCash -= this.reserved.get(owner) ?? 0
    if (amount === undefined) this.reserved.delete(owner)
    else this.reserved.set(owner, amount)
    this.#reservedCash += amount ?? 0
  }

  #releaseShares(key: string, size: number): void {
    const held = this.shares.get(key)
    if (!held) return
    const part = Math.min(size, held.size)
    held.size -= part
    if (held.size === 0) this.shares.delete(key)
    const left = (this.#sharesOf.get(held.token) ?? 0) - part
    if (left === 0) this.#sharesOf.delete(held.token)
    else this.#sharesOf.set(held.token, left)
  }

  #keep(token: number, position: Position): void {
    if (position.size !== 0) {
      this.#set(token, position)
      return
    }
    this.#cost -= this.positions.get(token)?.cost ?? 0
    this.positions.delete(token)
  }

  #set(token: number, position: Position): void {
    this.#cost += position.cost - (this.positions.get(token)?.cost ?? 0)
    this.positions.set(token, position)
  }
}
