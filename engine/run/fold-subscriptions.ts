import type { BookFold } from '#engine/book/fold.js'
import type { Trigger } from '#engine/book/trigger.js'
import type { GroupFacts, MarketFacts } from '#engine/core/market.js'
import type { GatewayInterest } from '#engine/gateways/gateway.js'
import type { Quotes } from '#engine/oms/quotes.js'
import type { Instance } from './instances.js'

/** What subscriptions are made from. */
export interface SubscriptionSources {
  readonly fold: BookFold
  readonly instances: () => readonly Instance[]
  readonly market: (id: number) => (MarketFacts & { readonly isResolved: boolean }) | undefined
  readonly group: (key: string) => GroupFacts | undefined
  /** Market of a listed token. */
  readonly marketOf: (token: number) => number | undefined
  readonly quotes: () => Quotes
}

/**
 * Tells the fold what walks over inputs must stop at: triggers for the books of strategies, and per token the interests of the
 * exchange, of quotes, and of strategies that see trades. Whatever changes only marks what it changed; the fold is told
 * when a walk is about to begin, so that a run that never walks pays for none of it.
 */
export class FoldSubscriptions {
  readonly #of: SubscriptionSources
  readonly #ids = new Map<string, number>()
  readonly #markets = new Set<number>()
  readonly #groups = new Set<string>()
  /** Markets whose trades a strategy subscribes to. */
  readonly #trades = new Set<number>()
  /** Tokens whose interest may have changed since the fold was told. */
  readonly #tokens = new Set<number>()

  constructor(of: SubscriptionSources) {
    this.#of = of
  }

  /** Facts of this market changed; so did those of its group. */
  changed(market: number, group: string | undefined): void {
    this.#markets.add(market)
    if (group !== undefined) this.#groups.add(group)
  }

  /** The configuration changed: all triggers are set anew, since other instances may run. */
  restart(markets: readonly number[], groups: readonly string[]): void {
    for (const id of this.#ids.values()) this.#of.fold.dropTrigger(id)
    this.#ids.clear()
    for (const market of markets) this.#markets.add(market)
    for (const group of groups) this.#groups.add(group)
  }

  /**
   * Brings the fold's triggers and interests up to date. Of a token with an order of ours in the simulated book everything is
   * of interest, and of a token with a quote target too: a quote that could not be placed is tried again when its book moves.
   */
  sync(gateway: GatewayInterest | undefined): void {
    if (this.#markets.size > 0) {
      for (const id of this.#markets) this.#market(id)
      this.#markets.clear()
    }
    if (this.#groups.size > 0) {
      for (const key of this.#groups) this.#group(key)
      this.#groups.clear()
    }
    const quotes = this.#of.quotes()
    drain(quotes.changed, this.#tokens)
    if (gateway) drain(gateway.changed, this.#tokens)
    if (this.#tokens.size === 0) return
    for (const token of this.#tokens) {
      const market = this.#of.marketOf(token)
      if (market === undefined) continue
      this.#of.fold.setInterest(token, {
        isWhole: quotes.wants(token) || gateway?.isWhole(token) === true,
        trades: this.#trades.has(market),
        levels: gateway?.levelsOf(token) ?? NO_LEVELS,
      })
    }
    this.#tokens.clear()
  }

  #market(id: number): void {
    const facts = this.#of.market(id)
    if (!facts) return
    let isTold = false
    for (const { id: name, running } of this.#of.instances()) {
      const { books, trades } = running.subscribes
      isTold ||= !facts.isResolved && trades?.(facts) === true
      const isAsked = books !== undefined && !facts.isResolved
      this.#set(`market ${id} ${name}`, isAsked ? books(facts) : undefined)
    }
    if (isTold || this.#trades.has(id)) for (const token of facts.tokens) this.#tokens.add(token)
    if (isTold) this.#trades.add(id)
    else this.#trades.delete(id)
  }

  #group(key: string): void {
    const facts = this.#of.group(key)
    if (!facts) return
    for (const { id: name, running } of this.#of.instances())
      this.#set(`group ${key} ${name}`, running.subscribes.groups?.(facts))
  }

  /** Sets the trigger of this name, or takes it away. */
  #set(name: string, trigger: Trigger | undefined): void {
    const known = this.#ids.get(name)
    if (!trigger) {
      if (known !== undefined) this.#of.fold.dropTrigger(known)
      return
    }
    const id = known ?? this.#ids.size
    this.#ids.set(name, id)
    this.#of.fold.setTrigger(id, trigger)
  }
}

const NO_LEVELS: readonly number[] = []

function drain(from: Set<number>, into: Set<number>): void {
  if (from.size === 0) return
  for (const token of from) into.add(token)
  from.clear()
}
