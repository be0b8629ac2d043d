import assert from 'node:assert'
import { completed, type DecisionConfig } from '#schemas/config.js'
import { FillReported, OrderAcknowledged, OrderRejected } from '#schemas/events/order.js'
import { BID, CHANGE } from '#schemas/levels.js'
import type { Event } from '#schemas/registry.js'
import type { Fault, Reject } from '#schemas/reasons.js'
import { costOf, price, shares } from '#schemas/units.js'
import type { BookView } from '#engine/book/view.js'
import type { SendOrder } from '#engine/core/effects.js'
import type { MarketFacts } from '#engine/core/market.js'
import { takerFee, venueNamed } from '#engine/venues/registry.js'
import type { Answer, AnswerEvent, Gateway, Request } from '../gateway.js'
import { Ledger } from './ledger.js'
import { shareModel, twinOf, walkModel, type FillModel } from './fill-model.js'
import { keyedBelow } from './keyed-random.js'
import { Taken } from './taken.js'
import { walked, type Take, type Walk } from './walk.js'

/** What the exchange sees of the feed: books as they stand when it is asked, and the facts of markets. */
export interface SimWorld {
  readonly book: (token: number) => BookView | undefined
  readonly marketOf: (token: number) => MarketFacts | undefined
  /** Who says which of the levels on offer an order takes; the reference where nobody is named. */
  readonly walk?: Walk
}

/** What the exchange is made of: all of it stands in `RunStarted`. */
export interface SimOptions {
  readonly sim: DecisionConfig['sim']
  /** Cash at the start, 1e-6 dollar. */
  readonly cash: number
  readonly seed: number
  readonly faults: readonly Fault[]
}

interface Pending {
  readonly request: Request
  readonly dueUs: number
}

const [LATENCY, REJECT, LOST, ANSWER_LOST, SPIKE, DROP] = [0, 1, 2, 3, 4, 5]

/**
 * The exchange in the box: a pure fold of (its view of the feed, orders, seed) into answers that are due at a time.
 * Orders are judged when their answer is due, on the books as they then stand. Randomness is keyed by seed and order id.
 */
export class SimExchange implements Gateway {
  readonly leavesProcess = false
  #sim: DecisionConfig['sim']
  readonly #seed: number
  readonly #world: SimWorld
  #model: FillModel
  readonly #faults: ReadonlySet<Fault>
  readonly #taken = new Taken()
  #pending: Pending[] = []
  #answers: Answer[] = []
  readonly #ledger: Ledger
  /** Orders that were lost on their way here. */
  readonly #lost = new Set<string>()
  /** What became of orders whose answer was lost on its way back. */
  readonly #untold = new Map<string, readonly AnswerEvent[]>()

  constructor({ sim, cash, seed, faults }: SimOptions, world: SimWorld) {
    this.#ledger = new Ledger(cash)
    this.#sim = sim
    this.#seed = seed
    this.#faults = new Set(faults)
    this.#world = world
    this.#model = modelOf(sim)
  }

  get listens(): readonly number[] {
    return this.#taken.levels
  }

  get dueUs(): number {
    return this.#answers[0]?.dueUs ?? this.#pending[0]?.dueUs ?? Number.POSITIVE_INFINITY
  }

