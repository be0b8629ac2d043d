import { RULE_TYPES, type RuleType } from '#engine/strategies/rules/registry.js'

/** How a value of a rule's file becomes a parameter of its strategy. */
export type Unit =
  | 'usd'
  | 'secs'
  | 'price'
  | 'share'
  | 'bps'
  | 'count'
  | 'deviations'
  | 'words'
  | 'related'
  | 'direction'

/** A key of a rule's file: the parameter that it sets, and in which unit it is written. */
export interface Field {
  readonly param: string
  readonly unit: Unit
  readonly doc: string
}

/** A key, said shortly. */
export const field = (param: string, unit: Unit, doc: string): Field => ({ param, unit, doc })

/** Keys that `params` of every type may have. */
const COMMON: Readonly<Record<string, Field>> = {
  edge_min_bps: field('min_edge_bps', 'bps', 'least edge after fees, by prices that can be had'),
  liquidity_min_usd: field(
    'liquidity_min_micro',
    'usd',
    'dollars in the first three asks of the thinnest leg',
  ),
  size_max: field('size_max_micro', 'usd', 'most shares of each leg'),
  positions_max: field('positions_max', 'count', 'outcomes held at once'),
  ttl_secs: field('ttl_ms', 'secs', 'a hit is not acted on after this'),
  take_profit_bps: field(
    'take_profit_bps',
    'bps',
    'gain at which what was bought is sold; 0: never',
  ),
  stop_bps: field('stop_bps', 'bps', 'loss at which it is sold; 0: never'),
  hold_max_secs: field('hold_max_ms', 'secs', 'it is sold after this; 0: held to the end'),
}

const MOVES: Readonly<Record<string, Field>> = {
  window_secs: field('window_ms', 'secs', 'how far it looks back'),
  move_min: field(
    'move_min_bps',
    'share',
    'least move, as a part of the price that it is held against: 0.03',
  ),
  points_min: field('points_min', 'count', 'prices in the window, at least'),
  direction: field('direction', 'direction', 'fade: the move goes back; follow: it goes on'),
}

const RELATED: Readonly<Record<string, Field>> = {
  groups: field('related', 'related', 'markets that are compared'),
  gap_min: field('gap_min', 'price', 'bid of the leader less ask of the laggard, in dollars'),
  outcome: field('outcome', 'count', 'place of the outcome that is compared; 0 is YES'),
}

const SUMS: Readonly<Record<string, Field>> = {
  sum_lt: field('sum_below', 'price', 'what one share of each outcome costs together, below this'),
}

/** Keys of `params` by type, besides those that all have. */
const FIELDS: Readonly<Record<RuleType, Readonly<Record<string, Field>>>> = {
  SUM_LT_1: SUMS,
  DUTCH_BOOK_DETECT: SUMS,
  SPIKE_DETECT: MOVES,
  TREND_BREAKOUT: MOVES,
  ENDGAME_SWEEP: {
    left_max_secs: field('left_max_ms', 'secs', 'longest time until the market is decided'),
    price_min: field('price_min', 'price', 'cheapest ask that counts as nearly certain'),
    volume_z_min: field(
      'surge_min_1e2',
      'deviations',
      'standard deviations of the newest trade above those before',
    ),
    loss_bps: field('loss_bps', 'bps', 'part of such outcomes that is expected to fail'),
  },
  SYNONYM_MISPRICE: RELATED,
  CROSS_MARKET_MISPRICE: RELATED,
  TEMPORAL_ARBITRAGE: RELATED,
  ORDER_BOOK_IMBALANCE: {
    imbalance_min: field(
      'imbalance_min_bps',
      'share',
      'bids less asks near the best, as a part of both: 0.6',
    ),
    spread_max: field('spread_max', 'price', 'widest spread, in dollars'),
  },
}

/** The keys of `params` of a type. */
export const fieldsOf = (type: RuleType): Readonly<Record<string, Field>> => ({
  ...FIELDS[type],
  ...COMMON,
})

/** The names of all types. */
export const RULE_NAMES = Object.keys(RULE_TYPES) as readonly RuleType[]
