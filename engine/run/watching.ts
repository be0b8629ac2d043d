import type { BookFold } from '#engine/book/fold.js'
import type { Watch } from '#engine/book/watch.js'
import type { GroupFacts, MarketFacts } from '#engine/core/market.js'
import type { Instance } from './instances.js'

/** What watches are made from. */
export interface Watched {
  readonly fold: BookFold
  readonly instances: () => readonly Instance[]
  readonly market: (id: number) => (MarketFacts & { readonly isResolved: boolean }) | undefined
  readonly group: (key: string) => GroupFacts | undefined
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
  #listens: readonly number[] = []

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
    this.#trades.clear()
    this.#listens = []
    for (const market of markets) this.#markets.add(market)
    for (const group of groups) this.#groups.add(group)
  }

  /** Whether anybody is told of trades. */
  get needsTrades(): boolean {
    return this.#trades.size > 0
  }

  /** Brings the fold's watches up to date; `listens` are the levels that the exchange must hear of. */
  sync(listens: readonly number[]): void {
    if (listens !== this.#listens) this.#of.fold.listen((this.#listens = listens))
    if (this.#markets.size > 0) {
      for (const id of this.#markets) this.#market(id)
      this.#markets.clear()
    }
    if (this.#groups.size > 0) {
      for (const key of this.#groups) this.#group(key)
      this.#groups.clear()
    }
  }

  #market(id: number): void {
    const facts = this.#of.market(id)
    if (!facts) return
    this.#trades.delete(id)
    for (const { id: name, running } of this.#of.instances()) {
      const { books, trades } = running.subscribes
      if (!facts.isResolved && trades?.(facts) === true) this.#trades.add(id)
      const isAsked = books !== undefined && !facts.isResolved
      this.#set(`market ${id} ${name}`, isAsked ? books(facts) : undefined)
    }
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
