import * as t from 'io-ts'
import { whole } from './units.js'

const Count = whole('whole number ≥ 0', n => n >= 0)
const Share = whole('whole number 0 … 10000', n => n >= 0 && n <= 10_000)
const Positive = whole('whole number > 0', n => n > 0)
const Edge = whole('whole number −10000 … 10000', n => n >= -10_000 && n <= 10_000)
const Level = whole('whole number 1 … 19', n => n >= 1 && n <= 19)
const FillModel = t.keyof({ share: null, walk: null }, '"share" or "walk"')
const BucketRule = t.keyof({ bps: null, ticks: null }, '"bps" or "ticks"')
const Rungs = t.readonlyArray(Share, 'list of whole numbers 0 … 10000')
const Names = t.readonlyArray(t.string, 'list of names')

/** One configuration key: codec, default, unit, meaning. */
export interface Key {
  readonly codec: t.Mixed
  readonly fallback: unknown
  readonly unit: string
  readonly doc: string
  /** For a key that came later: what held before there was one, in logs that do not have it. */
  readonly before?: unknown
}
const key = <C extends t.Mixed>(codec: C, fallback: t.OutputOf<C>, unit: string, doc: string) => ({
  codec,
  fallback: fallback as unknown,
  unit,
  doc,
})
/** A key that came after the first recorded runs; `before` is what those did. */
const later = <C extends t.Mixed>(
  before: t.OutputOf<C>,
  ...of: Parameters<typeof key<C>>
): ReturnType<typeof key<C>> & { readonly before: unknown } => ({
  ...key(...of),
  before: before,
})

