import { FillVoided } from '#schemas/events/venue.js'
import type { EventOf } from '#schemas/registry.js'
import type { Side } from '#schemas/levels.js'
import { price, shares, usdc } from '#schemas/units.js'
import type { Turn } from '#engine/core/turn.js'
import type { Owned } from './order.js'
import type { OrdersPort } from './port.js'

/** Most settlements that failed before their fill was told; the oldest give way. */
const VOID_MAX = 4_096

/** A fill that the venue may still take back. Sizes in 1e-6 share, money in 1e-6 dollar. */
export interface ProvisionalFill extends Owned {
  readonly order: string
  readonly trade: string
  readonly scope: string
  readonly token: number
  readonly side: Side
  readonly price: number
  readonly size: number
  readonly cash: number
  readonly fee: number
  /** What it added to the position's cost (a buy) or released from it (a sell). */
  readonly cost: number
}

/**
 * Fills between their match and their settlement. A venue that settles on a chain tells a match first; the transaction is final, or
 * fails some seconds or minutes later, and then the fill never was: it is taken back.
 */
export class Settlements {
  /** By order and trade, in the order in which they were booked. */
  readonly open = new Map<string, ProvisionalFill>()
  /** Order and trade of those that failed. */
  readonly #void = new Set<string>()
  readonly #port: Pick<OrdersPort, 'voided'>

  constructor(port: Pick<OrdersPort, 'voided'>) {
    this.#port = port
  }

  /** A fill is booked that the venue has not settled yet. */
  add(fill: ProvisionalFill): void {
    this.open.set(keyOf(fill.order, fill.trade), fill)
  }

  /** Whether a fill is of a trade that failed: it is booked no more. */
  isVoid(order: string, trade: string): boolean {
    if (this.#void.size === 0) return false
    const [whole = ''] = trade.split('/')
    return this.#void.has(keyOf(order, whole))
  }

  /** The venue says how far a trade is. One that failed is taken back, with each of its fills. */
  reported(turn: Turn, { data: { order, trade, state } }: EventOf<'SettlementReported'>): void {
    if (state !== 'confirmed' && state !== 'failed') return
    if (state === 'failed') this.#remember(keyOf(order, trade))
    for (const [key, fill] of [...this.open]) {
      const isOfIt = fill.trade === trade || fill.trade.startsWith(`${trade}/`)
      if (fill.order !== order || !isOfIt) continue
      this.open.delete(key)
      if (state === 'failed') this.#take(turn, fill)
    }
  }

  /** All that it remembers, for a checkpoint. */
  save() {
    return { open: this.open, void: this.#void }
  }

  load({ open, void: failed }: ReturnType<Settlements['save']>): void {
    for (const [key, fill] of open) this.open.set(key, fill)
    for (const key of failed) this.#void.add(key)
  }

  #take(turn: Turn, fill: ProvisionalFill): void {
    const { order, trade, token, side, scope } = fill
    const seq = turn.decide(
      turn.input.seq,
      FillVoided.make({
        ...{ order, trade, token, side, price: price(fill.price), size: shares(fill.size) },
        ...{ cash: usdc(fill.cash), fee: usdc(fill.fee), cost: usdc(fill.cost) },
        ...(scope !== 'shared' && { scope }),
      }),
    )
    this.#port.voided(turn, fill, seq)
  }

  #remember(key: string): void {
    this.#void.add(key)
    for (const oldest of this.#void) {
      if (this.#void.size <= VOID_MAX) return
      this.#void.delete(oldest)
    }
  }
}

const keyOf = (order: string, trade: string): string => `${order}|${trade}`
