import { BID, type Side } from '#schemas/levels.js'
import { mulDivFloor } from '#schemas/units.js'

/** What opened a lot. Sizes in 1e-6 share, money in 1e-6 dollar. */
export interface Opening {
  /** Id of the fill that opened it. */
  readonly id: string
  readonly trade: string
  readonly signal: string
  readonly order: string
  readonly strategy: string
  readonly scope: string
  readonly market: string
  readonly token: number
  readonly tokenKey: string
  /** 0: bought. 1: sold without having it, as late reports tell at times. */
  readonly side: Side
  readonly price: number
  readonly size: number
  /** What was paid or got for it, without the fee. */
  readonly notional: number
  readonly fee: number
  readonly tUs: number
}

/** Shares that one fill brought, until they are sold, paid, or taken back. Changed in place by the fold that owns it. */
export class Lot {
  readonly of: Opening
  remaining: number
  /** What closed parts of it brought (bought) or took (sold). */
  returned = 0
  /** Fees of what closed it. */
  feesOfClosing = 0
  /** Profit of what is closed, fees of both ends in it. */
  realised = 0
  isVoid = false
  closedUs: number | undefined

  constructor(of: Opening) {
    this.of = of
    this.remaining = of.size
  }

  /** What is left of its fee, rounded up. */
  get feeLeft(): number {
    return this.#part(this.of.fee)
  }

  /** What is left counts for this much in positions at cost, fee included; negative of what was sold without having it. */
  get basis(): number {
    const { side, notional } = this.of
    const left = this.#part(notional)
    return (side === BID ? left : -left) + this.feeLeft
  }

  /** Fees of what is closed: its part of the fee that opened it, and those of the closing. */
  get fees(): number {
    return (this.isVoid ? 0 : this.of.fee) - this.feeLeft + this.feesOfClosing
  }

  /** All fees that were paid for it. */
  get feesPaid(): number {
    return (this.isVoid ? 0 : this.of.fee) + this.feesOfClosing
  }

  /**
   * Closes a part. Profit is what cash and what is held at cost change by together, so that both always add up to it.
   *
   * @param amount what a sale or a payout brings, or what buying back takes
   */
  close(part: number, { amount, fee, tUs }: { amount: number; fee: number; tUs: number }): void {
    const before = this.basis
    this.remaining -= part
    this.returned += amount
    this.feesOfClosing += fee
    const cash = (this.of.side === BID ? amount : -amount) - fee
    this.realised += cash + this.basis - before
    if (this.remaining === 0) this.closedUs = tUs
  }

  /** The fill that opened it never was: what is left goes. Answers what of it was closed before, and the cash that comes back. */
  void(tUs: number): { readonly closed: number; readonly cash: number } {
    const { side, notional, fee, size } = this.of
    const before = this.basis
    const closed = size - this.remaining
    const cash = (side === BID ? notional : -notional) + fee
    this.remaining = 0
    this.isVoid = true
    this.closedUs = tUs
    this.realised += cash - before
    return { closed, cash }
  }

  #part(of: number): number {
    return this.remaining === 0 ? 0 : 0 - mulDivFloor(-of, this.remaining, this.of.size)
  }
}

/** Parts money among sizes that add up to `size`, without a rest: what each gets is rounded where the sum so far is. */
export function parting(total: number, size: number): (part: number) => number {
  let [taken, given] = [0, 0]
  return part => {
    taken += part
    const upTo = size === 0 ? 0 : mulDivFloor(total, taken, size)
    const own = upTo - given
    given = upTo
    return own
  }
}
