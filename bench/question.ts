import type { Call } from '#cli/command.js'
import type { Timing } from './stopwatch.js'

/** What a bench found: one row per contender, in the order they entered; the first of a group is ours. */
export interface Found {
  readonly contenders: readonly Timing[]
  /** Facts beside the times: milliseconds, megabytes, counts. */
  readonly facts?: Readonly<Record<string, number | string>>
}

/** One question with its stopwatch: seeded data, agreement of all contenders asserted, then the race. */
export interface Bench {
  readonly name: string
  readonly question: string
  /** What `events` counts, and how many there are where nobody says. */
  readonly events: number
  /** Samples of each contender where nobody says. */
  readonly samples: number
  /** One sentence: what the time goes into. */
  readonly dominates: string
  readonly run: (size: Size, call: Call) => Promise<Found>
}

/** How much to measure. */
export interface Size {
  readonly events: number
  /** Times each contender runs. */
  readonly samples: number
}
