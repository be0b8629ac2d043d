import type { DecisionConfig } from '#schemas/config.js'
import {
  CancelRefused,
  FillReported,
  OpenOrdersReported,
  OrderAcknowledged,
  OrderCancelled,
  OrderRejected,
  OrderStatusReported,
} from '#schemas/events/order.js'
import { ASK, BID } from '#schemas/levels.js'
import type { Cancellation, Fault, Reject } from '#schemas/reasons.js'
import { costOf, price, shares, usdc } from '#schemas/units.js'
import type { BookView } from '#engine/book/view.js'
import type { CancelOrder, SendOrder } from '#engine/core/effects.js'
import type { MarketFacts } from '#engine/core/market.js'
import { makerFee, takerFee, venueNamed } from '#engine/venues/registry.js'
import type { AnswerEvent, GatewayInterest } from '../gateway.js'
import type { Act } from './agenda.js'
import { convert } from './convert.js'
import { modelOf, twinOf, type FillModel } from './fill-model.js'
import { keyedBelow } from './keyed-random.js'
import { Ledger } from './ledger.js'
import { RestingBook, type RestingFill } from './resting.js'
import { Consumed } from './consumed.js'
import { sweepBook, type BookSweep, type Take } from './sweep.js'

/** What the exchange sees of the feed: books as they stand when it is asked, and the facts of markets. */
export interface SimWorld {
  readonly book: (token: number) => BookView | undefined
  readonly marketOf: (token: number) => MarketFacts | undefined
  /** Who says which of the levels on offer an order takes; the reference where nobody is named. */
  readonly sweep?: BookSweep
}

/** What it is made of. */
export interface DeskOptions {
  readonly sim: DecisionConfig['sim']
  readonly cash: number
  readonly seed: number
  readonly faults: ReadonlySet<Fault>
  /** In logs of the first schemas a bankroll that changed was ignored. */
  readonly keepsCash?: boolean
}

/** Orders that could rest, remembered after they are over so that a question about one has an answer; the oldest give way. */
const OVER_MAX = 4_096
const [REJECT, DROP] = [1, 5]
const FAULTLESS = 'simulated refusal'

/** The trading desk of the simulated exchange: judges orders, keeps those that rest, and knows what we hold. */
export class Desk {
  readonly taken: Consumed
  readonly resting: RestingBook
  /** What it has to see of the feed: all of what our orders rest in, and the levels that they took something of. */
  readonly interest: GatewayInterest
  readonly ledger: Ledger
  /** Orders that were lost on their way here. */
  readonly lost = new Set<string>()
  /** What became of orders whose answer was lost on its way back. */
  readonly undelivered = new Map<string, readonly AnswerEvent[]>()
  /** What matched of orders that could rest and are over. */
  readonly #over = new Map<string, number>()
  readonly seed: number
  readonly #faults: ReadonlySet<Fault>
  readonly world: SimWorld
  #sim: DecisionConfig['sim']
  #model: FillModel
  #bankroll: number
  readonly #keepsCash: boolean

  constructor({ sim, cash, seed, faults, keepsCash = false }: DeskOptions, world: SimWorld) {
    this.#sim = sim
    this.seed = seed
    this.#faults = faults
    this.world = world
    this.#model = modelOf(sim)
    this.#bankroll = cash
    this.#keepsCash = keepsCash
    this.ledger = new Ledger(cash)
    const changed = new Set<number>()
    this.taken = new Consumed(changed)
    this.resting = new RestingBook(sim.queue_model, changed)
    const { taken, resting } = this
    this.interest = {
      changed,
      isWhole: token => resting.has(token),
      levelsOf: token => taken.levelsOf(token),
    }
  }

