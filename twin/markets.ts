import { createHash } from 'node:crypto'
import { ASK, BID, CHANGE, type Side } from '#schemas/levels.js'
import type { EventOf } from '#schemas/registry.js'
import type { FeedEvent } from '#engine/feeds/feed.js'
import { priceText, sizeText } from './texts.js'
import { TokenBook } from './token-book.js'

/** A market of the twin. */
export interface TwinMarket {
  readonly id: number
  readonly conditionId: string
  readonly question: string
  readonly slug: string
  /** Key of its event; its own slug where it stands alone. */
  readonly event: string
  readonly negRisk: boolean
  /** bps, exponent 1. */
  readonly feeRate: number
  /** YES first. */
  readonly assets: string[]
  isClosed: boolean
  /** Index of the outcome that won. */
  winner: number | undefined
}

/** A trade, as the Data API tells it. */
export interface TwinTrade {
  readonly asset: string
  readonly conditionId: string
  readonly side: 'BUY' | 'SELL'
  readonly price: string
  readonly size: string
  /** s since the epoch. */
  readonly timestamp: number
  readonly transactionHash: string
}

/** A frame of the market channel: its text, and of which assets it speaks; all of them where nobody is named. */
export interface TwinFrame {
  readonly text: string
  readonly assets: readonly string[]
  /** Only who asked for custom features hears it. */
  readonly isCustom?: boolean
}

/** Most trades that are kept for the Data API. */
const TRADES_MAX = 10_000

/** What the twin lists, quotes and has traded: simulated events in, frames of the venue out. */
export class TwinMarkets {
  readonly markets = new Map<string, TwinMarket>()
  readonly events = new Map<string, { title: string; isGrowing: boolean; markets: TwinMarket[] }>()
  readonly books = new Map<string, TokenBook>()
  readonly trades: TwinTrade[] = []
  readonly #byId = new Map<number, TwinMarket>()
  readonly #byToken = new Map<number, TokenBook>()
  readonly #seed: string

  constructor(seed: string) {
    this.#seed = seed
  }

  /** Takes what happens at a simulated venue at this time (ms); answers what the market channel says of it. */
  take(event: FeedEvent, nowMs: number): readonly TwinFrame[] {
    switch (event.type) {
      case 'MarketListed':
        this.#list(event)
        return []
      case 'TokenListed':
        this.#listToken(event)
        return []
      case 'GroupListed':
        this.#group(event)
        return []
      case 'BookSnapshot': {
        const book = this.#byToken.get(event.data.token)
        book?.restate(event.data.bids, event.data.asks)
        return book ? [this.#stated(book, nowMs)] : []
      }
      case 'BookChanged':
        return this.#changed(event.data.d, nowMs)
      case 'TradePrinted':
        return this.#traded(event, nowMs)
      case 'TickSizeChanged':
        return this.#regridded(event, nowMs)
      case 'MarketResolved':
        return this.#resolved(event, nowMs)
      default:
        return []
    }
  }

  #list({ data }: EventOf<'MarketListed'>): void {
    const { market: id, key, question, group, negRisk, feeRate } = data
    const market: TwinMarket = {
      ...{ id, question, negRisk, feeRate, slug: key, event: group === '' ? key : group },
      conditionId: `0x${this.#digest(`condition ${key}`)}`,
      assets: [],
      isClosed: false,
      winner: undefined,
    }
    this.#byId.set(id, market)
    this.markets.set(market.conditionId, market)
    const known = this.events.get(market.event)
    if (known) known.markets.push(market)
    else this.events.set(market.event, { title: question, isGrowing: false, markets: [market] })
  }

