import { HardStopCleared, HardStopTripped } from '#schemas/events/risk.js'
import type { DecisionConfig } from '#schemas/config.js'
import type { EventOf } from '#schemas/registry.js'
import type { Stop } from '#schemas/reasons.js'
import type { Turn } from '#engine/core/turn.js'

/** Why trading stops, and for whom: without a scope for every purse. */
export interface Trip {
  readonly cause: number
  readonly why: Stop
  readonly detail: string
  readonly scope?: string
}

/** What an exchange did with an order: what rejects in a row and the rate of errors are counted by. */
export interface OrderVerdict {
  readonly cause: number
  readonly order: string
  readonly scope: string
}

/** One purse's count of what went wrong. */
interface Counter {
  /** Rejects since the exchange last took an order. */
  rejects: number
  /** Whether each of the last orders went wrong: was refused, or had no answer in time. Oldest first. */
  readonly errors: boolean[]
}

/**
 * Whether new risk is allowed, for all or for one purse. A fold of the log, so a restart changes nothing: a stop ends only
 * with the operator's `clear-hard-stop`, a pause with `resume`. Where there is one purse, its stops are everybody's.
 */
export class KillSwitch {
  config: DecisionConfig['risk']
  /** All purses are stopped. */
  isStopped = false
  /** New risk is paused for all purses. */
  isPaused = false
  /** The run is shutting down: cancels and answers only. */
  isShuttingDown = false
  /** Purses that are stopped by themselves, and those that are paused by themselves. */
  readonly stopped = new Set<string>()
  readonly paused = new Set<string>()
  readonly counters = new Map<string, Counter>()
  /** Whether there is more than one purse. */
  readonly #isShared: () => boolean

  constructor(config: DecisionConfig['risk'], isShared: () => boolean = () => true) {
    this.config = config
    this.#isShared = isShared
  }

  isStoppedFor(scope: string): boolean {
    return this.isStopped || this.stopped.has(scope)
  }

  isPausedFor(scope: string): boolean {
    return this.isPaused || this.paused.has(scope)
  }

  /** Stops, once; says so. */
  trip(turn: Turn, { cause, why, detail, scope }: Trip): void {
    if (scope === undefined || this.#isShared()) {
      if (this.isStopped) return
      this.isStopped = true
      turn.decide(cause, HardStopTripped.make({ why, detail }))
      return
    }
    if (this.isStoppedFor(scope)) return
    this.stopped.add(scope)
    turn.decide(cause, HardStopTripped.make({ why, detail, scope }))
  }

  /** Does what a command says about new risk. Whether it was one of those. */
  handle(turn: Turn, { data: { command, by, scope } }: EventOf<'CommandGiven'>): boolean {
    switch (command) {
      case 'pause':
        if (scope === undefined) this.isPaused = true
        else this.paused.add(scope)
        return true
      case 'resume':
        if (scope === undefined) this.isPaused = false
        if (scope === undefined) this.paused.clear()
        else this.paused.delete(scope)
        return true
      case 'hard-stop': {
        const of = { cause: turn.input.seq, why: 'operator', detail: by } as const
        this.trip(turn, scope === undefined ? of : { ...of, scope })
        return true
      }
      case 'clear-hard-stop':
        this.#clear(turn, by, scope)
        return true
      case 'shutdown':
        this.isShuttingDown = true
        return true
      case 'cancel-all':
      case 'flatten':
      case 'reload':
      case 'note':
      case 'order':
        return false
    }
  }

  /** The exchange took an order; `isLate`: only after it was asked about. */
  accepted(turn: Turn, of: OrderVerdict & { readonly isLate: boolean }): void {
    this.#counterOf(of.scope).rejects = 0
    this.#remember(turn, of, of.isLate)
  }

  /** The exchange refused an order; too many in a row, or too large a part of the last ones, stop trading. */
  rejected(turn: Turn, of: OrderVerdict): void {
    const counter = this.#counterOf(of.scope)
    if (++counter.rejects >= this.config.rejects_max) {
      const detail = `${counter.rejects} rejects in a row, the last of ${of.order}`
      this.trip(turn, { cause: of.cause, why: 'consecutive-rejects', detail, scope: of.scope })
    }
    this.#remember(turn, of, true)
  }

  /** All that it remembers, for a checkpoint. */
  save() {
    const { isStopped, isPaused, isShuttingDown, stopped, paused, counters } = this
    return { flags: { isStopped, isPaused, isShuttingDown }, stopped, paused, counters }
  }

  load({ flags, stopped, paused, counters }: ReturnType<KillSwitch['save']>): void {
    Object.assign(this, flags)
    for (const scope of stopped) this.stopped.add(scope)
    for (const scope of paused) this.paused.add(scope)
    for (const [scope, counter] of counters) this.counters.set(scope, counter)
  }

  #clear(turn: Turn, by: string, scope: string | undefined): void {
    const isStopped = scope === undefined ? this.isStopped : this.stopped.has(scope)
    const others = scope === undefined && this.stopped.size > 0
    if (!isStopped && !others) return
    if (scope === undefined) {
      this.isStopped = false
      this.stopped.clear()
      this.counters.clear()
    } else {
      this.stopped.delete(scope)
      this.counters.delete(scope)
    }
    const data = scope === undefined ? { by } : { by, scope }
    turn.decide(turn.input.seq, HardStopCleared.make(data))
  }

  #counterOf(scope: string): Counter {
    const key = this.#isShared() ? '' : scope
    const known = this.counters.get(key)
    if (known) return known
    const fresh = { rejects: 0, errors: [] }
    this.counters.set(key, fresh)
    return fresh
  }

  #remember(turn: Turn, { cause, order, scope }: OrderVerdict, isError: boolean): void {
    const { error_rate_max_bps: most, error_window: window } = this.config
    const { errors } = this.#counterOf(scope)
    errors.push(isError)
    while (errors.length > window) errors.shift()
    if (most === 0 || errors.length < window) return
    const count = errors.filter(Boolean).length
    if (count * 10_000 <= most * window) return
    const detail = `${count} of the last ${window} orders went wrong, the last of them ${order}`
    this.trip(turn, { cause, why: 'error-rate', detail, scope })
  }
}
