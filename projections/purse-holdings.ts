import type { Event } from '#schemas/registry.js'
import { Holdings, type Holding, type Pnl } from './holdings.js'

/** The purse of whoever names none. */
const SHARED = 'shared'

/** Holdings by purse: what one of them paid is no cost of another. Takes every event that moves what is held; changed in place. */
export class PurseHoldings {
  readonly purses = new Map<string, Holdings>()

  /** Whether the event was one that moves what is held. */
  take(event: Event): boolean {
    switch (event.type) {
      case 'OrderFilled':
        this.of(event.data.scope).fill(event.data)
        return true
      case 'FillVoided':
        this.of(event.data.scope).void(event.data)
        return true
      case 'PositionAdopted':
        this.of(event.data.scope).adopt(event.data)
        return true
      case 'PositionsConverted':
        this.of(event.data.scope).convert(event.data)
        return true
      case 'ConversionFailed':
        this.of(event.data.scope).pay(event.data.gas)
        return true
      case 'MarketResolved':
        for (const [token, at] of event.data.payouts)
          for (const holdings of this.purses.values()) holdings.settle(token, at)
        return true
      default:
        return false
    }
  }

  /** Whether anything is held. */
  get isHolding(): boolean {
    for (const { byToken } of this.purses.values()) if (byToken.size > 0) return true
    return false
  }

  /** What all purses made: what is held complete pays a dollar, the rest its best bid. */
  pnl(
    bidOf: (token: number) => number,
    setsAmong: (tokens: Iterable<number>) => readonly (readonly number[])[],
  ): Pnl {
    const sum = { realised: 0, open: 0, fees: 0 }
    for (const holdings of this.purses.values()) {
      const { realised, open, fees } = holdings.pnl(bidOf, setsAmong)
      sum.realised += realised
      sum.open += open
      sum.fees += fees
    }
    return sum
  }

  /** What is held of each token in all purses, and what it cost. */
  get byToken(): ReadonlyMap<number, Readonly<Holding>> {
    const all = new Map<number, Holding>()
    for (const { byToken } of this.purses.values())
      for (const [token, { size, cost }] of byToken) {
        const held = all.get(token) ?? { size: 0, cost: 0 }
        all.set(token, { size: held.size + size, cost: held.cost + cost })
      }
    return all
  }

  /** All that it remembers. */
  save() {
    return [...this.purses].map(([scope, held]) => [scope, held.save()] as const)
  }

  /** Takes up what was saved, before anything else. */
  load(saved: ReturnType<PurseHoldings['save']>): void {
    for (const [scope, held] of saved) this.of(scope).load(held)
  }

  /** Those of one purse. */
  of(scope = SHARED): Holdings {
    const known = this.purses.get(scope)
    if (known) return known
    const fresh = new Holdings()
    this.purses.set(scope, fresh)
    return fresh
  }
}