  send(request: Request, tUs: number): void {
    const key = keyOf(request)
    const { latency_ms, jitter_ms, lost_bps, spike_ms, spike_every } = this.#sim
    if (this.#draw(key, LOST, 10_000) < lost_bps) {
      if (request.tag === 'SendOrder') this.#lost.add(key)
      return
    }
    const jitterUs = jitter_ms === 0 ? 0 : this.#draw(key, LATENCY, jitter_ms * 1_000 + 1)
    const isSpike = spike_every > 0 && this.#draw(key, SPIKE, spike_every) === 0
    const latencyMs = latency_ms + (isSpike ? spike_ms : 0)
    this.#pending.push({ request, dueUs: tUs + latencyMs * 1_000 + jitterUs })
    this.#pending.sort(
      (a, b) => a.dueUs - b.dueUs || (keyOf(a.request) < keyOf(b.request) ? -1 : 1),
    )
  }

  take(): Answer | undefined {
    if (this.#answers.length === 0) {
      const next = this.#pending.shift()
      assert(next, 'Invariant: an answer is taken only when one is due')
      this.#answers = this.#serve(next)
    }
    return this.#answers.shift()
  }

  observe(event: Event): void {
    if (event.type === 'ConfigChanged') {
      this.#sim = completed(event.data.config).sim
      this.#model = modelOf(this.#sim)
    }
    if (event.type === 'MarketResolved')
      for (const [token, at] of event.data.payouts) this.#ledger.settle(token, at)
    if (this.#taken.isEmpty) return
    if (event.type === 'BookSnapshot') this.#taken.restateBook(event.data.token)
    if (event.type !== 'BookChanged') return
    const { d } = event.data
    for (let i = 0; i < d.length; i += CHANGE) this.#taken.restate(d[i]!, d[i + 1]!, d[i + 2]!)
  }

  save() {
    const [sim, pending, answers, lost, untold] = [
      this.#sim,
      this.#pending,
      this.#answers,
      this.#lost,
      this.#untold,
    ]
    const [taken, ledger] = [this.#taken.save(), this.#ledger.save()]
    return { sim, pending, answers, lost, untold, taken, ledger }
  }

  load(saved: unknown): void {
    // What `save` above gave.
    const { sim, pending, answers, lost, untold, taken, ledger } = saved as ReturnType<
      SimExchange['save']
    >
    this.#sim = sim
    this.#model = modelOf(sim)
    this.#pending = pending
    this.#answers = answers
    for (const order of lost) this.#lost.add(order)
    for (const [order, events] of untold) this.#untold.set(order, events)
    this.#taken.load(taken)
    this.#ledger.load(ledger)
  }

  #serve({ request, dueUs }: Pending): Answer[] {
    const order = request.tag === 'RequestHoldings' ? '' : request.order
    const told = this.#told(request)
    return told.map(event => ({ dueUs, order, cause: request.seq, event }))
  }

  #told(request: Request): readonly AnswerEvent[] {
    switch (request.tag) {
      case 'RequestHoldings':
        return [this.#ledger.report(this.#faults.has('phantom-position'))]
      case 'QueryOrder':
        return this.#remembered(request.order)
      case 'SendOrder': {
        const events = this.#judge(request)
        const { order: id } = request
        if (this.#draw(id, ANSWER_LOST, 10_000) >= this.#sim.answer_lost_bps) return events
        this.#untold.set(id, events)
        return []
      }
    }
  }

  /** What became of an order: silence while it is on its way or after it was told. */
  #remembered(id: string): readonly AnswerEvent[] {
    const events = this.#untold.get(id) ?? []
    this.#untold.delete(id)
    if (!this.#lost.delete(id)) return events
    const detail = 'the exchange never saw it'
    return [OrderRejected.make({ order: id, reason: 'not-found', detail })]
  }

  #judge(order: SendOrder): AnswerEvent[] {
    const { order: id, token, side } = order
    const reject = (reason: Reject, detail: string): AnswerEvent[] => [
      OrderRejected.make({ order: id, reason, detail }),
    ]
    const book = this.#world.book(token)
    const market = this.#world.marketOf(token)
    if (!book || !market || market.isResolved)
      return reject('no-market', 'the market takes no orders')
    const { marketableBuyMin } = venueNamed(market.rules)
    if (order.side === BID && costOf(order.limit, order.size) < marketableBuyMin)
      return reject('below-min-size', 'a marketable buy is worth at least $1')
    if (order.limit % book.tick !== 0) return reject('off-tick', `tick is ${book.tick}`)
    if (this.#draw(id, REJECT, 10_000) < this.#sim.reject_bps)
      return reject('venue-refused', 'simulated refusal')
    const takes = this.#isForcedToFail(order) ? [] : this.#walked(order, book)
    const fills = takes.map(({ price: at, size }, k) => {
      const fee = takerFee(market, at, size)
      this.#take(market, order, at, size)
      this.#ledger.fill({ token, side, price: at, size, fee })
      const trade = `${id}/${k + 1}`
      const of = { order: id, trade, token, side, price: price(at), size: shares(size), fee }
      return FillReported.make(of)
    })
    const filled = shares(takes.reduce((total, { size }) => total + size, 0))
    return [OrderAcknowledged.make({ order: id, venueOrder: `sim-${id}`, filled }), ...fills]
  }

  #walked(order: SendOrder, book: BookView): readonly Take[] {
    const levels = this.#model({ ...order, book, taken: this.#taken })
    const { order: id, token, side, limit, size } = order
    const { walk = walked } = this.#world
    return walk({ order: id, token, side, limit, size, tick: book.tick, levels })
  }

  #isForcedToFail({ action, order }: SendOrder): boolean {
    if (this.#draw(order, DROP, 10_000) < this.#sim.drop_book_bps) return true
    if (action === 'chase') return this.#faults.has('force-chase-fail')
    return action === 'flatten' && this.#faults.has('force-flatten-fail')
  }

  #take(market: MarketFacts, order: SendOrder, at: number, size: number): void {
    const from = twinOf(order.side, 0).side
    this.#taken.add(order.token, from, at, size)
    const twin = market.tokens.find(token => token !== order.token)
    if (twin === undefined || market.tokens.length !== 2) return
    const mirror = twinOf(from, at)
    this.#taken.add(twin, mirror.side, mirror.price, size)
  }

  #draw(key: string, salt: number, below: number): number {
    return keyedBelow({ seed: this.#seed, key, salt }, below)
  }
}

/** What randomness belongs to: the order, or the question. */
function keyOf(request: Request): string {
  if (request.tag === 'SendOrder') return request.order
  return request.tag === 'QueryOrder'
    ? `${request.order}?${request.query}`
    : `holdings ${request.signal}`
}

function modelOf(sim: DecisionConfig['sim']): FillModel {
  if (sim.fill_model === 'walk') return walkModel
  return shareModel({ liquid: sim.fill_share_liquid_bps, thin: sim.fill_share_thin_bps })
}
