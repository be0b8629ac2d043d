import { countAt, type OrderRecord, type SignalRecord } from '#projections/desk/history.js'
import { dailyKpis } from '#projections/desk/kpi.js'
import { lastStepAt, levelOf, scoreOf, type Level } from '#projections/desk/levels.js'
import { quartileOf, SAMPLES_MIN } from '#projections/calibration.js'
import { BUCKETS } from '#schemas/reasons.js'
import { ratioOf } from '#projections/csv.js'
import { wordsOf } from '#projections/trade-story.js'
import type { RunView } from '../run/run-view.js'
import type { Calibration, Kpi, Order, Signal } from '../shapes/trading.js'
import { msOf, sideName, titleOf, type Look } from './markets.js'

const DAY_MS = 86_400_000
/** Days that `kpi/daily` tells of. */
const DAYS = 7
const BPS = 10_000

/** Signals raised until a moment, the newest first. */
export function signalsAt(
  view: RunView,
  { moment }: Look,
  of: { limit: number; offset: number; level?: Level | undefined; sinceMs?: number | undefined },
): { items: Signal[]; total: number } {
  const { signals } = view.history
  const all: SignalRecord[] = []
  for (let k = countAt(signals, moment.seq) - 1; k >= 0; k--) {
    const record = signals[k]!
    if (of.sinceMs !== undefined && msOf(record.tUs) < of.sinceMs) break
    if (of.level === undefined || levelOf(record) === of.level) all.push(record)
  }
  const items = all.slice(of.offset, of.offset + of.limit)
  return { items: items.map(record => signalOf(view, record, moment.seq)), total: all.length }
}

/** A signal as it stood behind an event. */
export function signalOf(view: RunView, record: SignalRecord, seq: number): Signal {
  const { data, tUs } = record
  const market = view.catalog.markets.get(data.market)
  const step = lastStepAt(record, seq)
  const [first] = data.legs
  return {
    ...{ signal_id: data.signal, level: levelOf(record), score: scoreOf(data) },
    market_id: market?.key ?? '',
    option_id:
      data.legs.length === 1 && first ? (view.catalog.tokens.get(first.token)?.key ?? null) : null,
    edge_score: data.edge / BPS,
    payload_json: {
      ...{ rule_name: data.instance ?? data.strategy, rule_type: data.strategy },
      estimated_edge_bps: data.edge,
      title: market ? titleOf(market) : '',
      bucket: data.bucket,
      ...{ size_micro: data.size, cost_micro: data.cost, fee_micro: data.fee },
      legs: data.legs.map(({ token, side, limit, size, bid, ask }) => ({
        ...{ token, side: sideName(side), limit_e4: limit, size_micro: size },
        ...{ bid_e4: bid, ask_e4: ask },
        option_id: view.catalog.tokens.get(token)?.key ?? '',
        label: view.catalog.tokens.get(token)?.outcome ?? '',
      })),
      used: (data.used ?? []).map(([name, value]) => ({ name, value })),
    },
    ...{ created_at: msOf(tUs), seq: record.seq },
    state: step?.state ?? 'raised',
    reasons: [...(step?.reasons ?? [])],
  }
}

/** Orders placed until a moment, the newest first, each with its life by then. */
export function ordersAt(
  view: RunView,
  { moment }: Look,
  of: { limit: number; offset: number; owner?: string | undefined },
): { items: Order[]; total: number } {
  const { orders } = view.history
  const until = countAt(orders, moment.seq)
  if (of.owner === undefined) {
    const first = Math.max(0, until - of.offset - of.limit)
    const page = orders.slice(first, Math.max(0, until - of.offset)).reverse()
    return { items: page.map(record => orderOf(view, record, moment.seq)), total: until }
  }
  const own = orders.slice(0, until).filter(({ data }) => data.signal === of.owner)
  const page = own.reverse().slice(of.offset, of.offset + of.limit)
  return { items: page.map(record => orderOf(view, record, moment.seq)), total: own.length }
}

/** An order as it stood behind an event. */
export function orderOf(view: RunView, record: OrderRecord, seq: number): Order {
  const { data, strategy } = record
  const token = view.catalog.tokens.get(data.token)
  const market = view.catalog.markets.get(token?.market ?? 0)
  const steps = record.steps.filter(step => step.seq <= seq)
  const sum = { filled: 0, cash: 0, fee: 0, state: 'pending' }
  for (const { event } of steps)
    if (event.type === 'OrderFilled' || event.type === 'FillVoided') {
      const sign = event.type === 'OrderFilled' ? 1 : -1
      sum.filled += sign * event.data.size
      sum.cash += sign * event.data.cash
      sum.fee += sign * event.data.fee
    } else if (event.type === 'OrderAcknowledged') sum.state = 'resting'
    else if (event.type === 'CancelRequested') sum.state = 'cancelling'
    else if (event.type === 'OrderClosed') sum.state = event.data.result
  return {
    ...{ order_id: data.order, owner: data.signal, strategy: strategy ?? null },
    ...{ market_id: market?.key ?? '', title: market ? titleOf(market) : '', token: data.token },
    ...{ label: token?.outcome ?? '', side: sideName(data.side), action: data.action },
    ...{ tif: data.tif ?? 'FAK', leg: data.leg, limit_e4: data.limit, size_micro: data.size },
    ...{ filled_micro: sum.filled, cash_micro: sum.cash, fee_micro: sum.fee, state: sum.state },
    ...{ seq: record.seq, created_at: msOf(record.tUs) },
    steps: steps.map(step => ({
      ...{ seq: step.seq, t_us: step.tUs, what: step.event.type, detail: wordsOf(step.event) },
    })),
  }
}

/** The last days by rule. */
export function kpisAt(view: RunView, { moment }: Look): Kpi[] {
  const { signals } = view.history
  const until = signals.slice(0, countAt(signals, moment.seq))
  return dailyKpis(until, { tUs: moment.tUs, days: DAYS }).map(kpi => ({
    day: new Date(kpi.day * DAY_MS).toISOString().slice(0, 10),
    ...{ rule_type: kpi.strategy, signals: kpi.signals, p1_signals: kpi.p1 },
    avg_gap: Math.floor(kpi.gaps / kpi.signals) / BPS,
    est_edge_bps: Math.floor(kpi.edges / kpi.signals),
  }))
}

/** What orders got until a moment, by bucket. */
export function calibrationAt(view: RunView, { moment }: Look): Calibration {
  const rows = view.samples.rows.filter(({ tUs }) => tUs <= moment.tUs)
  return {
    samples_min: SAMPLES_MIN,
    buckets: BUCKETS.map(bucket => {
      const own = rows.filter(row => row.bucket === bucket)
      const req = own.filter(({ size }) => size > 0).map(row => ratioOf(row.filled, row.size))
      const mkt = own.filter(({ volume }) => volume > 0).map(row => ratioOf(row.filled, row.volume))
      return {
        ...{ bucket, samples_req: req.length, real_share_req_p25: quartileOf(req) ?? null },
        ...{ samples_mkt: mkt.length, real_share_mkt_p25: quartileOf(mkt) ?? null },
      }
    }),
  }
}
