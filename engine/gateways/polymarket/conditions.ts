import type { VenueCondition } from '#schemas/reasons.js'
import { VenueConditionReported } from '#schemas/events/venue.js'

/** What holds about the way to the venue, each change of it told once. */
export class Conditions {
  readonly #active = new Map<VenueCondition, NodeJS.Timeout | undefined>()
  readonly #tell: (event: ReturnType<typeof VenueConditionReported.make>) => void

  constructor(tell: (event: ReturnType<typeof VenueConditionReported.make>) => void) {
    this.#tell = tell
  }

  has(condition: VenueCondition): boolean {
    return this.#active.has(condition)
  }

  /** It holds from now on; with `forMs` until so long after the last time that somebody said so. */
  set(condition: VenueCondition, detail: string, forMs?: number): void {
    const known = this.#active.has(condition)
    clearTimeout(this.#active.get(condition))
    const timer =
      forMs === undefined
        ? undefined
        : setTimeout(() => {
            this.clear(condition, `nothing said so for ${Math.round(forMs / 1_000)} s`)
          }, forMs).unref()
    this.#active.set(condition, timer)
    if (!known) this.#tell(VenueConditionReported.make({ condition, active: true, detail }))
  }

  clear(condition: VenueCondition, detail: string): void {
    if (!this.#active.has(condition)) return
    clearTimeout(this.#active.get(condition))
    this.#active.delete(condition)
    this.#tell(VenueConditionReported.make({ condition, active: false, detail }))
  }

  close(): void {
    for (const timer of this.#active.values()) clearTimeout(timer)
    this.#active.clear()
  }
}
