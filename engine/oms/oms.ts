import type { SignalLeg } from '#schemas/events/signal.js'
import type { DecisionConfig } from '#schemas/config.js'
import type { CancelReason } from '#schemas/reasons.js'
import type { Turn } from '#engine/core/turn.js'
import { NEVER, type Deadline } from './deadline.js'
import { chaseBudget, capOf } from './prices.js'
import { fillLeg, thinnestFirst, type Execution } from './legs.js'
import { isLeg, type Order } from './order.js'
import { Orders } from './orders.js'
import type { Approved, OmsPort } from './port.js'
import { Quotes } from './quotes.js'
import { advance, begin, giveUp, sellConverted, type ExecutionDesk } from './execution.js'

/**
 * Order management. Of a signal the worst leg is fired; the others are chased within a budget; what finds no match is
 * flattened in three steps; a residue trips the hard stop; the market rests for a while. Quotes are targets that are held
 * against what rests. Every order and every signal gets its terminal event. The steps of a signal stand in `execution.ts`, the life
 * of an order in `orders.ts`, quotes in `quotes.ts`.
 */
export class Oms {
  readonly open = new Map<string, Execution>()
  readonly book: Orders
  readonly quotes: Quotes
  /** Per market: no new signal before this, in µs. */
  readonly cooldowns = new Map<number, number>()
  readonly #port: OmsPort
  readonly #desk: ExecutionDesk

  constructor(config: DecisionConfig['oms'], port: OmsPort) {
    this.#port = port
    this.book = new Orders(config, {
      trip: port.trip,
      accepted: port.accepted,
      rejected: port.rejected,
      withheld: port.withheld,
      booked: (turn, order, fill) => {
        const leg = isLeg(order) ? this.open.get(order.owner)?.legs[order.leg] : undefined
        if (leg) fillLeg(leg, { side: order.side, ...fill })
        return port.booked(turn, order, fill)
      },
      voided: (turn, fill, seq) => {
        const leg = isLeg(fill) ? this.open.get(fill.owner)?.legs[fill.leg] : undefined
        const { side, size, cash, fee } = fill
        if (leg) fillLeg(leg, { side, size: -size, cash: -cash, fee: -fee })
        port.voided(turn, fill, seq)
      },
      closed: (turn, order, seq) => {
        this.#closed(turn, order, seq)
      },
    })
    this.quotes = new Quotes(this.book, port.gateQuote)
    const { open, cooldowns } = this
    this.#desk = { config, port, open, orders: this.book, cooldowns, dust: 0 }
  }

  /** Orders by id: those that are open, and the last ones that closed. */
  get orders(): ReadonlyMap<string, Order> {
    return this.book.all
  }

  /** Orders placed so far. */
  get placed(): number {
    return this.book.placed
  }

  /** The venue fills amounts that it rounds: what its rounding leaves counts for nothing. 1e-6 share. */
  roundsTo(dust: number): void {
    this.#desk.dust = dust
  }

  /** From here on another configuration decides; executions that have begun go on with it. */
  reconfigure(config: DecisionConfig['oms']): void {
    this.#desk.config = config
    this.book.config = config
  }

  /** What the order management waits for next: an order without an answer, or a quote that may be replaced again. */
  get deadline(): Deadline {
    let soonest = NEVER
    for (const { order } of this.open.values())
      if (order && order.result === undefined && order.deadlineUs < soonest.dueUs)
        soonest = { dueUs: order.deadlineUs, cause: order.seq }
    if (this.book.live.size > 0) soonest = this.book.deadline(soonest)
    return this.quotes.deadline(soonest)
  }

  /** Whether as many signals are in execution as may be. */
  get isFull(): boolean {
    return this.open.size >= this.#desk.config.signals_max
  }

  /** Whether a signal of this market is being executed. What is quoted is not busy. */
  isBusy(market: number): boolean {
    for (const execution of this.open.values()) if (execution.markets.includes(market)) return true
    return false
  }

  /** Whether the market rests at this time. */
  isResting(market: number, tUs: number): boolean {
    return tUs < (this.cooldowns.get(market) ?? 0)
  }

