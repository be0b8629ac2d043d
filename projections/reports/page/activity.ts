import { BID } from '#schemas/levels.js'
import type { Recorded } from '#schemas/recorded.js'
import type { EventOf } from '#schemas/registry.js'
import { mirrored, PRICE_MAX, sumOf } from '#schemas/units.js'
import { PurseHoldings } from '../../purse-holdings.js'
import type { World } from '../../world.js'
import { Histogram } from '../histogram.js'
import { Series } from './series.js'

/** Event time between two looks at the account, µs. */
const EVERY_US = 1_000_000

/** A fill, with its price as the first outcome of the market sees it (1e-4 dollar). */
export interface FillDot {
  readonly tUs: number
  readonly price: number
  readonly isBuy: boolean
}

/** What was traded in one market. */
export interface MarketActivity {
  readonly market: number
  /** Mid of the first outcome in half of 1e-4 dollar, where it has both sides. */
  readonly mids: Series
  readonly fills: FillDot[]
  /** 1e-6 share. */
  volume: number
}

/** How the account, the orders and the traded markets did over the time of a log. Owned by whoever folds it. */
export class Activity {
  readonly markets = new Map<number, MarketActivity>()
  /** Realised and open profit, 1e-6 dollar. */
  readonly equity = new Series()
  /** How far that lay below its highest so far, 1e-6 dollar, at most 0. */
  readonly drawdown = new Series()
  maxDrawdown = 0
  /** From an order to its acknowledgement, and to its first fill, in ms of event time. */
  readonly acknowledged = new Histogram()
  readonly filled = new Histogram()
  readonly #holdings = new PurseHoldings()
  readonly #waiting = new Map<string, { readonly tUs: number; isFilled: boolean }>()
  #high = 0
  #lookUs = 0

  /** Behind the world, which has taken the row. */
  take({ tUs, event }: Recorded, world: World): void {
    for (const token of world.touched) this.#mid(token, tUs, world)
    const isEnd = event.type === 'RunStarted' || event.type === 'RunEnded'
    const isDue = this.#holdings.isHolding && tUs - this.#lookUs >= EVERY_US
    if (this.#holdings.take(event) || isEnd || isDue) this.#look(tUs, world)
    this.#order(event, tUs)
    if (event.type === 'OrderFilled') this.#fill(event, tUs, world)
  }

  /** The markets that traded most, by volume and then by number. */
  most(count: number): readonly MarketActivity[] {
    return [...this.markets.values()]
      .filter(({ fills }) => fills.length > 0)
      .sort((a, b) => b.volume - a.volume || a.market - b.market)
      .slice(0, count)
  }

  #look(tUs: number, world: World): void {
    this.#lookUs = tUs
    const { realised, open } = this.#holdings.pnl(
      token => world.bidOf(token),
      tokens => world.setsAmong(tokens),
    )
    this.#high = Math.max(this.#high, realised + open)
    const below = realised + open - this.#high
    this.maxDrawdown = Math.min(this.maxDrawdown, below)
    this.equity.add(tUs, realised + open)
    this.drawdown.add(tUs, below)
  }

  #order(event: Recorded['event'], tUs: number): void {
    if (event.type === 'OrderPlaced') this.#waiting.set(event.data.order, { tUs, isFilled: false })
    if (!('order' in event.data)) return
    const order = this.#waiting.get(event.data.order)
    if (!order) return
    const ms = Math.floor((tUs - order.tUs) / 1_000)
    if (event.type === 'OrderAcknowledged') this.acknowledged.add(ms)
    if (event.type === 'FillReported' && !order.isFilled) {
      order.isFilled = true
      this.filled.add(ms)
    }
    if (event.type === 'OrderClosed') this.#waiting.delete(event.data.order)
  }

  #fill({ data }: EventOf<'OrderFilled'>, tUs: number, world: World): void {
    const { token, side, size, price } = data
    const of = this.#marketOf(world.marketOf(token) ?? 0)
    const isFirst = (world.tokens.get(token)?.index ?? 0) === 0
    of.fills.push({ tUs, price: isFirst ? price : mirrored(price), isBuy: side === BID })
    of.volume = sumOf(of.volume, size)
  }

  #mid(token: number, tUs: number, world: World): void {
    if (world.tokens.get(token)?.index !== 0) return
    const book = world.books.view(token)
    if (!book || book.bestBid === 0 || book.bestAsk === PRICE_MAX) return
    this.#marketOf(world.marketOf(token) ?? 0).mids.add(tUs, book.bestBid + book.bestAsk)
  }

  #marketOf(market: number): MarketActivity {
    const known = this.markets.get(market)
    if (known) return known
    const fresh = { market, mids: new Series(), fills: [], volume: 0 }
    this.markets.set(market, fresh)
    return fresh
  }
}
