import type { EventOf } from '#schemas/registry.js'
import type { VenueCondition } from '#schemas/reasons.js'
import type { Turn } from '#engine/core/turn.js'
import type { Recovery } from './recovery.js'

/** Conditions behind which orders may have been filled or cancelled unseen. */
const BLIND: ReadonlySet<VenueCondition> = new Set(['user-channel-lost', 'heartbeat-lost'])

/** What holds at the venue that forbids new risk: a fold of what the gateway reports. */
export class VenueState {
  readonly conditions = new Set<VenueCondition>()
  readonly #recovery: Pick<Recovery, 'begin'>

  constructor(recovery: Pick<Recovery, 'begin'>) {
    this.#recovery = recovery
  }

  /** A condition holds, or is over. Once we were blind, orders and positions are compared before new risk is taken. */
  reported(turn: Turn, { data: { condition, active } }: EventOf<'VenueConditionReported'>): void {
    if (active) {
      this.conditions.add(condition)
      return
    }
    if (this.conditions.delete(condition) && BLIND.has(condition)) this.#recovery.begin(turn)
  }

  /** The gateway begins anew: what an earlier life of the process reported is over. */
  restarted(): void {
    this.conditions.clear()
  }

  /** All that it remembers, for a checkpoint. */
  save() {
    return { conditions: this.conditions }
  }

  load({ conditions }: ReturnType<VenueState['save']>): void {
    for (const condition of conditions) this.conditions.add(condition)
  }
}
