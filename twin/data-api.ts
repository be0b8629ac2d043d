import { failure, said, type Answer, type Asked } from './answer.js'
import type { Exchange } from './exchange/exchange.js'
import { DOLLAR, ONE } from './exchange/money.js'
import { OUTCOMES, type TwinMarket, type TwinMarkets } from './markets.js'

/** Most rows of a page. */
const PAGE_MAX = 500
/** Payouts are told per million, and kept in 1e-4 dollar. */
const PAYOUT_SCALE = 100

/** The Data API (`/data/v2`), as far as a trader needs it: trades, positions, resolutions, and how far it lags. */
export class DataApi {
  readonly #markets: TwinMarkets
  readonly #exchange: Exchange
  readonly #nowMs: () => number

  constructor(markets: TwinMarkets, exchange: Exchange, nowMs: () => number) {
    this.#markets = markets
    this.#exchange = exchange
    this.#nowMs = nowMs
  }

  /** The answer of a call; undefined where this is none of it. */
  answer({ method, path, query }: Asked): Answer | undefined {
    switch (`${method} ${path}`) {
      case 'GET /data/v2/trades':
        return paged(this.#trades(query), query)
      case 'GET /data/v2/positions':
        return this.#positions(query)
      case 'GET /data/v2/resolutions':
        return paged(this.#resolutions(listOf(query, 'condition')), query)
      case 'GET /data/v2/status':
        return said({
          data: {
            computed_at: new Date(this.#nowMs()).toISOString(),
            ...{ age_seconds: 0, serving: { lag_seconds: 0, worst: '', mechanisms: [] } },
          },
        })
      default:
        return undefined
    }
  }

  /** The newest first; of a wallet where one is named: what of its trades is in a block. */
  #trades(query: URLSearchParams): object[] {
    const conditions = listOf(query, 'condition')
    const [token, user] = [query.get('token_id'), query.get('user')?.toLowerCase()]
    const all = user === undefined ? this.#printed() : this.#settled(user)
    return all
      .filter(
        ({ condition_id, token_id }) =>
          (conditions.length === 0 || conditions.includes(condition_id)) &&
          (token === null || token_id === token),
      )
      .toReversed()
      .map(row => ({ ...row, ...this.#named(row.token_id) }))
  }

  #printed() {
    return this.#markets.trades.map(
      ({ asset, conditionId, side, price, size, timestamp, transactionHash }) => ({
        ...{ proxy_wallet: '', side, token_id: asset, condition_id: conditionId },
        ...{ size: Number(size), price: Number(price), timestamp },
        transaction_hash: transactionHash,
      }),
    )
  }

  #settled(user: string) {
    const { trades } = this.#exchange
    return trades
      .filter(({ status }) => status === 'MINED' || status === 'CONFIRMED')
      .flatMap(({ market, taker, makers, matchMs, transactionHash }) =>
        [taker, ...makers]
          .filter(({ address }) => address === user)
          .map(({ asset, side, size, price }) => ({
            ...{ proxy_wallet: user, side, token_id: asset, size: size / ONE },
            ...{ condition_id: market.conditionId, price: price / DOLLAR },
            timestamp: Math.floor(matchMs / 1_000),
            transaction_hash: transactionHash,
          })),
      )
  }

  #positions(query: URLSearchParams): Answer {
    const user = query.get('user') ?? ''
    if (!/^0x[0-9a-fA-F]{40}$/.test(user)) return failure(400, 'user is no address')
    const shares =
      this.#exchange.ledger.wallets.get(user.toLowerCase())?.shares ?? new Map<string, number>()
    const rows = [...shares]
      .filter(([, size]) => size > 0)
      .map(([asset, size]) => ({
        ...{ proxy_wallet: user, token_id: asset, current_size: size / ONE, status: 'OPEN' },
        ...this.#named(asset),
      }))
    return paged(rows, query)
  }

  #resolutions(conditions: readonly string[]): object[] {
    return [...this.#markets.markets.values()].flatMap(market => {
      const { conditionId, payouts } = market
      if (!payouts || (conditions.length > 0 && !conditions.includes(conditionId))) return []
      return [
        {
          ...{ condition_id: conditionId, status: 'resolved', was_disputed: false },
          payouts: payouts.map(one => one * PAYOUT_SCALE),
          resolution_source: 'reported',
        },
      ]
    })
  }

  /** What a row says of the market of its token. */
  #named(asset: string): object {
    const market = this.#markets.byAsset.get(asset)
    return market ? { ...rowOf(market, market.assets.indexOf(asset)), ...this.#priced(asset) } : {}
  }

  #priced(asset: string): object {
    const last = this.#markets.books.get(asset)?.lastTradePrice ?? ''
    return last === '' ? {} : { current_price: Number(last) }
  }
}

function rowOf(market: TwinMarket, index: number): object {
  const { conditionId, question, slug, event, negRisk, assets } = market
  return {
    ...{ condition_id: conditionId, title: question, slug, event_slug: event },
    ...{ outcome: OUTCOMES[index], outcome_index: index, negative_risk: negRisk },
    opposite_token_id: assets[1 - index],
  }
}

function listOf(query: URLSearchParams, name: string): string[] {
  return (query.get(name) ?? '').split(',').filter(one => one !== '')
}

/** One page: rows behind the cursor, and the next cursor where more follow. */
function paged(rows: readonly object[], query: URLSearchParams): Answer {
  const limit = Math.min(Number(query.get('limit') ?? 100), PAGE_MAX)
  const from = Number(query.get('cursor') ?? '0')
  if (!Number.isSafeInteger(limit) || limit < 1 || !Number.isSafeInteger(from) || from < 0)
    return failure(400, 'limit and cursor are whole numbers')
  const hasMore = from + limit < rows.length
  const next = hasMore ? String(from + limit) : ''
  const pagination = { limit, offset: 0, has_more: hasMore, next_cursor: next }
  return said({ data: rows.slice(from, from + limit), pagination })
}
