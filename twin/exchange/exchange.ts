import type { Prng } from '#engine/feeds/simulator/prng.js'
import type { TwinClock } from '../clock.js'
import type { Faults } from '../faults.js'
import type { TwinMarket, TwinMarkets } from '../markets.js'
import { decimalText } from '../texts.js'
import type { TokenBook } from '../token-book.js'
import { Floor, type Outlet } from './floor.js'
import { Ledger, type Wallet } from './ledger.js'
import { matchesOf, type Match } from './matching.js'
import { ONE, takerFee, worthUp } from './money.js'
import { isResting, type TwinOrder } from './order.js'
import { Settlement, type SettlementTimes } from './settlement.js'
import type { ExchangeTrade } from './trade.js'

/** Why something was not done: status of the answer and text of the venue. */
export interface Refused {
  readonly status: number
  readonly error: string
}

/** What became of an order that was taken. */
export interface Placed {
  readonly order: TwinOrder
  readonly trades: readonly ExchangeTrade[]
  /** It would match at once, and is held for a while before it may. */
  readonly isDelayed?: boolean
}

type Met = ReturnType<typeof matchesOf>

/** What an exchange is made of. */
export interface ExchangeOptions {
  readonly markets: TwinMarkets
  readonly clock: TwinClock
  readonly faults: Faults
  readonly random: Prng
  readonly out: Outlet
  /** What each wallet begins with, 1e-6 dollar. */
  readonly startCash: number
  readonly times: SettlementTimes
  /** Most orders, and most trades, that are kept. */
  readonly keptMax: number
}

/** How long before its stamp a GTD order is taken away, s (the venue, 2026). */
const EXPIRES_EARLY_S = 60
/** Least worth of a BUY that matches at once, 1e-6 dollar (the venue, 2026). */
const MARKETABLE_MIN = ONE
const UNFILLED_FOK = "order couldn't be fully filled. FOK orders are fully filled or killed."
const UNMATCHED_FAK =
  'no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found.'

/** The exchange: accounts, orders that rest and meet, and the settlement of what they trade. */
export class Exchange {
  readonly ledger: Ledger
  readonly floor: Floor
  /** Every order that was taken, by its id; of those that have ended the newest. */
  readonly orders = new Map<string, TwinOrder>()
  /** Every trade that an account has part in, oldest first; the newest of them. */
  readonly trades: ExchangeTrade[] = []
  readonly #tradesById = new Map<string, ExchangeTrade>()
  readonly #of: ExchangeOptions
  readonly #settlement: Settlement
  readonly #expiries = new Map<TwinOrder, () => void>()

  constructor(of: ExchangeOptions) {
    this.#of = of
    const { markets, clock, faults, random, times } = of
    this.ledger = new Ledger(of.startCash, markets.byAsset)
    const told = (trade: ExchangeTrade): void => {
      this.#settled(trade)
    }
    this.#settlement = new Settlement({ clock, faults, random, times, told })
    this.floor = new Floor({
      ...{ markets, clock, faults, random, out: of.out, ledger: this.ledger },
      traded: trade => {
        this.#keep(trade)
        this.#settlement.begin(trade)
      },
    })
  }

