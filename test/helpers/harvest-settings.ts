import type { HarvestSettings } from '#engine/harvest/settings.js'
import { TWIN } from './twin-http.js'

/** Settings as the configuration has them by default, for sources of a twin. */
export const harvestSettings = (
  of: Partial<HarvestSettings> = {},
  base = TWIN,
): HarvestSettings => ({
  ...{ handles: ['elonmusk'], scope: 'all', watchlist: ['elon musk'], tokensMax: 2_000 },
  intervals: {
    ...{ tracking_sync: 300_000, metric_sync: 120_000, post_sync: 120_000 },
    ...{ markets_discovery: 300_000, settlement_sync: 300_000 },
    ...{ quote_top_sync: 10_000, quote_depth_sync: 30_000, orderbook_l2_sync: 60_000 },
    ...{ mapping_sync: 300_000, agg_1m: 60_000, health_agg: 60_000, retention: 86_400_000 },
  },
  ...{ jitterBps: 1_000, postFailures: 8, postBackoffMs: 300_000, levels: 20, page: 500 },
  base: { xtracker: `${base}/xtracker`, gamma: `${base}/gamma`, clob: base },
  rates: {
    xtracker: { perSecond: 1, burst: 2 },
    gamma: { perSecond: 2, burst: 4 },
    clob: { perSecond: 5, burst: 8 },
  },
  ...{ attempts: 5, backoffMinMs: 500, backoffMaxMs: 20_000, timeoutMs: 10_000, seed: 7 },
  ...of,
})
