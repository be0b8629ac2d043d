import { said, type Answer } from '../answer.js'
import { keyedHex, keyedNumber } from './keyed.js'
import type { TwinXTracker } from './xtracker.js'

const [HOUR, DAY] = [3_600_000, 86_400_000]
/** Entries of a page: the venue clamps a limit to it. */
const PAGE_MAX = 100

/** A market of the catalogue, as it is true. Times in ms. */
export interface CatalogueMarket {
  readonly id: string
  readonly conditionId: string
  readonly question: string
  readonly slug: string
  readonly event: { readonly id: string; readonly slug: string; readonly title: string }
  readonly tokens: readonly [yes: string, no: string]
  readonly startMs: number
  readonly endMs: number
  readonly createdMs: number
  /** When it is decided: until then it is open. */
  readonly closedMs: number
  /** 0: Yes, 1: No. */
  readonly winner: number
}

/** The counterpart of Gamma's catalogue, a function of seed and time: markets about counts of posts, and others that begin and end by the hour. */
export class TwinCatalogue {
  readonly #seed: number
  readonly #beginMs: number
  readonly #others: number
  readonly #xtracker: TwinXTracker
  #known: { atMs: number; markets: readonly CatalogueMarket[] } | undefined

  /** `others`: markets beside those about posts that are open at any time. */
  constructor(of: { seed: number; beginMs: number; others: number; xtracker: TwinXTracker }) {
    this.#seed = of.seed
    this.#beginMs = of.beginMs
    this.#others = of.others
    this.#xtracker = of.xtracker
  }

