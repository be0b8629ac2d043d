import { HardStopCleared, HardStopTripped } from '#schemas/events/risk.js'
import type { EventOf } from '#schemas/registry.js'
import type { Stop } from '#schemas/reasons.js'
import type { Turn } from '#engine/core/turn.js'

/**
 * Whether new risk is allowed. A fold of the log, so a restart changes nothing: a stop ends only with the operator's
 * `clear-hard-stop`, a pause with `resume`.
 */
export class Stopper {
  isStopped = false
  isPaused = false
  /** Rejects since the exchange last took an order. */
  rejects = 0
  readonly #rejectsMax: number

  constructor(rejectsMax: number) {
    this.#rejectsMax = rejectsMax
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
        turn.decide(turn.input.seq, HardStopCleared.make({ by }))
    }
  }

  /** All that it remembers, for a checkpoint. */
  save() {
    const { isStopped, isPaused, rejects } = this
    return { isStopped, isPaused, rejects }
  }

  load(saved: ReturnType<Stopper['save']>): void {
    Object.assign(this, saved)
  }

  accepted(): void {
    this.rejects = 0
  }

  rejected(turn: Turn, of: { cause: number; order: string }): void {
    if (++this.rejects < this.#rejectsMax) return
    const detail = `${this.rejects} rejects in a row, the last of ${of.order}`
    this.trip(turn, { cause: of.cause, why: 'consecutive-rejects', detail })
  }
}
