import type { FetchFault, RunStatus } from '#schemas/harvest.js'
import type { FeedEvent } from '#engine/feeds/feed.js'
import { Refused } from '../decode/row.js'
import type { Failure, Fetched } from '../ports.js'

/** What a run of a collector brings and comes to. */
export class Outcome {
  readonly events: FeedEvent[] = []
  readonly refused = new Refused()
  /** More of it, for `CollectorRan.detail`. */
  readonly detail: Record<string, unknown> = {}
  rows = 0
  attempts = 0
  http = 0
  #failure: Failure | undefined
  #failures = 0
  #successes = 0

  /** Says something; `rows` of it are new. */
  say(event: FeedEvent, rows: number): void {
    this.events.push(event)
    this.rows += rows
  }

  /** Takes an answer into account; its value, or undefined where it failed. */
  answered(fetched: Fetched): { readonly value: unknown; readonly text: string } | undefined {
    this.attempts += fetched.attempts
    this.http = fetched.http
    if (fetched.tag === 'ok') {
      this.#successes++
      return fetched
    }
    this.fail(fetched.fault, fetched.message)
    return undefined
  }

  fail(fault: FetchFault, message: string): void {
    this.#failures++
    this.#failure ??= { fault, message }
  }

  /** An answer that came in another form than it should have. */
  misshaped(what: string): void {
    this.#successes--
    this.fail('unexpected-form', `${what} has another form`)
  }

  get failure(): Failure | undefined {
    return this.#failure
  }

  get status(): RunStatus {
    if (this.#failures > 0) return this.#successes > 0 || this.rows > 0 ? 'partial' : 'error'
    if (this.refused.count > 0) return 'partial'
    return this.rows > 0 ? 'ok' : 'unchanged'
  }
}
