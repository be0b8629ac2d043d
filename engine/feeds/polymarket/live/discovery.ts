import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { failuresOf } from '#schemas/failures.js'
import { FeedFault } from '../../feed.js'
import type { MarketMeta, Meta } from '../../recorded/market-meta.js'
import { GammaEvent, GammaMarket, metaOfGamma, metaOfGammaEvent } from '../decode/gamma.js'
import type { MarketRest } from './rest.js'

/** Which markets of the venue a run hears. */
export interface Universe {
  /** Tokens by the venue's own ids; then nothing else is looked for. */
  readonly assets?: readonly string[]
  /** Events by their slugs; then nothing else is looked for. */
  readonly slugs?: readonly string[]
  /** Markets that end between so many hours from now. */
  readonly hoursMin?: number
  readonly hoursMax?: number
  /** Least liquidity, dollar. */
  readonly liquidityMin?: number
  /** Most tokens: markets are taken in the order of the venue's list. */
  readonly tokensMax?: number
}

/** What was found, and why some of it was left out. */
export interface Found {
  readonly meta: Meta
  readonly skipped: ReadonlyMap<string, number>
}

/** Tokens of a market. */
const OUTCOMES = 2
/** Entries of a page; the venue clamps it. */
const PAGE = 100
/** Pages of one look: a list that goes on for longer is not one. */
const PAGES_MAX = 500
/** Tokens or slugs that one request asks for: an address of ids of 78 digits stays below 8 KiB. */
const ASKED_MAX = 80
/** Kinds of reasons that are counted by themselves; all others are one. */
const REASONS_MAX = 100

const Page = t.partial({
  events: t.readonlyArray(t.unknown),
  markets: t.readonlyArray(t.unknown),
  next_cursor: t.union([t.string, t.null]),
})

/** What decides whether a market belongs to the universe. Absent fields say nothing against it. */
const Facts = t.partial({
  active: t.boolean,
  closed: t.boolean,
  archived: t.boolean,
  enableOrderBook: t.boolean,
  acceptingOrders: t.boolean,
  version: t.string,
  endDate: t.union([t.string, t.null]),
  liquidityNum: t.number,
})

/** Looks for the markets of a universe. Throws a `FeedFault` where the venue's list cannot be read. */
export async function discover(
  rest: MarketRest,
  universe: Universe,
  nowMs: number,
): Promise<Found> {
  const found = new Finding(universe, nowMs)
  const { assets, slugs } = universe
  if (assets) {
    for (const query of queriesOf('clob_token_ids', assets))
      await eachPage(rest, `/markets/keyset?limit=${PAGE}${query}`, found, page => {
        for (const market of page.markets ?? []) found.market(market)
      })
    found.missed(assets, 'a token that the venue does not list as open')
    return found
  }
  for (const query of slugs ? queriesOf('slug', slugs) : [''])
    await eachPage(rest, `/events/keyset?limit=${PAGE}&closed=false${query}`, found, page => {
      for (const event of page.events ?? []) found.event(event)
    })
  found.missed(slugs ?? [], 'an event that the venue does not list as open')
  return found
}

/** Queries that ask for these by name, a bounded number at a time. */
function queriesOf(name: string, wanted: readonly string[]): string[] {
  const queries: string[] = []
  for (let at = 0; at < wanted.length; at += ASKED_MAX)
    queries.push(
      wanted
        .slice(at, at + ASKED_MAX)
        .map(one => `&${name}=${encodeURIComponent(one)}`)
        .join(''),
    )
  return queries
}

/** Takes each page of a list to its end, or until enough was found. */
async function eachPage(
  rest: MarketRest,
  path: string,
  found: Finding,
  take: (page: t.TypeOf<typeof Page>) => void,
): Promise<void> {
  const cursors = new Set<string>()
  let cursor = ''
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const answer = await rest.get(`${path}${cursor}`)
    const where = `${rest.base}${path}${cursor}`
    if (answer.tag !== 'ok') {
      const why = answer.tag === 'failed' ? answer.why : `status ${answer.status}`
      throw new FeedFault(
        `the list of markets is not to be had: ${why}`,
        where,
        'a page of markets',
      )
    }
    const page = Page.decode(parsed(answer.text, where))
    if (E.isLeft(page)) throw new FeedFault(failuresOf(page.left), where, 'a page of markets')
    take(page.right)
    const next = page.right.next_cursor
    if (found.isFull || next === undefined || next === null || next === '') return
    if (cursors.has(next)) {
      found.skip('a list whose cursor leads back')
      return
    }
    cursors.add(next)
    cursor = `&after_cursor=${encodeURIComponent(next)}`
  }
  found.skip(`a list of more than ${PAGES_MAX} pages`)
}

class Finding implements Found {
  readonly meta: MarketMeta[] = []
  readonly skipped = new Map<string, number>()
  /** Names of what was told of, whether or not it belongs: markets, tokens and events. */
  readonly #told = new Set<string>()
  readonly #of: Universe
  readonly #nowMs: number
  #tokens = 0

