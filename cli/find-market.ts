import * as E from 'fp-ts/lib/Either.js'
import { FeedFault } from '#engine/feeds/feed.js'
import { GammaMarket, metaOfGamma } from '#engine/feeds/polymarket/decode/gamma.js'
import { withIds } from '#engine/feeds/polymarket/live/discovery.js'
import { isObject, jsonOf, textIn } from '#engine/gateways/polymarket/wire/texts.js'
import { askVenue } from './ask-venue.js'
import { Refusal, textOf, type Values } from './command.js'

/** Options of a verb that is about one market. */
export const MARKET_OPTIONS = {
  url: { type: 'string' },
  query: { type: 'string' },
  slug: { type: 'string' },
  token: { type: 'string' },
  outcome: { type: 'string' },
} as const

/** What they are. */
export const MARKET_HELP = {
  '--url URL': 'the market as the venue’s site shows it: https://polymarket.com/event/…',
  '--query WORDS': 'what the venue’s search finds for these words',
  '--slug S': 'the market, or the event, of this slug',
  '--token ID': 'the market of this token, and the token that is meant',
  '--outcome NAME': 'which outcome is meant (default: the first, Yes)',
}

/** How a market may be named, for messages. */
export const MARKET_USAGE = '(--url URL | --query WORDS | --slug S | --token ID) [--outcome NAME]'

/** A market that takes orders, and the token of it that is meant. */
export interface FoundMarket {
  /** The venue's condition id. */
  readonly market: string
  readonly question: string
  readonly slug: string
  /** The venue's tokens, in the order in which the engine numbers outcomes. */
  readonly tokens: readonly { readonly token: string; readonly outcome: string }[]
  /** Index of the token that is meant. */
  readonly outcome: number
  /** Price grid, 1e-4 dollar, and least size of an order, 1e-6 share, as the venue lists them. */
  readonly tick: number
  readonly minSize: number
}

/** 1e-4 dollar and 1e-6 share: what the venue has where it says nothing. */
const [TICK, MIN_SIZE] = [100, 5_000_000]
/** Most markets that an error names. */
const NAMED_MAX = 12

/** The one market that a command line names. A `Refusal` where there is none, or more than one: it says which. */
export async function findMarket(values: Values, gamma: string): Promise<FoundMarket> {
  const words = (['url', 'query', 'slug', 'token'] as const).flatMap(name => {
    const text = textOf(values, name)
    return text === undefined ? [] : [{ name, text: text.trim() }]
  })
  const [word] = words
  if (!word || words.length > 1 || word.text === '')
    throw new Refusal('usage', 'one market is to be named', 'command line', MARKET_USAGE)
  const where = `--${word.name}`
  const found = (await entriesOf(word, gamma)).flatMap(entry => marketIn(entry) ?? [])
  const token = word.name === 'token' ? word.text : undefined
  const fit = found.filter(
    ({ tokens }) => token === undefined || tokens.some(one => one.token === token),
  )
  const [market] = fit
  if (!market)
    throw new Refusal(
      'no-market',
      `the venue lists no open market for '${word.text}'`,
      where,
      'one',
    )
  if (fit.length > 1) {
    const named = fit.slice(0, NAMED_MAX).map(({ slug, question }) => `${slug} (${question})`)
    const rest = fit.length > NAMED_MAX ? ` and ${fit.length - NAMED_MAX} more` : ''
    throw new Refusal(
      'many-markets',
      `${fit.length} open markets fit: ${named.join('; ')}${rest}`,
      where,
      '--slug of one of them',
    )
  }
  return { ...market, outcome: meant(market, token, textOf(values, 'outcome')) }
}

/** Any market that takes orders: the first of the venue's list. */
export async function anyMarket(gamma: string): Promise<FoundMarket> {
  const page = await asked(gamma, '/markets/keyset?limit=100&closed=false')
  const [market] = listIn(page, 'markets').flatMap(entry => marketIn(entry) ?? [])
  if (market) return { ...market, outcome: 0 }
  throw new Refusal('no-market', 'the venue lists no open market', gamma, '--slug of one')
}