/** Keys that can change a decision, by section. They stand in `RunStarted`, and their digest identifies them. */
export const DECISION_KEYS = {
  strategy: {
    names: key(Names, ['parity', 'basket'], '—', 'rules that run, in this order'),
  },
  parity: {
    min_edge_bps: key(Edge, 120, 'bps of payout', 'smallest net edge of the last share bought'),
    size_max_micro: key(Positive, 200_000_000, '1e-6 share', 'most complete sets of one signal'),
    ttl_ms: key(Positive, 5_000, 'ms', 'a signal is not acted on after this'),
  },
  dedup: {
    ttl_ms: key(Count, 30_000, 'ms', 'the same opportunity within this time is not acted on again'),
    price_bps: key(Share, 2, 'bps', 'prices this close count as the same'),
  },
  risk: {
    bankroll_micro: key(Count, 1_000_000_000, '1e-6 $', 'cash that the run begins with'),
    signal_notional_max_micro: key(Count, 250_000_000, '1e-6 $', 'most that one signal may cost'),
    exposure_max_micro: key(Count, 800_000_000, '1e-6 $', 'positions at cost plus all in flight'),
    open_max: key(Positive, 16, 'count', 'signals in flight at once; more are refused'),
    book_age_max_ms: key(Positive, 5_000, 'ms', 'a book older than this is stale'),
    rejects_max: key(Positive, 5, 'count', 'rejects in a row that trip the hard stop'),
    error_rate_max_bps: later(
      0,
      Share,
      5_000,
      'bps',
      'part of the last orders refused or without an answer that trips the hard stop; 0: never',
    ),
    error_window: later(20, Positive, 20, 'count', 'orders that the rate of errors looks back on'),
    reconcile: later(
      false,
      t.boolean,
      true,
      '—',
      "whether positions are compared with the exchange's own when nothing is in flight",
    ),
    daily_loss_max_micro: later(
      0,
      Count,
      100_000_000,
      '1e-6 $',
      'loss of one UTC day that closes the gate until the next; 0: never',
    ),
    fails_max: later(
      0,
      Count,
      4,
      'count',
      'signals in a row that lost money, which close the gate for a rest; 0: never',
    ),
    rest_ms: later(300_000, Positive, 300_000, 'ms', 'a gate rests this long, then lets a probe'),
    health_signals_min: later(
      0,
      Count,
      12,
      'count',
      'signals of a strategy in 24 hours before its health is judged; 0: never',
    ),
    health_win_min_bps: later(
      3_500,
      Share,
      3_500,
      'bps',
      'part of them that must have made money, where they lost on the whole',
    ),
    health_loss_max_micro: later(
      80_000_000,
      Count,
      80_000_000,
      '1e-6 $',
      'loss of a strategy in 24 hours that closes its gate',
    ),
  },
  oms: {
    signals_max: key(Positive, 3, 'count', 'signals worked on at once; the next ones wait'),
    queue_max: key(Count, 64, 'count', 'signals that may wait; more are dropped'),
    chase_step_bps: key(Share, 10, 'bps', 'first step above the best ask'),
    chase_max_bps: key(Share, 200, 'bps', 'most that a chase may pay above the best ask'),
    flatten_bps: key(Rungs, [100, 500, 1_000], 'bps', 'steps below the best bid, one attempt each'),
    cooldown_ms: key(Count, 1_000, 'ms', 'a market rests this long after a signal'),
    answer_timeout_ms: key(
      Positive,
      10_000,
      'ms',
      'an order without an answer is asked about after this',
    ),
    query_every_ms: later(2_000, Positive, 2_000, 'ms', 'from one question to the next'),
    query_deadline_ms: later(
      0,
      Count,
      20_000,
      'ms',
      'an order is asked about this long; then its outcome counts as unknown; 0: at once',
    ),
  },
  sim: {
    fill_model: key(
      FillModel,
      'share',
      '—',
      'share: part of the touch; walk: each level at its price',
    ),
    fill_share_liquid_bps: key(Share, 3_000, 'bps', 'part of the touch that fills, liquid bucket'),
    fill_share_thin_bps: key(Share, 1_000, 'bps', 'the same, thin bucket'),
    latency_ms: key(Count, 120, 'ms', 'from our decision to the exchange, in event time'),
    jitter_ms: key(Count, 40, 'ms', 'up to this much is added, keyed by seed and order id'),
    reject_bps: key(Share, 100, 'bps', 'part of the orders that the exchange refuses'),
    lost_bps: key(Share, 0, 'bps', 'part of the orders that are lost on their way'),
    answer_lost_bps: later(0, Share, 0, 'bps', 'part of the answers lost on their way back'),
    spike_ms: later(0, Count, 0, 'ms', 'added to the latency of every so many orders'),
    spike_every: later(0, Count, 0, 'count', 'which orders: every so many; 0: none'),
    drop_book_bps: later(
      0,
      Share,
      0,
      'bps',
      'part of the orders that meet an empty book, keyed by seed and order id',
    ),
  },
  live: {
    enabled: key(t.boolean, false, '—', 'second of the two keys that live trading needs'),
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
  bucket: {
    rule: later(
      'bps',
      BucketRule,
      'bps',
      '—',
      'liquid by spread in bps of mid (below 20), or in ticks, which a coarse grid can reach too',
    ),
    ticks_max: later(
      1,
      Positive,
      1,
      'ticks',
      'widest spread of a liquid leg, where the rule is ticks',
    ),
  },
} as const

/** Keys that change how a run is kept, never what it decides. They stand in the manifest. */
export const KEEPING_KEYS = {
  log: {
    durability: key(
      t.keyof({ commit: null, interval: null, none: null }, '"commit", "interval" or "none"'),
      'commit',
      '—',
      'when lines are synced to the disk',
    ),
    commit_events: key(Positive, 1_024, 'count', 'most events of one commit'),
    commit_ms: key(Positive, 5, 'ms', 'a commit waits no longer than this for company'),
    compress: key(
      t.keyof({ zstd: null, none: null }, '"zstd" or "none"'),
      'zstd',
      '—',
      'how segments that are over are kept',
    ),
    compress_level: key(Level, 9, '—', 'of Zstandard: higher is smaller and slower'),
    checkpoint_events: key(Count, 100_000, 'count', 'events between two checkpoints; 0: none'),
  },
  run: {
    backend: key(
      t.keyof(
        { auto: null, ts: null, native: null, daemon: null, subprocess: null },
        '"auto", "ts", "native", "daemon" or "subprocess"',
      ),
      'auto',
      '—',
      'which book fold serves, and what writes the log; daemon and subprocess: TypeScript, with paper fills asked of a process',
    ),
    tag: key(t.string, '', '—', 'free label in the manifest'),
  },
  feed: {
    skew_ms: key(
      Positive,
      60_000,
      'ms',
      'how far a stamp of a recording may step back, or leap ahead with nothing behind it that follows; further it is refused',
    ),
  },
  views: {
    live: key(t.boolean, true, '—', 'whether run and demo write their views as they go'),
    every_ms: key(Positive, 1_000, 'ms', 'how often, at most'),
  },
} as const
