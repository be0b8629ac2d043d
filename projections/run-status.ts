import { CHANGE } from '#schemas/levels.js'
import type { Recorded } from '#schemas/recorded.js'

/** How the books and orders of one market did. Counters since the run began. */
export interface MarketStatus {
  /** The venue's own id. */
  readonly market_id: string
  readonly question: string
  /** The last event about its books, and when that was. */
  last_seq: number
  last_update_ms: number
  /** `BookSnapshot` of its tokens. */
  snapshots: number
  /** Level changes of its tokens in `BookChanged`, and how many of them met a book that had begun. */
  deltas: number
  applied: number
  /** Snapshots with levels that do not fit. */
  invalid: number
  /** `BookIncomplete`: something was lost, and the book is fetched. */
  resync_gap: number
  /** `BookHashDiffers`: the venue's hash is not ours, and the book is fetched. */
  resync_checksum: number
  /** Tokens that a change came of before their first snapshot. */
  resync_first_delta: number
  quotes_placed: number
  quotes_canceled: number
  orders_placed: number
  orders_filled: number
  orders_rejected: number
  exec_ms_sum: number
  exec_count: number
  ack_ms_sum: number
  ack_count: number
}

/** Counters of the whole run, under the names of the earlier system. Times in ms. */
const counted = () => ({
  orders_placed: 0,
  orders_filled: 0,
  quotes_skipped: 0,
  engine_execute_plan_ms_sum: 0,
  engine_execute_plan_count: 0,
  engine_place_call_ms_sum: 0,
  engine_place_call_count: 0,
  engine_ack_ms_sum: 0,
  engine_ack_count: 0,
  relayer_acks_accepted: 0,
  relayer_acks_rejected: 0,
  relayer_rate_limited_total: 0,
  relayer_timeouts_total: 0,
  relayer_cancel_count: 0,
  relayer_cancel_ms_sum: 0,
  ingestion_msg_applied: 0,
  ingestion_msg_invalid: 0,
  ingestion_resync_gap: 0,
  ingestion_resync_checksum: 0,
  ingestion_resync_first_delta: 0,
})

/** Those counters. */
export type StatusCounters = ReturnType<typeof counted>

interface OrderTimes {
  readonly market: MarketStatus
  readonly isQuote: boolean
  readonly placedUs: number
  sentUs: number
  cancelUs: number
}

/** How a run does, folded from its log: nothing of it is a counter in memory, so any process sees the same. Owned by the fold. */
export interface RunStatus {
  readonly markets: Map<number, MarketStatus>
  readonly counters: StatusCounters
  seq: number
  tUs: number
  readonly marketOf: Map<number, number>
  readonly begun: Set<number>
  /** Tokens of which a change came too early. */
  readonly early: Set<number>
  readonly orders: Map<string, OrderTimes>
  /** When each approved signal was. */
  readonly plans: Map<string, number>
}

/** Before the first event. */
export const initialStatus = (): RunStatus => ({
  ...{ markets: new Map(), counters: counted(), seq: 0, tUs: 0, marketOf: new Map() },
  ...{ begun: new Set(), early: new Set(), orders: new Map(), plans: new Map() },
})

/** Takes one event. Changes `status` in place. */
export function evolveStatus(status: RunStatus, row: Recorded): void {
  status.seq = row.seq
  status.tUs = row.tUs
  books(status, row)
  orders(status, row)
}

function books(status: RunStatus, { seq, tUs, event }: Recorded): void {
  const { counters, markets, marketOf } = status
  const at = (token: number): MarketStatus | undefined => markets.get(marketOf.get(token) ?? -1)
  const touched = (token: number): MarketStatus | undefined => {
    const market = at(token)
    if (market) Object.assign(market, { last_seq: seq, last_update_ms: Math.floor(tUs / 1_000) })
    return market
  }
  switch (event.type) {
    case 'MarketListed': {
      const { market, key, question } = event.data
      if (!markets.has(market)) markets.set(market, fresh(key, question))
      return
    }
    case 'TokenListed':
      marketOf.set(event.data.token, event.data.market)
      return
    case 'BookSnapshot': {
      const { token, unfit = 0 } = event.data
      const market = touched(token)
      status.begun.add(token)
      counters.ingestion_msg_applied++
      if (unfit > 0) counters.ingestion_msg_invalid++
      if (!market) return
      market.snapshots++
      if (unfit > 0) market.invalid++
      return
    }
    case 'BookChanged': {
      const { d } = event.data
      counters.ingestion_msg_applied++
      for (let k = 0; k < d.length; k += CHANGE) change(status, d[k] ?? 0, touched)
      return
    }
    case 'BookIncomplete':
      resync(at(event.data.token), 'resync_gap')
      counters.ingestion_resync_gap++
      return
    case 'BookHashDiffers':
      resync(at(event.data.token), 'resync_checksum')
      counters.ingestion_resync_checksum++
      return
    case 'MessageRefused':
    case 'StampRefused':
      counters.ingestion_msg_invalid++
      return
    default:
  }
}

