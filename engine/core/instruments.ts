import type { EventOf } from '#schemas/registry.js'

/** A listing that contradicts an earlier one: what, where, and what was expected. */
export class ListingFault extends Error {
  readonly where: string
  readonly expected: string
  constructor(message: string, where: string, expected: string) {
    super(message)
    this.name = 'ListingFault'
    this.where = where
    this.expected = expected
  }
}

/** A number of this run, and whether who asked for it has to list it. */
export interface Numbered {
  readonly id: number
  readonly isFirst: boolean
}

/** How one opening of a feed numbers what it names: the same venue and native id have one number in a run. */
export interface Numbering {
  /** Name of the feed, which its listings carry; '' where it is the only one. */
  readonly feed: string
  /** The number of a market by its venue's own id. `wish`: the number to take where it is free. */
  readonly market: (venue: string, key: string, wish?: number) => Numbered
  /** As `market`, of a token: one outcome of a market of this number. */
  readonly token: (market: number, key: string, wish?: number) => Numbered
}

/** What a venue has to be told of a token, or of its market, in an order. */
export interface Native {
  readonly venue: string
  /** The venue's own id of the token. */
  readonly token: string
  /** The venue's own id of the market. */
  readonly market: string
  readonly isNegRisk: boolean
  /** Which of the venue's protocols the market is of; empty where nobody said. */
  readonly protocol: string
}

interface Entry {
  readonly venue: string
  readonly key: string
  /** Which feed lists it. */
  readonly feed: string
  /** What must not change where its number is listed again. */
  readonly identity: string
}

/**
 * Which market and which token of which venue has which number: one registry a run, rebuilt from the listings of its log.
 * Numbers are given at first sight, so that no feed numbers anything itself and two feeds never mean two things by one.
 */
export class Instruments {
  readonly #markets = new Register()
  readonly #tokens = new Register()
  /** By market: what orders have to name, besides its ids. */
  readonly #traits = new Map<number, Pick<Native, 'isNegRisk' | 'protocol'>>()
  readonly #marketOf = new Map<number, number>()

  /** For one opening of a feed; `feed` is its name, '' where a run has one only. */
  opening(feed = ''): Numbering {
    const [markets, tokens] = [this.#markets.opening(feed), this.#tokens.opening(feed)]
    const token: Numbering['token'] = (market, key, wish) =>
      tokens(this.#markets.venueOf(market), key, wish)
    return { feed, market: markets, token }
  }

  /** A market is listed. Throws a `ListingFault` where its number already means another one. */
  market({ data }: EventOf<'MarketListed'>): void {
    const { market, venue, key, negRisk: isNegRisk, protocol = '', feed = '' } = data
    if (!this.#traits.has(market)) this.#traits.set(market, { isNegRisk, protocol })
    this.#markets.list(market, { venue, key, feed, identity: `market ${key} of ${venue}` })
  }

  /** As `market`, of a token. */
  token({ data: { token, market, index, key, feed = '' } }: EventOf<'TokenListed'>): void {
    this.#marketOf.set(token, market)
    const venue = this.#markets.venueOf(market)
    const identity = `token ${key}, outcome ${index} of market ${market}`
    this.#tokens.list(token, { venue, key, feed, identity })
  }

  /** What the venue calls a token and its market; undefined where it is not listed. */
  native(token: number): Native | undefined {
    const market = this.#marketOf.get(token) ?? 0
    const [of, traits] = [this.#markets.nameOf(market), this.#traits.get(market)]
    const own = this.#tokens.nameOf(token)
    return of && own && traits && { ...traits, venue: of.venue, token: own.key, market: of.key }
  }

  /** The number of a token by its venue's own id; undefined where it is not listed. */
  tokenOf(venue: string, key: string): number | undefined {
    const id = this.#tokens.idOf(venue, key)
    return id !== undefined && this.#marketOf.has(id) ? id : undefined
  }

  /** What is listed, for a checkpoint: what was numbered and is on its way is named again by its feed. */
  save() {
    const [traits, marketOf] = [this.#traits, this.#marketOf]
    return { markets: this.#markets.save(), tokens: this.#tokens.save(), traits, marketOf }
  }

  load({ markets, tokens, traits, marketOf }: ReturnType<Instruments['save']>): void {
    for (const [market, of] of traits) this.#traits.set(market, of)
    for (const [token, market] of marketOf) this.#marketOf.set(token, market)
    this.#markets.load(markets)
    this.#tokens.load(tokens)
  }
}

/** Numbers of one kind. */
class Register {
  readonly #listed = new Map<number, Entry>()
  /** Numbers that were given and are not listed yet. */
  readonly #given = new Map<number, Entry>()
  readonly #byKey = new Map<string, number>()
  #last = 0

  opening(feed: string): Numbering['market'] {
    const mine = new Set<number>()
    return (venue, key, wish) => {
      const id =
        this.#known(venue, key, wish) ?? this.#give({ venue, key, feed, identity: '' }, wish)
      const isFirst = !mine.has(id) && isOf(feed, this.#entry(id)?.feed ?? feed)
      mine.add(id)
      return { id, isFirst }
    }
  }

  list(id: number, entry: Entry): void {
    const known = this.#listed.get(id)
    if (known && known.identity !== entry.identity)
      throw new ListingFault(
        `number ${id} is listed as ${entry.identity}`,
        `${known.identity} has that number`,
        'a number of its own',
      )
    if (known) return
    this.#listed.set(id, entry)
    this.#given.delete(id)
    this.#keep(id, entry)
  }

  venueOf(id: number): string {
    return this.#entry(id)?.venue ?? ''
  }

  nameOf(id: number): { readonly venue: string; readonly key: string } | undefined {
    return this.#listed.get(id)
  }

  idOf(venue: string, key: string): number | undefined {
    return this.#byKey.get(nameOf(venue, key))
  }

  save() {
    return [...this.#listed].map(
      ([id, { venue, key, feed, identity }]) => [id, venue, key, feed, identity] as const,
    )
  }

  load(saved: ReturnType<Register['save']>): void {
    for (const [id, venue, key, feed, identity] of saved)
      this.list(id, { venue, key, feed, identity })
  }

  #entry(id: number): Entry | undefined {
    return this.#listed.get(id) ?? this.#given.get(id)
  }

  /** The number of what was named before. What has no id of its own is only itself under the number it had. */
  #known(venue: string, key: string, wish = 0): number | undefined {
    const wished = this.#entry(wish)
    if (wished?.venue === venue && wished.key === key) return wish
    return key === '' ? undefined : this.#byKey.get(nameOf(venue, key))
  }

  #give(entry: Entry, wish = 0): number {
    const id = wish > 0 && !this.#entry(wish) ? wish : this.#last + 1
    this.#given.set(id, entry)
    this.#keep(id, entry)
    return id
  }

  #keep(id: number, { venue, key }: Entry): void {
    this.#last = Math.max(this.#last, id)
    const name = nameOf(venue, key)
    if (!this.#byKey.has(name)) this.#byKey.set(name, id)
  }
}

const nameOf = (venue: string, key: string): string => `${venue}\n${key}`

/** Whether what `lister` lists is this feed's: its own, that of a part of it, or anybody's where it is the only one. */
const isOf = (feed: string, lister: string): boolean =>
  feed === '' || lister === feed || lister.startsWith(`${feed}/`)
