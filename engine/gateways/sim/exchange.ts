import assert from 'node:assert'
import { completed, type DecisionConfig } from '#schemas/config.js'
import { CHANGE } from '#schemas/levels.js'
import type { Event, EventOf } from '#schemas/registry.js'
import type { Fault } from '#schemas/reasons.js'
import type { Answer, Gateway, GatewayInterest, Request } from '../gateway.js'
import { Agenda, keyOf } from './agenda.js'
import { Desk, type SimWorld } from './desk.js'
import { keyedBelow } from './keyed-random.js'
import type { RestingFill } from './resting.js'

/** What the exchange is made of: all of it stands in `RunStarted`. */
export interface SimOptions {
  readonly sim: DecisionConfig['sim']
  /** Cash at the start, 1e-6 dollar. */
  readonly cash: number
  readonly seed: number
  readonly faults: readonly Fault[]
  /** In logs of the first schemas a bankroll that changed was ignored. */
  readonly keepsCash?: boolean
  /** In logs before schema 4 the randomness of a question about no order hung on its sequence number, which any note shifts. */
  readonly isKeyedBySeq?: boolean
}

const [LATENCY, LOST, ANSWER_LOST, SPIKE] = [0, 2, 3, 4]

/**
 * The exchange in the box: a pure fold of (its view of the feed, orders, seed) into answers that are due at a time.
 * Orders are judged when their answer is due, on the books as they then stand; those that rest are filled as the feed moves.
 * Randomness is keyed by seed and order id.
 */
export class SimExchange implements Gateway {
  readonly leavesProcess = false
  #sim: DecisionConfig['sim']
  readonly #seed: number
  readonly #desk: Desk
  readonly #agenda = new Agenda()
  #answers: Answer[] = []

  readonly #isKeyedBySeq: boolean

  constructor(
    { sim, cash, seed, faults, keepsCash = false, isKeyedBySeq = false }: SimOptions,
    world: SimWorld,
  ) {
    this.#isKeyedBySeq = isKeyedBySeq
    this.#sim = sim
    this.#seed = seed
    this.#desk = new Desk({ sim, cash, seed, faults: new Set(faults), keepsCash }, world)
  }

  get interest(): GatewayInterest {
    return this.#desk.interest
  }

  get dueUs(): number {
    return this.#answers[0]?.dueUs ?? this.#agenda.dueUs
  }

  send(request: Request, tUs: number): void {
    const key = keyOf(request, this.#isKeyedBySeq ? request.seq : tUs)
    if (request.tag === 'Convert') {
      // A transaction is not lost on its way: it is mined, or it fails.
      this.#agenda.add({ key, dueUs: tUs + this.#sim.conversion_ms * 1_000, request })
      return
    }
    if (this.#draw(key, LOST, 10_000) < this.#sim.lost_bps) {
      if (request.tag === 'SendOrder') this.#desk.lost.add(key)
      return
    }
    this.#agenda.add({ key, dueUs: tUs + this.#latencyUs(key), request })
  }

  take(): Answer | undefined {
    if (this.#answers.length === 0) {
      const next = this.#agenda.take()
      assert(next, 'Invariant: an answer is taken only when one is due')
      this.#answers = this.#serve(next)
    }
    return this.#answers.shift()
  }

  observe(event: Event, tUs: number): void {
    const desk = this.#desk
    if (event.type === 'ConfigChanged') {
      const { sim, risk } = completed(event.data.config)
      this.#sim = sim
      desk.reconfigure(sim, risk)
    }
    if (event.type === 'MarketResolved') this.#resolved(event, tUs)
    if (!desk.resting.isEmpty) {
      if (event.type === 'BookChanged') this.#matched(desk.resting.changed(event), tUs)
      if (event.type === 'BookSnapshot') this.#matched(desk.resting.restated(event), tUs)
      if (event.type === 'TradePrinted') this.#matched(desk.resting.traded(event), tUs)
    }
    const { taken } = desk
    if (taken.isEmpty) return
    if (event.type === 'BookSnapshot') taken.restateBook(event.data.token)
    if (event.type !== 'BookChanged') return
    const { d } = event.data
    for (let i = 0; i < d.length; i += CHANGE) taken.restate(d[i]!, d[i + 1]!, d[i + 2]!)
  }

  save() {
    return {
      sim: this.#sim,
      answers: this.#answers,
      agenda: this.#agenda.save(),
      desk: this.#desk.save(),
    }
  }

  load(saved: unknown): void {
    // What `save` above gave.
    const { sim, answers, agenda, desk } = saved as ReturnType<SimExchange['save']>
    this.#sim = sim
    this.#answers = answers
    this.#agenda.load(agenda)
    this.#desk.load(desk, sim)
  }

  #serve({ dueUs, key, request }: ReturnType<Agenda['take']> & object): Answer[] {
    const order = 'order' in request ? request.order : ''
    const events = this.#desk.answer(request)
    if (request.tag === 'SendOrder' && this.#desk.resting.find(order) && request.tif === 'GTD')
      this.#agenda.add({
        key,
        dueUs: Math.max(dueUs, request.untilUs),
        request: { tag: 'Expire', order, seq: request.seq },
      })
    const mayBeLost = request.tag === 'SendOrder' || request.tag === 'CancelOrder'
    if (mayBeLost && this.#draw(key, ANSWER_LOST, 10_000) < this.#sim.answer_lost_bps) {
      if (request.tag === 'SendOrder') this.#desk.undelivered.set(order, events)
      return []
    }
    return events.map(event => ({ dueUs, order, cause: request.seq, event }))
  }

  /** Orders that rest have matched: the reports come with the exchange's latency. */
  #matched(fills: readonly RestingFill[], tUs: number): void {
    for (const one of fills) {
      const { order, seq } = one.resting.order
      const event = this.#desk.fillResting(one)
      if (one.left === 0) this.#desk.resting.remove(order)
      const key = `${order}/m${one.fill}`
      this.#agenda.add({
        key: order,
        dueUs: tUs + this.#latencyUs(key),
        request: { tag: 'Report', order, seq, event },
      })
    }
  }

  /** A decided market pays; what rested in it is cancelled. */
  #resolved({ data: { market, payouts } }: EventOf<'MarketResolved'>, tUs: number): void {
    for (const event of this.#desk.close(market)) {
      const { order, seq } = event
      const request = { tag: 'Report', order, seq, event: event.event } as const
      this.#agenda.add({ key: order, dueUs: tUs + this.#latencyUs(`${order}/closed`), request })
    }
    for (const [token, at] of payouts) this.#desk.ledger.settle(token, at)
  }

  #latencyUs(key: string): number {
    const { latency_ms, jitter_ms, spike_ms, spike_every } = this.#sim
    const jitterUs = jitter_ms === 0 ? 0 : this.#draw(key, LATENCY, jitter_ms * 1_000 + 1)
    const isSpike = spike_every > 0 && this.#draw(key, SPIKE, spike_every) === 0
    return (latency_ms + (isSpike ? spike_ms : 0)) * 1_000 + jitterUs
  }

  #draw(key: string, salt: number, below: number): number {
    return keyedBelow({ seed: this.#seed, key, salt }, below)
  }
}
