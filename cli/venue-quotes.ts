import { isObject, jsonOf, textIn } from '#engine/gateways/polymarket/wire/texts.js'
import { askVenue } from './ask-venue.js'

/** Prices of a token as the venue's REST says them, 1e-4 dollar; null where it says none. */
export interface Quotes {
  /** `/price?side=BUY`: the best bid. */
  readonly buy: number | null
  /** `/price?side=SELL`: the best ask. */
  readonly sell: number | null
  /** Rounded down to 1e-4 dollar. */
  readonly midpoint: number | null
  readonly spread: number | null
}

/** Asks for all four at once. What does not come, or makes no sense, is null and told to `odd`. */
export async function quotesOf(
  clob: string,
  token: string,
  odd: (why: string) => void,
): Promise<Quotes> {
  const ask = async (path: string, ...names: readonly string[]): Promise<number | null> => {
    const of = { method: 'GET', path: `${path}token_id=${token}` } as const
    const { status, text } = await askVenue(clob, of)
    const value = status === 200 ? jsonOf(text) : undefined
    const found = isObject(value) ? priceAt(value, names) : undefined
    if (found !== undefined) return found
    odd(`${path.replace(/[?&]$/, '')}: status ${status}, no price in 0 … 1`)
    return null
  }
  const [buy, sell, midpoint, spread] = await Promise.all([
    ask('/price?side=BUY&', 'price'),
    ask('/price?side=SELL&', 'price'),
    // The venue's client reads `mid`, its description has `mid_price` (autumn 2026).
    ask('/midpoint?', 'mid', 'mid_price'),
    ask('/spread?', 'spread'),
  ])
  return { buy, sell, midpoint, spread }
}

/** A text or a number under one of some keys: 0 … 1 dollar, in 1e-4, rounded down; undefined for anything else. */
function priceAt(
  of: Readonly<Record<string, unknown>>,
  names: readonly string[],
): number | undefined {
  const text = names.map(name => textIn(of, name)).find(one => one !== '')
  // Shown, and the limit of an order only behind the gate: a double is good enough to read it.
  const value = text === undefined ? Number.NaN : Number(text)
  return value >= 0 && value <= 1 ? Math.floor(value * 10_000 + 1e-6) : undefined
}
