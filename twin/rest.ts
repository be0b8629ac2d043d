import type { IncomingMessage, ServerResponse } from 'node:http'
import { ASK, BID } from '#schemas/levels.js'
import type { Faults } from './faults.js'
import { eventsPage, marketsPage } from './gamma.js'
import type { TwinMarkets } from './markets.js'

/** Most bytes of a request: the venue limits the body, not the number of ids; about 500 ids fit. Reported of the venue, 2026. */
const BODY_MAX = 50_000
/** What a slow answer waits, ms. */
const SLOW_MS = 2_000

interface Answer {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The public market data of CLOB, Gamma (`/gamma`) and Data API (`/data/v2`), as far as the venue documents it. */
export class MarketRest {
  readonly #markets: TwinMarkets
  readonly #faults: Faults
  /** While books are stale: each as it was when it was first asked for. */
  readonly #stale = new Map<string, string>()
  /** Requests by path, for tests and for `polaris venue`. */
  readonly counts = new Map<string, number>()

  constructor(markets: TwinMarkets, faults: Faults) {
    this.#markets = markets
    this.#faults = faults
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://twin')
    this.counts.set(url.pathname, (this.counts.get(url.pathname) ?? 0) + 1)
    const body = await bodyOf(request)
    const answer =
      body === undefined
        ? failure(400, 'Payload exceeds the limit')
        : (this.#failing(url.pathname) ?? this.#answer(request.method ?? 'GET', url, body))
    if (this.#faults.isOn('rest-slow')) await later(SLOW_MS)
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
    response.end(answer.body)
  }

  #failing(path: string): Answer | undefined {
    if (path === '/ok' || path === '/time') return undefined
    if (this.#faults.isOn('rest-500')) return failure(500, 'Internal server error')
    if (this.#faults.isOn('rest-429'))
      return { ...failure(429, 'too many requests'), headers: { 'retry-after': '1' } }
    return undefined
  }

  #answer(method: string, { pathname: path, searchParams: query }: URL, body: string): Answer {
    const token = query.get('token_id') ?? ''
    switch (`${method} ${path}`) {
      case 'GET /ok':
        return ok('"OK"')
      case 'GET /time':
        return ok(String(Math.floor(Date.now() / 1_000)))
      case 'GET /version':
        return ok('{"version":2}')
      case 'GET /book': {
        const book = this.#summary(token)
        return book ? ok(book) : failure(404, 'No orderbook exists for the requested token id')
      }
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
      case 'GET /tick-size': {
        const book = this.#markets.books.get(token)
        return book
          ? ok(JSON.stringify({ minimum_tick_size: book.tick / 10_000 }))
          : failure(404, 'market not found')
      }
      case 'GET /neg-risk': {
        const book = this.#markets.books.get(token)
        return book
          ? ok(JSON.stringify({ neg_risk: book.facts.negRisk }))
          : failure(404, 'market not found')
      }
      case 'GET /gamma/events/keyset':
        return ok(eventsPage(this.#markets, query))
      case 'GET /gamma/markets/keyset':
        return ok(marketsPage(this.#markets, query))
      case 'GET /data/v2/trades':
        return ok(this.#trades(query))
      default:
        return failure(404, 'not found')
    }
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

  #trades(query: URLSearchParams): string {
    const market = query.get('market')
    const limit = Math.min(Number(query.get('limit') ?? 100), 500)
    const found = this.#markets.trades.filter(
      ({ conditionId }) => market === null || conditionId === market,
    )
    return JSON.stringify({ data: found.slice(-limit).reverse() })
  }
}

const ok = (body: string): Answer => ({ status: 200, body })

const failure = (status: number, error: string): Answer => ({
  status,
  body: JSON.stringify({ error }),
})

function tokensIn(body: string): string[] | undefined {
  try {
    const rows: unknown = JSON.parse(body)
    if (!Array.isArray(rows)) return undefined
    return rows.map(row => String((row as Readonly<Record<string, unknown>>)['token_id']))
  } catch {
    return undefined
  }
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length
    if (length <= BODY_MAX) parts.push(part)
  }
  return length > BODY_MAX ? undefined : Buffer.concat(parts).toString()
}

const later = (ms: number): Promise<void> =>
  new Promise(resolve => {
    setTimeout(resolve, ms)
  })
