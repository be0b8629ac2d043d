import { key, Positive } from '#schemas/config-codecs.js'
import { Direction } from '#schemas/rule-codecs.js'
import { mulDivFloor, PRICE_MAX } from '#schemas/units.js'
import type { MarketFacts } from '#engine/core/market.js'
import type { BookView } from '#engine/book/view.js'
import type { Strategy } from '../strategy.js'
import { bought } from './buy.js'
import { partOf } from './score.js'
import { rule, type Hit, type Sight, whenTouched } from './rule.js'

/** The middle of a market's first outcome at some time, 1e-4 dollar. */
interface Mid {
  readonly tUs: number
  readonly mid: number
}

/** Middles by market, the oldest first. */
type Mids = Map<number, Mid[]>

interface Params {
  readonly window_ms: number
  readonly move_min_bps: number
  readonly points_min: number
  readonly direction: 'fade' | 'follow'
}

/** Most middles that are remembered of a market: in a window that is busier than this they are thinned out evenly. */
const MIDS_MAX = 512

/** The middle of a book that has both sides; 0 where one is missing. */
export const midOf = ({ bestBid, bestAsk }: BookView): number =>
  bestBid > 0 && bestAsk < PRICE_MAX ? Math.floor((bestBid + bestAsk) / 2) : 0

function noted(
  { market, tokens }: MarketFacts,
  { book, distrustOf, memory, params, tUs }: Sight<Params, Mids>,
): void {
  const [first] = tokens
  if (first === undefined || distrustOf(first) !== 0) return
  const mid = midOf(book(first))
  if (mid === 0) return
  const mids = memory.get(market) ?? []
  memory.set(market, mids)
  const last = mids[mids.length - 1]
  if (last?.mid === mid) return // what stands still is known until it moves
  // Two middles lie at least this far apart, but for the newest, so that the window never holds more than so many.
  const apartUs = Math.floor((params.window_ms * 1_000) / MIDS_MAX)
  const before = mids[mids.length - 2]
  if (last && before && tUs - before.tUs < apartUs) mids.pop()
  mids.push({ tUs, mid })
  const fromUs = tUs - params.window_ms * 1_000
  let old = 0
  // The last one before the window is what held when it began.
  while (old + 1 < mids.length && mids[old + 1]!.tUs <= fromUs) old++
  if (old > 0) mids.splice(0, old)
}

/** What a move makes a market's first outcome worth, and by how much it moved; in 1e-4 dollar, and bps of where it came from. */
interface Move {
  readonly fair: number
  readonly bps: number
}

function hitOf(
  market: MarketFacts,
  move: Move | undefined,
  sight: Sight<Params, Mids>,
): Hit | undefined {
  const [first, second] = market.tokens
  if (!move || move.bps < sight.params.move_min_bps) return undefined
  if (first === undefined || second === undefined) return undefined
  const mid = midOf(sight.book(first))
  const fair = Math.max(1, Math.min(PRICE_MAX - 1, move.fair))
  const [token, worth] = fair > mid ? [first, fair] : [second, PRICE_MAX - fair]
  const proposal = bought(market, { token, fair: worth }, sight)
  return (
    proposal && {
      proposal,
      metrics: { velocity: partOf('velocity', move.bps) },
      saw: [
        ['mid-1e4', mid],
        ['fair-1e4', worth],
        ['move-bps', move.bps],
      ],
    }
  )
}

const moving = (
  name: string,
  doc: string,
  of: {
    readonly defaults: Parameters<typeof rule>[0]['defaults']
    readonly params: Params
    readonly moveOf: (mids: readonly Mid[], params: Params, tUs: number) => Move | undefined
  },
): Strategy =>
  rule<Params, Mids>({
    ...{ name, doc, version: 1, isDirectional: true, defaults: of.defaults },
    params: {
      window_ms: key(Positive, of.params.window_ms, 'ms', 'how far it looks back'),
      move_min_bps: key(
        Positive,
        of.params.move_min_bps,
        'bps',
        'least move, of the price that it is held against',
      ),
      points_min: key(Positive, of.params.points_min, 'count', 'prices in the window, at least'),
      direction: key(
        Direction,
        of.params.direction,
        '—',
        'whether the move is held to go back, or on',
      ),
    },
    subscribes: { books: whenTouched },
    init: () => new Map(),
    note: (event, sight) => {
      if (event.tag === 'book') noted(event.market, sight)
    },
    look: (subject, sight) => {
      if (subject.tag !== 'market') return undefined
      const { market } = subject
      const mids = sight.memory.get(market.market) ?? []
      const { params, tUs } = sight
      return hitOf(market, of.moveOf(mids, params, tUs), sight)
    },
  })

/** SPIKE_DETECT: the price moved far in a short time. */
export const spike = moving('spike', 'a price moved far within seconds', {
  defaults: {
    ...{ level: 'P2', base: 50, weights: { velocity: 40, liquidity: 30, spread: 30 } },
    ...{ minEdge: 100, liquidity: 200_000_000, cooldownMs: 300_000 },
  },
  params: { window_ms: 10_000, move_min_bps: 300, points_min: 2, direction: 'fade' },
  moveOf: (mids, { points_min: least, direction }) => {
    const [start, end] = [mids[0], mids[mids.length - 1]]
    if (!start || !end || mids.length < least) return undefined
    const by = end.mid - start.mid
    return {
      fair: direction === 'fade' ? start.mid : end.mid + by,
      bps: mulDivFloor(Math.abs(by), 10_000, Math.max(100, start.mid)),
    }
  },
})

/** TREND_BREAKOUT: the price has left the mean of some minutes. */
export const trend = moving('trend', 'a price has left its mean of some minutes', {
  defaults: {
    ...{ level: 'P2', base: 55, weights: { velocity: 40, time_to_end: 30, liquidity: 30 } },
    ...{ minEdge: 100, liquidity: 200_000_000, cooldownMs: 300_000 },
  },
  params: { window_ms: 300_000, move_min_bps: 200, points_min: 4, direction: 'follow' },
  moveOf: (mids, { points_min: least, direction, window_ms: windowMs }, tUs) => {
    const last = mids[mids.length - 1]
    if (!last || mids.length < least) return undefined
    const mean = meanOf(mids, tUs - windowMs * 1_000, tUs)
    const by = last.mid - mean
    return {
      fair: direction === 'follow' ? last.mid + by : mean,
      bps: mulDivFloor(Math.abs(by), 10_000, Math.max(1, mean)),
    }
  },
})

/** Mean of a price over time: what stood for long counts for more than what stood for a moment. */
function meanOf(mids: readonly Mid[], fromUs: number, tUs: number): number {
  let [sum, all] = [0, 0]
  for (const [k, { tUs: sinceUs, mid }] of mids.entries()) {
    const untilUs = mids[k + 1]?.tUs ?? tUs
    // Whole ms: 300 s of them times a price is far from the largest whole number.
    const ms = Math.floor((untilUs - Math.max(fromUs, sinceUs)) / 1_000)
    if (ms <= 0) continue
    sum += ms * mid
    all += ms
  }
  return all === 0 ? (mids[mids.length - 1]?.mid ?? 0) : Math.floor(sum / all)
}
