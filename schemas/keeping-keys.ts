import * as t from 'io-ts'
import { key, Count, Level, Paths, Positive } from './config-codecs.js'
import { HARVEST_KEYS } from './harvest-keys.js'

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
  code: {
    strategies: key(
      Paths,
      [],
      '—',
      'files of strategies of your own, from the folder of the file that names them (docs/strategies/writing-one.md)',
    ),
    rules: key(
      Paths,
      [],
      '—',
      'files of rules in YAML, or folders of them, from the folder of the file that names them (docs/rules.md)',
    ),
  },
  feed: {
    skew_ms: key(
      Positive,
      60_000,
      'ms',
      'how far a stamp of a recording may step back, or leap ahead with nothing behind it that follows; further it is refused',
    ),
    rest_age_ms: key(
      Count,
      60_000,
      'ms',
      'a live book of which nothing was said for so long is compared with REST; 0: never',
    ),
    refresh_ms: key(Count, 300_000, 'ms', 'between two looks for markets that came; 0: never'),
    silent_ms: key(
      Positive,
      20_000,
      'ms',
      'a connection without data for so long is held against REST',
    ),
    per_connection: key(Positive, 250, 'count', 'most tokens of one connection'),
  },
  venue: {
    clob: key(t.string, 'https://clob.polymarket.com', 'URL', 'REST of the order books'),
    gamma: key(t.string, 'https://gamma-api.polymarket.com', 'URL', 'REST of the markets'),
    channel: key(
      t.string,
      'wss://ws-subscriptions-clob.polymarket.com/ws/market',
      'URL',
      'the market channel',
    ),
    user: key(
      t.string,
      'wss://ws-subscriptions-clob.polymarket.com/ws/user',
      'URL',
      'the user channel, which tells of our orders',
    ),
    data: key(
      t.string,
      'https://data-api.polymarket.com/v2',
      'URL',
      'REST of positions and trades',
    ),
    xtracker: key(
      t.string,
      'https://xtracker.polymarket.com/api',
      'URL',
      'REST of accounts whose posts are counted',
    ),
    geoblock: key(
      t.string,
      'https://polymarket.com/api/geoblock',
      'URL',
      'whether orders may be placed from here; empty: it is not asked',
    ),
  },
  account: {
    chain_id: key(Positive, 137, '—', 'chain that orders are signed for: 137 Polygon, 80002 Amoy'),
    signature_type: key(
      Count,
      0,
      '—',
      'whose signature the exchange checks: 0 the key itself, 1 proxy, 2 Safe, 3 deposit wallet',
    ),
    funder: key(t.string, '', '0x…', 'wallet that holds the money, of signature types 1 to 3'),
    builder: key(t.string, '', '0x…', 'builder code, 32 bytes; empty: none'),
    heartbeat_ms: key(
      Count,
      5_000,
      'ms',
      'between two heartbeats: without one for 10 s the venue cancels all orders; 0: none are sent',
    ),
    limit_share_bps: key(
      Positive,
      2_500,
      'bps',
      'part of the venue’s limits for one signer that is used',
    ),
    skew_max_ms: key(Positive, 2_500, 'ms', 'most that our clock may differ from the venue’s'),
  },
  universe: {
    hours_min: key(Count, 0, 'h', 'live markets end no earlier than this; 0: whenever'),
    hours_max: key(Count, 0, 'h', 'live markets end no later than this; 0: whenever'),
    liquidity_min: key(Count, 0, '$', 'least liquidity of a live market'),
    tokens_max: key(Positive, 400, 'count', 'most tokens of live markets, in the venue’s order'),
  },
  harvest: HARVEST_KEYS,
  alerts: {
    telegram: key(t.boolean, false, '—', 'whether Telegram is told; needs TELEGRAM_BOT_TOKEN too'),
    telegram_chat: key(t.string, '', '—', 'chat that is told; empty: TELEGRAM_CHAT_ID says it'),
    telegram_url: key(t.string, 'https://api.telegram.org', 'URL', 'where the bots live'),
    webhook: key(t.string, '', 'URL', 'is sent {"text": …} by POST; empty: none'),
    desktop: key(t.boolean, false, '—', 'whether a notice is shown on this machine'),
    silence_ms: key(Count, 60_000, 'ms', 'without market data for so long is a silence; 0: never'),
    signal_level: key(
      Count,
      1,
      '—',
      'signals of rules up to this level are told: 1 for P1, 3 for all; 0: none',
    ),
    cooldown_ms: key(Count, 120_000, 'ms', 'alerts of one rule and subject rest for so long'),
    attempts: key(Positive, 4, 'count', 'tries of one message'),
    pause_ms: key(Positive, 1_000, 'ms', 'pause before the second try; doubled with each'),
    catch_up_ms: key(Count, 600_000, 'ms', 'what is older when a watch begins is not told'),
  },
  views: {
    live: key(t.boolean, true, '—', 'whether run and demo write their views as they go'),
    every_ms: key(Positive, 1_000, 'ms', 'how often, at most'),
  },
} as const
