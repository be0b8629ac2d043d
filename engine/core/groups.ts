import type { EventOf } from '#schemas/registry.js'
import type { GroupFacts, MarketFacts } from './market.js'

interface Group {
  readonly listed: EventOf<'GroupListed'>['data']
  /** Made when it is asked for; dropped when something changes. */
  facts: GroupFacts | undefined
}

/** Which markets are the outcomes of one event: a fold of `GroupListed` and `MarketResolved`. */
export class Groups {
  readonly #groups = new Map<string, Group>()
  readonly #groupOf = new Map<number, string>()
  /** Markets of which YES paid something: their event is decided. */
  readonly #paid = new Set<number>()
  /** Markets that are over, and nobody knows what they pay. */
  readonly #unknown = new Set<number>()

  /** The newest statement about a group holds. */
  list({ data }: EventOf<'GroupListed'>): void {
    this.#groups.set(data.group, { listed: data, facts: undefined })
    for (const market of data.markets) this.#groupOf.set(market, data.group)
  }

  /** A market was listed: what was said of its group may hold now. */
  listed(market: number): void {
    const group = this.#groups.get(this.keyOf(market) ?? '')
    if (group) group.facts = undefined
  }

  /**
   * A market is decided; `paid` is what one share of its YES got, 1e-4 dollar. Undefined where that is not known: it may
   * have been the dollar, so nothing of its event is certain until it is known.
   */
  resolved(market: number, paid: number | undefined): void {
    if (paid === undefined) this.#unknown.add(market)
    else this.#unknown.delete(market)
    if (paid !== undefined && paid > 0) this.#paid.add(market)
    const group = this.#groups.get(this.#groupOf.get(market) ?? '')
    if (group) group.facts = undefined
  }

  /** The group of a market; undefined where it has none. */
  keyOf(market: number): string | undefined {
    return this.#groupOf.size === 0 ? undefined : this.#groupOf.get(market)
  }

  /** Every group that was listed. */
  get keys(): readonly string[] {
    return [...this.#groups.keys()]
  }

  /** What rules may know of a group. */
  facts(
    key: string,
    marketOf: (market: number) => MarketFacts | undefined,
  ): GroupFacts | undefined {
    const group = this.#groups.get(key)
    if (!group) return undefined
    group.facts ??= this.#factsOf(group, marketOf)
    return group.facts
  }

  /** All that it remembers, for a checkpoint. */
  save() {
    return {
      listed: [...this.#groups.values()].map(({ listed }) => listed),
      paid: this.#paid,
      unknown: this.#unknown,
    }
  }

  load({ listed, paid, unknown }: ReturnType<Groups['save']>): void {
    for (const data of listed) this.list({ type: 'GroupListed', data })
    for (const market of paid) this.#paid.add(market)
    for (const market of unknown) this.#unknown.add(market)
  }

  #factsOf(
    { listed: { group, exclusive, growing, outcomes, markets } }: Group,
    marketOf: (market: number) => MarketFacts | undefined,
  ): GroupFacts {
    const all = markets.flatMap(market => marketOf(market) ?? [])
    const isWhole = outcomes > 0 && all.length === outcomes && new Set(markets).size === outcomes
    const isDecided = markets.some(market => this.#paid.has(market) || this.#unknown.has(market))
    return {
      group,
      open: all.filter(({ isResolved }) => !isResolved),
      isComplete: exclusive && !growing && isWhole && !isDecided,
    }
  }
}
