import * as t from 'io-ts'
import { event, field } from '../event.js'
import { MarketId, SignalId, TokenId } from '../ids.js'
import { Distrust, Gate, Stop } from '../reasons.js'
import { Int, Price, Shares, Usdc } from '../units.js'

const token = field(TokenId, '—', 'token')
const scope = field(t.string, '—', 'purse that it is about')

/** Decision: no new risk from here on. */
export const HardStopTripped = event(
  'HardStopTripped',
  1,
  'decision',
  'No new risk from here on; recording goes on. Only the command clear-hard-stop ends it, restart does not.',
  {
    why: field(Stop, '—', 'closed list of reasons'),
    detail: field(t.string, '—', 'ids and numbers, in words'),
  },
  { scope: field(t.string, '—', 'the purse that stops; absent: all of them') },
)

/** Decision: the operator cleared the stop. */
export const HardStopCleared = event(
  'HardStopCleared',
  1,
  'decision',
  'The operator cleared the stop.',
  {
    by: field(t.string, '—', 'who'),
  },
  { scope: field(t.string, '—', 'the purse that trades again; absent: all of them') },
)

/** Decision: no new risk behind this gate until it opens. */
export const GateClosed = event(
  'GateClosed',
  1,
  'decision',
  'Signals behind this gate are refused. It opens by its own rule: with the first signal after `until`.',
  {
    gate: field(Gate, '—', 'closed list of gates'),
    strategy: field(t.string, '—', 'whose signals; empty for all'),
    until: field(Int, 'µs', 'not before this'),
    detail: field(t.string, '—', 'the figures that closed it, in words'),
  },
  { scope },
)

/** Decision: a gate opens by its rule. */
export const GateOpened = event(
  'GateOpened',
  1,
  'decision',
  'A gate opens by its rule.',
  {
    gate: field(Gate, '—', 'closed list of gates'),
    strategy: field(t.string, '—', 'whose signals; empty for all'),
    probe: field(
      t.boolean,
      '—',
      'whether one signal is let through first: it opens the gate or closes it again',
    ),
  },
  { scope },
)

/** Decision: nothing is in flight, so the exchange is asked what we hold. */
export const HoldingsRequested = event(
  'HoldingsRequested',
  1,
  'decision',
  'The exchange is asked what it thinks we hold. What is in flight is part of the comparison.',
  { signal: field(SignalId, '—', 'the signal after which; empty for none') },
)

/** Decision: a book may not be traded. */
export const BookDistrusted = event(
  'BookDistrusted',
  1,
  'decision',
  'The book of a token may not be traded. It opens again with BookTrusted, by the snapshot that the feed owes.',
  { token, why: field(Distrust, '—', 'closed list of reasons') },
)

/** Decision: a book may be traded (again). */
export const BookTrusted = event('BookTrusted', 1, 'decision', 'The book may be traded (again).', {
  token,
})

/** Decision: after a change our best was not the one that the venue states. */
export const BookDisagreed = event(
  'BookDisagreed',
  1,
  'decision',
  "Our best differs from the venue's own best after a change, before that best corrected anything.",
  {
    token,
    bid: field(Price, '1e-4 $', 'our best bid, 0 for none'),
    ask: field(Price, '1e-4 $', 'our best ask, 10000 for none'),
    venueBid: field(Price, '1e-4 $', "the venue's best bid"),
    venueAsk: field(Price, '1e-4 $', "the venue's best ask"),
    pruned: field(Int, 'count', "levels better than the venue's best that were dropped"),
    agrees: field(t.boolean, '—', 'whether the bests agree after that'),
  },
)

/** Decision: we need the whole book of a token again. */
export const SnapshotRequested = event(
  'SnapshotRequested',
  1,
  'decision',
  'We need the whole book of a token again; a live feed fetches it, a recorded one cannot.',
  { token, why: field(Distrust, '—', 'what is wrong with the book we have') },
)

/** Decision: a resolved market pays what we hold of it. */
export const PositionSettled = event(
  'PositionSettled',
  1,
  'decision',
  'A resolved market pays what we hold of one of its tokens; the position is gone.',
  {
    market: field(MarketId, '—', 'market'),
    token,
    size: field(Shares, '1e-6 share', 'what we held'),
    cost: field(Usdc, '1e-6 $', 'what it had cost, fees included'),
    payout: field(
      Usdc,
      '1e-6 $',
      'what it pays, rounded down; negative where a late report says that it had been sold: taken back',
    ),
  },
  { scope },
)

/** Decision: after a recovery everything is accounted for. */
export const RunReconciled = event(
  'RunReconciled',
  1,
  'decision',
  'After a recovery every order has its end and the exchange holds what we hold: new risk is allowed again.',
  { orders: field(Int, 'count', 'orders whose outcome had to be found out') },
)
