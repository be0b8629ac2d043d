import type { Config } from '#schemas/config.js'
import type { WallClock } from '#engine/core/wall-clock.js'
import type { Universe } from '#engine/feeds/polymarket/live/discovery.js'
import { polymarketLive } from '#engine/feeds/polymarket/live/live-feed.js'
import type { LiveFeed } from '#engine/feeds/polymarket/live/live-options.js'
import { usualReader } from './backend.js'
import { Refusal, textOf, type Values } from './command.js'
import type { RawFrames } from './raw-frames.js'
import { venueUrls } from './venue-options.js'

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
