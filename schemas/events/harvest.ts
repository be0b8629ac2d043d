import * as t from 'io-ts'
import { event, field } from '../event.js'
import {
  BookOrigin,
  CollectedFrom,
  DayCount,
  DepthRows,
  DescribedToken,
  Job,
  Post,
  QuoteRows,
  Ref,
  RunStatus,
  SampledLevels,
  StateRows,
  Tracking,
} from '../harvest.js'
import { Int } from '../units.js'

const account = field(t.string, '—', "the source's id of the account")
const starts = field(Int, 'µs', 'when it begins; 0: nobody said')
const ends = field(Int, 'µs', 'when it ends; 0: nobody said')
const active = field(t.boolean, '—', 'as the source says')
const closed = field(t.boolean, '—', 'as the source says')
const archived = field(t.boolean, '—', 'as the source says')
const from = field(BookOrigin, '—', 'channel or rest')

/** Input: an account whose posts are counted. Said again when something of it changes. */
export const AccountReported = event(
  'AccountReported',
  1,
  'feed',
  'A collector: an account whose posts are counted, as its source describes it. The newest holds.',
  {
    account,
    handle: field(t.string, '—', 'its name on the platform'),
    platform: field(t.string, '—', 'X, TRUTH_SOCIAL'),
    platformId: field(t.string, '—', "the platform's own id"),
    name: field(t.string, '—', 'as it is shown'),
    avatar: field(t.string, 'URL', 'picture; empty: none'),
    bio: field(t.string, '—', 'what it says of itself'),
    verified: field(t.boolean, '—', 'as the platform says'),
    posts: field(Int, 'count', 'posts that the source has; −1: not said'),
    synced: field(Int, 'µs', 'when the source last asked the platform; 0: not said'),
    created: field(Int, 'µs', 'when the source began with it; 0: not said'),
    updated: field(Int, 'µs', 'when the source last changed it; 0: not said'),
  },
)

/** Input: windows over which the posts of an account are counted. */
export const TrackingsReported = event(
  'TrackingsReported',
  1,
  'feed',
  'A collector: windows over which posts of an account are counted; those that are new or changed.',
  {
    account,
    rows: field(
      t.readonlyArray(Tracking),
      '—',
      'id, title, starts and ends (µs), active, link to the market',
    ),
  },
)

/** Input: counts of posts by day. */
export const PostCountsReported = event(
  'PostCountsReported',
  1,
  'feed',
  'A collector: how many posts an account wrote on a day of a window, and in the window so far; what is new or changed.',
  {
    account,
    rows: field(
      t.readonlyArray(DayCount),
      '—',
      'id, tracking, day (µs), count of the day, total of the window',
    ),
  },
)

/** Input: posts that were not known yet, or that changed. */
export const PostsReported = event(
  'PostsReported',
  1,
  'feed',
  'A collector: posts of an account that are new or changed, oldest first.',
  {
    account,
    rows: field(
      t.readonlyArray(Post),
      '—',
      "the platform's id, the source's id, text, posted and imported (µs), SHA-256 of the text, and the JSON that the source wrote",
    ),
  },
)

/** Input: an event of the venue, which ties markets together. */
export const MarketGroupDescribed = event(
  'MarketGroupDescribed',
  1,
  'feed',
  'A collector: an event of the venue, which ties markets together. Said again when something of it changes.',
  {
    id: field(t.string, '—', "the venue's id"),
    slug: field(t.string, '—', 'its name in addresses'),
    ticker: field(t.string, '—', 'short name; empty: none'),
    title: field(t.string, '—', 'title'),
    category: field(t.string, '—', 'category; empty: none'),
    ...{ active, closed, archived, starts, ends },
  },
)

/** Input: a market and its tokens, with the small numbers by which samples name them. */
export const MarketDescribed = event(
  'MarketDescribed',
  1,
  'feed',
  'A collector: a market and its tokens, and the small numbers by which later samples name them. Said again when something changes.',
  {
    ref: field(Ref, '—', 'small number within this run, from 1'),
    id: field(t.string, '—', "the venue's id of the market in its catalogue"),
    condition: field(t.string, 'hex', 'condition id'),
    question: field(t.string, '—', 'question'),
    slug: field(t.string, '—', 'its name in addresses'),
    groupSlug: field(t.string, '—', 'slug of its event; empty: none'),
    groupId: field(t.string, '—', 'id of its event; empty: none'),
    category: field(t.string, '—', 'category; empty: none'),
    ...{ starts, ends },
    negRisk: field(t.boolean, '—', 'whether exactly one market of its event pays'),
    augmented: field(t.boolean, '—', 'whether outcomes may still be added'),
    resolution: field(t.string, '—', 'where its result is read; empty: not said'),
    updated: field(Int, 'µs', 'when the venue last changed it; 0: not said'),
    tokens: field(
      t.readonlyArray(DescribedToken),
      '—',
      'ref, id, outcome, index, other, placeholder, tick (1e-4 $), minSize (1e-6 share); −1: not said',
    ),
  },
)