/** Markets as Gamma lists them, of which nothing is believed yet. */
async function entriesOf(
  { name, text }: { name: 'url' | 'query' | 'slug' | 'token'; text: string },
  gamma: string,
): Promise<readonly unknown[]> {
  switch (name) {
    case 'token': {
      if (!/^\d{1,80}$/.test(text))
        throw new Refusal('usage', `'${text}' is no token`, '--token', 'the venue’s id, of digits')
      const page = await asked(gamma, `/markets/keyset?limit=10&clob_token_ids=${text}`)
      return listIn(page, 'markets')
    }
    case 'query': {
      const path = `/public-search?q=${encodeURIComponent(text)}&events_status=active`
      const page = await asked(gamma, path)
      return listIn(page, 'events').flatMap(event => listIn(event, 'markets'))
    }
    case 'slug':
      return await bySlug(gamma, text)
    case 'url': {
      const slugs = slugsIn(text)
      if (slugs.length === 0)
        throw new Refusal('usage', `'${text}' names no market`, '--url', 'https://…/event/SLUG')
      // The last part names the market, where there is one; else the event.
      return await bySlug(gamma, slugs[slugs.length - 1] ?? '')
    }
  }
}

/** The parts behind `/event/` or `/market/` of an address. */
function slugsIn(text: string): string[] {
  let path: string
  try {
    path = new URL(text).pathname
  } catch {
    return []
  }
  const [, rest = ''] = /\/(?:event|market)\/(.+)$/.exec(path) ?? []
  return rest.split('/').filter(part => part !== '')
}

/** The market of a slug; or the markets of the event of that slug. */
async function bySlug(gamma: string, slug: string): Promise<readonly unknown[]> {
  const name = encodeURIComponent(slug)
  const event = await asked(gamma, `/events/slug/${name}`)
  const markets = listIn(event, 'markets')
  if (markets.length > 0) return markets
  const market = await asked(gamma, `/markets/slug/${name}`)
  return market === undefined ? [] : [market]
}

/** The body of an answer; undefined where the venue has no such thing. */
async function asked(gamma: string, path: string): Promise<unknown> {
  const { status, text } = await askVenue(gamma, { method: 'GET', path })
  if (status === 404) return undefined
  const value = status === 200 ? jsonOf(text) : undefined
  if (value !== undefined) return value
  throw new Refusal('venue', `status ${status}`, `${gamma}${path}`, 'a list of markets')
}

function listIn(value: unknown, name: string): readonly unknown[] {
  const list = isObject(value) ? value[name] : undefined
  return Array.isArray(list) ? (list as readonly unknown[]) : []
}

/** A market that takes orders; undefined where an entry is none, or none that can be traded here. */
function marketIn(entry: unknown): Omit<FoundMarket, 'outcome'> | undefined {
  const value = withIds(entry)
  const decoded = GammaMarket.decode(value)
  if (E.isLeft(decoded) || !isObject(value)) return undefined
  if (value['closed'] === true || value['active'] === false || value['enableOrderBook'] === false)
    return undefined
  try {
    const { key, question = '', tokens, minSize } = metaOfGamma(decoded.right, 'the market')
    return {
      ...{ market: key, question, slug: textIn(value, 'slug') },
      tokens: tokens.map(({ key: token, outcome = '' }) => ({ token, outcome })),
      ...{ tick: tokens[0]?.tick ?? TICK, minSize: minSize ?? MIN_SIZE },
    }
  } catch (error) {
    if (error instanceof FeedFault) return undefined
    throw error
  }
}

function meant(
  { tokens }: Omit<FoundMarket, 'outcome'>,
  token: string | undefined,
  label: string | undefined,
): number {
  const named = label?.toLowerCase()
  const byToken = tokens.findIndex(one => one.token === token)
  if (named === undefined) return Math.max(0, byToken)
  const index = tokens.findIndex(({ outcome }) => outcome.toLowerCase() === named)
  const names = tokens.map(({ outcome }) => outcome).join(' or ')
  if (index < 0) throw new Refusal('usage', `no outcome is called '${label}'`, '--outcome', names)
  if (byToken >= 0 && byToken !== index)
    throw new Refusal('usage', `the token is not '${label}'`, '--outcome', tokens[byToken]?.outcome)
  return index
}
