import { BID, type Side } from '#schemas/levels.js'
import { costOf, proceedsOf, shares, usdc } from '#schemas/units.js'
import { HoldingsReported } from '#schemas/events/order.js'

/** What the exchange thinks we hold. Changed in place by the exchange alone. */
export class Ledger {
  #cash: number
  readonly #sizes = new Map<number, number>()

  constructor(cash: number) {
    this.#cash = cash
  }

  /** Cash that comes in, or goes out, without a trade. */
  deposit(amount: number): void {
    this.#cash += amount
  }

  fill(of: { token: number; side: Side; price: number; size: number; fee: number }): void {
    const { token, side, price, size, fee } = of
    const isBuy = side === BID
    this.#cash += (isBuy ? 0 - costOf(price, size) : proceedsOf(price, size)) - fee
    this.#keep(token, this.sizeOf(token) + (isBuy ? size : -size))
  }

  /** A token pays `at` a share, 1e-4 dollar. */
  settle(token: number, at: number): void {
    this.#cash += proceedsOf(at, this.sizeOf(token))
    this.#keep(token, 0)
  }

  /** Turns so many of each token that is given into as many of each that comes, and cash. Whether they were there. */
  convert(of: {
    gives: readonly number[]
    takes: readonly number[]
    size: number
    pays: number
  }): boolean {
    const { gives, takes, size, pays } = of
    if (gives.some(token => this.sizeOf(token) < size)) return false
    for (const token of gives) this.#keep(token, this.sizeOf(token) - size)
    for (const token of takes) this.#keep(token, this.sizeOf(token) + size)
    this.#cash += proceedsOf(pays, size)
    return true
  }

  sizeOf(token: number): number {
    return this.#sizes.get(token) ?? 0
  }

  /** As the exchange states it; a phantom is one share that nobody bought. */
  report(hasPhantom: boolean): ReturnType<typeof HoldingsReported.make> {
    const held = [...this.#sizes].sort(([a], [b]) => a - b)
    const phantom = hasPhantom ? [[1, this.sizeOf(1) + 1_000_000] as const] : []
    const rest = hasPhantom ? held.filter(([token]) => token !== 1) : held
    const positions = [...phantom, ...rest].map(([token, size]) => [token, shares(size)] as const)
    return HoldingsReported.make({ cash: usdc(this.#cash), positions })
  }

  save() {
    return { cash: this.#cash, sizes: this.#sizes }
  }

  load({ cash, sizes }: ReturnType<Ledger['save']>): void {
    this.#cash = cash
    for (const [token, size] of sizes) this.#sizes.set(token, size)
  }

  #keep(token: number, size: number): void {
    if (size === 0) this.#sizes.delete(token)
    else this.#sizes.set(token, size)
  }
}