function change(
  { begun, early, counters }: RunStatus,
  token: number,
  touched: (token: number) => MarketStatus | undefined,
): void {
  const market = touched(token)
  if (market) market.deltas++
  if (begun.has(token)) {
    if (market) market.applied++
    return
  }
  if (early.has(token)) return
  early.add(token)
  counters.ingestion_resync_first_delta++
  resync(market, 'resync_first_delta')
}

function resync(
  market: MarketStatus | undefined,
  why: 'resync_gap' | 'resync_checksum' | 'resync_first_delta',
): void {
  if (market) market[why]++
}

function orders(status: RunStatus, { tUs, event }: Recorded): void {
  const { counters, orders: all, plans } = status
  switch (event.type) {
    case 'IntentApproved':
      plans.set(event.data.signal, tUs)
      return
    case 'LegsSettled': {
      const since = plans.get(event.data.signal)
      plans.delete(event.data.signal)
      if (since === undefined) return
      counters.engine_execute_plan_count++
      counters.engine_execute_plan_ms_sum += msOf(tUs - since)
      return
    }
    case 'QuoteRefused':
      counters.quotes_skipped++
      return
    case 'OrderPlaced': {
      const { order, token, action } = event.data
      const market = status.markets.get(status.marketOf.get(token) ?? -1)
      counters.orders_placed++
      if (!market) return
      const isQuote = action === 'quote'
      if (isQuote) market.quotes_placed++
      market.orders_placed++
      all.set(order, { market, isQuote, placedUs: tUs, sentUs: tUs, cancelUs: 0 })
      return
    }
    case 'OrderOutcomeUnknown':
      counters.relayer_timeouts_total++
      return
    default:
      if ('order' in event.data) ofOrder(status, all.get(event.data.order), { tUs, event })
  }
}

function ofOrder(
  { counters, orders: all }: RunStatus,
  known: OrderTimes | undefined,
  { tUs, event }: Pick<Recorded, 'tUs' | 'event'>,
): void {
  if (!known) return
  const { market } = known
  switch (event.type) {
    case 'OrderSigned':
      known.sentUs = tUs
      return
    case 'OrderAcknowledged': {
      const ms = msOf(tUs - known.sentUs)
      counters.relayer_acks_accepted++
      counters.engine_ack_count++
      counters.engine_ack_ms_sum += ms
      placed(counters, msOf(tUs - known.placedUs))
      market.ack_count++
      market.ack_ms_sum += ms
      return
    }
    case 'OrderRejected':
      counters.relayer_acks_rejected++
      if (event.data.reason === 'rate-limited') counters.relayer_rate_limited_total++
      placed(counters, msOf(tUs - known.placedUs))
      market.orders_rejected++
      return
    case 'CancelRequested':
      known.cancelUs = tUs
      if (known.isQuote) market.quotes_canceled++
      return
    case 'OrderCancelled':
      if (known.cancelUs === 0) return
      counters.relayer_cancel_count++
      counters.relayer_cancel_ms_sum += msOf(tUs - known.cancelUs)
      return
    case 'OrderClosed':
      all.delete(event.data.order)
      market.exec_count++
      market.exec_ms_sum += msOf(tUs - known.placedUs)
      if (event.data.result !== 'full') return
      market.orders_filled++
      counters.orders_filled++
      return
    default:
  }
}

function placed(counters: StatusCounters, ms: number): void {
  counters.engine_place_call_count++
  counters.engine_place_call_ms_sum += ms
}

const msOf = (us: number): number => Math.max(0, Math.round(us / 1_000))

/** Resyncs of a market, and their part of what was applied, in bps. */
export const resyncsOf = (
  of: MarketStatus,
): { readonly total: number; readonly ratioBps: number } => {
  const total = of.resync_gap + of.resync_checksum + of.resync_first_delta
  return { total, ratioBps: of.applied === 0 ? 0 : Math.floor((total * 10_000) / of.applied) }
}

const fresh = (market_id: string, question: string): MarketStatus => ({
  ...{ market_id, question, last_seq: 0, last_update_ms: 0, snapshots: 0, deltas: 0, applied: 0 },
  ...{ invalid: 0, resync_gap: 0, resync_checksum: 0, resync_first_delta: 0 },
  ...{ quotes_placed: 0, quotes_canceled: 0, orders_placed: 0, orders_filled: 0 },
  ...{ orders_rejected: 0, exec_ms_sum: 0, exec_count: 0, ack_ms_sum: 0, ack_count: 0 },
})
