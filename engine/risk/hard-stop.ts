import { HardStopCleared, HardStopTripped } from '#schemas/events/risk.js'
import type { DecisionConfig } from '#schemas/config.js'
import type { EventOf } from '#schemas/registry.js'
import type { Stop } from '#schemas/reasons.js'
import type { Turn } from '#engine/core/turn.js'

/**
 * Whether new risk is allowed. A fold of the log, so a restart changes nothing: a stop ends only with the operator's
 * `clear-hard-stop`, a pause with `resume`.
 */
export class Stopper {
  config: DecisionConfig['risk']
  isStopped = false
  isPaused = false
  /** Rejects since the exchange last took an order. */
  rejects = 0
  /** Whether each of the last orders went wrong: was refused, or had no answer in time. Oldest first. */
  readonly errors: boolean[] = []

  constructor(config: DecisionConfig['risk']) {
    this.config = config
  }

  /** Stops, once; says so. */
  trip(turn: Turn, of: { cause: number; why: Stop; detail: string }): void {
    if (this.isStopped) return
    this.isStopped = true
    turn.decide(of.cause, HardStopTripped.make({ why: of.why, detail: of.detail }))
  }

  obey(turn: Turn, { data: { command, by } }: EventOf<'CommandGiven'>): void {
    switch (command) {
      case 'pause':
        this.isPaused = true
        return
      case 'resume':
        this.isPaused = false
        return
      case 'hard-stop':
        this.trip(turn, { cause: turn.input.seq, why: 'operator', detail: by })
        return
      case 'clear-hard-stop':
        if (!this.isStopped) return
        this.isStopped = false
        this.rejects = 0
        this.errors.length = 0
        turn.decide(turn.input.seq, HardStopCleared.make({ by }))
    }
  }

  /** All that it remembers, for a checkpoint. */
  save() {
    const { isStopped, isPaused, rejects, errors } = this
    return { isStopped, isPaused, rejects, errors }
  }

  load(saved: ReturnType<Stopper['save']>): void {
    const { errors, ...flags } = saved
    Object.assign(this, flags)
    this.errors.push(...errors)
  }

  /** The exchange took an order; `isLate`: only after it was asked about. */
  accepted(turn: Turn, of: { cause: number; order: string; isLate: boolean }): void {
    this.rejects = 0
    this.#remember(turn, of, of.isLate)
  }

  rejected(turn: Turn, of: { cause: number; order: string }): void {
    if (++this.rejects >= this.config.rejects_max) {
      const detail = `${this.rejects} rejects in a row, the last of ${of.order}`
      this.trip(turn, { cause: of.cause, why: 'consecutive-rejects', detail })
    }
    this.#remember(turn, of, true)
  }

  #remember(turn: Turn, { cause, order }: { cause: number; order: string }, isError: boolean) {
    const { error_rate_max_bps: most, error_window: window } = this.config
    this.errors.push(isError)
    while (this.errors.length > window) this.errors.shift()
    if (most === 0 || this.errors.length < window) return
    const count = this.errors.filter(Boolean).length
    if (count * 10_000 <= most * window) return
    const detail = `${count} of the last ${window} orders went wrong, the last of them ${order}`
    this.trip(turn, { cause, why: 'error-rate', detail })
  }
}
