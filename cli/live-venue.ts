import type { Config } from '#schemas/config.js'
import type { WallClock } from '#engine/core/wall-clock.js'
import type { Universe } from '#engine/feeds/polymarket/live/discovery.js'
import { polymarketLive } from '#engine/feeds/polymarket/live/live-feed.js'
import type { LiveFeed } from '#engine/feeds/polymarket/live/live-options.js'
import { usualReader } from './backend.js'
import { Refusal, textOf, type Values } from './command.js'
import type { RawFrames } from './raw-frames.js'

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

/** The feed of the venue that a command line and its configuration name. */
export function venueFeed(
  values: Values,
  config: Config,
  { clock, raw }: { clock: WallClock; raw?: RawFrames | undefined },
): LiveFeed {
  const { feed, universe } = config
  const urls = venueUrls(values, config)
  return polymarketLive({
    ...{ clob: urls.clob, gamma: urls.gamma, channel: urls.channel, data: urls.data, clock },
    universe: universeOf(values, universe),
    chance: Math.random,
    rules: { silentMs: feed.silent_ms },
    ...{ perConnection: feed.per_connection, restAgeMs: feed.rest_age_ms },
    refreshMs: feed.refresh_ms,
    ...usualReader(config.run.backend),
    ...(raw && {
      onRaw: (bytes: Buffer, tUs: number, connection: number) => {
        raw.add(bytes, tUs, connection)
      },
    }),
  })
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
    ...{ clob, gamma: `${clob}/gamma`, data: `${clob}/data/v2` },
    ...{ channel: `${sockets}/ws/market`, user: `${sockets}/ws/user` },
    geoblock: `${clob}/api/geoblock`,
  }
}

function universeOf(values: Values, of: Config['universe']): Universe {
  const [tokens, slugs] = [listOf(values, 'tokens'), listOf(values, 'slugs')]
  const bad = tokens?.find(token => !/^\d{1,80}$/.test(token))
  if (bad !== undefined)
    throw new Refusal('usage', `'${bad}' is no token`, '--tokens', 'ids of digits, with commas')
  if (tokens) return { assets: tokens }
  return {
    ...(slugs && { slugs }),
    ...(of.hours_min > 0 && { hoursMin: of.hours_min }),
    ...(of.hours_max > 0 && { hoursMax: of.hours_max }),
    ...(of.liquidity_min > 0 && { liquidityMin: of.liquidity_min }),
    tokensMax: of.tokens_max,
  }
}

function listOf(values: Values, name: string): readonly string[] | undefined {
  const text = textOf(values, name)
  if (text === undefined) return undefined
  const list = text.split(',').map(one => one.trim())
  if (list.every(one => one !== '')) return list
  throw new Refusal('usage', `--${name} is '${text}'`, `--${name}`, 'a list with commas between')
}
