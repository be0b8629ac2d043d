import { mulDivFloor } from '#schemas/units.js'

/** Least part of a market's time that a window has to cover, in 1e-6. */
const SCORE_MIN = 400_000

/** A market, as far as mapping looks at it. Times in µs, 0: not said. */
export interface MappedMarket {
  readonly id: string
  readonly text: string
  readonly groupSlug: string
  readonly starts: number
  readonly ends: number
}

/** A window. */
export interface MappedWindow {
  readonly id: string
  readonly account: string
  readonly title: string
  readonly link: string
  readonly starts: number
  readonly ends: number
}

/** What matches, and why. */
export interface Match {
  /** Part of the market's time that the window covers, 1e-6, rounded down. */
  readonly score: number
  readonly reason: string
}

/**
 * Whether a market is about a window: it has to be about posts of its account, and the window has to cover two fifths of its time. The
 * event that the window names itself is about it by that alone, as far as their times meet so.
 */
export function matchOf(
  market: MappedMarket,
  window: MappedWindow,
  names: readonly string[],
): Match | undefined {
  if (market.ends <= market.starts || window.ends <= window.starts || market.starts === 0)
    return undefined
  const isNamed = market.groupSlug !== '' && window.link.endsWith(`/${market.groupSlug}`)
  const text = plain(market.text)
  const name = names.find(one => one !== '' && text.includes(plain(one)))
  if (!isNamed && (name === undefined || !/ (tweets?|posts?) /.test(` ${text} `))) return undefined
  const overlap = Math.min(market.ends, window.ends) - Math.max(market.starts, window.starts)
  if (overlap <= 0) return undefined
  const score = mulDivFloor(overlap, 1_000_000, market.ends - market.starts)
  if (score < SCORE_MIN) return undefined
  const why = isNamed ? 'the window names its event' : `it is about posts of '${name ?? ''}'`
  return { score, reason: `${why}; the window covers ${(score / 10_000).toFixed(1)} % of its time` }
}

const plain = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, ' ')
    .trim()
