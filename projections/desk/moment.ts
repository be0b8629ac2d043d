import { BID, type Side } from '#schemas/levels.js'
import type { Action, TimeInForce } from '#schemas/reasons.js'
import type { Recorded } from '#schemas/recorded.js'
import type { Event, EventOf } from '#schemas/registry.js'
import { costOf } from '#schemas/units.js'
import { countHealth, health, type HealthState } from '../health.js'
import type { Pnl } from '../holdings.js'
import { PurseHoldings } from '../purse-holdings.js'

/** An order that is open. Sizes in 1e-6 share, prices in 1e-4 dollar, cash in 1e-6 dollar. */
export interface OpenOrder {
  readonly order: string
  /** Signal, instance or command that it belongs to. */
  readonly owner: string
  readonly action: Action
  readonly token: number
  readonly side: Side
  readonly limit: number
  readonly size: number
  readonly tif: TimeInForce
  readonly placedSeq: number
  readonly placedUs: number
  state: 'pending' | 'resting' | 'cancelling' | 'unknown'
  filled: number
}

/** What a moment has to be told of the run: facts that no moment changes. */
export interface Background {
  /** Strategy of an order or a signal; undefined for the operator's, and for what nobody knows. */
  readonly strategyOf: (id: string) => string | undefined
}

/** The event that a line of level changes counts as where nobody looks at its levels. */
export const CHANGED: Event = { type: 'BookChanged', data: { d: [] } }

/**
 * A run as it stood behind one event, but for its books, which whoever folds them keeps beside it: orders that are open, positions,
 * profit, gates, stops, counters. It can be saved at one event and taken up again, and gives the same for any cut of the log.
 */
export class Moment {
  seq = 0
  tUs = 0
  mode = ''
  source = ''
  clock = 'event'
  readonly open = new Map<string, OpenOrder>()
  readonly whole = new PurseHoldings()
  readonly byStrategy = new Map<string, PurseHoldings>()
  /** Gates that are closed, and what closed them. */
  readonly gates = new Map<string, string>()
  /** Conditions of the venue that hold. */
  readonly conditions = new Set<string>()
  /** Purses whose new risk is paused; `*`: all. */
  readonly paused = new Set<string>()
  hardStop: string | undefined
  /** Alerts that Telegram did not take. */
  telegramFailures = 0
  isEnded = false
  /** Counters and ages, as `health.jsonl` has them. */
  health: HealthState = health.initialState()

  /** Takes a line of level changes that somebody else has folded; `touched`: the tokens that it restated. */
  changed(seq: number, tUs: number, touched: readonly number[]): void {
    this.seq = seq
    this.tUs = tUs
    this.#count(CHANGED, touched)
  }

  /** Takes any other event. */
  take({ seq, tUs, event }: Recorded, touched: readonly number[], of: Background): void {
    this.seq = seq
    this.tUs = tUs
    this.#count(event, touched)
    this.#account(event, of)
    this.#orders(event)
    this.#trading(event)
    if (event.type === 'AlertDelivered' && event.data.channel === 'telegram')
      this.telegramFailures += event.data.outcome === 'failed' ? 1 : 0
    if (event.type === 'OrderPlaced') this.open.set(event.data.order, openedBy(event, seq, tUs))
  }

  /** What open orders to buy may still cost, and what positions cost: 1e-6 dollar. */
  get exposure(): { readonly positions: number; readonly orders: number } {
    let [positions, orders] = [0, 0]
    for (const { cost } of this.whole.byToken.values()) positions += cost
    for (const { side, limit, size, filled } of this.open.values())
      if (side === BID) orders += costOf(limit, Math.max(0, size - filled))
    return { positions, orders }
  }

  /** Realised and open profit of the run, 1e-6 dollar. */
  pnl(...valued: Parameters<PurseHoldings['pnl']>): Pnl {
    return this.whole.pnl(...valued)
  }

  /** All that it remembers, as plain values, maps and sets. */
  save() {
    const { seq, tUs, mode, source, clock, open, gates, conditions, paused, hardStop } = this
    const { isEnded, telegramFailures, whole, byStrategy, health: counters } = this
    return {
      ...{ seq, tUs, mode, source, clock, open, gates, conditions, paused, hardStop, isEnded },
      telegramFailures,
      whole: whole.save(),
      byStrategy: new Map([...byStrategy].map(([name, held]) => [name, held.save()])),
      health: counters,
    }
  }

