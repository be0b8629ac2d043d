import type { CollectedFrom, Job } from '#schemas/harvest.js'
import type { BookDesk } from '../book-desk.js'
import type { Fetcher } from '../fetcher.js'
import type { HarvestMemory } from '../memory.js'
import type { HarvestSettings } from '../settings.js'
import type { Outcome } from './outcome.js'

/** What a collector works with. */
export interface Context {
  readonly memory: HarvestMemory
  readonly fetcher: Fetcher
  readonly books: BookDesk
  readonly settings: HarvestSettings
  readonly nowUs: () => number
  /** How far back a backfill asks, µs; undefined for an ordinary run. */
  readonly sinceUs?: number
}

/** A collector: whom it asks, and one run of it. It leaves in the outcome whatever it has to say. */
export interface Collector {
  readonly job: Job
  readonly from: CollectedFrom
  readonly run: (of: Context, out: Outcome) => Promise<void>
}
