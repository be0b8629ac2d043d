import type { Event } from '#schemas/registry.js'
import { Groups } from '#engine/core/groups.js'
import type { MarketFacts } from '#engine/core/market.js'

interface Market extends MarketFacts {
  readonly tokens: number[]
  isResolved: boolean
}

/** Which tokens together pay a dollar for certain: both of a market, or one YES of every outcome of an event. */
export class CompleteSets {
  readonly #markets = new Map<number, Market>()
  readonly #marketOf = new Map<number, number>()
  readonly #groups = new Groups()
  /** Markets that are over, and nobody knows what they pay: nothing, until it is known. */
  readonly #unknown = new Set<number>()

  take(event: Event): void {
    switch (event.type) {
      case 'MarketListed': {
        const { market, venue: rules } = event.data
        this.#markets.set(market, { ...event.data, rules, tokens: [], isResolved: false })
        this.#groups.listed(market)
        return
      }
      case 'TokenListed': {
        const { token, market, index } = event.data
        this.#marketOf.set(token, market)
        const tokens = this.#markets.get(market)?.tokens
        if (tokens) tokens[index] = token
        return
      }
      case 'GroupListed':
        this.#groups.list(event)
        return
      case 'MarketResolved': {
        const { market, payouts } = event.data
        const of = this.#markets.get(market)
        if (of) of.isResolved = true
        if (payouts.length === 0) this.#unknown.add(market)
        else this.#unknown.delete(market)
        const yes = payouts.find(([token]) => token === of?.tokens[0])?.[1]
        this.#groups.resolved(market, payouts.length === 0 ? undefined : (yes ?? 0))
        return
      }
      default:
    }
  }

  /** Whether the market of a token is over and its payout unknown: what is held of it counts as nothing. */
  isUnknown(token: number): boolean {
    return this.#unknown.has(this.#marketOf.get(token) ?? -1)
  }

  /** The complete sets that one of these tokens belongs to: markets first, each by the first token that leads to it. */
  among(tokens: Iterable<number>): number[][] {
    const pairs = new Map<number, number[]>()
    const baskets = new Map<string, number[]>()
    for (const token of tokens) {
      const market = this.#markets.get(this.#marketOf.get(token) ?? -1)
      if (!market) continue
      if (this.#unknown.has(market.market)) continue
      if (market.tokens.length === 2) pairs.set(market.market, market.tokens)
      const key = this.#groups.keyOf(market.market)
      const group =
        key === undefined ? undefined : this.#groups.facts(key, id => this.#markets.get(id))
      if (group?.isComplete === true)
        baskets.set(
          group.group,
          group.open.flatMap(({ tokens: [yes] }) => yes ?? []),
        )
    }
    return [...pairs.values(), ...baskets.values()]
  }
}
