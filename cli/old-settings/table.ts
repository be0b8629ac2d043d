/** How a value of the earlier system becomes one of a key: whole steps of the key in one of its units. */
export const UNITS = {
  count: { factor: 1, says: 'a whole number' },
  hours: { factor: 1, says: 'whole hours' },
  dollars: { factor: 1, says: 'whole dollars' },
  ms: { factor: 1, says: 'whole ms' },
  's → ms': { factor: 1_000, says: 'seconds, at most three decimals' },
  'h → ms': { factor: 3_600_000, says: 'hours that are whole ms' },
  '$ → 1e-6 $': { factor: 1_000_000, says: 'dollars, at most six decimals' },
  'ratio → bps': { factor: 10_000, says: 'a ratio, at most four decimals' },
  '$ → 1e-4 $': { factor: 10_000, says: 'dollars, at most four decimals' },
} as const

/** What became of one setting of the earlier system. */
export type OldSetting =
  /** It is a key, in the key's unit. */
  | { readonly tag: 'key'; readonly key: string; readonly unit: keyof typeof UNITS }
  /** It is a key that holds words. */
  | { readonly tag: 'text'; readonly key: string }
  /** It is a key that says yes or no, or a word for each. */
  | { readonly tag: 'flag'; readonly key: string; readonly yes: unknown; readonly no: unknown }
  /** It says, with others, which strategies run, or which backend serves. */
  | { readonly tag: 'strategies' | 'backend'; readonly key: string; readonly why: string }
  /** One value is how it is; another is refused. */
  | { readonly tag: 'fixed'; readonly value: string; readonly why: string }
  /** Nothing here is like it. */
  | { readonly tag: 'gone'; readonly why: string }
  /** It is a secret, which another variable holds. */
  | { readonly tag: 'secret'; readonly variable: string }

const to = (key: string, unit: keyof typeof UNITS): OldSetting => ({ tag: 'key', key, unit })
const text = (key: string): OldSetting => ({ tag: 'text', key })
const gone = (why: string): OldSetting => ({ tag: 'gone', why })
const fixed = (value: string, why: string): OldSetting => ({ tag: 'fixed', value, why })
const chooses = (why: string): OldSetting => ({ tag: 'strategies', key: 'strategy.names', why })
const serves = (why: string): OldSetting => ({ tag: 'backend', key: 'run.backend', why })

const NO_CYCLE = 'there are no cycles: every input is decided upon as it comes'
const NO_VOTE = 'no model is asked; votes from outside are references of the feed (tail.votes_bps)'
const NO_POLL =
  'books come by the channel alone; REST is asked about single books (feed.rest_age_ms)'
const SOCKETS = 'connections are kept and made anew by rules of the program (docs/LIVE.md)'

