import { key, Share } from '#schemas/config-codecs.js'
import { ASK, BID } from '#schemas/levels.js'
import { mulDivFloor, PRICE_MAX } from '#schemas/units.js'
import { depthWithin, type BookView } from '#engine/book/view.js'
import { bought } from './buy.js'
import { midOf } from './moves.js'
import { rule, whenTouched } from './rule.js'

interface Params {
  readonly imbalance_min_bps: number
  readonly spread_max: number
}

/** How far from the best a level counts, bps of the best. */
const BAND_BPS = 500

/** What stands within five per cent of a side's best, 1e-6 share. */
const near = (view: BookView, side: typeof BID | typeof ASK): number => {
  const best = side === BID ? view.bestBid : view.bestAsk
  return depthWithin(view, side, mulDivFloor(best, BAND_BPS, 10_000))
}

/** Bids less asks near the best, in bps of both: −10,000 … 10,000; 0 where there is nothing. */
export function imbalanceOf(view: BookView): number {
  const [bids, asks] = [near(view, BID), near(view, ASK)]
  return bids + asks === 0 ? 0 : mulDivFloor(bids - asks, 10_000, bids + asks)
}

/**
 * ORDER_BOOK_IMBALANCE: one side of a narrow book holds much more than the other. The outcome that is pressed for is held to be worth its middle and, of the
 * way to its ask, as much as the imbalance says: never more than what it costs, so the edge is what the conviction costs.
 */
export const imbalance = rule<Params, undefined>({
  name: 'imbalance',
  doc: 'one side of a narrow book holds much more than the other',
  version: 1,
  isDirectional: true,
  defaults: {
    ...{ level: 'P2', base: 50, weights: { imbalance: 50, liquidity: 30, spread: 20 } },
    ...{ minEdge: -300, liquidity: 200_000_000, cooldownMs: 300_000 },
  },
  params: {
    imbalance_min_bps: key(
      Share,
      6_000,
      'bps',
      'bids less asks within 5 % of their bests, of both together',
    ),
    spread_max: key(Share, 300, '1e-4 $', 'widest spread'),
  },
  subscribes: { books: whenTouched },
  init: () => undefined,
  look: (subject, sight) => {
    if (subject.tag !== 'market') return undefined
    const { market } = subject
    const [first, second] = market.tokens
    if (first === undefined || second === undefined) return undefined
    const { params, book } = sight
    const view = book(first)
    const mid = midOf(view)
    if (mid === 0 || view.bestAsk - view.bestBid > params.spread_max) return undefined
    const pressed = imbalanceOf(view)
    if (Math.abs(pressed) < params.imbalance_min_bps) return undefined
    const token = pressed > 0 ? first : second
    const own = book(token)
    const middle = midOf(own)
    if (middle === 0) return undefined
    const fair = middle + mulDivFloor(own.bestAsk - middle, Math.abs(pressed), PRICE_MAX)
    const proposal = bought(market, { token, fair }, sight)
    return (
      proposal && {
        proposal,
        metrics: { imbalance: Math.abs(pressed) },
        saw: [
          ['imbalance-bps', pressed],
          ['fair-1e4', fair],
        ],
      }
    )
  },
})
