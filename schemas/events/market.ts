import * as t from 'io-ts'
import { event, field } from '../event.js'
import { MarketId, TokenId } from '../ids.js'
import { Bps, Int, Price, Shares } from '../units.js'
import { lag } from './feed.js'

/** Which source of a run with several says this; absent: the only one. */
const feed = field(
  t.string,
  '—',
  'the source that lists it, where the run has several; absent: the only one',
)

const Payouts = t.readonlyArray(t.readonly(t.tuple([TokenId, Price])), 'Payouts')

/** Input: introduces a market and its small id. */
export const MarketListed = event(
  'MarketListed',
  1,
  'feed',
  'Introduces a market; later events name it by its small id.',
  {
    market: field(MarketId, '—', 'small id within this run, from 1 in order of appearance'),
    venue: field(t.string, '—', 'polymarket, kalshi or sim'),
    key: field(t.string, '—', "the venue's own id (condition id, ticker)"),
    question: field(t.string, '—', 'title; empty where unknown'),
    group: field(t.string, '—', 'event that ties several markets together; empty for none'),
    negRisk: field(t.boolean, '—', 'whether exactly one market of the group pays'),
    minSize: field(Shares, '1e-6 share', 'smallest order'),
    feeRate: field(Bps, 'bps', 'taker fee rate'),
    feeExponent: field(Int, '—', 'exponent e in C × rate × (p(1−p))^e'),
    inferred: field(t.boolean, '—', 'true where the recording does not describe it and we guessed'),
  },
  {
    feed,
    protocol: field(
      t.string,
      '—',
      'which of the venue’s protocols the market is of (v1, v2): orders are signed by it; absent: nobody said',
    ),
    ends: field(Int, 'µs', 'when the venue means to decide it; absent: nobody said'),
  },
)

/** Input: introduces a token (one outcome of a market) and its small id. */
export const TokenListed = event(
  'TokenListed',
  1,
  'feed',
  'Introduces one outcome of a market. Two tokens of a market, index 0 and 1, mirror each other.',
  {
    token: field(TokenId, '—', 'small id within this run, from 1 in order of appearance'),
    market: field(MarketId, '—', 'its market'),
    index: field(Int, 'count', 'outcome index: 0 is YES (or the first), 1 is NO (or the second)'),
    key: field(t.string, '—', "the venue's own id"),
    outcome: field(t.string, '—', 'label, as the venue writes it'),
    tick: field(Price, '1e-4 $', 'smallest price step'),
  },
  { feed },
)

/** Input: which markets belong together, and whether exactly one of them pays. May be said again; the newest holds. */
export const GroupListed = event(
  'GroupListed',
  1,
  'feed',
  'Ties markets together as the outcomes of one event. Said again when that changes: the newest holds.',
  {
    group: field(t.string, '—', "the venue's own id of the event, as in MarketListed"),
    title: field(t.string, '—', 'title; empty where unknown'),
    exclusive: field(
      t.boolean,
      '—',
      'whether the venue makes exactly one of all outcomes pay, whatever happens (negative risk)',
    ),
    growing: field(
      t.boolean,
      '—',
      'whether outcomes may still be added or split: placeholders, an "Other" that shrinks',
    ),
    outcomes: field(Int, 'count', 'outcomes that the venue has; 0 where nobody says'),
    markets: field(
      t.readonlyArray(MarketId),
      '—',
      'the markets of this run that are its outcomes, by outcome; YES of each',
    ),
  },
)

/** Input: the price grid of a token changed; its book is untradable until a snapshot. */
export const TickSizeChanged = event(
  'TickSizeChanged',
  1,
  'feed',
  'The price grid changed: a new epoch. The book is dropped and untradable until a snapshot.',
  {
    token: field(TokenId, '—', 'token'),
    from: field(Price, '1e-4 $', 'old tick'),
    to: field(Price, '1e-4 $', 'new tick'),
  },
  { lag },
)

/** Input: a market is decided. */
export const MarketResolved = event(
  'MarketResolved',
  1,
  'feed',
  'The market is decided; each token pays its price.',
  {
    market: field(MarketId, '—', 'market'),
    payouts: field(Payouts, '[token, 1e-4 $]', 'what one share of each token pays'),
  },
  { lag },
)
