import { ASK, BID, CHANGE, type Side } from '#schemas/levels.js'
import type { FeedEvent } from '#engine/feeds/feed.js'
import type { EventOf } from '#schemas/registry.js'
import { shares } from '#schemas/units.js'
import type { TwinFrame } from '../frames.js'
import type { TwinMarket, TwinMarkets } from '../markets.js'
import type { TokenBook } from '../token-book.js'
import type { Exchange } from './exchange.js'
import { matchesOf, type Match } from './matching.js'
import { bookSide, inTerms, opposite, type TwinOrder } from './order.js'

/** A token as the simulated market speaks of it. */
interface Spoken {
  readonly book: TokenBook
  readonly market: TwinMarket
  readonly outcome: 0 | 1
}

/**
 * The simulated market as it meets the orders that rest here: what it brings to a price that crosses them is matched before
 * it is published, its trades reach them by their place in the queue, and its cancels let them move up.
 */
export class SimulatedFlow {
  readonly #exchange: Exchange
  readonly #markets: TwinMarkets
  readonly #nowMs: () => number
  readonly #say: (frames: readonly TwinFrame[]) => void

  constructor(of: {
    readonly exchange: Exchange
    readonly markets: TwinMarkets
    readonly nowMs: () => number
    readonly say: (frames: readonly TwinFrame[]) => void
  }) {
    this.#exchange = of.exchange
    this.#markets = of.markets
    this.#nowMs = of.nowMs
    this.#say = of.say
  }

  /** Takes what happens in the simulated market. */
  take(event: FeedEvent): void {
    switch (event.type) {
      case 'BookChanged':
        this.#publish({ ...event, data: { ...event.data, d: this.#changed(event.data.d) } })
        return
      case 'BookSnapshot':
        this.#publish(this.#restated(event))
        return
      case 'TradePrinted':
        this.#traded(event)
        return
      case 'TickSizeChanged': {
        const book = this.#markets.bookOf(event.data.token)
        if (book) this.#exchange.regrid(book, event.data.to)
        return
      }
      case 'MarketResolved':
        this.#resolved(event)
        return
      default:
        this.#publish(event)
    }
  }

