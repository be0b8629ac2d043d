import * as t from 'io-ts'
import { event, field } from '../event.js'
import { MarketId, SignalId, TokenId } from '../ids.js'
import { Side } from '../levels.js'
import { Bucket, Drop, LegResult, Refusal } from '../reasons.js'
import { Bps, Int, Price, Shares, Usdc } from '../units.js'

const signal = field(SignalId, '—', 'signal: s<feed ordinal>-<k>')

/** One leg of a signal with the prices it was raised on. */
export const SignalLeg = t.readonly(
  t.strict({ token: TokenId, side: Side, limit: Price, size: Shares, bid: Price, ask: Price }),
  'SignalLeg',
)
export type SignalLeg = t.TypeOf<typeof SignalLeg>

const SettledLeg = t.readonly(
  t.strict({ token: TokenId, bought: Shares, sold: Shares, cash: Usdc, fee: Usdc }),
  'SettledLeg',
)

const Used = t.readonlyArray(t.readonly(t.tuple([t.string, Int])), 'Used')

/** Decision: a strategy sees something worth doing. */
export const SignalRaised = event(
  'SignalRaised',
  1,
  'decision',
  'A strategy sees something worth doing. Every signal ends in IntentRefused, DedupSignal, SignalDropped or LegsSettled.',
  {
    signal,
    strategy: field(t.string, '—', 'name of the rule'),
    market: field(MarketId, '—', 'market; of the first leg where they have several'),
    size: field(Shares, '1e-6 share', 'shares of every leg'),
    cost: field(Usdc, '1e-6 $', 'what all legs cost on the books as they stand, rounded up'),
    fee: field(Usdc, '1e-6 $', 'fees on the books as they stand'),
    edge: field(Bps, 'bps of payout', 'expected net: (payout − cost − fee) ÷ payout, rounded down'),
    bucket: field(Bucket, '—', 'liquid or thin, by the worst leg'),
    worst: field(Int, 'count', 'index of the worst leg: the one whose first three asks hold least'),
    spread: field(
      Bps,
      'bps of mid',
      'spread of the worst leg, rounded up; 10000 where it has no bid',
    ),
    depth: field(Usdc, '1e-6 $', 'what the first three asks of the worst leg hold, rounded down'),
    expires: field(Int, 'µs', 'not acted on after this'),
    legs: field(
      t.readonlyArray(SignalLeg),
      '—',
      'token, side, limit (worst level touched), size, and best bid and ask as they stood (0 and 10000: none)',
    ),
  },
  {
    group: field(t.string, '—', 'the event whose outcomes its legs are; only for a basket'),
    instance: field(t.string, '—', 'instance of the strategy; absent: the one of its name'),
    scope: field(t.string, '—', 'purse that it trades with; absent: shared'),
    converts: field(
      t.boolean,
      '—',
      'whether what the first leg buys is to become the tokens of the others, which are then sold',
    ),
    used: field(
      Used,
      '[name, whole number]',
      'what the rule went by besides prices, in the units that its page names; absent: nothing',
    ),
  },
)

const quoted = {
  instance: field(t.string, '—', 'instance whose quote it is'),
  token: field(TokenId, '—', 'token'),
  side: field(Side, '0 buy, 1 sell', 'our side'),
}

/** Decision: what an instance wants to have resting from here on. */
export const QuoteTargeted = event(
  'QuoteTargeted',
  1,
  'decision',
  'What an instance wants resting on one side of a token; held against what is in the market.',
  {
    ...quoted,
    price: field(Price, '1e-4 $', 'limit'),
    size: field(Shares, '1e-6 share', 'how much shall rest; 0: nothing'),
  },
)

/** Decision: a quote does not leave. */
export const QuoteRefused = event(
  'QuoteRefused',
  1,
  'decision',
  'A quote does not leave, for every reason that holds. Said again when the reasons are others.',
  { ...quoted, reasons: field(t.readonlyArray(Refusal), '—', 'closed list, in its fixed order') },
)

/** Decision: enough signals are in flight; this one waits. */
export const SignalQueued = event(
  'SignalQueued',
  1,
  'decision',
  'As many signals are in flight as may be; this one waits until one ends, or until it expires.',
  { signal, waiting: field(Int, 'count', 'signals that wait, with this one') },
)

/** Decision: later legs may now be bought up to a budget. */
export const ChaseStarted = event(
  'ChaseStarted',
  1,
  'decision',
  'The first leg filled; the other legs are bought within a budget, never above the cap of each.',
  {
    signal,
    size: field(Shares, '1e-6 share', 'what the first leg filled, and the others are asked for'),
    budget: field(
      Bps,
      'bps',
      'half the expected net edge, at most 200: how far above the best ask',
    ),
  },
)

/** Decision: what has no match is sold. */
export const FlattenStarted = event(
  'FlattenStarted',
  1,
  'decision',
  'What has no match is sold, in up to three steps each: 1, 5 and 10 % below the best bid of the moment.',
  {
    signal,
    matched: field(Shares, '1e-6 share', 'complete sets that are kept'),
    left: field(
      t.readonlyArray(t.readonly(t.tuple([TokenId, Shares]))),
      '[token, 1e-6 share]',
      'what is sold',
    ),
  },
)

/** Decision: a market is left alone for a while after a signal. */
export const CooldownStarted = event(
  'CooldownStarted',
  1,
  'decision',
  'After a signal its market is left alone for a while; it opens again by itself at that time.',
  {
    market: field(MarketId, '—', 'market'),
    signal,
    until: field(Int, 'µs', 'signals of this market are dropped before this'),
  },
)

/** Decision: a signal ended before it reached the gate. */
export const SignalDropped = event(
  'SignalDropped',
  1,
  'decision',
  'A signal ended before it reached the gate.',
  { signal, reason: field(Drop, '—', 'closed list of reasons') },
)

/** Decision: the same opportunity again within its time to live. */
export const DedupSignal = event(
  'DedupSignal',
  1,
  'decision',
  'The same signal id, or the same opportunity (prices within 2 bps) again within its time to live: not acted on.',
  { signal, repeats: field(SignalId, '—', 'the signal it repeats') },
)

/** Decision: the gate lets a signal through. */
export const IntentApproved = event(
  'IntentApproved',
  1,
  'decision',
  'The gate lets the signal through.',
  {
    signal,
    notional: field(
      Usdc,
      '1e-6 $',
      'what it may cost at its limits, fees included: reserved until it ends',
    ),
    exposure: field(
      Usdc,
      '1e-6 $',
      'exposure with it: positions at cost plus all that is reserved',
    ),
  },
)

/** Decision: the gate refuses a signal, with every reason that holds. */
export const IntentRefused = event(
  'IntentRefused',
  1,
  'decision',
  'The gate refuses the signal, with every reason that holds; the first is primary.',
  { signal, reasons: field(t.readonlyArray(Refusal), '—', 'closed list, in its fixed order') },
)

/** Decision: terminal for every approved signal. */
export const LegsSettled = event(
  'LegsSettled',
  1,
  'decision',
  'Ends an approved signal. What did not find its match stays a position.',
  {
    signal,
    result: field(LegResult, '—', 'matched, flattened, unmatched, none or unknown'),
    matched: field(Shares, '1e-6 share', 'complete sets'),
    legs: field(
      t.readonlyArray(SettledLeg),
      '—',
      'per leg: token, bought, sold, change of cash, fees',
    ),
  },
)
