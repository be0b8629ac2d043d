import { FillRefused, OrderClosed, OrderFilled, OrderQueried } from '#schemas/events/order.js'
import type { SignalLeg } from '#schemas/events/signal.js'
import type { DecisionConfig } from '#schemas/config.js'
import type { Bucket, OrderResult, Stop } from '#schemas/reasons.js'
import type { EventOf } from '#schemas/registry.js'
import { shares, usdc } from '#schemas/units.js'
import type { Quote } from '#engine/core/quote.js'
import type { Turn } from '#engine/core/turn.js'
import { chaseBudget, capOf } from './prices.js'
import { fillLeg, thinnestFirst, type Work } from './legs.js'
import { fillOrder, judge, resultOf, type Order } from './order.js'
import { advance, begin, giveUp, type Bench } from './work.js'

/** What the OMS asks of the rest of the engine; `engine/run` hands it in, so that this room knows no other. */
export interface OmsPort {
  readonly isStopped: () => boolean
  readonly quote: (token: number) => Quote
  readonly trip: (turn: Turn, of: { cause: number; why: Stop; detail: string }) => void
  /** The exchange took the order; `isLate`: only after it was asked about. */
  readonly accepted: (turn: Turn, of: { cause: number; order: string; isLate: boolean }) => void
  readonly rejected: (turn: Turn, of: { cause: number; order: string }) => void
  readonly booked: (
    turn: Turn,
    order: Order,
    fill: { size: number; cash: number; fee: number },
  ) => void
  /** Whether the market of a token is decided: it takes no orders, and what was held is paid. */
  readonly isOver: (token: number) => boolean
  /** The signal is over. An unknown one keeps its reservation: it counts as full exposure. */
  readonly settled: (turn: Turn, of: Settled) => void
}

/** How a signal ended. */
export interface Settled {
  readonly signal: string
  readonly isKnown: boolean
  /** Sequence number of the `LegsSettled`. */
  readonly seq: number
  /** Cash less fees, each complete set counted as the dollar that it will pay; 1e-6 dollar. */
  readonly made: number
  /** Whether it bought anything. */
  readonly isTraded: boolean
}

/** When the engine wants to hear from the clock, in µs (Infinity: never), and the event that made it want to. */
export interface Deadline {
  readonly dueUs: number
  readonly cause: number
}
const NEVER: Deadline = { dueUs: Number.POSITIVE_INFINITY, cause: 0 }

/** An approved signal, as the gate hands it over. */
export interface Approved {
  readonly signal: string
  /** The markets of its legs, each once. */
  readonly markets: readonly number[]
  readonly bucket: Bucket
  /** Expected net edge in bps. */
  readonly edge: number
  readonly legs: readonly SignalLeg[]
  /** Per leg: what its first asks hold. The thinnest is fired first. */
  readonly thickness: readonly number[]
  /** Sequence number of the `IntentApproved`. */
  readonly seq: number
}

/** Most orders remembered after they closed, so that a late report finds its order; the oldest give way. */
const CLOSED_MAX = 4_096

/**
 * Order management. The worst leg is fired; the others are chased within a budget; what finds no match is flattened in
 * three steps; a residue trips the hard stop; the market rests for a while. Every order and every signal gets its terminal
 * event. Orders of one signal are serial and immediate-or-cancel. The steps themselves stand in `work.ts`.
 */
export class Oms {
  readonly open = new Map<string, Work>()
  readonly orders = new Map<string, Order>()
  /** Per market: no new signal before this, in µs. */
  readonly cooldowns = new Map<number, number>()
  /** Orders placed so far. */
  get placed(): number {
    return this.#bench.placed
  }
  readonly #port: OmsPort
  readonly #bench: Bench
  readonly #closed: string[] = []

  constructor(config: DecisionConfig['oms'], port: OmsPort) {
    this.#port = port
    const { open, orders, cooldowns } = this
    this.#bench = { config, port, open, orders, cooldowns, placed: 0 }
  }

  /** From here on another configuration decides; what is in work goes on with it. */
  reconfigure(config: DecisionConfig['oms']): void {
    this.#bench.config = config
  }

  /** The order without an answer that becomes unknown next: when, and its `OrderPlaced`. */
  get deadline(): Deadline {
    let soonest = NEVER
    if (this.open.size === 0) return soonest
    for (const { order } of this.open.values())
      if (order && order.result === undefined && order.deadlineUs < soonest.dueUs)
        soonest = { dueUs: order.deadlineUs, cause: order.seq }
    return soonest
  }

  /** Whether as many signals are in work as may be. */
  get isFull(): boolean {
    return this.open.size >= this.#bench.config.signals_max
  }

  /** Whether a signal of this market is in work. */
  isBusy(market: number): boolean {
    for (const work of this.open.values()) if (work.markets.includes(market)) return true
    return false
  }

  /** Whether the market rests at this time. */
  isResting(market: number, tUs: number): boolean {
    return tUs < (this.cooldowns.get(market) ?? 0)
  }

