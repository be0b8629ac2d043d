import assert from 'node:assert'
import type { DecisionConfig } from '#schemas/config.js'
import { FillReported, OrderAcknowledged, OrderRejected } from '#schemas/events/order.js'
import { BID, CHANGE } from '#schemas/levels.js'
import type { Event } from '#schemas/registry.js'
import type { Fault, Reject } from '#schemas/reasons.js'
import { costOf, feeOf, price, shares } from '#schemas/units.js'
import type { BookView } from '#engine/book/view.js'
import type { SendOrder } from '#engine/core/effects.js'
import type { MarketFacts } from '#engine/core/market.js'
import type { Answer, AnswerEvent, Gateway } from '../gateway.js'
import { shareModel, twinOf, walkModel, type FillModel } from './fill-model.js'
import { keyedBelow } from './keyed-random.js'
import { Taken } from './taken.js'

/** What the exchange sees of the feed: books as they stand when it is asked, and the facts of markets. */
export interface SimWorld {
  readonly book: (token: number) => BookView | undefined
  readonly marketOf: (token: number) => MarketFacts | undefined
}

/** What the exchange is made of: all of it stands in `RunStarted`. */
export interface SimOptions {
  readonly sim: DecisionConfig['sim']
  readonly seed: number
  readonly faults: readonly Fault[]
}

interface Pending {
  readonly order: SendOrder
  readonly dueUs: number
}

/** A marketable buy is worth at least a dollar. Source: Polymarket order rules, seen 2026-10. */
const MARKETABLE_BUY_MIN = 1_000_000

const [LATENCY, REJECT, LOST] = [0, 1, 2]

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

  constructor({ sim, seed, faults }: SimOptions, world: SimWorld) {
    this.#sim = sim
    this.#seed = seed
    this.#faults = new Set(faults)
    this.#world = world
    this.#model = modelOf(sim)
  }

  get dueUs(): number {
    return this.#answers[0]?.dueUs ?? this.#pending[0]?.dueUs ?? Number.POSITIVE_INFINITY
  }

  send(order: SendOrder, tUs: number): void {
    const { latency_ms, jitter_ms, lost_bps } = this.#sim
    if (this.#draw(order.order, LOST, 10_000) < lost_bps) return
    const jitterUs = jitter_ms === 0 ? 0 : this.#draw(order.order, LATENCY, jitter_ms * 1_000 + 1)
    this.#pending.push({ order, dueUs: tUs + latency_ms * 1_000 + jitterUs })
    this.#pending.sort((a, b) => a.dueUs - b.dueUs || (a.order.order < b.order.order ? -1 : 1))
  }

  take(): Answer {
    if (this.#answers.length === 0) {
      const next = this.#pending.shift()
      assert(next, 'Invariant: an answer is taken only when one is due')
      this.#answers = this.#judge(next)
    }
    const answer = this.#answers.shift()
    assert(answer, 'Invariant: every order has an answer')
    return answer
  }

  observe(event: Event): void {
    if (event.type === 'ConfigChanged') {
      this.#sim = event.data.config.sim
      this.#model = modelOf(this.#sim)
    }
    if (this.#taken.isEmpty) return
    if (event.type === 'BookSnapshot') this.#taken.restateBook(event.data.token)
    if (event.type !== 'BookChanged') return
    const { d } = event.data
    for (let i = 0; i < d.length; i += CHANGE) this.#taken.restate(d[i]!, d[i + 1]!, d[i + 2]!)
  }

  save() {
    const [sim, pending, answers] = [this.#sim, this.#pending, this.#answers]
    return { sim, pending, answers, taken: this.#taken.save() }
  }

  load(saved: unknown): void {
    // What `save` above gave.
    const { sim, pending, answers, taken } = saved as ReturnType<SimExchange['save']>
    this.#sim = sim
    this.#model = modelOf(sim)
    this.#pending = pending
    this.#answers = answers
    this.#taken.load(taken)
  }

  #judge({ order, dueUs }: Pending): Answer[] {
    const { order: id, token, side } = order
    const answer = (event: AnswerEvent): Answer => ({ dueUs, order: id, cause: order.seq, event })
    const reject = (reason: Reject, detail: string): Answer[] => [
      answer(OrderRejected.make({ order: id, reason, detail })),
    ]
    const book = this.#world.book(token)
    const market = this.#world.marketOf(token)
    if (!book || !market || market.isResolved)
      return reject('no-market', 'the market takes no orders')
    if (order.side === BID && costOf(order.limit, order.size) < MARKETABLE_BUY_MIN)
      return reject('below-min-size', 'a marketable buy is worth at least $1')
    if (order.limit % book.tick !== 0) return reject('off-tick', `tick is ${book.tick}`)
    if (this.#draw(id, REJECT, 10_000) < this.#sim.reject_bps)
      return reject('venue-refused', 'simulated refusal')
    const takes = this.#isForcedToFail(order)
      ? []
      : this.#model({ ...order, book, taken: this.#taken })
    const fills = takes.map((take, k) => {
      this.#take(market, order, take.price, take.size)
      return answer(
        FillReported.make({
          order: id,
          trade: `${id}/${k + 1}`,
          token,
          side,
          price: price(take.price),
          size: shares(take.size),
          fee: feeOf(take.price, take.size, market),
        }),
      )
    })
    const filled = shares(takes.reduce((total, { size }) => total + size, 0))
    return [
      answer(OrderAcknowledged.make({ order: id, venueOrder: `sim-${id}`, filled })),
      ...fills,
    ]
  }

  #isForcedToFail({ action }: SendOrder): boolean {
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

function modelOf(sim: DecisionConfig['sim']): FillModel {
  if (sim.fill_model === 'walk') return walkModel
  return shareModel({ liquid: sim.fill_share_liquid_bps, thin: sim.fill_share_thin_bps })
}
