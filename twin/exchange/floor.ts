import { ASK, BID, type Side } from '#schemas/levels.js'
import type { Prng } from '#engine/feeds/simulator/prng.js'
import type { TwinClock } from '../clock.js'
import type { Faults } from '../faults.js'
import { LevelChanges, type TwinFrame } from '../frames.js'
import type { TwinMarket, TwinMarkets } from '../markets.js'
import type { TokenBook } from '../token-book.js'
import type { Ledger } from './ledger.js'
import { halved, type Match } from './matching.js'
import { bookSide, inTerms, mirrored, opposite, type TwinOrder } from './order.js'
import { RestingOrders } from './resting.js'
import { partsOf, type ExchangeTrade, type Taker } from './trade.js'
import { orderFrame, tradeFrames, type OrderNews, type UserFrame } from './views.js'

/** Where an exchange says what happens. */
export interface Outlet {
  readonly market: (frames: readonly TwinFrame[]) => void
  readonly user: (frame: UserFrame) => void
}

/** What a floor works with. */
export interface FloorOptions {
  readonly markets: TwinMarkets
  readonly ledger: Ledger
  readonly clock: TwinClock
  readonly faults: Faults
  readonly random: Prng
  readonly out: Outlet
  /** Hears of each trade that an account has part in. */
  readonly traded: (trade: ExchangeTrade) => void
}

/** Where orders rest and meet: queues, published levels, trades with their movements, and the news of all of it. */
export class Floor {
  readonly #of: FloorOptions
  readonly #resting = new Map<number, RestingOrders>()
  /** While it is above 0, what is said to users is said so much later, ms. */
  lateMs = 0

  constructor(of: FloorOptions) {
    this.#of = of
  }

  /** The orders that rest in a market. */
  restingIn({ id }: TwinMarket): RestingOrders {
    const known = this.#resting.get(id)
    if (known) return known
    const fresh = new RestingOrders()
    this.#resting.set(id, fresh)
    return fresh
  }

  bookOf(market: TwinMarket, outcome: 0 | 1): TokenBook | undefined {
    return this.#of.markets.books.get(market.assets[outcome] ?? '')
  }

  /** Puts an order to rest, behind everything that stands at its price. */
  rest(order: TwinOrder): void {
    const book = this.bookOf(order.market, order.outcome)
    order.ahead = book?.simulatedAt(order.side === 'BUY' ? BID : ASK, order.price) ?? 0
    this.restingIn(order.market).add(order)
    const changes = this.#changes()
    this.#level(order, order.size - order.matched, changes)
    this.#of.out.market(changes.frames())
  }

  /** Takes a resting order away, as whatever it then is. */
  end(order: TwinOrder, status: string): void {
    order.status = status
    const changes = this.#changes()
    this.#leave(order)
    this.#level(order, order.matched - order.size, changes)
    this.#of.out.market(changes.frames())
    this.news(order, 'CANCELLATION')
  }

  /** Tells the owner of an order what became of it. */
  news(order: TwinOrder, type: OrderNews): void {
    this.#user(orderFrame(order, type, this.#of.clock.nowMs()))
  }

