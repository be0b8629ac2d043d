import type { Recorded } from '#schemas/recorded.js'
import type { EventOf } from '#schemas/registry.js'
import { CompleteSets } from '../complete-sets.js'

/** A token as it was listed, and by which event. */
export type CatalogToken = EventOf<'TokenListed'>['data'] & { readonly seq: number }

/** A market as it was listed, by which event, and how it was decided. */
export type CatalogMarket = EventOf<'MarketListed'>['data'] & {
  readonly seq: number
  /** By outcome index. */
  readonly outcomes: CatalogToken[]
  resolved?: { readonly seq: number; readonly payouts: ReadonlyMap<number, number> }
}

/** Markets and tokens of a run. It only grows, and every fact knows its event, so one catalog serves every moment of the run. */
export class Catalog {
  readonly markets = new Map<number, CatalogMarket>()
  readonly tokens = new Map<number, CatalogToken>()
  /** What complete sets are made of, in order. */
  readonly #rows: Recorded[] = []

  take(row: Recorded): void {
    const { seq, event } = row
    switch (event.type) {
      case 'MarketListed':
        if (!this.markets.has(event.data.market))
          this.markets.set(event.data.market, { ...event.data, seq, outcomes: [] })
        break
      case 'TokenListed': {
        const token = { ...event.data, seq }
        this.tokens.set(token.token, token)
        const market = this.markets.get(token.market)
        if (market) market.outcomes[token.index] = token
        break
      }
      case 'MarketResolved': {
        const market = this.markets.get(event.data.market)
        if (market) market.resolved = { seq, payouts: new Map(event.data.payouts) }
        break
      }
      case 'GroupListed':
        break
      default:
        return
    }
    this.#rows.push(row)
  }

  /** Which tokens were complete sets behind an event. */
  setsAt(seq: number): CompleteSets {
    const sets = new CompleteSets()
    for (const row of this.#rows) {
      if (row.seq > seq) break
      sets.take(row.event)
    }
    return sets
  }

  /** The markets that were listed behind an event, in the order of their listing. */
  marketsAt(seq: number): CatalogMarket[] {
    return [...this.markets.values()].filter(market => market.seq <= seq)
  }
}
