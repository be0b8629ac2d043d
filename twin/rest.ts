import { ASK, BID, type Side } from '#schemas/levels.js'
import { failure, ok, putOff, said, type Answer, type Asked } from './answer.js'
import { garbled } from './collected/spoil.js'
import type { TwinXTracker } from './collected/xtracker.js'
import type { DataApi } from './data-api.js'
import type { Faults } from './faults.js'
import { bySlug, eventsPage, marketsPage, searched } from './gamma.js'
import { OUTCOMES, type TwinMarket, type TwinMarkets } from './markets.js'
import type { TokenBook } from './token-book.js'

/** Most bytes of a request: the venue limits the body, not the number of ids; about 500 ids fit. Reported of the venue, 2026. */
const BODY_MAX = 50_000
/** How far its clock is ahead by script, ms. */
const SKEW_MS = 60_000
/** Entries of a page that come again by script. */
const OVERLAP = 7

/** The public market data of CLOB, Gamma (`/gamma`) and Data API (`/data/v2`), as far as the venue documents it. */
export class MarketRest {
  readonly #markets: TwinMarkets
  readonly #faults: Faults
  /** While books are stale: each as it was when it was first asked for. */
  readonly #stale = new Map<string, string>()
  readonly #nowMs: () => number

  readonly #data: DataApi
  readonly #xtracker: TwinXTracker

  constructor(of: {
    readonly markets: TwinMarkets
    readonly faults: Faults
    readonly data: DataApi
    readonly xtracker: TwinXTracker
    readonly nowMs: () => number
  }) {
    this.#markets = of.markets
    this.#faults = of.faults
    this.#data = of.data
    this.#xtracker = of.xtracker
    this.#nowMs = of.nowMs
  }

  /** The answer of a public call. */
  answer(asked: Asked): Answer {
    if (asked.body.length > BODY_MAX) return failure(400, 'Payload exceeds the limit')
    const failing = this.#failing(asked.path)
    if (failing) return failing
    const answer = this.#counted(asked) ?? this.#data.answer(asked) ?? this.#public(asked)
    return garbled(answer ?? failure(404, 'not found'), this.#faults)
  }

  /** Accounts and their posts (`/xtracker`). */
  #counted({ path, query }: Asked): Answer | undefined {
    if (!path.startsWith('/xtracker/')) return undefined
    return this.#xtracker.answer(path.slice('/xtracker'.length), query, this.#nowMs())
  }