  /** Tells a trade's parties where its settlement stands. */
  tell(trade: ExchangeTrade): void {
    for (const frame of tradeFrames(trade, this.#of.clock.nowMs())) this.#user(frame)
  }

  /** Lets matches happen: one trade for each price; two by script. */
  strike(taker: Taker, matches: readonly Match[]): ExchangeTrade[] {
    const changes = this.#changes()
    const prices = [...new Set(matches.map(({ price }) => price))]
    const trades = prices.flatMap(price => {
      const atPrice = matches.filter(one => one.price === price)
      const parts = this.#of.faults.isOn('bucketed-trades') ? halved(atPrice) : [atPrice]
      return parts.map((part, bucket) => this.#trade(taker, part, { changes, bucket }))
    })
    if (taker.order && taker.isWhole === true) taker.order.status = 'MATCHED'
    this.#of.out.market(changes.frames())
    for (const trade of trades) this.#print(trade)
    for (const trade of trades) this.#announce(trade)
    return trades
  }

  #trade(
    taker: Taker,
    matches: readonly Match[],
    { changes, bucket }: { changes: LevelChanges; bucket: number },
  ): ExchangeTrade {
    const { ledger, clock } = this.#of
    const strangers = { orderId: `0x${this.#hex(64)}`, owner: this.#uuid() }
    const { moves, ...parts } = partsOf(taker, matches, { ledger, strangers })
    ledger.move(moves)
    const nowMs = clock.nowMs()
    const trade: ExchangeTrade = {
      ...{ id: this.#uuid(), market: taker.market, bucket, ...parts, moves },
      ...{ matchMs: nowMs, updatedMs: nowMs, status: 'MATCHED', transactionHash: '' },
    }
    for (const { maker, size, price } of matches)
      if (maker) this.#filled(maker, size, changes)
      else this.#taken(taker, { price, size }, changes)
    for (const { order, size, cash } of [trade.taker, ...trade.makers]) {
      order?.trades.push(trade.id)
      if (order && order === taker.order) {
        order.matched += size
        order.spent -= cash
      }
    }
    return trade
  }

  /** A resting order gives or gets so much. */
  #filled(order: TwinOrder, size: number, changes: LevelChanges): void {
    order.matched += size
    this.#level(order, -size, changes)
    if (order.matched < order.size) return
    order.status = 'MATCHED'
    this.#leave(order)
  }

  /** The simulated market loses what was taken of it, on the token and on its mirror; who stands behind moves up. */
  #taken(taker: Taker, { price, size }: { price: number; size: number }, to: LevelChanges): void {
    const { market, outcome, side } = taker
    const stood = side === 'BUY' ? ASK : BID
    for (const [on, at, of] of [
      [stood, price, outcome],
      [opposite(stood), mirrored(price), outcome === 0 ? 1 : 0],
    ] as const) {
      const book = this.bookOf(market, of)
      const had = book?.simulatedAt(on, at) ?? 0
      if (!book || had === 0) continue
      book.set(on, at, Math.max(0, had - size))
      to.add(book, on, at)
    }
    const level = inTerms(price, outcome, 0)
    for (const order of this.restingIn(market).of(opposite(bookSide(taker))))
      if (inTerms(order.price, order.outcome, 0) === level)
        order.ahead = Math.max(0, order.ahead - size)
  }

  #leave(order: TwinOrder): void {
    this.restingIn(order.market).remove(order)
    order.wallet.open.delete(order)
  }

  /** Publishes more or less of an order: a bid of one outcome is an ask of the other. */
  #level(order: TwinOrder, by: number, changes: LevelChanges): void {
    const side = order.side === 'BUY' ? BID : ASK
    const other = order.outcome === 0 ? 1 : 0
    this.#add(this.bookOf(order.market, order.outcome), side, order.price, by, changes)
    this.#add(this.bookOf(order.market, other), opposite(side), mirrored(order.price), by, changes)
  }

  #add(
    book: TokenBook | undefined,
    side: Side,
    price: number,
    by: number,
    changes: LevelChanges,
  ): void {
    book?.rest(side, price, by)
    if (book) changes.add(book, side, price)
  }

  #print({ id, market, taker }: ExchangeTrade): void {
    const { markets, clock, out } = this.#of
    const book = this.bookOf(market, taker.outcome)
    const { side, price, size } = taker
    if (book) out.market(markets.print({ book, side, price, size, id }, clock.nowMs()))
  }

  #announce(trade: ExchangeTrade): void {
    this.tell(trade)
    for (const { order } of [trade.taker, ...trade.makers]) if (order) this.news(order, 'UPDATE')
    this.#of.traded(trade)
  }

  #user(frame: UserFrame): void {
    this.#of.out.user(this.lateMs > 0 ? { ...frame, lateMs: this.lateMs } : frame)
  }

  #changes(): LevelChanges {
    return new LevelChanges(this.#of.clock.nowMs())
  }

  #hex(digits: number): string {
    const words = Array.from({ length: digits / 8 }, () => this.#of.random.next())
    return words.map(word => word.toString(16).padStart(8, '0')).join('')
  }

  #uuid(): string {
    const hex = this.#hex(32)
    const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`]
    return [...parts, `a${hex.slice(17, 20)}`, hex.slice(20)].join('-')
  }
}