  /**
   * Takes an order whose form is right: matches it, lets it rest, or says why not. With a delay one that would match at
   * once is held for so many ms before it may, and cannot be cancelled meanwhile.
   */
  place(order: TwinOrder, delayMs = 0): Placed | Refused {
    if (this.orders.has(order.id)) return refusal(`order ${order.id} is invalid. Duplicated.`)
    const met = this.#meet(order)
    if ('error' in met) return met
    this.#know(order)
    if (delayMs === 0 || met.matches.length === 0) return this.#enter(order, met)
    order.status = 'DELAYED'
    this.floor.news(order, 'PLACEMENT')
    this.#of.clock.after(delayMs, () => {
      const now = this.#meet(order)
      if ('error' in now) this.#kill(order, now.error)
      else this.#enter(order, now)
    })
    return { order, trades: [], isDelayed: true }
  }

  /** What an order would match now, or why it may not. */
  #meet(order: TwinOrder): Met | Refused {
    const { market, asset } = order
    const book = this.#of.markets.books.get(asset)
    if (market.isClosed || !book) return refusal(`the orderbook ${asset} does not exist`)
    const met = matchesOf(order, { resting: this.floor.restingIn(market), book })
    return this.#refusal(order, met.matches, book) ?? met
  }

  #enter(order: TwinOrder, { matches, isWhole }: Met): Placed | Refused {
    if (order.type === 'FOK' && !isWhole) return this.#kill(order, UNFILLED_FOK)
    if (order.type === 'FAK' && matches.length === 0) return this.#kill(order, UNMATCHED_FAK)
    if (order.status !== 'DELAYED') this.floor.news(order, 'PLACEMENT')
    order.status = 'LIVE'
    const { market, outcome, side } = order
    const trades = this.floor.strike({ order, isWhole, market, outcome, side }, matches)
    if (isResting(order) && !isWhole) this.#rest(order)
    else if (!isWhole) {
      order.status = 'CANCELED'
      this.floor.news(order, 'CANCELLATION')
    }
    return { order, trades }
  }

  /** Takes an open order out of the market; false where it is none. */
  cancel(order: TwinOrder, status = 'CANCELED'): boolean {
    if (order.status !== 'LIVE' || !order.wallet.open.has(order)) return false
    this.#forget(order)
    this.floor.end(order, status)
    return true
  }

  /** A trade by its id. */
  tradeOf(id: string): ExchangeTrade | undefined {
    return this.#tradesById.get(id)
  }

  /** Open orders, of one owner where an address is given. */
  open(address?: string): TwinOrder[] {
    const wallets = [...this.ledger.wallets.values()]
    const all = wallets.flatMap(wallet => [...wallet.open])
    return address === undefined ? all : all.filter(({ owner }) => owner.address === address)
  }

  /** Lets the simulated market fill so much of a resting order at its price, or all that is left; undefined where it rests no more. */
  fill(order: TwinOrder, size = order.size - order.matched): ExchangeTrade | undefined {
    if (!order.wallet.open.has(order)) return undefined
    const { market, outcome } = order
    const side = order.side === 'BUY' ? 'SELL' : 'BUY'
    const part = Math.min(size, order.size - order.matched)
    const match: Match = { price: order.price, size: part, maker: order }
    const [trade] = this.struck({ market, outcome, side }, [match])
    return trade
  }

  /** Lets the simulated market take what rests. */
  struck(taker: Parameters<Floor['strike']>[0], matches: readonly Match[]): ExchangeTrade[] {
    const trades = this.floor.strike(taker, matches)
    for (const { maker } of matches) if (maker?.status === 'MATCHED') this.#forget(maker)
    return trades
  }

  /** Makes a trade void now: its movements go back. */
  fail(trade: ExchangeTrade): void {
    this.#settlement.fail(trade)
  }

  /** Decides a market: payouts in 1e-4 dollar a share; open orders end. */
  resolve(market: TwinMarket, payouts: readonly number[]): void {
    if (market.isClosed) return
    for (const order of this.floor.restingIn(market).all())
      this.cancel(order, 'CANCELED_MARKET_RESOLVED')
    const { markets, clock, out } = this.#of
    out.market(markets.decide(market, payouts, clock.nowMs()))
    this.ledger.payOut(market)
  }

  /** Gives a token another tick, 1e-4 dollar. Orders that are off the new grid end. */
  regrid(book: TokenBook, tick: number): void {
    if (book.tick === tick) return
    const { markets, clock, out } = this.#of
    out.market(markets.regrid(book, tick, clock.nowMs()))
    const market = markets.byAsset.get(book.facts.assetId)
    if (!market) return
    for (const order of this.floor.restingIn(market).all())
      if (order.asset === book.facts.assetId && order.price % tick !== 0) this.cancel(order)
  }

  #refusal(order: TwinOrder, matches: readonly Match[], book: TokenBook): Refused | undefined {
    const { id, side, type, size } = order
    const least = Number(book.facts.minOrderSize) * ONE
    if (isResting(order) && size < least)
      return refusal(
        `order ${id} is invalid. Size (${decimalText(size, 6)}) lower than the minimum: ${book.facts.minOrderSize}`,
      )
    if (order.isPostOnly && matches.length > 0)
      return refusal('invalid post-only order: order crosses book')
    const worth = order.budget ?? worthUp(order.price, size)
    const isMarketable = !isResting({ type }) || matches.length > 0
    if (side === 'BUY' && isMarketable && worth < MARKETABLE_MIN)
      return refusal(
        `invalid amount for a marketable BUY order ($${decimalText(worth, 6)}), min size: $1`,
      )
    return this.#unbacked(order, matches, worth)
  }

  /** Whether what the wallet has free does not cover an order, with the fees of what it would match at once. */
  #unbacked(order: TwinOrder, matches: readonly Match[], worth: number): Refused | undefined {
    const { wallet, side, asset, size, market } = order
    const rateBps = market.feeRate
    const fees = matches.reduce((sum, one) => sum + takerFee({ ...one, rateBps }), 0)
    const [free, needed] =
      side === 'BUY'
        ? [this.ledger.freeCash(wallet), worth + fees]
        : [this.ledger.freeShares(wallet, asset), size]
    if (!wallet.isApproved || this.#of.faults.isOn('no-allowance'))
      return refusal('not enough balance / allowance: the allowance is not enough')
    if (free >= needed) return undefined
    return refusal(
      `not enough balance / allowance: the balance is not enough -> balance: ${Math.max(0, free)}, order amount: ${needed}`,
    )
  }

  /** Keeps an order; the oldest that have ended go where there are too many. */
  #know(order: TwinOrder): void {
    this.orders.set(order.id, order)
    const { keptMax } = this.#of
    if (this.orders.size <= keptMax) return
    let surplus = Math.ceil(keptMax / 10)
    for (const [id, { status }] of this.orders) {
      if (surplus <= 0) break
      if (status === 'LIVE' || status === 'DELAYED') continue
      this.orders.delete(id)
      surplus--
    }
  }

  #keep(trade: ExchangeTrade): void {
    this.trades.push(trade)
    this.#tradesById.set(trade.id, trade)
    const { keptMax } = this.#of
    if (this.trades.length <= keptMax) return
    for (const { id } of this.trades.splice(0, Math.ceil(keptMax / 10))) this.#tradesById.delete(id)
  }

  #kill(order: TwinOrder, why: string): Refused {
    order.status = `CANCELED_${why}`
    this.floor.news(order, 'CANCELLATION')
    return refusal(why)
  }

  #rest(order: TwinOrder): void {
    order.wallet.open.add(order)
    this.floor.rest(order)
    if (order.type !== 'GTD') return
    const { clock } = this.#of
    const endMs = (order.expirationS - EXPIRES_EARLY_S) * 1_000
    const takeBack = clock.after(endMs - clock.nowMs(), () => this.cancel(order))
    this.#expiries.set(order, takeBack)
  }

  #forget(order: TwinOrder): void {
    this.#expiries.get(order)?.()
    this.#expiries.delete(order)
  }

  #settled(trade: ExchangeTrade): void {
    if (trade.status === 'MINED') trade.transactionHash = this.#of.markets.transactionOf(trade.id)
    if (trade.status === 'FAILED') this.ledger.move(trade.moves, true)
    this.floor.tell(trade)
    if (trade.status !== 'FAILED') return
    const orders = [trade.taker, ...trade.makers].flatMap(({ order }) => order ?? [])
    for (const wallet of new Set(orders.map(one => one.wallet))) this.#uncover(wallet)
  }

  /** Ends the orders, the newest first, that a wallet no longer covers. */
  #uncover(wallet: Wallet): void {
    for (const order of [...wallet.open].reverse()) {
      const free =
        order.side === 'BUY'
          ? this.ledger.freeCash(wallet)
          : this.ledger.freeShares(wallet, order.asset)
      if (free < 0) this.cancel(order, 'INVALID')
    }
  }
}

/** A refusal with a text of the venue: 404 where it says that something was not found, else 400. */
export const refusal = (error: string): Refused => ({
  status: error.includes('not found') ? 404 : 400,
  error,
})