  /** The most that each leg may ever pay, in 1e-4 dollar: what the gate reserves for. */
  capsOf({ edge, legs }: { edge: number; legs: readonly SignalLeg[] }): number[] {
    const budget = chaseBudget(edge, this.#bench.config.chase_max_bps)
    return legs.map(leg => capOf(leg, budget, this.#port.quote(leg.token).tick))
  }

  /** Fires an approved signal. */
  begin(turn: Turn, approved: Approved): void {
    const caps = this.capsOf(approved)
    const work: Work = {
      signal: approved.signal,
      markets: approved.markets,
      bucket: approved.bucket,
      budgetBps: chaseBudget(approved.edge, this.#bench.config.chase_max_bps),
      legs: approved.legs.map((plan, k) => {
        return { plan, cap: caps[k]!, bought: 0, sold: 0, cash: 0, fee: 0, attempts: 0 }
      }),
      turns: thinnestFirst(approved.thickness),
      phase: 'fire',
      at: 0,
      rung: 0,
      matched: 0,
      hasResidue: false,
      unknown: '',
      order: undefined,
    }
    this.open.set(approved.signal, work)
    begin(this.#bench, turn, work, approved.seq)
  }

  acknowledged(turn: Turn, { data }: EventOf<'OrderAcknowledged'>): void {
    const order = this.orders.get(data.order)
    if (!order || order.result !== undefined) return
    const { id, queries } = order
    this.#port.accepted(turn, { cause: turn.input.seq, order: id, isLate: queries > 0 })
    order.acknowledged = data.filled
    this.#closeIfDone(turn, order)
  }

  rejected(turn: Turn, { data }: EventOf<'OrderRejected'>): void {
    const order = this.orders.get(data.order)
    if (!order || order.result !== undefined) return
    this.#port.rejected(turn, { cause: turn.input.seq, order: order.id })
    this.#close(turn, order, 'rejected')
  }

  /** The gateway does not know what became of an order: the exchange is asked. */
  unknown(turn: Turn, id: string): void {
    const order = this.orders.get(id)
    if (order && order.result === undefined) this.#askOrGiveUp(turn, order)
  }

  /** A deadline has come: orders without an answer are asked about, or given up. */
  ticked(turn: Turn, tUs: number): void {
    for (const { order } of [...this.open.values()])
      if (order && order.result === undefined && order.deadlineUs <= tUs)
        this.#askOrGiveUp(turn, order)
  }

  /**
   * Asks what became of an order; after the deadline nobody knows, and its exposure stays. Where nobody asks, trading stops
   * at once.
   */
  #askOrGiveUp(turn: Turn, order: Order): void {
    const { id: asked, askedUntilUs: until } = order
    if (until === 0)
      this.#port.trip(turn, { cause: turn.input.seq, why: 'unknown-outcome', detail: asked })
    if (turn.tUs >= until) {
      this.#close(turn, order, 'unknown')
      return
    }
    const query = ++order.queries
    order.deadlineUs = Math.min(until, turn.tUs + this.#bench.config.query_every_ms * 1_000)
    const seq = turn.decide(turn.input.seq, OrderQueried.make({ order: asked, query, until }))
    turn.ask({ tag: 'QueryOrder', order: asked, query, seq })
  }

  filled(turn: Turn, { data: fill }: EventOf<'FillReported'>): void {
    const { order: id, trade, token, side, price, size, fee } = fill
    const order = this.orders.get(id)
    const verdict = judge(order, fill)
    if (verdict === 'repeat') return
    if (verdict !== 'new' || !order) {
      const reason = verdict === 'new' ? 'unknown-order' : verdict
      const cause = turn.decide(turn.input.seq, FillRefused.make({ order: id, trade, reason }))
      this.#port.trip(turn, { cause, why: 'fill-mismatch', detail: `${id} ${trade}: ${reason}` })
      return
    }
    const cash = fillOrder(order, fill)
    const data = { order: id, trade, token, side, price, size, cash: usdc(cash), fee }
    turn.decide(turn.input.seq, OrderFilled.make(data))
    const leg = this.open.get(order.signal)?.legs[order.leg]
    if (leg) fillLeg(leg, { side, size, cash, fee })
    this.#port.booked(turn, order, { size, cash, fee })
    if (order.result === undefined) this.#closeIfDone(turn, order)
  }

  /** All that it remembers, for a checkpoint. */
  save() {
    const { open, orders, cooldowns, placed } = this
    return { open, orders, cooldowns, placed, closed: this.#closed }
  }

  load({ open, orders, cooldowns, placed, closed }: ReturnType<Oms['save']>): void {
    for (const [signal, work] of open) this.open.set(signal, work)
    for (const [id, order] of orders) this.orders.set(id, order)
    for (const [market, until] of cooldowns) this.cooldowns.set(market, until)
    this.#bench.placed = placed
    this.#closed.push(...closed)
  }

  #closeIfDone(turn: Turn, order: Order): void {
    const result = resultOf(order)
    if (result) this.#close(turn, order, result)
  }

  #close(turn: Turn, order: Order, result: OrderResult): void {
    order.result = result
    const { id, filled, cash, fee } = order
    const closed = { order: id, result, filled: shares(filled), cash: usdc(cash), fee: usdc(fee) }
    const seq = turn.decide(turn.input.seq, OrderClosed.make(closed))
    this.#forgetOldest(id)
    const work = this.open.get(order.signal)
    if (!work) return
    if (result !== 'unknown') {
      advance(this.#bench, turn, work, seq)
      return
    }
    work.unknown = id
    giveUp(this.#bench, turn, work, seq)
  }

  #forgetOldest(id: string): void {
    this.#closed.push(id)
    if (this.#closed.length <= CLOSED_MAX) return
    const oldest = this.#closed.shift()
    if (oldest !== undefined) this.orders.delete(oldest)
  }
}