/** Settings of the earlier system, by the name of their variable without `POLARIS_`. */
export const OLD_SETTINGS: Readonly<Record<string, OldSetting>> = {
  ARB_DEFAULT_MODE: gone('the mode is said by --mode'),
  ARB_RUN_TAG: gone('the tag is said by arb-run --run-tag'),
  ARB_SCAN_INTERVAL_SEC: gone(NO_CYCLE),
  ARB_MAX_SIGNALS_PER_CYCLE: to('oms.queue_max', 'count'),
  ARB_OPTIMIZE_INTERVAL_SEC: gone('arb-optimize works when it is called'),
  ARB_OPTIMIZE_REPLAY_DAYS: gone('arb-optimize takes the runs that it is given'),
  ARB_OPTIMIZE_PAPER_HOURS: gone('arb-optimize takes the runs that it is given'),
  ARB_UNIVERSE_MAX_HOURS: to('universe.hours_max', 'hours'),
  ARB_UNIVERSE_TOKEN_LIMIT: to('universe.tokens_max', 'count'),
  ARB_UNIVERSE_REFRESH_SEC: to('feed.refresh_ms', 's → ms'),
  ARB_UNIVERSE_MIN_LIQUIDITY: to('universe.liquidity_min', 'dollars'),
  ARB_CLOB_BOOKS_BATCH_SIZE: gone(NO_POLL),
  ARB_CLOB_BOOKS_MAX_CONCURRENCY: gone(NO_POLL),
  ARB_EXECUTION_CONCURRENCY: to('oms.signals_max', 'count'),
  ARB_EXECUTION_BACKEND: gone('see ARB_RUST_BRIDGE_MODE'),
  ARB_LIVE_PREFLIGHT_MAX_AGE_MS: gone(
    'an order goes by the book as risk sees it; its age is risk.book_age_max_ms',
  ),
  ARB_LIVE_PREFLIGHT_FORCE_REFRESH: fixed('false', 'no book is fetched for an order'),
  ARB_LIVE_ORDER_TYPE: fixed('FAK', 'legs of signals are fill-and-kill'),
  ARB_LIVE_PRIVATE_KEY: { tag: 'secret', variable: 'POLARIS_PRIVATE_KEY' },
  ARB_LIVE_HOST: text('venue.clob'),
  ARB_LIVE_CHAIN_ID: to('account.chain_id', 'count'),
  ARB_RUST_BRIDGE_ENABLED: serves('false: ts; true: as ARB_RUST_BRIDGE_MODE says'),
  ARB_RUST_BRIDGE_MODE: serves('daemon, subprocess; pyo3: native'),
  ARB_RUST_BRIDGE_BIN: gone('the program that is built with the addon is the one that is asked'),
  ARB_RUST_BRIDGE_TIMEOUT_SEC: gone('a process has a second; TypeScript answers in its stead'),
  ARB_PAPER_INITIAL_BANKROLL_USD: to('risk.bankroll_micro', '$ → 1e-6 $'),
  ARB_PAPER_SPLIT_BY_STRATEGY: { tag: 'flag', key: 'risk.scope', yes: 'instance', no: 'shared' },
  ARB_PAPER_ENFORCE_BANKROLL: fixed('true', 'a purse never spends what it does not hold'),
  ARB_PAPER_REALIZED_PNL_MODE: gone('profit is realised by sales and payouts'),
  ARB_SINGLE_RISK_USD: to('risk.signal_notional_max_micro', '$ → 1e-6 $'),
  ARB_MAX_EXPOSURE_USD: to('risk.exposure_max_micro', '$ → 1e-6 $'),
  ARB_DAILY_STOP_LOSS_USD: to('risk.daily_loss_max_micro', '$ → 1e-6 $'),
  ARB_CONSECUTIVE_FAIL_LIMIT: to('risk.fails_max', 'count'),
  ARB_SCOPE_BLOCK_COOLDOWN_SEC: to('risk.rest_ms', 's → ms'),
  ARB_SIGNAL_DEDUPE_TTL_SEC: to('dedup.ttl_ms', 's → ms'),
  ARB_SAFE_ARBITRAGE_ONLY: { tag: 'flag', key: 'strategy.safe_only', yes: true, no: false },
  ARB_MIN_ORDER_NOTIONAL_USD: gone('the least order is the venue’s and the market’s'),
  ARB_PARTIAL_FILL_TIMEOUT_SEC: gone('what did not fill is chased as soon as the venue says so'),
  ARB_PATCH_FILL_THRESHOLD: gone('every leg that lags is chased up to oms.chase_max_bps'),
  ARB_UNWIND_FILL_THRESHOLD: gone('what has no counterpart is flattened (oms.flatten_bps)'),
  ARB_SLIPPAGE_BPS: gone(
    'a limit is the worst level counted on; a chase pays up to oms.chase_max_bps',
  ),
  ARB_FEE_BPS: gone('fees are what each market charges'),
  ARB_STRATEGY_HEALTH_GATE_ENABLED: fixed(
    'true',
    'POLARIS_ARB_STRATEGY_HEALTH_MIN_TRADES=0 switches it off',
  ),
  ARB_STRATEGY_HEALTH_WINDOW_HOURS: fixed('24', 'health is judged over 24 hours'),
  ARB_STRATEGY_HEALTH_MIN_TRADES: to('risk.health_signals_min', 'count'),
  ARB_STRATEGY_HEALTH_MAX_LOSS_USD: to('risk.health_loss_max_micro', '$ → 1e-6 $'),
  ARB_STRATEGY_HEALTH_MIN_WIN_RATE: to('risk.health_win_min_bps', 'ratio → bps'),
  ARB_STRATEGY_HEALTH_MIN_AVG_TRADE_PNL_USD: gone('health is judged by loss and by wins'),
  ARB_ENABLE_STRATEGY_A: chooses('basket'),
  ARB_ENABLE_STRATEGY_B: chooses('parity'),
  ARB_ENABLE_STRATEGY_C: chooses('conversion'),
  ARB_ENABLE_STRATEGY_F: chooses('bond'),
  ARB_ENABLE_STRATEGY_G: chooses('tail'),
  ARB_STRATEGY_PRIORITY: chooses('the order of those that run, as A,B,G,F'),
  ARB_C_LIVE_ENABLED: fixed('false', 'no conversion is sent to a venue'),
  ARB_C_FORCE_ENTRY_ONLY_IN_PAPER: gone('what was bought is converted and sold'),
  ARB_C_MIN_EDGE_PCT: to('conversion.min_edge_bps', 'ratio → bps'),
  ARB_C_MAX_CANDIDATES_PER_EVENT: to('conversion.candidates_max', 'count'),
  ARB_A_MIN_EDGE_PCT: to('basket.min_edge_bps', 'ratio → bps'),
  ARB_B_MIN_EDGE_PCT: to('parity.min_edge_bps', 'ratio → bps'),
  ARB_F_MIN_PROB: to('bond.price_min', '$ → 1e-4 $'),
  ARB_F_MAX_HOURS_TO_RESOLVE: to('bond.horizon_max_ms', 'h → ms'),
  ARB_F_MIN_ANNUALIZED_RETURN: gone(
    'it stood for a 24th of a return of a year; bond.annual_min_pct is the whole of it',
  ),
  ARB_F_MAX_SPREAD: to('bond.spread_max', '$ → 1e-4 $'),
  ARB_F_MAX_SIGNALS_PER_CYCLE: gone(NO_CYCLE),
  ARB_G_MAX_HOURS_TO_RESOLVE: to('tail.horizon_max_ms', 'h → ms'),
  ARB_G_MIN_CONFIDENCE: to('tail.confidence_min_bps', 'ratio → bps'),
  ARB_G_MIN_EXPECTED_EDGE_PCT: to('tail.min_edge_bps', 'ratio → bps'),
  ...Object.fromEntries(
    [
      ...['MODE', 'QUORUM', 'PROVIDER_ORDER', 'ENABLED', 'SINGLE_MODEL'].map(of => `AI_${of}`),
      ...['OPENAI', 'ANTHROPIC', 'GOOGLE', 'MINIMAX', 'ZHIPU'].flatMap(of => [
        `${of}_API_KEY`,
        `${of}_MODEL`,
      ]),
    ].map(name => [`ARB_${name}`, gone(NO_VOTE)]),
  ),
  DATABASE_URL: gone('tables are one file beside the runs, which needs no password (migrate --db)'),
  TRACKING_SYNC_INTERVAL: to('harvest.tracking_ms', 's → ms'),
  METRIC_SYNC_INTERVAL: to('harvest.metric_ms', 's → ms'),
  POST_SYNC_INTERVAL: to('harvest.post_ms', 's → ms'),
  MARKETS_DISCOVERY_INTERVAL: to('harvest.markets_ms', 's → ms'),
  QUOTE_TOP_SYNC_INTERVAL: to('harvest.quote_top_ms', 's → ms'),
  QUOTE_DEPTH_SYNC_INTERVAL: to('harvest.quote_depth_ms', 's → ms'),
  ORDERBOOK_L2_SYNC_INTERVAL: to('harvest.l2_ms', 's → ms'),
  MAPPING_SYNC_INTERVAL: to('harvest.mapping_ms', 's → ms'),
  AGG_1M_INTERVAL: to('harvest.agg_ms', 's → ms'),
  HEALTH_AGG_INTERVAL: to('harvest.health_ms', 's → ms'),
  RETENTION_INTERVAL: to('harvest.retention_ms', 's → ms'),
  ENABLE_L2: { tag: 'flag', key: 'harvest.l2', yes: true, no: false },
  MARKET_SCOPE: text('harvest.scope'),
  RAW_RETENTION_DAYS: to('harvest.retention_days', 'count'),
  CLOB_HTTP2_ENABLED: gone(SOCKETS),
  CLOB_MAX_CONNECTIONS: gone(SOCKETS),
  CLOB_MAX_KEEPALIVE_CONNECTIONS: gone(SOCKETS),
  CLOB_KEEPALIVE_EXPIRY_SEC: gone(SOCKETS),
  CLOB_WS_ENABLED: fixed('true', 'books come by the channel'),
  CLOB_WS_URL: text('venue.channel'),
  CLOB_WS_BOOK_MAX_AGE_SEC: to('risk.book_age_max_ms', 's → ms'),
  CLOB_BOOK_CACHE_MAX_AGE_SEC: gone(NO_POLL),
  CLOB_WS_MAX_SUBSCRIBE_TOKENS: gone('universe.tokens_max is the one limit of tokens'),
  CLOB_WS_RECONNECT_MIN_SEC: gone(SOCKETS),
  CLOB_WS_RECONNECT_MAX_SEC: gone(SOCKETS),
}
