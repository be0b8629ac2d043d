import type { Config } from '#schemas/config.js'
import { Refusal, textOf, type Values } from './command.js'

/** Options of every verb that hears the venue. */
export const VENUE_OPTIONS = {
  tokens: { type: 'string' },
  slugs: { type: 'string' },
  venue: { type: 'string' },
  duration: { type: 'string' },
} as const

/** What they are. */
export const VENUE_HELP = {
  '--tokens A,B': 'only these tokens, by the venue’s ids',
  '--slugs A,B': 'only these events, by their slugs',
  '--duration T': 'a live run ends after 90s, 15m, 24h (default: when it is stopped with Ctrl-C)',
  '--venue URL': 'another venue, as `polaris venue` serves it: http://127.0.0.1:PORT',
}

/** Where the venue is that a command line names: a twin, or what the configuration says. */
export function venueUrls(values: Values, { venue }: Config): Config['venue'] {
  const base = textOf(values, 'venue')
  return base === undefined ? venue : twinAt(base)
}

/** Where a twin serves what the venue serves at several hosts. */
export function twinAt(base: string): Config['venue'] {
  let url: URL
  try {
    url = new URL(base)
  } catch {
    throw new Refusal('usage', `--venue is '${base}'`, '--venue', 'a URL: http://127.0.0.1:PORT')
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new Refusal('usage', `--venue is '${base}'`, '--venue', 'an http or https URL')
  const clob = base.replace(/\/$/, '')
  const sockets = clob.replace(/^http/, 'ws')
  return {
    ...{ clob, gamma: `${clob}/gamma`, data: `${clob}/data/v2`, xtracker: `${clob}/xtracker` },
    ...{ channel: `${sockets}/ws/market`, user: `${sockets}/ws/user` },
    geoblock: `${clob}/api/geoblock`,
  }
}
