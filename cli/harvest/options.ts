/** Options of every verb that runs collectors. */
export const HARVEST_OPTIONS = {
  handle: { type: 'string' },
  venue: { type: 'string' },
  'env-file': { type: 'string' },
  db: { type: 'string' },
} as const

/** What they are. */
export const HARVEST_HELP = {
  '--handle A,B': 'accounts whose posts are collected (default: harvest.handles)',
  '--venue URL': 'sources of a twin, as `polaris venue` serves them: http://127.0.0.1:PORT',
  '--env-file FILE': 'variables that are read too (default: .env where it is there)',
  '--db FILE': 'another database (default: polaris.db beside the runs)',
}
