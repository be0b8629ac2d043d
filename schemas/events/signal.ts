import * as t from 'io-ts'
import { event, field } from '../event.js'
import { MarketId, SignalId, TokenId } from '../ids.js'
import { Side } from '../levels.js'
import { Drop, LegResult, Refusal } from '../reasons.js'
import { Bps, Int, Price, Shares, Usdc } from '../units.js'

const signal = field(SignalId, '—', 'signal: s<feed ordinal>-<k>')

/** One leg of a signal with the prices it was raised on. */
export const SignalLeg = t.readonly(
  t.strict({ token: TokenId, side: Side, limit: Price, size: Shares, bid: Price, ask: Price }),
  'SignalLeg',
)
export type SignalLeg = t.TypeOf<typeof SignalLeg>

const SettledLeg = t.readonly(
  t.strict({ token: TokenId, filled: Shares, cash: Usdc, fee: Usdc }),
  'SettledLeg',
)

/** Decision: a strategy sees something worth doing. */
export const SignalRaised = event(
  'SignalRaised',
  1,
  'decision',
  'A strategy sees something worth doing. Every signal ends in IntentRefused, DedupSignal, SignalDropped or LegsSettled.',
  {
    signal,
    strategy: field(t.string, '—', 'name of the rule'),
    market: field(MarketId, '—', 'market'),
    size: field(Shares, '1e-6 share', 'shares of every leg'),
    cost: field(Usdc, '1e-6 $', 'what all legs cost on the books as they stand, rounded up'),
    fee: field(Usdc, '1e-6 $', 'fees on the books as they stand'),
    edge: field(Bps, 'bps of payout', 'expected net: (payout − cost − fee) ÷ payout, rounded down'),
    expires: field(Int, 'µs', 'not acted on after this'),
    legs: field(
      t.readonlyArray(SignalLeg),
      '—',
      'token, side, limit (worst level touched), size, and best bid and ask as they stood (0 and 10000: none)',
    ),
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
    result: field(LegResult, '—', 'matched, unmatched, none or unknown'),
    matched: field(Shares, '1e-6 share', 'complete sets'),
    legs: field(t.readonlyArray(SettledLeg), '—', 'per leg: token, filled, cash, fee'),
  },
)
