import * as t from 'io-ts'
import { Count, Flag, key, Names, Positive, Share } from './config-codecs.js'

const SCOPES = { all: null, elon_tweet: null, watchlist_tweet: null }
const OFF = '; 0: it does not run'
const every = (ms: number, what: string) => key(Count, ms, 'ms', `${what}${OFF}`)

/** How slow collectors go (`polaris harvest`). */
export const HARVEST_KEYS = {
  handles: key(Names, ['elonmusk'], '—', 'accounts whose posts are collected'),
  scope: key(
    t.keyof(SCOPES, '"all", "elon_tweet" or "watchlist_tweet"'),
    'watchlist_tweet',
    '—',
    'which markets are collected: all, or those about posts of one account or of anybody on the list',
  ),
  watchlist: key(
    Names,
    ['elon musk', 'andrew tate', 'donald trump', 'zelenskyy'],
    '—',
    'names of that list, as titles of markets have them',
  ),
  tokens_max: key(Positive, 2_000, 'count', 'most tokens of which books are sampled'),
  channel: key(
    Flag,
    false,
    '—',
    'whether the market channel is heard too: its books are sampled where it keeps them, and stand in the log',
  ),
  tracking_ms: every(300_000, 'accounts and windows'),
  metric_ms: every(120_000, 'counts of posts by day'),
  post_ms: every(120_000, 'posts'),
  post_failures: key(
    Positive,
    8,
    'count',
    'failures in a row after which posts are asked for less often',
  ),
  post_backoff_ms: key(Positive, 300_000, 'ms', 'how often then, at most'),
  markets_ms: every(300_000, 'markets and their state'),
  settlement_ms: every(300_000, 'what became of markets that are over'),
  quote_top_ms: every(10_000, 'best prices'),
  quote_depth_ms: every(30_000, 'what stands near them'),
  l2_ms: every(60_000, 'best levels'),
  l2: key(Flag, true, '—', 'whether levels are sampled'),
  l2_levels: key(Positive, 20, 'count', 'levels of a side that are kept'),
  mapping_ms: every(300_000, 'which window a market is about'),
  agg_ms: every(60_000, 'bars of a minute'),
  health_ms: every(60_000, 'health by minute'),
  retention_ms: every(86_400_000, 'old samples and runs go'),
  retention_days: key(
    Positive,
    14,
    'd',
    'how long raw samples, and the logs that hold them, are kept',
  ),
  run_hours: key(Positive, 24, 'h', 'how long one run lasts before the next takes over'),
  jitter_bps: key(
    Share,
    1_000,
    'bps',
    'how far a run of a collector may be moved, as part of its interval',
  ),
  xtracker_per_second: key(Positive, 1, '1/s', 'requests to XTracker'),
  xtracker_burst: key(Positive, 2, 'count', 'at one time at most'),
  gamma_per_second: key(Positive, 2, '1/s', 'requests to the catalogue'),
  gamma_burst: key(Positive, 4, 'count', 'at one time at most'),
  clob_per_second: key(Positive, 5, '1/s', 'requests for books'),
  clob_burst: key(Positive, 8, 'count', 'at one time at most'),
  attempts: key(Positive, 5, 'count', 'tries of a request'),
  backoff_min_ms: key(Positive, 500, 'ms', 'shortest wait between two of them'),
  backoff_max_ms: key(Positive, 20_000, 'ms', 'longest wait that is our own choice'),
  timeout_ms: key(Positive, 10_000, 'ms', 'longest that an answer may take'),
  page: key(Positive, 500, 'count', 'entries of a page of the catalogue, at first'),
  tables_ms: key(Positive, 10_000, 'ms', 'how often the tables are brought up to the log'),
  tables: key(
    Flag,
    true,
    '—',
    'whether a run keeps the tables as it goes; else migrate brings them',
  ),
} as const
