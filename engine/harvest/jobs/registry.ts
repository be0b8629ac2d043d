import { JOBS, type Job } from '#schemas/harvest.js'
import { metricSync, trackingSync } from './accounts.js'
import { orderbookL2Sync, quoteDepthSync, quoteTopSync } from './books.js'
import type { Collector } from './job.js'
import { marketsDiscovery } from './markets.js'
import { postSync } from './posts.js'
import { settlementSync } from './settlements.js'

/** Work on what stands in the log already: that it is time for it is all that is recorded, and the tables do it. */
const internal = (job: Job): Collector => ({ job, from: 'internal', run: () => Promise.resolve() })

const ASKING = [
  ...[trackingSync, metricSync, postSync, marketsDiscovery, settlementSync],
  ...[quoteTopSync, quoteDepthSync, orderbookL2Sync],
]

/** Every collector, in the order in which one after the other finds what it needs. */
export const COLLECTORS: readonly Collector[] = JOBS.map(
  job => ASKING.find(one => one.job === job) ?? internal(job),
)
