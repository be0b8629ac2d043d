import type { Config } from '#schemas/config.js'
import type { Job } from '#schemas/harvest.js'
import type { HarvestSettings } from '#engine/harvest/settings.js'
import type { Values } from '../command.js'
import { venueUrls } from '../venue-options.js'

/** Keys the jitter of intervals and waits; any number does, the same one makes runs comparable. */
const SEED = 7

/** How collectors go, as a configuration and a command line say. `handles`: other accounts than the configured ones. */
export function settingsOf(
  config: Config,
  values: Values,
  handles?: readonly string[],
): HarvestSettings {
  const { harvest: of } = config
  const { xtracker, gamma, clob } = venueUrls(values, config)
  const every: Readonly<Record<Job, number>> = {
    ...{ tracking_sync: of.tracking_ms, metric_sync: of.metric_ms, post_sync: of.post_ms },
    ...{ markets_discovery: of.markets_ms, settlement_sync: of.settlement_ms },
    ...{ quote_top_sync: of.quote_top_ms, quote_depth_sync: of.quote_depth_ms },
    ...{ orderbook_l2_sync: of.l2 ? of.l2_ms : 0, mapping_sync: of.mapping_ms },
    ...{ agg_1m: of.agg_ms, health_agg: of.health_ms, retention: of.retention_ms },
  }
  const bare = (url: string): string => url.replace(/\/$/, '')
  return {
    handles: handles ?? of.handles,
    ...{ scope: of.scope, watchlist: of.watchlist, tokensMax: of.tokens_max },
    intervals: Object.fromEntries(Object.entries(every).filter(([, ms]) => ms > 0)),
    ...{
      jitterBps: of.jitter_bps,
      postFailures: of.post_failures,
      postBackoffMs: of.post_backoff_ms,
    },
    ...{ levels: of.l2_levels, page: of.page },
    base: { xtracker: bare(xtracker), gamma: bare(gamma), clob: bare(clob) },
    rates: {
      xtracker: { perSecond: of.xtracker_per_second, burst: of.xtracker_burst },
      gamma: { perSecond: of.gamma_per_second, burst: of.gamma_burst },
      clob: { perSecond: of.clob_per_second, burst: of.clob_burst },
    },
    ...{ attempts: of.attempts, backoffMinMs: of.backoff_min_ms, backoffMaxMs: of.backoff_max_ms },
    ...{ timeoutMs: of.timeout_ms, seed: SEED },
  }
}
