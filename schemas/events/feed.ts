import * as t from 'io-ts'
import { event, field } from '../event.js'
import { TokenId } from '../ids.js'
import { Changes, Levels, Side } from '../levels.js'
import { Int, Price, Shares } from '../units.js'

/** How far the venue's own time lies behind `t`; absent where only one of the two is known. */
export const lag = field(
  Int,
  'µs',
  "t minus the venue's own time, where both are known (may be negative)",
)

/** Input: the whole book of one token, as the venue states it. Starts a new epoch of trust. */
export const BookSnapshot = event(
  'BookSnapshot',
  1,
  'feed',
  'The whole book of one token; replaces what was there and makes the book tradable again.',
  {
    token: field(TokenId, '—', 'token, as introduced by TokenListed'),
    bids: field(Levels, '[1e-4 $, 1e-6 share]', 'bid levels, best first'),
    asks: field(Levels, '[1e-4 $, 1e-6 share]', 'ask levels, best first'),
  },
  {
    lag,
    unfit: field(
      Int,
      'count',
      'levels that do not fit our units and are left out: the book is not traded until the next snapshot',
    ),
  },
)

/** Input: one frame of level changes. */
export const BookChanged = event(
  'BookChanged',
  1,
  'feed',
  'One frame of the feed: all its level changes. Strategies run after the whole frame.',
  {
    d: field(
      Changes,
      '[token, side, 1e-4 $, 1e-6 share, 1e-4 $, 1e-4 $]',
      "changes: token, side (0 bid, 1 ask), price, new total size (0 removes), then the venue's own best bid " +
        '(0: none) and best ask (10000: none) after this change, both absent where it states none',
      'changes',
    ),
  },
  { l: { ...lag, fullName: 'lag' } },
)

/** Input: the venue printed a trade. */
export const TradePrinted = event(
  'TradePrinted',
  1,
  'feed',
  'The venue printed a trade of others.',
  {
    token: field(TokenId, '—', 'token'),
    side: field(Side, '0 buy, 1 sell', "the taker's side"),
    price: field(Price, '1e-4 $', 'price of the print'),
    size: field(Shares, '1e-6 share', 'size of the print'),
    id: field(t.string, '—', "the venue's trade id or transaction hash; empty where it gives none"),
  },
  { lag },
)

/**
 * Input: a trade that the market channel did not tell since it was away. It comes late and moves nothing: no order rests on it, no rule is
 * told, and no id counts it.
 */
export const TradeRecovered = event(
  'TradeRecovered',
  1,
  'feed',
  'A trade of others that happened while the market channel was away, as the venue’s Data API has it. It moves nothing.',
  {
    token: field(TokenId, '—', 'token'),
    side: field(Side, '0 buy, 1 sell', "the taker's side"),
    price: field(Price, '1e-4 $', 'price'),
    size: field(Shares, '1e-6 share', 'size'),
    at: field(Int, 'µs', 'when it happened, to the second'),
    id: field(t.string, '—', 'transaction hash; several trades may share one'),
  },
)

/** Input: slow data from outside of the books. It advances no id, so that it renames nothing. */
export const ReferenceReported = event(
  'ReferenceReported',
  1,
  'feed',
  'A sample of slow data: a count, an index, a vote. Strategies that subscribe to references are told of it.',
  {
    source: field(t.string, '—', 'who says it'),
    name: field(t.string, '—', 'what is measured, as the source names it'),
    value: field(Int, 'as `unit` says', 'the sample, a whole number'),
    unit: field(t.string, '—', 'what 1 of the value is: `post`, `1e-6 $`'),
  },
  { lag },
)

/** Input: something that a source said does not fit; nothing of it was taken. */
export const MessageRefused = event(
  'MessageRefused',
  1,
  'feed',
  'A source said something that does not fit and of which nothing was taken. Told of the 1st, 10th, 100th … of its kind.',
  {
    feed: field(t.string, '—', 'which source'),
    why: field(t.string, '—', 'what does not fit'),
    count: field(Int, 'count', 'such messages so far, this one included'),
    sample: field(t.string, '—', 'how the message begins, at most 200 characters'),
  },
)

/** Input: the venue's hash of a book is not the hash of ours. */
export const BookHashDiffers = event(
  'BookHashDiffers',
  1,
  'feed',
  "The venue's hash of a whole book differs from ours; the book is suspect until a hash or a snapshot agrees.",
  {
    token: field(TokenId, '—', 'token'),
    venue: field(t.string, 'hex', 'hash in the frame'),
    ours: field(t.string, 'hex', 'hash recomputed over our levels'),
  },
)

/** Input: the venue's hash is ours again after one that was not. */
export const BookHashAgrees = event(
  'BookHashAgrees',
  1,
  'feed',
  "After a hash that was not ours, the venue's hash of the whole book is ours again.",
  { token: field(TokenId, '—', 'token') },
)

/** Input: something of a book could not be taken; it is not traded until its next snapshot. */
export const BookIncomplete = event(
  'BookIncomplete',
  1,
  'feed',
  'Something that the venue said of a book could not be taken: it is not traded until its next snapshot.',
  {
    token: field(TokenId, '—', 'token'),
    why: field(t.string, '—', 'what could not be taken, in words'),
  },
)

/** Input: a stamp that leaps or steps back too far; what it stood on was refused, and the clock did not move. */
export const StampRefused = event(
  'StampRefused',
  1,
  'feed',
  'A stamp leapt or stepped back further than its source may: its message is refused, and moves no clock.',
  {
    feed: field(t.string, '—', 'which feed'),
    stamp: field(Int, 'µs', 'the stamp that was refused'),
    last: field(Int, 'µs', "the source's time before it"),
    bound: field(Int, 'µs', 'how far a stamp may leap alone, or step back'),
  },
)

/** Input: how many venue hashes the edge has checked so far. */
export const BookHashesChecked = event(
  'BookHashesChecked',
  1,
  'feed',
  'Counts of venue hashes since the start, written at the end of a source and now and then.',
  {
    checked: field(Int, 'count', 'hashes recomputed at the edge'),
    differed: field(Int, 'count', 'of these, how many were not ours'),
  },
)

/** Input: the feed is gone or cannot be trusted; the books of tokens that it lists, or that name no feed, are untradable until their next snapshot. */
export const FeedLost = event(
  'FeedLost',
  1,
  'feed',
  'The feed is gone, or frames of it were lost.',
  {
    feed: field(t.string, '—', 'which feed'),
    why: field(t.string, '—', 'closed, gap, overflow …, in words'),
  },
)

/** Input: the feed is back. Books stay untradable until their snapshots come. */
export const FeedResumed = event('FeedResumed', 1, 'feed', 'The feed is back; snapshots follow.', {
  feed: field(t.string, '—', 'which feed'),
})
