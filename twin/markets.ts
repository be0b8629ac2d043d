import { createHash } from 'node:crypto'
import { ASK, BID, CHANGE } from '#schemas/levels.js'
import type { EventOf } from '#schemas/registry.js'
import type { FeedEvent } from '#engine/feeds/feed.js'
import { LevelChanges, type TwinFrame } from './frames.js'
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
  /** Protocol version: which exchange its orders are signed for. */
  readonly version: 'v1' | 'v2'
  isClosed: boolean
  /** Index of the outcome that won. */
  winner: number | undefined
  /** What a share of each outcome pays, 1e-4 dollar; undefined while it is open. */
  payouts: readonly number[] | undefined
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

/** What the two outcomes of a market are called. */
export const OUTCOMES = ['Yes', 'No'] as const

/** Most trades that are kept for the Data API. */
const TRADES_MAX = 10_000

/** What the twin lists, quotes and has traded: simulated events in, frames of the venue out. */
export class TwinMarkets {
  readonly markets = new Map<string, TwinMarket>()
  readonly events = new Map<string, { title: string; isGrowing: boolean; markets: TwinMarket[] }>()
  readonly books = new Map<string, TokenBook>()
  /** Markets by token, as the venue names it. */
  readonly byAsset = new Map<string, TwinMarket>()
  readonly trades: TwinTrade[] = []
  readonly #byId = new Map<number, TwinMarket>()
  readonly #byToken = new Map<number, TokenBook>()
  readonly #seed: string
  readonly #v2: ReadonlySet<number>

  /** `v2`: numbers of the markets that are of protocol version v2. */
  constructor(seed: string, v2: readonly number[] = []) {
    this.#seed = seed
    this.#v2 = new Set(v2)
  }

  /** A market by the simulator's number. */
  byNumber(id: number): TwinMarket | undefined {
    return this.#byId.get(id)
  }

  /** The book of a token by the simulator's number. */
  bookOf(token: number): TokenBook | undefined {
    return this.#byToken.get(token)
  }

  /** Takes what is listed, stated, changed and traded at a simulated venue at this time (ms); answers what the market channel says of it. */
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
      default:
        return []
    }
  }

  #list({ data }: EventOf<'MarketListed'>): void {
    const { market: id, key, question, group, negRisk, feeRate } = data
    const isV2 = this.#v2.has(id)
    const digits = this.#digest(`condition ${key}`)
    const market: TwinMarket = {
      ...{ id, question, negRisk, feeRate, slug: key, event: group === '' ? key : group },
      // The native id of a v2 market has 31 bytes; the CLOB fills it up with zeros.
      conditionId: `0x${isV2 ? `${digits.slice(0, 62)}00` : digits}`,
      version: isV2 ? 'v2' : 'v1',
      assets: [],
      isClosed: false,
      winner: undefined,
      payouts: undefined,
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
    const { conditionId, negRisk, version, assets } = market
    // A v2 token is the condition and the place of its outcome behind it.
    const position = `${conditionId.slice(2, 64)}0${assets.length}`
    const hex = version === 'v2' ? position : this.#digest(`asset ${key}`)
    const assetId = BigInt(`0x${hex}`).toString()
    const facts = { market: conditionId, assetId, minOrderSize: '5', negRisk, version }
    const book = new TokenBook(facts, tick)
    assets.push(assetId)
    this.books.set(assetId, book)
    this.byAsset.set(assetId, market)
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
    const changes = new LevelChanges(nowMs)
    for (let i = 0; i < d.length; i += CHANGE) {
      const book = this.#byToken.get(d[i]!)
      if (!book) continue
      const side = d[i + 1] === ASK ? ASK : BID
      const price = d[i + 2]!
      book.set(side, price, d[i + 3]!)
      changes.add(book, side, price)
    }
    return changes.frames()
  }

  #traded({ data }: EventOf<'TradePrinted'>, nowMs: number): TwinFrame[] {
    const book = this.#byToken.get(data.token)
    if (!book) return []
    const { side, price, size, id } = data
    return this.print({ book, side: side === BID ? 'BUY' : 'SELL', price, size, id }, nowMs)
  }

  /** Prints a trade: what the market channel says of it, and the Data API later. `side` is the taker's. */
  print(
    of: { book: TokenBook; side: 'BUY' | 'SELL'; price: number; size: number; id: string },
    nowMs: number,
  ): TwinFrame[] {
    const { book, side } = of
    const { market, assetId } = book.facts
    const [price, size] = [priceText(of.price), sizeText(of.size)]
    const transactionHash = this.transactionOf(of.id)
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

  /** Gives a token another tick, 1e-4 dollar. */
  regrid(book: TokenBook, to: number, nowMs: number): TwinFrame[] {
    const { market, assetId } = book.facts
    const from = book.tick
    book.tick = to
    const text =
      `{"asset_id":"${assetId}","event_type":"tick_size_change","market":"${market}",` +
      `"new_tick_size":"${priceText(to)}","old_tick_size":"${priceText(from)}","timestamp":"${nowMs}"}`
    return [{ text, assets: [assetId] }, this.#stated(book, nowMs)]
  }

  /** Closes a market with what a share of each outcome pays, 1e-4 dollar. */
  decide(market: TwinMarket, payouts: readonly number[], nowMs: number): TwinFrame[] {
    market.isClosed = true
    market.payouts = payouts
    const winner = payouts.indexOf(10_000)
    market.winner = winner < 0 ? undefined : winner
    const { conditionId, assets, id } = market
    const outcome = winner < 0 ? '' : (OUTCOMES[winner] ?? '')
    const text =
      `{"id":"${id}","market":"${conditionId}","assets_ids":[${assets.map(one => `"${one}"`).join()}],` +
      `"winning_asset_id":"${assets[winner] ?? ''}","winning_outcome":"${outcome}","timestamp":"${nowMs}","event_type":"market_resolved"}`
    return [{ text, assets, isCustom: true }]
  }

  /** Hash of the transaction that settles a trade, by the trade's id. */
  transactionOf(id: string): string {
    return `0x${this.#digest(`trade ${id}`)}`
  }

  /** 32 bytes that look like an id of the venue and are the same for the same seed. */
  #digest(what: string): string {
    return createHash('sha256').update(`${this.#seed} ${what}`).digest('hex')
  }
}
