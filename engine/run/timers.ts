import type { Deadline } from '#engine/oms/deadline.js'

/** A timer that an instance set. */
export interface Timer {
  readonly instance: string
  readonly key: string
  readonly atUs: number
  /** Sequence number of the input at which it was set. */
  readonly cause: number
}

/** Timers of strategies: one a key and instance, each fires once. */
export class Timers {
  readonly #timers = new Map<string, Timer>()
  /** The soonest, as far as it is known. */
  #next: Timer | undefined
  #isStale = false

  set(timer: Timer): void {
    const key = `${timer.instance}|${timer.key}`
    if (this.#next && this.#timers.get(key) === this.#next) this.#isStale = true
    this.#timers.set(key, timer)
    if (!this.#isStale && (!this.#next || timer.atUs < this.#next.atUs)) this.#next = timer
  }

  /** Timers of an instance that ended, or of all, come no more. */
  drop(instance?: string): void {
    for (const [key, timer] of this.#timers)
      if (instance === undefined || timer.instance === instance) this.#timers.delete(key)
    this.#isStale = true
  }

  get isEmpty(): boolean {
    return this.#timers.size === 0
  }

  deadline(soonest: Deadline): Deadline {
    const next = this.#soonest()
    return next && next.atUs < soonest.dueUs ? { dueUs: next.atUs, cause: next.cause } : soonest
  }

  /** Takes those that are due, by time and then in the order in which they were set. */
  due(tUs: number): Timer[] {
    const next = this.#soonest()
    if (!next || next.atUs > tUs) return []
    const due = [...this.#timers].filter(([, { atUs }]) => atUs <= tUs)
    for (const [key] of due) this.#timers.delete(key)
    this.#isStale = true
    return due.map(([, timer]) => timer).sort((a, b) => a.atUs - b.atUs)
  }

  /** All that it remembers, for a checkpoint. */
  save(): readonly Timer[] {
    return [...this.#timers.values()]
  }

  load(timers: readonly Timer[]): void {
    for (const timer of timers) this.set(timer)
  }

  #soonest(): Timer | undefined {
    if (!this.#isStale) return this.#next
    this.#isStale = false
    this.#next = undefined
    for (const timer of this.#timers.values())
      if (!this.#next || timer.atUs < this.#next.atUs) this.#next = timer
    return this.#next
  }
}