/** Input: the state of markets at one moment. */
export const MarketStatesReported = event(
  'MarketStatesReported',
  1,
  'feed',
  'A collector: the state of markets as the catalogue says it.',
  {
    rows: field(
      StateRows,
      '[ref, active, closed, archived, spread, liquidity, volume]',
      'flags 0 or 1; amounts in 1e-6 $, −1: not said',
    ),
  },
)

/** Input: best prices of tokens at one moment. */
export const QuotesSampled = event(
  'QuotesSampled',
  1,
  'feed',
  'A collector: best bid and ask of tokens at one moment.',
  {
    from,
    rows: field(
      QuoteRows,
      '[ref, bid, ask, last, at]',
      '1e-4 $; bid 0 and ask 10000: none; last −1: not said; at: the venue’s time of the book in ms, 0: not said',
    ),
  },
)

/** Input: how much stands near the best prices at one moment. */
export const DepthsSampled = event(
  'DepthsSampled',
  1,
  'feed',
  'A collector: what stands within 1, 2 and 5 % of the best bid and of the best ask.',
  {
    from,
    rows: field(
      DepthRows,
      '[ref, bid1, bid2, bid5, ask1, ask2, ask5, at]',
      '1e-6 share; at: the venue’s time of the book in ms, 0: not said',
    ),
  },
)

/** Input: the best levels of books at one moment. */
export const LevelsSampled = event(
  'LevelsSampled',
  1,
  'feed',
  'A collector: the best levels of books, at most twenty a side.',
  {
    from,
    books: field(
      t.readonlyArray(SampledLevels),
      '[1e-4 $, 1e-6 share]',
      'ref, at (the venue’s time in ms, 0: not said), bids and asks, best first',
    ),
  },
)

/** Input: a market was decided. */
export const MarketSettled = event(
  'MarketSettled',
  1,
  'feed',
  'A collector: a market that is collected was decided.',
  {
    ref: field(Ref, '—', 'market'),
    settled: field(Int, 'µs', 'when the venue closed it; 0: not said'),
    outcome: field(t.string, '—', 'what won; empty: no single one'),
    winner: field(t.string, '—', 'id of the token that won; empty: no single one'),
    payload: field(t.string, 'JSON', 'outcomes and what a share of each pays'),
  },
)

/** Input: where a collector goes on. */
export const CursorMoved = event(
  'CursorMoved',
  1,
  'feed',
  'A collector: a value by which it knows what it has already.',
  {
    key: field(t.string, '—', 'which cursor, as in xtracker:elonmusk:posts_hash'),
    value: field(t.string, '—', 'the value'),
    meta: field(t.string, 'JSON', 'what belongs to it'),
  },
)

/** Input: one run of a collector is over, or slots of its interval went by without one. */
export const CollectorRan = event(
  'CollectorRan',
  1,
  'feed',
  'One run of a collector is over, or slots of its interval went by without one.',
  {
    job: field(Job, '—', 'closed list of collectors'),
    from: field(CollectedFrom, '—', 'who was asked'),
    status: field(RunStatus, '—', 'ok, unchanged, partial, error or missed'),
    http: field(Int, '—', 'status of the last answer; 0: none'),
    attempts: field(Int, 'count', 'requests, each try counted'),
    rows: field(Int, 'count', 'rows that it brought'),
    latency: field(Int, 'µs', 'from its start to its end, waiting included'),
    error: field(t.string, '—', 'kind of what went wrong; empty: nothing'),
    message: field(t.string, '—', 'what went wrong, at most 300 characters'),
    started: field(Int, 'µs', 'when it started'),
    interval: field(Int, 'ms', 'between two slots; 0: it was asked for once'),
    slot: field(Int, 'count', 'its slot: intervals since the epoch'),
    jitter: field(Int, 'ms', 'by how much it was moved from the start of its slot'),
    missed: field(Int, 'count', 'slots that went by without a run'),
    detail: field(t.string, 'JSON', 'more of it: scope, what was skipped and why'),
  },
)