  #failing(path: string): Answer | undefined {
    if (path === '/ok' || path === '/time') return undefined
    if (this.#faults.isOn('rest-500')) return failure(500, 'Internal server error')
    if (this.#faults.isOn('rest-429')) return putOff(429, 'too many requests', 1)
    return undefined
  }

  #public({ method, path, query, body }: Asked): Answer | undefined {
    const [, call = '', named] = /^(\/[a-z-]+)\/([^/]+)$/.exec(path) ?? []
    const [, kind, slug = ''] = /^\/gamma\/(events|markets)\/slug\/([^/]+)$/.exec(path) ?? []
    if (kind !== undefined) {
      const found = bySlug(this.#markets, kind, decodeURIComponent(slug))
      return found ? said(found) : failure(404, 'not found')
    }
    const byId = named === undefined ? undefined : this.#named(`${method} ${call}`, named)
    if (byId) return byId
    switch (`${method} ${path}`) {
      case 'GET /ok':
        return ok('"OK"')
      case 'GET /time':
        return ok(String(Math.floor((this.#nowMs() + this.#skewMs()) / 1_000)))
      case 'GET /version':
        return ok('{"version":2}')
      case 'GET /api/geoblock':
        return said({
          blocked: this.#faults.isOn('geoblocked'),
          ...{ ip: '127.0.0.1', country: 'XX', region: '' },
        })
      case 'POST /books': {
        const tokens = tokensIn(body)
        if (!tokens) return failure(400, 'Invalid payload')
        return ok(`[${tokens.flatMap(one => this.#summary(one) ?? []).join()}]`)
      }
      case 'POST /prices': {
        const tokens = tokensIn(body)
        if (!tokens) return failure(400, 'Invalid payload')
        const prices = [...new Set(tokens)].flatMap(one => {
          const book = this.#markets.books.get(one)
          return book ? [[one, { BUY: book.best(BID), SELL: book.best(ASK) }] as const] : []
        })
        return ok(JSON.stringify(Object.fromEntries(prices)))
      }
      case 'GET /gamma/events/keyset':
        return ok(eventsPage(this.#markets, query, this.#overlap))
      case 'GET /gamma/markets/keyset':
        return ok(marketsPage(this.#markets, query, this.#overlap))
      case 'GET /gamma/public-search':
        return said(searched(this.#markets, query))
      default:
        return this.#ofToken(`${method} ${path}`, query.get('token_id') ?? '', query)
    }
  }

  /** What is asked of one token. */
  #ofToken(call: string, token: string, query: URLSearchParams): Answer | undefined {
    const answered: Readonly<Record<string, (book: TokenBook) => object>> = {
      'GET /tick-size': book => ({ minimum_tick_size: book.tick / 10_000 }),
      'GET /neg-risk': book => ({ neg_risk: book.facts.negRisk }),
      'GET /fee-rate': book => ({
        base_fee: (this.#markets.byAsset.get(book.facts.assetId)?.feeRate ?? 0) > 0 ? 1_000 : 0,
      }),
      'GET /price': book => ({ price: book.best(query.get('side') === 'SELL' ? ASK : BID) }),
      'GET /midpoint': book => ({ mid: String((best(book, BID) + best(book, ASK)) / 20_000) }),
      'GET /spread': book => ({ spread: String((best(book, ASK) - best(book, BID)) / 10_000) }),
      'GET /last-trade-price': book => ({ price: book.lastTradePrice, side: '' }),
    }
    const answer = answered[call]
    const book = this.#markets.books.get(token)
    if (call === 'GET /book') {
      const summary = this.#summary(token)
      return summary ? ok(summary) : failure(404, 'No orderbook exists for the requested token id')
    }
    if (!answer) return undefined
    return book ? said(answer(book)) : failure(404, 'market not found')
  }

  /** What is asked by the name at the end of a path. */
  #named(call: string, name: string): Answer | undefined {
    const byAsset = this.#markets.byAsset.get(name)
    const market = this.#markets.markets.get(name)
    const missing = failure(404, 'market not found')
    switch (call) {
      case 'GET /markets-by-token':
        return byAsset ? said(tokensAnswer(byAsset)) : missing
      case 'GET /clob-markets':
        return market ? said(this.#compact(market)) : missing
      case 'GET /markets':
        return market ? said(this.#full(market)) : missing
      case 'GET /tick-size':
      case 'GET /neg-risk':
      case 'GET /fee-rate':
        return this.#ofToken(call, name, new URLSearchParams())
      default:
        return undefined
    }
  }

  #compact(market: TwinMarket): object {
    const { assets, conditionId, version, feeRate, negRisk, isClosed } = market
    return {
      t: assets.map((asset, k) => ({ t: asset, o: OUTCOMES[k] })),
      ...{ c: conditionId, mos: 5, mts: this.#tickOf(market), mbf: 1_000, tbf: 1_000 },
      ...(feeRate > 0 && { fd: { r: feeRate / 10_000, e: 1, to: true } }),
      ...(negRisk && { nr: true }),
      ...(!isClosed && { ao: true }),
      v: version,
    }
  }

  #full(market: TwinMarket): object {
    const { assets, conditionId, question, slug, negRisk, isClosed, payouts } = market
    return {
      ...{ condition_id: conditionId, question, market_slug: slug, neg_risk: negRisk },
      ...{ active: true, closed: isClosed, archived: false, accepting_orders: !isClosed },
      ...{ enable_order_book: true, minimum_order_size: 5 },
      minimum_tick_size: this.#tickOf(market),
      tokens: assets.map((asset, k) => ({
        ...{ token_id: asset, outcome: OUTCOMES[k], winner: payouts?.[k] === 10_000 },
        price: (payouts?.[k] ?? best(this.#markets.books.get(asset), BID)) / 10_000,
      })),
    }
  }

  /** Entries of the page before that come again by script. */
  get #overlap(): number {
    return this.#faults.isOn('duplicate-pages') ? OVERLAP : 0
  }

  #skewMs(): number {
    return this.#faults.isOn('clock-skew') ? SKEW_MS : 0
  }

  #tickOf({ assets }: TwinMarket): number {
    return (this.#markets.books.get(assets[0] ?? '')?.tick ?? 100) / 10_000
  }

  #summary(asset: string): string | undefined {
    const book = this.#markets.books.get(asset)?.summary()
    if (!this.#faults.isOn('stale-rest')) {
      this.#stale.clear()
      return book
    }
    const stale = this.#stale.get(asset) ?? book
    if (stale !== undefined) this.#stale.set(asset, stale)
    return stale
  }
}

const tokensAnswer = ({ conditionId, assets: [primary, secondary] }: TwinMarket): object => ({
  ...{ condition_id: conditionId, primary_token_id: primary, secondary_token_id: secondary },
})

/** Best price of a side, 1e-4 dollar; 0 and 10,000 where there is none. */
const best = (book: TokenBook | undefined, side: Side): number =>
  Math.round(Number(book?.best(side) ?? 0) * 10_000)

function tokensIn(body: string): string[] | undefined {
  try {
    const rows: unknown = JSON.parse(body)
    if (!Array.isArray(rows)) return undefined
    return rows.map(row => String((row as Readonly<Record<string, unknown>>)['token_id']))
  } catch {
    return undefined
  }
}
