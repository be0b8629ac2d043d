import * as t from 'io-ts'
import { MarketId, TokenId } from '#schemas/ids.js'
import { CHANGE, Changes } from '#schemas/levels.js'
import { typeOf, type TypeName } from '#schemas/registry.js'
import type { Numbering } from '#engine/core/instruments.js'
import type { FeedEvent } from '#engine/feeds/feed.js'

/** Where the numbers of an old run and of this one differ, as a checkpoint keeps it. */
export interface Renumbered {
  readonly markets: readonly (readonly [old: number, now: number])[]
  readonly tokens: readonly (readonly [old: number, now: number])[]
  readonly feeds: readonly string[]
}

/**
 * The feed events of an old run under the numbers of this one. As long as every number is the same an event is handed on as
 * it is, which is the rule: a run takes the numbers of its only source where they are free.
 */
export class Renumbering {
  readonly #instruments: Numbering
  readonly #markets = new Map<number, number>()
  readonly #tokens = new Map<number, number>()
  /** Feeds that the old run's listings name. */
  readonly #feeds = new Set<string>()
  #isSame: boolean

  constructor(instruments: Numbering, saved?: Renumbered) {
    this.#instruments = instruments
    for (const [old, now] of saved?.markets ?? []) this.#markets.set(old, now)
    for (const [old, now] of saved?.tokens ?? []) this.#tokens.set(old, now)
    for (const feed of saved?.feeds ?? []) this.#feeds.add(feed)
    this.#isSame = instruments.feed === '' && saved === undefined
  }

  /** Undefined while every number is the same. */
  save(): Renumbered | undefined {
    if (this.#isSame) return undefined
    return { markets: [...this.#markets], tokens: [...this.#tokens], feeds: [...this.#feeds] }
  }

  /** The event as this run numbers it; undefined where another feed has listed the same already. */
  take(event: FeedEvent): FeedEvent | undefined {
    if (event.type === 'MarketListed' || event.type === 'TokenListed') return this.#listed(event)
    return this.#isSame ? event : this.#renumbered(event)
  }

  #listed(event: Extract<FeedEvent, { type: 'MarketListed' | 'TokenListed' }>) {
    const { feed } = event.data
    if (feed !== undefined) this.#feeds.add(feed)
    const own = this.#instruments.feed === '' ? {} : { feed: this.#feedOf(feed) }
    if (event.type === 'MarketListed') {
      const { market: old, venue, key } = event.data
      const { id: market, isFirst } = this.#instruments.market(venue, key, old)
      this.#map(this.#markets, old, market)
      return isFirst ? { ...event, data: { ...event.data, market, ...own } } : undefined
    }
    const { token: old, key } = event.data
    const market = this.#marketOf(event.data.market)
    const { id: token, isFirst } = this.#instruments.token(market, key, old)
    this.#map(this.#tokens, old, token)
    return isFirst ? { ...event, data: { ...event.data, token, market, ...own } } : undefined
  }

  #map(numbers: Map<number, number>, old: number, now: number): void {
    numbers.set(old, now)
    if (old !== now) this.#isSame = false
  }

  #renumbered(event: FeedEvent): FeedEvent {
    const { type, data } = event
    const renumbered: Record<string, unknown> = { ...data }
    for (const [key, codec] of idFieldsOf(type))
      if (key in data) renumbered[key] = this.#renumber(codec, renumbered[key])
    if (type === 'FeedLost' || type === 'FeedResumed') renumbered['feed'] = this.#lostOf(data.feed)
    // Each field holds what its codec takes, as before: ids stay ids.
    return { type, data: renumbered } as unknown as FeedEvent
  }

  #renumber(codec: unknown, value: unknown): unknown {
    if (codec === MarketId) return this.#marketOf(Number(value))
    if (codec === TokenId) return this.#tokenOf(Number(value))
    const parts: readonly unknown[] = Array.isArray(value) ? value : []
    if (codec === Changes)
      return parts.map((n, k) => (k % CHANGE === 0 ? this.#tokenOf(Number(n)) : n))
    if (codec instanceof t.TupleType)
      return parts.map((part, k) => this.#renumber((codec.types as unknown[])[k], part))
    if (codec instanceof t.ReadonlyType) return this.#renumber(codec.type, value)
    if (codec instanceof t.ReadonlyArrayType || codec instanceof t.ArrayType)
      return parts.map(part => this.#renumber(codec.type, part))
    return value
  }

  #marketOf(old: number): number {
    return this.#markets.get(old) ?? old
  }

  #tokenOf(old: number): number {
    return this.#tokens.get(old) ?? old
  }

  /** A source of the old run is a part of this one. */
  #feedOf(old: string | undefined): string {
    const { feed } = this.#instruments
    return old === undefined ? feed : `${feed}/${old}`
  }

  /** Whose books go dark: those of a part of the old run, or all of it where it had one source only. */
  #lostOf(old: string): string {
    if (this.#instruments.feed === '') return old
    return this.#feedOf(this.#feeds.has(old) ? old : undefined)
  }
}

const known = new Map<TypeName, readonly (readonly [key: string, codec: unknown])[]>()

/** The fields of an event type that hold ids of markets or tokens, as their codecs tell. */
function idFieldsOf(type: TypeName): readonly (readonly [key: string, codec: unknown])[] {
  const fields = known.get(type)
  if (fields) return fields
  const { required, optional } = typeOf(type)
  const found = Object.entries({ ...required, ...optional })
    .map(([key, { codec }]) => [key, codec] as const)
    .filter(([, codec]) => hasIds(codec))
  known.set(type, found)
  return found
}

function hasIds(codec: unknown): boolean {
  if (codec === MarketId || codec === TokenId || codec === Changes) return true
  if (codec instanceof t.TupleType) return (codec.types as unknown[]).some(hasIds)
  const isWrapped =
    codec instanceof t.ReadonlyType ||
    codec instanceof t.ReadonlyArrayType ||
    codec instanceof t.ArrayType
  return isWrapped && hasIds(codec.type)
}
