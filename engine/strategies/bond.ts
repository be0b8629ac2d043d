import { DECISION_KEYS, type DecisionConfig } from '#schemas/config.js'
import { mulDivFloor, PRICE_MAX } from '#schemas/units.js'
import type { MarketFacts } from '#engine/core/market.js'
import { exitsAfter, isFree, noPositions, type Positions } from './exits.js'
import { outright } from './outright.js'
import { setIntent } from './sets.js'
import { NONE, strategy, type Context, type Intent } from './strategy.js'

type Params = DecisionConfig['bond']
type Own = Context & { readonly params: Params; readonly memory: Positions }

/** Milliseconds of a year of 365 days. */
const YEAR_MS = 31_536_000_000

/**
 * Short-dated bond: an outcome that is nearly certain, shortly before its market is decided, bought for what its last cents earn in a
 * year. Some of them fail: the part that is expected to (`loss_bps`) is taken off the payout before anything is compared.
 */
export const bond = strategy<Params, Positions>({
  name: 'bond',
  doc: 'buys outcomes that are nearly certain shortly before they are decided',
  version: 1,
  isDirectional: true,
  params: DECISION_KEYS.bond,
  subscribes: ({ price_min, spread_max }) => ({
    books: ({ tokens: [first], endsUs }) => {
      if (first === undefined || endsUs === undefined) return undefined
      return { test: 'bids', limit: Math.max(1, price_min - spread_max), tokens: [first] }
    },
    orders: true,
    fills: true,
    refusals: true,
    positions: true,
  }),
  init: noPositions,
  on: (event, context) => {
    const { memory, params } = context
    const exits = exitsAfter(event, memory, params, context)
    if (exits.length > 0 || event.tag !== 'book') return exits
    return entry(event.market, context)
  },
})

function entry(market: MarketFacts, context: Own): readonly Intent[] {
  const { tUs, book, params, memory } = context
  const [token] = market.tokens
  const { endsUs } = market
  if (token === undefined || endsUs === undefined) return NONE
  const leftMs = Math.floor((endsUs - tUs) / 1_000)
  if (leftMs <= 0 || leftMs > params.horizon_max_ms) return NONE
  const isOpen = isFree(memory, token, { tUs, most: params.positions_max })
  const view = book(token)
  const { bestBid, bestAsk } = view
  const isPriced = bestBid > 0 && bestAsk >= params.price_min && bestAsk <= params.price_max
  if (!isOpen || !isPriced || bestAsk - bestBid > params.spread_max) return NONE
  // Up to the dearest price that is taken; what lies above it is none of ours.
  const bought = outright(market, token, {
    ...{ book: view, limit: params.price_max, most: params.size_max_micro },
  })
  if (!bought) return NONE
  const { size, cost, fee, leg } = bought
  const paid = cost + fee
  const expected = mulDivFloor(size, PRICE_MAX - params.loss_bps, PRICE_MAX)
  const earned = expected - paid
  const edge = mulDivFloor(earned, 10_000, size)
  const annual = earned <= 0 ? 0 : annualOf(earned, paid, leftMs)
  if (edge <= 0 || annual < params.annual_min_pct * 100) return NONE
  // For as long as the signal may take: one offer is one signal.
  memory.wanted.set(token, tUs + params.ttl_ms * 1_000)
  return setIntent({
    ...{ market: market.market, size, cost, fee, edge, ttlMs: params.ttl_ms, legs: [leg] },
    used: [
      ['left-ms', leftMs],
      ['annual-bps', annual],
      ['loss-bps', params.loss_bps],
    ],
  })
}

/** Simple return of a year, bps, rounded down: gain on what is paid, times how often the time left fits into a year. */
export function annualOf(earned: number, paid: number, leftMs: number): number {
  const returned = mulDivFloor(earned, 1_000_000, paid) // in 1e-6 of what is paid
  return mulDivFloor(returned, YEAR_MS, leftMs * 100)
}
