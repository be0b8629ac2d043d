import { key, later, Count, Edge, Positive, Share } from './config-codecs.js'

/** The keys of when a position is sold before its market is decided, with the defaults of its strategy. */
function exits(of: {
  readonly profit: number
  readonly stop: number
  readonly trailFrom: number
  readonly trail: number
  readonly holdMaxMs: number
}) {
  const gain = (n: number, doc: string) => later(n, Share, n, 'bps of cost', doc)
  const time = (n: number, doc: string) => later(n, Count, n, 'ms', doc)
  return {
    take_profit_bps: gain(of.profit, 'a position that has gained this is sold; 0: never'),
    stop_bps: gain(of.stop, 'a position that has lost this is sold; 0: never'),
    trail_from_bps: gain(of.trailFrom, 'gain from which a trailing stop follows'),
    trail_bps: gain(
      of.trail,
      'how far below its highest gain it is sold then; 0: no trailing stop',
    ),
    hold_min_ms: time(180_000, 'a position is held this long, whatever it does'),
    hold_max_ms: time(of.holdMaxMs, 'a position is sold after this; 0: it is held to the end'),
    check_ms: later(5_000, Positive, 5_000, 'ms', 'how often positions are looked at'),
    rest_ms: time(3_600_000, 'an outcome that was sold is not bought again for this long'),
  }
}

/** When a rule that buys one outcome sells it again. */
export const EXIT_KEYS = exits({
  profit: 200,
  stop: 300,
  trailFrom: 0,
  trail: 0,
  holdMaxMs: 14_400_000,
})

/** Parameters of strategies that have a section of their own in the configuration. They stand in `DECISION_KEYS`. */
export const STRATEGY_KEYS = {
  parity: {
    min_edge_bps: key(Edge, 120, 'bps of payout', 'smallest net edge of the last share bought'),
    size_max_micro: key(Positive, 200_000_000, '1e-6 share', 'most complete sets of one signal'),
    ttl_ms: key(Positive, 5_000, 'ms', 'a signal is not acted on after this'),
  },
  basket: {
    min_edge_bps: later(
      150,
      Edge,
      150,
      'bps of payout',
      'smallest net edge of the last set bought: one YES of every outcome',
    ),
    size_max_micro: later(
      200_000_000,
      Positive,
      200_000_000,
      '1e-6 share',
      'most complete sets of one signal',
    ),
    ttl_ms: later(8_000, Positive, 8_000, 'ms', 'a signal is not acted on after this'),
  },
  conversion: {
    min_edge_bps: later(
      150,
      Edge,
      150,
      'bps of payout',
      'smallest net of the last share: bids of the other outcomes less the ask of NO, fees and gas',
    ),
    size_max_micro: later(
      200_000_000,
      Positive,
      200_000_000,
      '1e-6 share',
      'most shares of one signal',
    ),
    gas_micro: later(20_000, Count, 20_000, '1e-6 $', 'gas that is counted on for one conversion'),
    candidates_max: later(1, Positive, 1, 'count', 'outcomes of one event that are wanted at once'),
    ttl_ms: later(9_000, Positive, 9_000, 'ms', 'a signal is not acted on after this'),
  },
  bond: {
    price_min: later(9_400, Share, 9_400, '1e-4 $', 'cheapest ask that counts as nearly certain'),
    price_max: later(9_950, Share, 9_950, '1e-4 $', 'dearest price that is paid'),
    spread_max: later(300, Share, 300, '1e-4 $', 'widest spread'),
    horizon_max_ms: later(
      43_200_000,
      Positive,
      43_200_000,
      'ms',
      'longest time until the market is decided',
    ),
    loss_bps: later(
      50,
      Share,
      50,
      'bps',
      'part of such outcomes that is expected to fail; taken off the payout',
    ),
    annual_min_pct: later(
      500,
      Count,
      500,
      'percent a year',
      'least simple return of a year, after fees and expected losses: 500 is five times the stake',
    ),
    size_max_micro: later(
      50_000_000,
      Positive,
      50_000_000,
      '1e-6 share',
      'most shares of one outcome',
    ),
    positions_max: later(20, Positive, 20, 'count', 'outcomes held at once'),
    ttl_ms: later(30_000, Positive, 30_000, 'ms', 'a signal is not acted on after this'),
    ...exits({ profit: 200, stop: 300, trailFrom: 0, trail: 0, holdMaxMs: 14_400_000 }),
  },
  tail: {
    price_max: later(9_699, Share, 9_699, '1e-4 $', 'dearest price that is paid'),
    confidence_min_bps: later(
      9_000,
      Share,
      9_000,
      'bps',
      'least confidence in the leading outcome',
    ),
    min_edge_bps: later(200, Edge, 200, 'bps of payout', 'confidence less price and fee, at least'),
    horizon_max_ms: later(
      14_400_000,
      Positive,
      14_400_000,
      'ms',
      'longest time until the market is decided',
    ),
    decay_bps: later(
      2_500,
      Share,
      2_500,
      'bps of doubt',
      'part of what is left to certainty that the time that has run down takes away, at its most',
    ),
    flow_bps: later(
      4_000,
      Share,
      4_000,
      'bps of doubt',
      'part of it that trades take away (or add) when all of them are on one side',
    ),
    flow_window_ms: later(300_000, Positive, 300_000, 'ms', 'how far back trades count'),
    flow_min_micro: later(
      200_000_000,
      Positive,
      200_000_000,
      '1e-6 share',
      'traded in the window before its direction says anything',
    ),
    votes_bps: later(
      5_000,
      Share,
      5_000,
      'bps',
      'how far a vote moves the confidence from the price towards what it says',
    ),
    votes_ttl_ms: later(3_600_000, Positive, 3_600_000, 'ms', 'a vote older than this is none'),
    size_max_micro: later(
      50_000_000,
      Positive,
      50_000_000,
      '1e-6 share',
      'most shares of one outcome',
    ),
    positions_max: later(20, Positive, 20, 'count', 'outcomes held at once'),
    ttl_ms: later(5_000, Positive, 5_000, 'ms', 'a signal is not acted on after this'),
    ...exits({ profit: 150, stop: 250, trailFrom: 100, trail: 120, holdMaxMs: 10_800_000 }),
  },
  quoting: {
    half_spread_bps: later(150, Share, 150, 'bps of $1', 'how far each quote lies from the mid'),
    size_micro: later(20_000_000, Positive, 20_000_000, '1e-6 share', 'size of each quote'),
    inventory_max_micro: later(
      60_000_000,
      Positive,
      60_000_000,
      '1e-6 share',
      'no bid beyond this position in a token',
    ),
    lean_bps: later(
      100,
      Share,
      100,
      'bps of $1',
      'how far both quotes move down when the position is at its most',
    ),
    refresh_ms: later(
      5_000,
      Positive,
      5_000,
      'ms',
      'quotes are looked at again at least this often',
    ),
  },
} as const
