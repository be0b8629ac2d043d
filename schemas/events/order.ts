import * as t from 'io-ts'
import { event, field } from '../event.js'
import { OrderId, SignalId, TokenId } from '../ids.js'
import { Side } from '../levels.js'
import {
  Action,
  Cancellation,
  CancelReason,
  FillRefusal,
  OrderResult,
  OrderState,
  Reject,
  TimeInForce,
} from '../reasons.js'
import { Int, Price, Shares, Usdc } from '../units.js'

const order = field(OrderId, '—', 'order: <signal>.<leg>.<attempt>, or the id of a quote')
const scope = field(t.string, '—', 'purse that it is of; absent: shared')

/** Input: the exchange took the order and says how much of it matched at once. */
export const OrderAcknowledged = event(
  'OrderAcknowledged',
  1,
  'answer',
  'The exchange took the order. What did not match at once is cancelled (FAK, FOK) or rests (GTC, GTD). Fills come one by one.',
  {
    order,
    venueOrder: field(t.string, '—', "the exchange's own id"),
    filled: field(Shares, '1e-6 share', 'total that matched; the sum of the fills that follow'),
  },
)

/** Input: the exchange refused the order. */
export const OrderRejected = event(
  'OrderRejected',
  1,
  'answer',
  'The exchange refused the order.',
  {
    order,
    reason: field(Reject, '—', 'closed list of reasons'),
    detail: field(t.string, '—', "the exchange's words"),
  },
)

/** Input: nobody knows what became of the order; it counts as full exposure. */
export const OrderOutcomeUnknown = event(
  'OrderOutcomeUnknown',
  1,
  'answer',
  'Nobody knows what became of the order: it counts as full exposure and stops new risk.',
  { order, why: field(t.string, '—', 'timeout, crash …, in words') },
  { final: field(t.boolean, '—', 'whether nobody will ask any more') },
)

/** Input: the exchange says what we hold. */
export const HoldingsReported = event(
  'HoldingsReported',
  1,
  'answer',
  'The exchange says what we hold. A difference that nothing in flight explains stops trading.',
  {
    cash: field(Usdc, '1e-6 $', 'our cash there'),
    positions: field(
      t.readonlyArray(t.readonly(t.tuple([TokenId, Shares]))),
      '[token, 1e-6 share]',
      'what we hold, by token',
    ),
  },
)

const fill = {
  order,
  trade: field(t.string, '—', "the exchange's trade id; a repeat is told by it"),
  token: field(TokenId, '—', 'token'),
  side: field(Side, '0 buy, 1 sell', 'our side'),
  price: field(Price, '1e-4 $', 'price of this level'),
  size: field(Shares, '1e-6 share', 'size at this level'),
  fee: field(Usdc, '1e-6 $', 'what the exchange charged'),
}

/** Input: part of an order matched, one report per level. May be told twice. */
export const FillReported = event(
  'FillReported',
  1,
  'answer',
  'The exchange says that part of our order matched. It may say so twice.',
  fill,
  { maker: field(t.boolean, '—', 'whether our order was the one that rested; absent: it was not') },
)

/** Input: an order is in the exchange's book no more. */
export const OrderCancelled = event(
  'OrderCancelled',
  1,
  'answer',
  'The exchange took an order out of its book. Fills that it counts may still be on their way.',
  {
    order,
    filled: field(Shares, '1e-6 share', 'total that matched in its life'),
    why: field(Cancellation, '—', 'requested, expired or venue'),
    detail: field(t.string, '—', "the exchange's words"),
  },
)

/** Input: a cancel found nothing to cancel. */
export const CancelRefused = event(
  'CancelRefused',
  1,
  'answer',
  'The exchange cancelled nothing: it does not have the order in its book. What became of it is asked.',
  { order, detail: field(t.string, '—', "the exchange's words") },
)

/** Input: what an exchange says about an order that it was asked about. */
export const OrderStatusReported = event(
  'OrderStatusReported',
  1,
  'answer',
  'The exchange says what became of an order. Fills that it counts may still be on their way.',
  {
    order,
    state: field(OrderState, '—', 'resting, closed or not-found'),
    filled: field(Shares, '1e-6 share', 'total that matched so far'),
  },
)

/** Input: the exchange lists our orders in its book. */
export const OpenOrdersReported = event(
  'OpenOrdersReported',
  1,
  'answer',
  'The exchange lists the orders that it has of us. One that no log of ours knows is cancelled.',
  {
    orders: field(t.readonlyArray(OrderId), '—', 'ids of ours, in the order of the exchange'),
    strangers: field(
      t.readonlyArray(t.string),
      '—',
      "the exchange's ids of orders that are not ours",
    ),
  },
)