  reconfigure(sim: DecisionConfig['sim'], { bankroll_micro }: DecisionConfig['risk']): void {
    this.#sim = sim
    this.#model = modelOf(sim)
    this.resting.model = sim.queue_model
    if (!this.#keepsCash) this.ledger.deposit(bankroll_micro - this.#bankroll)
    this.#bankroll = bankroll_micro
  }

  /** What it says to a request, or at the time of something that it does by itself. */
  answer(act: Act): readonly AnswerEvent[] {
    switch (act.tag) {
      case 'RequestHoldings':
        return [this.ledger.report(this.#faults.has('phantom-position'))]
      case 'RequestOpenOrders': {
        const orders = [...this.resting.all].map(({ order }) => order.order)
        return [OpenOrdersReported.make({ orders, strangers: [] })]
      }
      case 'Convert':
        return [convert(act, this.#sim, this)]
      case 'CancelStranger':
      case 'SubmitOrder':
      case 'CancelEverything': // what only a venue with accounts is asked for
        return []
      case 'QueryOrder':
        return this.#remembered(act.order)
      case 'SendOrder':
        return this.#judge(act)
      case 'CancelOrder':
        return [this.#cancel(act)]
      case 'Expire':
        return this.resting.find(act.order) ? [this.#end(act.order, 'expired', '')] : []
      case 'Report':
        return [act.event]
    }
  }

  /** Books a fill of an order that rested, at its own price. */
  fillResting({ resting: { order }, size, fill, left }: RestingFill): AnswerEvent {
    const { order: id, token, side, limit } = order
    const market = this.world.marketOf(token)
    const fee = market ? makerFee(market, limit, size) : 0
    this.ledger.fill({ token, side, price: limit, size, fee })
    if (left === 0) this.#remember(id, order.size)
    const trade = `${id}/m${fill}`
    const of = { order: id, trade, token, side, price: price(limit), size: shares(size) }
    return FillReported.make({ ...of, fee: usdc(fee), maker: true })
  }

  /** A market takes no orders any more: what rests in it is cancelled. */
  close(market: number): { order: string; seq: number; event: AnswerEvent }[] {
    const gone = [...this.resting.all].filter(
      ({ order }) => this.world.marketOf(order.token)?.market === market,
    )
    return gone.map(({ order: { order, seq } }) => {
      return { order, seq, event: this.#end(order, 'venue', 'the market is decided') }
    })
  }

  save() {
    const { lost, undelivered } = this
    const [taken, ledger, resting] = [this.taken.save(), this.ledger.save(), this.resting.save()]
    return { lost, undelivered, taken, ledger, resting, over: this.#over, cash: this.#bankroll }
  }

  load(saved: ReturnType<Desk['save']>, sim: DecisionConfig['sim']): void {
    this.#sim = sim
    this.#model = modelOf(sim)
    this.#bankroll = saved.cash
    for (const order of saved.lost) this.lost.add(order)
    for (const [order, events] of saved.undelivered) this.undelivered.set(order, events)
    for (const [order, filled] of saved.over) this.#over.set(order, filled)
    this.taken.load(saved.taken)
    this.ledger.load(saved.ledger)
    this.resting.load(saved.resting)
  }

  /** What became of an order: silence while it is on its way, or after it was told of one that cannot rest. */
  #remembered(id: string): readonly AnswerEvent[] {
    const events = this.undelivered.get(id) ?? []
    this.undelivered.delete(id)
    if (this.lost.delete(id)) {
      const detail = 'the exchange never saw it'
      return [OrderRejected.make({ order: id, reason: 'not-found', detail })]
    }
    if (events.length > 0) return events
    const resting = this.resting.find(id)
    if (resting) {
      const filled = shares(resting.order.size - resting.left)
      return [OrderStatusReported.make({ order: id, state: 'resting', filled })]
    }
    const over = this.#over.get(id)
    if (over === undefined) return []
    return [OrderStatusReported.make({ order: id, state: 'closed', filled: shares(over) })]
  }

  #cancel({ order }: CancelOrder): AnswerEvent {
    if (this.resting.find(order)) return this.#end(order, 'requested', '')
    return CancelRefused.make({ order, detail: 'it is not in the book' })
  }

  #end(id: string, why: Cancellation, detail: string): AnswerEvent {
    const resting = this.resting.remove(id)
    const filled = resting ? resting.order.size - resting.left : 0
    this.#remember(id, filled)
    return OrderCancelled.make({ order: id, filled: shares(filled), why, detail })
  }

  #remember(id: string, filled: number): void {
    this.#over.set(id, filled)
    if (this.#over.size <= OVER_MAX) return
    const [oldest] = this.#over.keys()
    if (oldest !== undefined) this.#over.delete(oldest)
  }

  #judge(order: SendOrder): AnswerEvent[] {
    const { order: id, token } = order
    const book = this.world.book(token)
    const market = this.world.marketOf(token)
    if (!book || !market || market.isResolved)
      return rejection(id, 'no-market', 'the market takes no orders')
    const refused = this.#refusal(order, book, market)
    if (refused) return rejection(id, ...refused)
    const takes = this.#isForcedToFail(order) ? [] : this.#swept(order, book)
    const filled = takes.reduce((total, { size }) => total + size, 0)
    const isKilled = order.tif === 'FOK' && filled < order.size
    if (isKilled) return rejection(id, 'not-fillable', 'not all of it can be filled at once')
    const fills = takes.map((take, k) => this.#fill(order, market, take, k + 1))
    if (filled < order.size && mayRest(order)) this.#rest(order, book, order.size - filled)
    else if (mayRest(order)) this.#remember(id, filled)
    const said = { order: id, venueOrder: `sim-${id}`, filled: shares(filled) }
    return [OrderAcknowledged.make(said), ...fills]
  }

  #refusal(
    order: SendOrder,
    book: BookView,
    market: MarketFacts,
  ): readonly [Reject, string] | undefined {
    const { side, limit, size, token } = order
    const { marketableBuyMin } = venueNamed(market.rules)
    const rests = mayRest(order)
    if (!rests && side === BID && costOf(limit, size) < marketableBuyMin)
      return ['below-min-size', 'a marketable buy is worth at least $1']
    if (limit % book.tick !== 0) return ['off-tick', `tick is ${book.tick}`]
    if (rests && size < market.minSize) return ['below-min-size', `at least ${market.minSize}`]
    const crosses = side === BID ? limit >= book.bestAsk : limit <= book.bestBid
    if (order.isPostOnly && crosses) return ['would-cross', 'post-only, and it would match at once']
    if (rests && side === ASK) {
      const free = this.ledger.sizeOf(token) - this.resting.sizeOf(token, ASK)
      if (free < size) return ['not-enough-shares', `${free} free, ${size} wanted`]
    }
    if (this.#draw(order.order, REJECT) < this.#sim.reject_bps) return ['venue-refused', FAULTLESS]
    return undefined
  }

  #fill(order: SendOrder, market: MarketFacts, { price: at, size }: Take, k: number): AnswerEvent {
    const { order: id, token, side } = order
    const fee = takerFee(market, at, size)
    this.#take(market, order, at, size)
    this.ledger.fill({ token, side, price: at, size, fee })
    const trade = `${id}/${k}`
    return FillReported.make({
      ...{ order: id, trade, token, side, price: price(at), size: shares(size), fee },
    })
  }

  #rest(order: SendOrder, book: BookView, left: number): void {
    let level = 0
    book.walk(order.side, (at, size) => {
      if (at === order.limit) level = size
      return order.side === BID ? at > order.limit : at < order.limit
    })
    this.resting.add(order, left, level)
  }

  #swept(order: SendOrder, book: BookView): readonly Take[] {
    const levels = this.#model({ ...order, book, taken: this.taken })
    const { order: id, token, side, limit, size } = order
    const { sweep = sweepBook } = this.world
    return sweep({ order: id, token, side, limit, size, tick: book.tick, levels })
  }

  #isForcedToFail({ action, order }: SendOrder): boolean {
    if (this.#draw(order, DROP) < this.#sim.drop_book_bps) return true
    if (action === 'chase') return this.#faults.has('force-chase-fail')
    return action === 'flatten' && this.#faults.has('force-flatten-fail')
  }

  #take(market: MarketFacts, order: SendOrder, at: number, size: number): void {
    const from = twinOf(order.side, 0).side
    this.taken.add(order.token, from, at, size)
    const twin = market.tokens.find(token => token !== order.token)
    if (twin === undefined || market.tokens.length !== 2) return
    const mirror = twinOf(from, at)
    this.taken.add(twin, mirror.side, mirror.price, size)
  }

  #draw(key: string, salt: number): number {
    return keyedBelow({ seed: this.seed, key, salt }, 10_000)
  }
}

const mayRest = ({ tif }: SendOrder): boolean => tif === 'GTC' || tif === 'GTD'

const rejection = (order: string, reason: Reject, detail: string): AnswerEvent[] => [
  OrderRejected.make({ order, reason, detail }),
]