  #publish(event: FeedEvent): void {
    this.#say(this.#markets.take(event, this.#nowMs()))
  }

  /** The changes with what was matched taken off. A level and its mirror are one piece of liquidity: it is matched once. */
  #changed(d: readonly number[]): number[] {
    const changed = [...d]
    const taken = new Map<string, number>()
    for (let i = 0; i < d.length; i += CHANGE) {
      const spoken = this.#spoken(d[i]!)
      if (!spoken || (taken.size === 0 && this.#isEmpty(spoken))) continue
      const side = d[i + 1] === ASK ? ASK : BID
      changed[i + 3] = this.#level(spoken, { side, price: d[i + 2]!, size: d[i + 3]! }, taken)
    }
    return changed
  }

  #restated(event: EventOf<'BookSnapshot'>): EventOf<'BookSnapshot'> {
    const spoken = this.#spoken(event.data.token)
    if (!spoken || this.#isEmpty(spoken)) return event
    const { bids, asks } = event.data
    for (const order of this.#exchange.floor.restingIn(spoken.market).all()) {
      const levels = order.side === 'BUY' ? bids : asks
      const isStated = levels.some((at, k) => k % 2 === 0 && at === order.price)
      if (order.outcome === spoken.outcome && !isStated) order.ahead = 0
    }
    const taken = new Map<string, number>()
    const sized = (levels: readonly number[], side: Side): number[] =>
      levels.flatMap((price, k) => {
        if (k % 2 === 1) return []
        const left = this.#level(spoken, { side, price, size: levels[k + 1]! }, taken)
        return left > 0 ? [price, left] : []
      })
    return { ...event, data: { ...event.data, bids: sized(bids, BID), asks: sized(asks, ASK) } }
  }

  /** What is left of a level when orders that it crosses are matched; who stands behind it moves up where it shrank. */
  #level(
    { market, outcome }: Spoken,
    { side, price, size }: { side: Side; price: number; size: number },
    taken: Map<string, number>,
  ): number {
    const { floor } = this.#exchange
    const maker = { side: side === BID ? 'BUY' : 'SELL', outcome } as const
    const key = `${market.id} ${bookSide(maker)} ${inTerms(price, outcome, 0)}`
    const before = taken.get(key) ?? 0
    const left = Math.max(0, size - before)
    const incoming = { ...maker, price, size: left }
    const { matches } = matchesOf(incoming, { resting: floor.restingIn(market) })
    const matched = matches.reduce((sum, one) => sum + one.size, 0)
    if (matched > 0) this.#exchange.struck({ ...maker, market }, matches)
    taken.set(key, before + matched)
    for (const order of floor.restingIn(market).of(bookSide(maker))) {
      if (order.outcome !== outcome || order.price !== price) continue
      const ahead = Math.min(order.ahead, left - matched)
      order.cut = order.ahead - ahead
      order.ahead = ahead
    }
    return left - matched
  }

  /** A trade of the simulated market meets better prices first, then those at its own price by their place in the queue. */
  #traded(event: EventOf<'TradePrinted'>): void {
    const { token, price, size } = event.data
    const spoken = this.#spoken(token)
    if (!spoken || this.#isEmpty(spoken)) {
      this.#publish(event)
      return
    }
    const { market, outcome } = spoken
    const taker = { side: event.data.side === BID ? 'BUY' : 'SELL', outcome } as const
    const resting = this.#exchange.floor.restingIn(market)
    const all = matchesOf({ ...taker, price, size }, { resting }).matches
    const better = all.filter(one => one.price !== price)
    let left = better.reduce<number>((rest, one) => rest - one.size, size)
    const queue = resting
      .of(opposite(bookSide(taker)))
      .filter(order => inTerms(order.price, order.outcome, outcome) === price)
    const reached: Match[] = reachedBy(left, queue).map(one => ({ ...one, price }))
    if (better.length + reached.length > 0)
      this.#exchange.struck({ ...taker, market }, [...better, ...reached])
    left = reached.reduce((rest, one) => rest - one.size, left)
    if (left > 0) this.#publish({ ...event, data: { ...event.data, size: shares(left) } })
  }

  #resolved(event: EventOf<'MarketResolved'>): void {
    const market = this.#markets.byNumber(event.data.market)
    if (!market) return
    const paid = new Map(
      event.data.payouts.map(([token, at]) => [this.#markets.bookOf(token)?.facts.assetId, at]),
    )
    this.#exchange.resolve(
      market,
      market.assets.map(asset => paid.get(asset) ?? 0),
    )
  }

  #spoken(token: number): Spoken | undefined {
    const book = this.#markets.bookOf(token)
    const market = book && this.#markets.byAsset.get(book.facts.assetId)
    if (!market) return undefined
    return { book, market, outcome: market.assets[0] === book.facts.assetId ? 0 : 1 }
  }

  #isEmpty({ market }: Spoken): boolean {
    return this.#exchange.floor.restingIn(market).isEmpty
  }
}

/** Whom a trade of this size reaches in the queue of its price; those behind it move up by what went before them. */
function reachedBy(size: number, queue: readonly TwinOrder[]): Omit<Match, 'price'>[] {
  const reached: Omit<Match, 'price'>[] = []
  let [left, passed] = [size, 0]
  for (const order of queue) {
    // The change of the level, told just before, has already taken the trade off what stands ahead.
    const ahead = order.ahead + order.cut
    const simulated = Math.min(left, Math.max(0, ahead - passed))
    passed += simulated
    left -= simulated
    order.ahead = Math.max(0, Math.min(order.ahead, ahead - passed))
    order.cut = 0
    const part = Math.min(left, order.size - order.matched)
    if (part > 0) reached.push({ size: part, maker: order })
    left -= part
  }
  return reached
}