  #listToken({ data: { token, market: id, key, tick } }: EventOf<'TokenListed'>): void {
    const market = this.#byId.get(id)
    if (!market) return
    const { conditionId, negRisk } = market
    const assetId = BigInt(`0x${this.#digest(`asset ${key}`)}`).toString()
    const facts = { market: conditionId, assetId, minOrderSize: '5', negRisk }
    const book = new TokenBook(facts, tick)
    market.assets.push(assetId)
    this.books.set(assetId, book)
    this.#byToken.set(token, book)
  }

  #group({ data: { group, title, growing } }: EventOf<'GroupListed'>): void {
    const event = this.events.get(group)
    if (event) Object.assign(event, { title, isGrowing: growing })
  }

  #stated(book: TokenBook, nowMs: number): TwinFrame {
    book.changedMs = nowMs
    return { text: book.message(), assets: [book.facts.assetId] }
  }

  /** One frame of the venue for each market that the changes concern. */
  #changed(d: readonly number[], nowMs: number): TwinFrame[] {
    const rows = new Map<string, { texts: string[]; assets: string[] }>()
    for (let i = 0; i < d.length; i += CHANGE) {
      const book = this.#byToken.get(d[i]!)
      if (!book) continue
      const side: Side = d[i + 1] === ASK ? ASK : BID
      const [price, size] = [d[i + 2]!, d[i + 3]!]
      book.set(side, price, size)
      book.changedMs = nowMs
      const { market, assetId } = book.facts
      const row = rows.get(market) ?? { texts: [], assets: [] }
      rows.set(market, row)
      if (!row.assets.includes(assetId)) row.assets.push(assetId)
      row.texts.push(
        `{"asset_id":"${assetId}","price":"${priceText(price)}","size":"${sizeText(size)}",` +
          `"side":"${side === BID ? 'BUY' : 'SELL'}","hash":"${book.hash()}",` +
          `"best_bid":"${book.best(BID)}","best_ask":"${book.best(ASK)}"}`,
      )
    }
    return [...rows].map(([market, { texts, assets }]) => ({
      text: `{"market":"${market}","price_changes":[${texts.join()}],"timestamp":"${nowMs}","event_type":"price_change"}`,
      assets,
    }))
  }

  #traded({ data }: EventOf<'TradePrinted'>, nowMs: number): TwinFrame[] {
    const book = this.#byToken.get(data.token)
    if (!book) return []
    const { market, assetId } = book.facts
    const side = data.side === BID ? 'BUY' : 'SELL'
    const [price, size] = [priceText(data.price), sizeText(data.size)]
    const transactionHash = `0x${this.#digest(`trade ${data.id}`)}`
    book.lastTradePrice = price
    const timestamp = Math.floor(nowMs / 1_000)
    this.trades.push({
      ...{ asset: assetId, conditionId: market, side, price, size, timestamp, transactionHash },
    })
    if (this.trades.length > TRADES_MAX) this.trades.splice(0, TRADES_MAX / 10)
    const printed =
      `{"market":"${market}","asset_id":"${assetId}","price":"${price}","size":"${size}","fee_rate_bps":"0",` +
      `"side":"${side}","timestamp":"${nowMs}","event_type":"last_trade_price","transaction_hash":"${transactionHash}"}`
    return [
      { text: printed, assets: [assetId] },
      { text: book.message(true), assets: [assetId] },
    ]
  }

  #regridded(
    { data: { token, from, to } }: EventOf<'TickSizeChanged'>,
    nowMs: number,
  ): TwinFrame[] {
    const book = this.#byToken.get(token)
    if (!book) return []
    const { market, assetId } = book.facts
    book.tick = to
    const text =
      `{"asset_id":"${assetId}","event_type":"tick_size_change","market":"${market}",` +
      `"new_tick_size":"${priceText(to)}","old_tick_size":"${priceText(from)}","timestamp":"${nowMs}"}`
    return [{ text, assets: [assetId] }, this.#stated(book, nowMs)]
  }

  #resolved(
    { data: { market: id, payouts } }: EventOf<'MarketResolved'>,
    nowMs: number,
  ): TwinFrame[] {
    const market = this.#byId.get(id)
    if (!market) return []
    market.isClosed = true
    const winner = payouts.findIndex(([, at]) => at === 10_000)
    market.winner = winner < 0 ? undefined : winner
    const { conditionId, assets } = market
    const outcome = winner === 0 ? 'Yes' : 'No'
    const text =
      `{"id":"${id}","market":"${conditionId}","assets_ids":[${assets.map(one => `"${one}"`).join()}],` +
      `"winning_asset_id":"${assets[winner] ?? ''}","winning_outcome":"${outcome}","timestamp":"${nowMs}","event_type":"market_resolved"}`
    return [{ text, assets, isCustom: true }]
  }

  /** 32 bytes that look like an id of the venue and are the same for the same seed. */
  #digest(what: string): string {
    return createHash('sha256').update(`${this.#seed} ${what}`).digest('hex')
  }
}
