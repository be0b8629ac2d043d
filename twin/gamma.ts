import { OUTCOMES, type TwinMarket, type TwinMarkets } from './markets.js'
import { priceText } from './texts.js'

/** Entries of a page. The venue clamps a limit to it. */
const PAGE_MAX = 100

/** A page of `/events/keyset`, and `overlap` entries of the one before: events with their markets, those of which any is open unless `closed=true` is asked for. */
export function eventsPage(of: TwinMarkets, query: URLSearchParams, overlap = 0): string {
  const closed = query.get('closed') === 'true'
  const events = [...of.events].filter(([, { markets }]) =>
    markets.some(({ isClosed }) => isClosed === closed),
  )
  return page('events', events, { query, overlap }, ([slug]) => gammaEvent(of, slug, closed))
}

function gammaEvent(of: TwinMarkets, slug: string, closed: boolean): object {
  const { title, isGrowing, markets } = of.events.get(slug)!
  const negRisk = markets.some(one => one.negRisk)
  return {
    ...{ id: slug, slug, ticker: slug, title, negRisk, active: true, closed },
    ...{ enableNegRisk: negRisk, negRiskAugmented: isGrowing, version: 'v1' },
    endDate: END_DATE,
    markets: markets.map((one, k) => gammaMarket(of, one, k)),
  }
}

/** The event or market of a slug (`/events/slug/…`, `/markets/slug/…`); undefined where there is none. */
export function bySlug(of: TwinMarkets, kind: string, slug: string): object | undefined {
  if (kind === 'events') {
    const event = of.events.get(slug)
    return (
      event &&
      gammaEvent(
        of,
        slug,
        event.markets.every(one => one.isClosed),
      )
    )
  }
  const market = [...of.markets.values()].find(one => one.slug === slug)
  return market && { ...gammaMarket(of, market, 0), events: [{ slug: market.event }] }
}

/** What `/public-search?q=` finds: open events of which the title, or a market's question, has all the words. */
export function searched(of: TwinMarkets, query: URLSearchParams): object {
  const words = (query.get('q') ?? '').toLowerCase().split(/\s+/)
  const has = (text: string): boolean => words.every(word => text.toLowerCase().includes(word))
  const found = [...of.events].flatMap(([slug, { title, markets }]) => {
    const isAll = has(title)
    const open = markets.filter(one => !one.isClosed && (isAll || has(one.question)))
    const event = gammaEvent(of, slug, false)
    return open.length === 0
      ? []
      : [{ ...event, markets: open.map((one, k) => gammaMarket(of, one, k)) }]
  })
  return { events: found, pagination: { hasMore: false, totalResults: found.length } }
}

/** A page of `/markets/keyset`. */
export function marketsPage(of: TwinMarkets, query: URLSearchParams, overlap = 0): string {
  const closed = query.get('closed') === 'true'
  const wanted = new Set(query.getAll('clob_token_ids'))
  const markets = [...of.markets.values()].filter(
    ({ isClosed, assets }) =>
      isClosed === closed && (wanted.size === 0 || assets.some(one => wanted.has(one))),
  )
  return page('markets', markets, { query, overlap }, (one, k) => ({
    ...gammaMarket(of, one, k),
    events: [{ slug: one.event }],
  }))
}

/** Far away: what the twin lists ends when its scenario says so. */
const END_DATE = '2099-12-31T00:00:00Z'

function gammaMarket(of: TwinMarkets, market: TwinMarket, index: number): object {
  const { assets, conditionId, question, slug, negRisk, feeRate, isClosed, id, version } = market
  const tick = of.books.get(assets[0] ?? '')?.tick ?? 100
  const fees = { exponent: 1, rate: feeRate / 10_000, takerOnly: true, rebateRate: 0.2 }
  return {
    ...{ id: `${id}`, question, slug, active: true, closed: isClosed, negRisk },
    conditionId: version === 'v2' ? conditionId.slice(0, 64) : conditionId,
    ...{ endDate: END_DATE, version, enableOrderBook: true, acceptingOrders: !isClosed },
    outcomes: JSON.stringify(OUTCOMES),
    ...(market.payouts && { outcomePrices: JSON.stringify(market.payouts.map(priceText)) }),
    ...(version === 'v2'
      ? { clobTokenIds: null, positionIds: assets }
      : { clobTokenIds: JSON.stringify(assets) }),
    ...{ orderPriceMinTickSize: tick / 10_000, orderMinSize: 5, groupItemThreshold: `${index}` },
    ...{ liquidityNum: 10_000, volumeNum: 10_000, feesEnabled: feeRate > 0 },
    ...(feeRate > 0 && { feeSchedule: fees }),
  }
}

/** One page: entries behind the cursor, and the next cursor where more follow. */
function page<T>(
  name: string,
  all: readonly T[],
  { query, overlap }: { query: URLSearchParams; overlap: number },
  shown: (one: T, k: number) => object,
): string {
  const limit = Math.min(Number(query.get('limit') ?? PAGE_MAX), PAGE_MAX)
  const cursor = query.get('after_cursor')
  const from = cursor === null ? 0 : Number(Buffer.from(cursor, 'base64').toString())
  const entries = all.slice(Math.max(0, from - overlap), from + limit).map(shown)
  const next = from + limit
  return JSON.stringify({
    [name]: entries,
    ...(next < all.length && { next_cursor: Buffer.from(`${next}`).toString('base64') }),
  })
}
