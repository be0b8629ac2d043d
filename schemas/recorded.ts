import type { Event } from './registry.js'

/** An event as it stands in the log. */
export interface Recorded<E = Event> {
  /** Position in the run, from 1 without a gap. It orders; times explain. */
  readonly seq: number
  /** Microseconds since the epoch; never below the previous event's. */
  readonly tUs: number
  /** `seq` of the direct cause, 0 for none. */
  readonly cause: number
  readonly event: E
}
