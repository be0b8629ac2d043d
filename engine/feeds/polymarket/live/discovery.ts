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

/** Entries of a page; the venue clamps it. */
const PAGE = 100
/** Pages of one look: a list that goes on for longer is not one. */
const PAGES_MAX = 500

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
    for (let at = 0; at < assets.length; at += PAGE) {
      const query = assets
        .slice(at, at + PAGE)
        .map(one => `clob_token_ids=${encodeURIComponent(one)}`)
      await eachPage(rest, `/markets/keyset?limit=${PAGE}&${query.join('&')}`, page => {
        for (const market of page.markets ?? []) found.market(market)
        return false
      })
    }
    return found
  }
  const only = (slugs ?? []).map(slug => `&slug=${encodeURIComponent(slug)}`).join('')
  await eachPage(rest, `/events/keyset?limit=${PAGE}&closed=false${only}`, page => {
    for (const event of page.events ?? []) found.event(event)
    return found.isFull
  })
  return found
}

async function eachPage(
  rest: MarketRest,
  path: string,
  take: (page: t.TypeOf<typeof Page>) => boolean,
): Promise<void> {
  let cursor = ''
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const where = `${path}${cursor}`
    const answer = await rest.get(where)
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
    if (take(page.right)) return
    const next = page.right.next_cursor
    if (next === undefined || next === null || next === '') return
    cursor = `&after_cursor=${encodeURIComponent(next)}`
  }
}

class Finding implements Found {
  readonly meta: MarketMeta[] = []
  readonly skipped = new Map<string, number>()
  readonly #of: Universe
  readonly #nowMs: number
  #tokens = 0

  constructor(of: Universe, nowMs: number) {
    this.#of = of
    this.#nowMs = nowMs
  }

  get isFull(): boolean {
    return this.#tokens >= (this.#of.tokensMax ?? Number.POSITIVE_INFINITY)
  }

  /** All markets of an event, of which those that do not belong are left out: the event still says that there are more. */
  event(value: unknown): void {
    const event = GammaEvent.decode(withIds(value))
    if (E.isLeft(event)) {
      this.#skip('an event that cannot be read')
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
      this.#skip('a market that cannot be read')
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
      this.#skip(error.message)
      return
    }
    for (const meta of all) {
      const bar = this.#barOf(meta, factsOf(meta.key))
      if (bar === undefined && !this.isFull) {
        this.meta.push(meta)
        this.#tokens += meta.tokens.length
      } else this.#skip(bar ?? 'more tokens than wanted')
    }
  }

  /** Why a market is none of this universe. */
  #barOf({ key, tokens }: MarketMeta, value: unknown): string | undefined {
    const decoded = Facts.decode(value)
    if (E.isLeft(decoded)) return 'a market that cannot be read'
    const { active, closed, archived, enableOrderBook, version, endDate } = decoded.right
    if (!/^0x[0-9a-f]{64}$/.test(key)) return 'a condition id that is none'
    if (tokens.length !== 2 || tokens.some(one => !/^\d+$/.test(one.key)))
      return 'a market without two tokens'
    if (version !== undefined && version !== 'v1' && version !== 'v2')
      return `market version ${version}`
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

  #skip(why: string): void {
    this.skipped.set(why, (this.skipped.get(why) ?? 0) + 1)
  }
}

/**
 * A market with the ids that it trades under: of protocol v2 those are `positionIds`, and its condition id has 31 bytes here, which
 * every other interface of the venue pads with zeros. Source: Gamma API, autumn 2026.
 */
function withIds(value: unknown): unknown {
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

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new FeedFault('the list of markets is not JSON', where, 'a page of markets')
  }
}