  constructor(of: Universe, nowMs: number) {
    this.#of = of
    this.#nowMs = nowMs
  }

  /** Whether there is no room for another market. */
  get isFull(): boolean {
    return this.#tokens + OUTCOMES > (this.#of.tokensMax ?? Number.POSITIVE_INFINITY)
  }

  /** Counts a reason for which something was left out. */
  skip(why: string): void {
    const { skipped } = this
    const key = skipped.has(why) || skipped.size < REASONS_MAX ? why : 'other reasons'
    skipped.set(key, (skipped.get(key) ?? 0) + 1)
  }

  /** Counts those that were asked for by name and not told of. */
  missed(names: readonly string[], why: string): void {
    for (const name of new Set(names)) if (!this.#told.has(name)) this.skip(why)
  }

  /** All markets of an event, of which those that do not belong are left out: the event still says that there are more. */
  event(value: unknown): void {
    this.#tell(slugOf(value))
    const event = GammaEvent.decode(withIds(value))
    if (E.isLeft(event)) {
      this.skip('an event that cannot be read')
      return
    }
    const facts = new Map(
      event.right.markets.map(market => [market.conditionId, market as unknown] as const),
    )
    this.#take(
      () => metaOfGammaEvent(event.right, 'events'),
      key => facts.get(key),
    )
  }

  market(value: unknown): void {
    const market = GammaMarket.decode(withIds(value))
    if (E.isLeft(market)) {
      this.skip('a market that cannot be read')
      return
    }
    this.#take(
      () => [metaOfGamma(market.right, 'markets')],
      () => value,
    )
  }

  #take(read: () => readonly MarketMeta[], factsOf: (key: string) => unknown): void {
    let all
    try {
      all = read()
    } catch (error) {
      if (!(error instanceof FeedFault)) throw error
      this.skip(error.message)
      return
    }
    for (const meta of all) {
      // A list may name a market on two of its pages, and once for each of its tokens.
      if (this.#told.has(meta.key)) continue
      for (const name of [meta.key, ...meta.tokens.map(({ key }) => key)]) this.#tell(name)
      const bar = this.#barOf(meta, factsOf(meta.key))
      if (bar === undefined && !this.isFull) {
        this.meta.push(meta)
        this.#tokens += meta.tokens.length
      } else this.skip(bar ?? 'more tokens than wanted')
    }
  }

  #tell(name: string): void {
    this.#told.add(name)
  }

  /** Why a market is none of this universe. */
  #barOf({ key, tokens }: MarketMeta, value: unknown): string | undefined {
    const decoded = Facts.decode(value)
    if (E.isLeft(decoded)) return 'a market that cannot be read'
    const { active, closed, archived, enableOrderBook, version, endDate } = decoded.right
    if (!/^0x[0-9a-f]{64}$/.test(key)) return 'a condition id that is none'
    if (tokens.length !== OUTCOMES || tokens.some(one => !/^\d+$/.test(one.key)))
      return 'a market without two tokens'
    if (version !== undefined && version !== 'v1' && version !== 'v2')
      return `market version ${version.slice(0, 20)}`
    if (active === false || closed === true || archived === true) return 'not open'
    if (enableOrderBook === false) return 'no order book'
    const { hoursMin, hoursMax, liquidityMin } = this.#of
    if (liquidityMin !== undefined && (decoded.right.liquidityNum ?? 0) < liquidityMin)
      return 'less liquidity than wanted'
    if (hoursMin === undefined && hoursMax === undefined) return undefined
    const hours = (Date.parse(endDate ?? '') - this.#nowMs) / 3_600_000
    const isWithin = hours >= (hoursMin ?? -Infinity) && hours <= (hoursMax ?? Infinity)
    return isWithin ? undefined : 'ends outside of the hours wanted'
  }
}

/**
 * A market with the ids that it trades under: of protocol v2 those are `positionIds`, and its condition id has 31 bytes here, which
 * every other interface of the venue pads with zeros. Source: Gamma API, autumn 2026.
 */
export function withIds(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const of = value as Readonly<Record<string, unknown>>
  const markets = of['markets']
  const condition = of['conditionId']
  const isShort = typeof condition === 'string' && /^0x[0-9a-f]{62}$/.test(condition)
  return {
    ...of,
    ...(Array.isArray(markets) && { markets: (markets as readonly unknown[]).map(withIds) }),
    ...(isShort && { conditionId: `${condition}00` }),
    ...(of['version'] === 'v2' && { clobTokenIds: of['positionIds'] }),
  }
}

/** The slug of an event, read or not: it was told of. */
function slugOf(event: unknown): string {
  const slug = t.type({ slug: t.string }).decode(event)
  return E.isRight(slug) ? slug.right.slug : ''
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new FeedFault('the list of markets is not JSON', where, 'a page of markets')
  }
}