  /** Every market that was ever listed up to this time, in the order of its id. */
  markets(nowMs: number): readonly CatalogueMarket[] {
    // New ones come by the minute at most.
    const atMs = Math.floor(nowMs / 60_000) * 60_000
    if (this.#known?.atMs === atMs) return this.#known.markets
    const markets = [...this.#aboutPosts(atMs), ...this.#byTheHour(atMs)].filter(
      ({ createdMs }) => createdMs <= atMs,
    )
    this.#known = { atMs, markets }
    return markets
  }

  /** Those that are not decided. */
  open(nowMs: number): readonly CatalogueMarket[] {
    return this.markets(nowMs).filter(({ closedMs }) => closedMs > nowMs)
  }

  /** What Gamma answers below its base; undefined for a path that it does not have. `overlap` entries of the page before come again. */
  answer(path: string, query: URLSearchParams, nowMs: number, overlap = 0): Answer | undefined {
    if (path !== '/markets/keyset') return undefined
    const closed = query.get('closed') === 'true'
    const wanted = new Set(query.getAll('clob_token_ids'))
    const all = (
      closed ? this.markets(nowMs).filter(one => one.closedMs <= nowMs) : this.open(nowMs)
    ).filter(({ tokens }) => wanted.size === 0 || tokens.some(token => wanted.has(token)))
    const limit = Math.max(1, Math.min(Number(query.get('limit') ?? PAGE_MAX), PAGE_MAX))
    const cursor = query.get('after_cursor')
    const behind = cursor === null ? '' : Buffer.from(cursor, 'base64').toString()
    const first = cursor === null ? 0 : all.findIndex(({ id }) => Number(id) > Number(behind))
    const from = Math.max(0, (first < 0 ? all.length : first) - overlap)
    const page = all.slice(from, from + limit + overlap)
    const last = page.at(-1)
    const hasMore = last !== undefined && from + page.length < all.length
    return said({
      markets: page.map(one => this.#row(one, nowMs)),
      ...(hasMore && { next_cursor: Buffer.from(last.id).toString('base64') }),
    })
  }

  #aboutPosts(nowMs: number): CatalogueMarket[] {
    return this.#xtracker.accounts.flatMap((account, a) =>
      this.#xtracker.trackings(account, nowMs).flatMap((tracking, k) =>
        [0, 1].map(b => {
          const id = 1_000 + a * 100_000 + k * 10 + b
          return this.#made(id, {
            question: `Will ${account.handle} post ${b * 40}-${b * 40 + 39} tweets ${tracking.slug.slice(-21)}?`,
            slug: `${tracking.slug}-${b * 40}-${b * 40 + 39}`,
            event: { id: `${500 + a * 1_000 + k}`, slug: tracking.slug, title: tracking.title },
            ...{ startMs: tracking.startMs, endMs: tracking.endMs },
            createdMs: Math.min(tracking.startMs - 2 * DAY, this.#beginMs - HOUR),
            closedMs: tracking.endMs + HOUR,
          })
        }),
      ),
    )
  }

  /** Each of them gives way to another after some hours. */
  #byTheHour(nowMs: number): CatalogueMarket[] {
    const found: CatalogueMarket[] = []
    for (let place = 0; place < this.#others; place++) {
      const lengthMs = (6 + (keyedNumber(this.#seed, 'length', place) % 43)) * HOUR
      const first = this.#beginMs - (keyedNumber(this.#seed, 'first', place) % lengthMs)
      for (let n = 0; first + n * lengthMs <= nowMs; n++) {
        const startMs = first + n * lengthMs
        const slug = `place-${place}-${n}`
        found.push(
          this.#made(10_000_000 + place * 1_000 + n, {
            question: `Will place ${place} be first in round ${n}?`,
            ...{ slug, event: { id: `${9_000_000 + place * 1_000 + n}`, slug, title: slug } },
            ...{
              startMs,
              endMs: startMs + lengthMs,
              createdMs: startMs,
              closedMs: startMs + lengthMs,
            },
          }),
        )
      }
    }
    return found
  }

  #made(
    id: number,
    of: Omit<CatalogueMarket, 'id' | 'conditionId' | 'tokens' | 'winner'>,
  ): CatalogueMarket {
    const token = (k: number): string =>
      BigInt(`0x${keyedHex(this.#seed, 'token', id, k)}`).toString()
    return {
      ...{ id: `${id}`, ...of, conditionId: `0x${keyedHex(this.#seed, 'market', id)}` },
      tokens: [token(0), token(1)],
      winner: keyedNumber(this.#seed, 'winner', id) % 2,
    }
  }

  #row(of: CatalogueMarket, nowMs: number): object {
    const isClosed = of.closedMs <= nowMs
    const volume = this.volumeOf(of, nowMs)
    const iso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z')
    return {
      ...{
        id: of.id,
        question: of.question,
        slug: of.slug,
        conditionId: of.conditionId,
        version: 'v1',
      },
      ...{ startDate: iso(of.startMs), endDate: iso(of.endMs), updatedAt: iso(of.createdMs) },
      ...{ active: true, closed: isClosed, archived: false, negRisk: false, negRiskOther: false },
      outcomes: '["Yes", "No"]',
      outcomePrices: isClosed ? (of.winner === 0 ? '["1", "0"]' : '["0", "1"]') : '["0.5", "0.5"]',
      clobTokenIds: JSON.stringify(of.tokens),
      ...{ orderPriceMinTickSize: 0.01, orderMinSize: 5, spread: 0.02, enableOrderBook: true },
      ...{
        liquidity: '1500.25',
        volume: `${volume}`,
        volumeNum: volume,
        acceptingOrders: !isClosed,
      },
      ...(isClosed && {
        closedTime: `${iso(of.closedMs)
          .replace('T', ' ')
          .replace(/(\.\d+)?Z/, '')}+00`,
      }),
      events: [
        {
          ...of.event,
          ...{
            ticker: of.event.slug,
            category: 'Culture',
            active: true,
            closed: isClosed,
            archived: false,
          },
          ...{ startDate: iso(of.startMs), endDate: iso(of.endMs), negRiskAugmented: false },
        },
      ],
    }
  }

  /** What was traded of a market so far, dollars: grows by the hour. */
  volumeOf({ createdMs }: CatalogueMarket, nowMs: number): number {
    return Math.floor((nowMs - createdMs) / HOUR) * 12.5 + 100
  }
}