/** Decision: an order leaves. */
export const OrderPlaced = event(
  'OrderPlaced',
  1,
  'decision',
  'An order leaves for the exchange, as soon as this line is durable. Where no time in force stands here it is FAK.',
  {
    order,
    signal: field(
      SignalId,
      '—',
      'its owner: a signal, the instance whose quote it is, or an operator’s command',
    ),
    leg: field(Int, 'count', 'index of the leg within the signal, from 0'),
    attempt: field(Int, 'count', 'of this leg, from 1; part of the id'),
    action: field(
      Action,
      '—',
      'fire: the first leg; chase: a later one within its budget; flatten: getting out; quote; order; exit',
    ),
    rung: field(Int, 'count', 'attempt within this action, from 1'),
    token: field(TokenId, '—', 'token'),
    side: field(Side, '0 buy, 1 sell', 'our side'),
    limit: field(Price, '1e-4 $', 'worst price we accept'),
    size: field(Shares, '1e-6 share', 'how much'),
  },
  {
    scope,
    tif: field(TimeInForce, '—', 'time in force; absent: FAK'),
    post: field(t.boolean, '—', 'post-only: refused where it would match at once'),
    until: field(Int, 'µs', 'end of a GTD order'),
    purpose: field(t.string, '—', 'what its strategy says that it is for: take-profit, stop, …'),
  },
)

/** Decision: an order shall leave the exchange's book. */
export const CancelRequested = event(
  'CancelRequested',
  1,
  'decision',
  'An order shall be cancelled: the request leaves as soon as this line is durable. Let out even behind a hard stop.',
  { order, why: field(CancelReason, '—', 'closed list of reasons') },
)

/** Decision: the exchange is asked which orders it has of us. */
export const OpenOrdersRequested = event(
  'OpenOrdersRequested',
  1,
  'decision',
  'After a recovery the exchange is asked which orders it has of us.',
  {},
)

/** Decision: an order of the exchange's list is none of ours. */
export const StrangerCancelled = event(
  'StrangerCancelled',
  1,
  'decision',
  'The exchange has an order of this account that no log knows: it is cancelled.',
  { venueOrder: field(t.string, '—', "the exchange's own id") },
)

/** Decision: an order has no answer; the exchange is asked. */
export const OrderQueried = event(
  'OrderQueried',
  1,
  'decision',
  'An order has no answer: the exchange is asked what became of it, again and again until the deadline.',
  {
    order,
    query: field(Int, 'count', 'question about this order, from 1'),
    until: field(Int, 'µs', 'after this its outcome counts as unknown'),
  },
)

/** Decision: a report is new and fits its order; each trade appears once. */
export const OrderFilled = event(
  'OrderFilled',
  1,
  'decision',
  'A reported fill is new and fits its order. Each trade appears once.',
  {
    order,
    trade: field(t.string, '—', "the exchange's trade id"),
    token: field(TokenId, '—', 'token'),
    side: field(Side, '0 buy, 1 sell', 'our side'),
    price: field(Price, '1e-4 $', 'price'),
    size: field(Shares, '1e-6 share', 'size'),
    cash: field(
      Usdc,
      '1e-6 $',
      'change of our cash before the fee: a cost rounds up and is negative',
    ),
    fee: field(Usdc, '1e-6 $', 'fee, as the exchange charged it'),
  },
  { scope, maker: field(t.boolean, '—', 'whether our order was the one that rested') },
)

/** Decision: a report breaks the rules of its order. Kept, so that replay tells the same story. */
export const FillRefused = event(
  'FillRefused',
  1,
  'decision',
  'A reported fill does not fit its order. It is not booked, and trading stops.',
  {
    order,
    trade: field(t.string, '—', "the exchange's trade id"),
    reason: field(FillRefusal, '—', 'what does not fit'),
  },
)

/** Decision: terminal for every order. */
export const OrderClosed = event(
  'OrderClosed',
  1,
  'decision',
  'Ends an order. Every order has one.',
  {
    order,
    result: field(OrderResult, '—', 'full, partial, none, rejected, unknown, cancelled or expired'),
    filled: field(Shares, '1e-6 share', 'total booked'),
    cash: field(Usdc, '1e-6 $', 'change of our cash before fees'),
    fee: field(Usdc, '1e-6 $', 'fees'),
  },
)
