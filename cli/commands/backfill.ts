import type { Job } from '#schemas/harvest.js'
import { wholeOf, type Command } from '../command.js'
import { HARVEST_HELP, HARVEST_OPTIONS } from '../harvest/options.js'
import { harvestOnce } from '../harvest/once.js'

const DAY_MS = 86_400_000
/** How far back where nothing is said, days. */
const DAYS = 30
/** What there is to be had of the past: of books there is nothing. */
const PAST: readonly Job[] = [
  'tracking_sync',
  'metric_sync',
  'post_sync',
  'markets_discovery',
  'settlement_sync',
  'mapping_sync',
  'health_agg',
]

/** `polaris backfill`: what the sources still have of the past. */
export const backfillCommand: Command = {
  name: 'backfill',
  summary: 'collect what the sources have of the past: windows, counts, posts, decided markets',
  usage: 'backfill [--handle A,B] [--days N] [--venue URL] [--out DIR]',
  example: 'backfill --handle elonmusk --days 60',
  options: { ...HARVEST_OPTIONS, days: { type: 'string' }, out: { type: 'string' } },
  help: {
    ...HARVEST_HELP,
    '--days N': `how far back counts and posts are asked for (default: ${DAYS}); windows and decided markets come whole`,
    '--out DIR': 'directory of the new run (default: below the runs directory)',
  },
  run: call => {
    const days = wholeOf(call.values, 'days', 1) ?? DAYS
    const sinceUs = Math.floor((Date.now() - days * DAY_MS) / DAY_MS) * DAY_MS * 1_000
    return harvestOnce(call, { jobs: PAST, name: 'backfill', sinceUs })
  },
}
