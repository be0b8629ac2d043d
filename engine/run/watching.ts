import type { BookFold } from '#engine/book/fold.js'
import type { Watch } from '#engine/book/watch.js'
import type { GroupFacts, MarketFacts } from '#engine/core/market.js'
import type { GatewayInterest } from '#engine/gateways/gateway.js'
import type { Quotes } from '#engine/oms/quotes.js'
import type { Instance } from './instances.js'

/** What watches are made from. */
export interface Watched {
  readonly fold: BookFold
  readonly instances: () => readonly Instance[]
  readonly market: (id: number) => (MarketFacts & { readonly isResolved: boolean }) | undefined
  readonly group: (key: string) => GroupFacts | undefined
  /** Market of a listed token. */
  readonly marketOf: (token: number) => number | undefined
  readonly quotes: () => Quotes
}

/**
 * Keeps the fold's watches to what rules and exchange want to hear of. Facts only note that they changed: watches follow
 * when somebody is about to walk, so that a run that never walks pays for none.
 */
export class Watching {
  readonly #of: Watched
  readonly #ids = new Map<string, number>()
  readonly #markets = new Set<number>()
  readonly #groups = new Set<string>()
  /** Markets whose trades somebody is told of. */
  readonly #trades = new Set<number>()
  /** Tokens of which the fold has not yet been told what is of interest. */
  readonly #tokens = new Set<number>()

  constructor(of: Watched) {
    this.#of = of
  }

  /** Something about this market and its group is other than it was. */
  changed(market: number, group: string | undefined): void {
    this.#markets.add(market)
    if (group !== undefined) this.#groups.add(group)
  }

  /** Other rules decide from here on. */
  restart(markets: readonly number[], groups: readonly string[]): void {
    for (const id of this.#ids.values()) this.#of.fold.unwatch(id)
    this.#ids.clear()
    for (const market of markets) this.#markets.add(market)
    for (const group of groups) this.#groups.add(group)
  }

  /**
   * Brings the fold's watches and interests up to date. Everything is of interest where an order of ours rests in the
   * simulated book, and where a quote is wanted: one that could not leave is tried again whenever its book moves.
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

  /** Sets, or ends, the watch of this name. */
  #set(name: string, watch: Watch | undefined): void {
    const known = this.#ids.get(name)
    if (!watch) {
      if (known !== undefined) this.#of.fold.unwatch(known)
      return
    }
    const id = known ?? this.#ids.size
    this.#ids.set(name, id)
    this.#of.fold.watch(id, watch)
  }
}

const NO_LEVELS: readonly number[] = []

function drain(from: Set<number>, into: Set<number>): void {
  if (from.size === 0) return
  for (const token of from) into.add(token)
  from.clear()
}