  /** The most that each leg may ever pay, in 1e-4 dollar: what the gate reserves for. */
  capsOf({ edge, legs }: { edge: number; legs: readonly SignalLeg[] }): number[] {
    const budget = chaseBudget(edge, this.#desk.config.chase_max_bps)
    return legs.map(leg => capOf(leg, budget, this.#port.quote(leg.token).tick))
  }

  /** Fires an approved signal. */
  begin(turn: Turn, approved: Approved): void {
    const caps = this.capsOf(approved)
    const { signal, scope, markets, bucket } = approved
    const execution: Execution = {
      ...{ signal, scope, markets, bucket },
      budgetBps: chaseBudget(approved.edge, this.#desk.config.chase_max_bps),
      legs: approved.legs.map((plan, k) => {
        return { plan, cap: caps[k]!, bought: 0, sold: 0, cash: 0, fee: 0, attempts: 0 }
      }),
      turns: approved.converts ? [0] : thinnestFirst(approved.topDepth),
      phase: 'fire',
      converts: approved.converts ? 'yes' : 'no',
      gas: 0,
      at: 0,
      tries: 0,
      matched: 0,
      hasResidue: false,
      unknown: '',
      order: undefined,
    }
    this.open.set(approved.signal, execution)
    begin(this.#desk, turn, execution, approved.seq)
  }

  /** The conversion of a signal's first leg is over: what it is now is sold, or, where nothing came of it, what was bought. */
  converted(
    turn: Turn,
    signal: string,
    { done, gas, cause }: { done: boolean; gas: number; cause: number },
  ): void {
    const execution = this.open.get(signal)
    if (execution?.converts === 'asked')
      sellConverted(this.#desk, turn, execution, { done, gas, cause })
  }

  /** A deadline has come: orders without an answer are asked about or given up, quotes that had to wait move. */
  ticked(turn: Turn, tUs: number): void {
    for (const { order } of [...this.open.values()])
      if (order && order.result === undefined && order.deadlineUs <= tUs)
        this.book.late(turn, order)
    for (const order of [...this.book.live.values()])
      if (order.deadlineUs <= tUs) this.book.late(turn, order)
    this.quotes.ticked(turn)
  }

  /** Asks for every live order that fits to be cancelled; orders of signals are immediate-or-cancel, and end by themselves. */
  cancelAll(
    turn: Turn,
    of: { cause: number; why: CancelReason },
    fits: (order: Order) => boolean = () => true,
  ): void {
    for (const order of [...this.book.live.values()])
      if (fits(order)) this.book.cancel(turn, order, of)
  }

  /** Every order without an end, legs and others, in the order in which they were placed. */
  unended(): Order[] {
    const legs = [...this.open.values()].flatMap(({ order }) => order ?? [])
    return [...legs, ...this.book.live.values()]
      .filter(({ result }) => result === undefined)
      .sort((a, b) => a.seq - b.seq)
  }

  /** All that it remembers, for a checkpoint. */
  save() {
    const { open, cooldowns } = this
    return { open, cooldowns, book: this.book.save(), quotes: this.quotes.save() }
  }

  load({ open, cooldowns, book, quotes }: ReturnType<Oms['save']>): void {
    for (const [signal, execution] of open) this.open.set(signal, execution)
    for (const [market, until] of cooldowns) this.cooldowns.set(market, until)
    this.book.load(book)
    this.quotes.load(quotes)
  }

  #closed(turn: Turn, order: Order, seq: number): void {
    if (!isLeg(order)) {
      if (order.result === 'unknown') {
        const { id: detail, scope } = order
        this.#port.trip(turn, { cause: seq, why: 'unknown-outcome', detail, scope })
      }
      this.#port.over(turn, order)
      this.quotes.closed(turn, order, seq)
      return
    }
    const execution = this.open.get(order.owner)
    if (!execution) return
    if (order.result !== 'unknown') {
      advance(this.#desk, turn, execution, seq)
      return
    }
    execution.unknown = order.id
    giveUp(this.#desk, turn, execution, seq)
  }
}
