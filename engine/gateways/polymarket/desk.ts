import { FillReported, OrderAcknowledged } from '#schemas/events/order.js'
import { SettlementReported } from '#schemas/events/venue.js'
import { price, shares, usdc } from '#schemas/units.js'
import type { AnswerEvent } from '../gateway.js'
import type { VenueSession } from '../venue-gateway.js'
import type { Conditions } from './conditions.js'
import type { KnownOrder, KnownOrders } from './known-orders.js'
import type { PrivateRest } from './private-rest.js'
import type { Account } from './sign/account.js'
import { fillsOf, type Trade } from './wire/trade.js'

/** How the gateway behaves. Times in ms. */
export interface GatewayRules {
  /** An order that the venue does not have counts as never arrived so long after it left, not before. */
  readonly notFoundMs: number
  /** How long the user channel may take to say how much of a cancelled order matched, before it is asked. */
  readonly cancelFrameMs: number
  /** Between two heartbeats; 0: none are sent. The venue cancels everything after 10 s without one. */
  readonly heartbeatMs: number
  /** Between two looks at the venue's clock and at what the account may do; 0: none. */
  readonly checkMs: number
  /** Most that the venue's clock may differ, ms: its answer has whole seconds. */
  readonly skewMaxMs: number
  /** Longest that an order waits for its turn at the venue's limits; beyond it is refused here. */
  readonly queueMaxMs: number
  readonly ordersPerSecond: number
  readonly ordersBurst: number
  readonly cancelsPerSecond: number
  readonly cancelsBurst: number
}

/**
 * A quarter of the standard tier's limits for one signer (40 orders a second, burst 60; 80 cancels, burst 120).
 * Source: Polymarket rate limits, 2026-09-30.
 */
export const GATEWAY_RULES: GatewayRules = {
  ...{ notFoundMs: 5_000, cancelFrameMs: 300, heartbeatMs: 5_000, checkMs: 60_000 },
  ...{ skewMaxMs: 2_500, queueMaxMs: 500 },
  ...{ ordersPerSecond: 10, ordersBurst: 15, cancelsPerSecond: 20, cancelsBurst: 30 },
}

/** What the parts of the gateway share. */
export interface Desk {
  readonly rest: PrivateRest
  readonly account: Account
  readonly known: KnownOrders
  readonly conditions: Conditions
  readonly rules: GatewayRules
  readonly session: () => VenueSession
  /** Tells the engine, with the sequence number of the decision that it answers. */
  readonly tell: (cause: number, event: AnswerEvent) => void
  readonly nowMs: () => number
  /** What the account holds of a token has changed on the chain: the venue is to look at it again. */
  readonly moved: (token: number) => void
  /** What the venue said that makes no sense: counted, and said the first few times. */
  readonly odd: (what: string) => void
}

/** Tells what a trade is to each of our orders in it: fills, and how far its settlement is. Whether any of ours was in it. */
export function tellTrade(desk: Desk, trade: Trade): boolean {
  const orders = new Set([trade.takerOrder, ...trade.makers.map(({ order }) => order)])
  let isOurs = false
  for (const hash of orders) {
    const known = desk.known.ofHash(hash)
    if (!known) continue
    isOurs = true
    if (trade.state !== 'failed') tellFills(desk, known, trade, hash)
    if (trade.state === 'matched') continue
    const { id, state, tx } = trade
    const said = `${id} ${state}`
    if (known.trades.has(said)) continue
    known.trades.set(said, 0)
    if (trade.state === 'mined' || trade.state === 'confirmed') desk.moved(known.token)
    desk.tell(known.seq, SettlementReported.make({ order: known.order, trade: id, state, tx }))
  }
  return isOurs
}

function tellFills(desk: Desk, known: KnownOrder, trade: Trade, hash: string): void {
  const { order, token, side, seq } = known
  const session = desk.session()
  const instrument = session.instrumentOf(token)
  for (const fill of fillsOf(trade, hash)) {
    if (known.trades.has(fill.trade)) continue
    known.trades.set(fill.trade, fill.size)
    // A fill of another token than the order's is told as it is: the engine refuses it, and stops.
    const told = session.tokenOf('polymarket', fill.token) ?? 0
    const feeOf = fill.isMaker ? instrument?.makerFee : instrument?.takerFee
    const of = { order, trade: fill.trade, side, price: price(fill.price), size: shares(fill.size) }
    const fee = usdc(feeOf?.(fill.price, fill.size) ?? 0)
    desk.tell(seq, FillReported.make({ ...of, token: told, fee, maker: fill.isMaker }))
  }
}

/** Size of an order's fills that were told, 1e-6 share. */
export function filledOf({ trades }: KnownOrder): number {
  let sum = 0
  for (const size of trades.values()) sum += size
  return sum
}

/** Tells once that the venue has an order in its book. */
export function acknowledge(desk: Desk, known: KnownOrder, filled: number): void {
  if (known.isAcknowledged) return
  known.isAcknowledged = true
  const { order, hash: venueOrder, seq } = known
  desk.tell(seq, OrderAcknowledged.make({ order, venueOrder, filled: shares(filled) }))
}

/** Whether an order may stay in the venue's book. */
export const rests = ({ tif }: KnownOrder): boolean => tif === 'GTC' || tif === 'GTD'