  /** Takes up what was saved, before anything else; what it is given becomes its own. */
  load(saved: ReturnType<Moment['save']>): void {
    const { open, gates, conditions, paused, whole, byStrategy, ...rest } = saved
    Object.assign(this, rest)
    for (const [id, order] of open) this.open.set(id, order)
    for (const [gate, why] of gates) this.gates.set(gate, why)
    for (const condition of conditions) this.conditions.add(condition)
    for (const scope of paused) this.paused.add(scope)
    this.whole.load(whole)
    for (const [name, held] of byStrategy) this.#ofStrategy(name).load(held)
  }

  #count(event: Event, touched: readonly number[]): void {
    countHealth(this.health, { tUs: this.tUs, event }, { touched })
    this.health.seq = this.seq
    this.health.tUs = this.tUs
  }

  /** Positions and profit: of the run, and of the strategy whose order it was. */
  #account(event: Event, of: Background): void {
    switch (event.type) {
      case 'OrderFilled':
      case 'FillVoided':
        this.#each(of.strategyOf(event.data.order), event)
        return
      case 'PositionsConverted':
        this.#each(event.data.strategy, event)
        return
      case 'ConversionFailed':
        this.#each(of.strategyOf(event.data.signal), event)
        return
      case 'MarketResolved':
        for (const held of this.byStrategy.values()) held.take(event)
        this.whole.take(event)
        return
      default:
        this.whole.take(event)
    }
  }

  #orders(event: Event): void {
    if (!('order' in event.data)) return
    const order = this.open.get(event.data.order)
    if (!order) return
    switch (event.type) {
      case 'OrderAcknowledged':
        if (order.state !== 'cancelling') order.state = 'resting'
        return
      case 'CancelRequested':
        order.state = 'cancelling'
        return
      case 'OrderOutcomeUnknown':
        order.state = 'unknown'
        return
      case 'OrderFilled':
        order.filled += event.data.size
        return
      case 'FillVoided':
        order.filled -= event.data.size
        return
      case 'OrderClosed':
        // Of an unknown one nobody knows that it is over.
        if (event.data.result === 'unknown') order.state = 'unknown'
        else this.open.delete(event.data.order)
        return
      default:
    }
  }

  #trading(event: Event): void {
    switch (event.type) {
      case 'RunStarted':
        this.mode = event.data.mode
        this.source = event.data.source
        this.clock = event.data.clock ?? 'event'
        return
      case 'RunEnded':
        this.isEnded = true
        return
      case 'CommandGiven': {
        const { command, scope = '*' } = event.data
        if (command === 'pause' || command === 'flatten') this.paused.add(scope)
        if (command === 'resume' && scope === '*') this.paused.clear()
        else if (command === 'resume') this.paused.delete(scope)
        return
      }
      case 'HardStopTripped':
        this.hardStop = `${event.data.why}: ${event.data.detail}`
        return
      case 'HardStopCleared':
        this.hardStop = undefined
        return
      case 'GateClosed':
        this.gates.set(gateOf(event.data), event.data.detail)
        return
      case 'GateOpened':
        this.gates.delete(gateOf(event.data))
        return
      case 'VenueConditionReported':
        if (event.data.active) this.conditions.add(event.data.condition)
        else this.conditions.delete(event.data.condition)
        return
      default:
    }
  }

  #each(strategy: string | undefined, event: Event): void {
    this.whole.take(event)
    if (strategy !== undefined) this.#ofStrategy(strategy).take(event)
  }

  #ofStrategy(name: string): PurseHoldings {
    const known = this.byStrategy.get(name)
    if (known) return known
    const fresh = new PurseHoldings()
    this.byStrategy.set(name, fresh)
    return fresh
  }
}

function openedBy({ data }: EventOf<'OrderPlaced'>, seq: number, tUs: number): OpenOrder {
  const { order, signal: owner, action, token, side, limit, size, tif = 'FAK' } = data
  return {
    ...{ order, owner, action, token, side, limit, size, tif, placedSeq: seq, placedUs: tUs },
    ...{ state: 'pending', filled: 0 },
  }
}

const gateOf = ({ gate, strategy }: { gate: string; strategy: string }): string =>
  strategy === '' ? gate : `${gate} of ${strategy}`
