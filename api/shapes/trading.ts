import Type, { type Static } from 'typebox'
import { Count, Level, orNull, PriceE4, SideName, Whole } from './common.js'

const SignalLeg = Type.Object({
  token: Count,
  option_id: Type.String(),
  label: Type.String(),
  side: SideName,
  limit_e4: PriceE4,
  size_micro: Count,
  bid_e4: PriceE4,
  ask_e4: PriceE4,
})

/** A signal with what became of it. `edge_score` is what it earns of a dollar of payout. */
export const Signal = Type.Object({
  signal_id: Type.String(),
  market_id: Type.String(),
  option_id: orNull(Type.String()),
  level: Level,
  score: Type.Integer({ minimum: 0, maximum: 100 }),
  edge_score: Type.Number(),
  payload_json: Type.Object({
    rule_name: Type.String(),
    rule_type: Type.String(),
    estimated_edge_bps: Whole,
    title: Type.String(),
    bucket: Type.String(),
    size_micro: Count,
    cost_micro: Whole,
    fee_micro: Whole,
    legs: Type.Array(SignalLeg),
    used: Type.Array(Type.Object({ name: Type.String(), value: Whole })),
  }),
  created_at: Count,
  seq: Count,
  state: Type.String({
    description: 'raised, queued, approved, refused, dropped, repeat, settled',
  }),
  reasons: Type.Array(Type.String()),
})
export type Signal = Static<typeof Signal>

/** An order with its life so far. */
export const Order = Type.Object({
  order_id: Type.String(),
  owner: Type.String(),
  strategy: orNull(Type.String()),
  market_id: Type.String(),
  title: Type.String(),
  token: Count,
  label: Type.String(),
  side: SideName,
  action: Type.String(),
  tif: Type.String(),
  leg: Count,
  limit_e4: PriceE4,
  size_micro: Count,
  filled_micro: Whole,
  cash_micro: Whole,
  fee_micro: Whole,
  state: Type.String(),
  seq: Count,
  created_at: Count,
  steps: Type.Array(
    Type.Object({ seq: Count, t_us: Count, what: Type.String(), detail: Type.String() }),
  ),
})
export type Order = Static<typeof Order>

/** Why an order, a signal or any event came about, and what came of it: events, and which caused which. */
export const Why = Type.Object({
  of: Count,
  nodes: Type.Array(
    Type.Object({
      seq: Count,
      t_us: Count,
      cause: Count,
      type: Type.String(),
      text: Type.String(),
      data: Type.String({ description: 'the event, as JSON' }),
    }),
  ),
  truncated: Type.Boolean(),
})
export type Why = Static<typeof Why>

/** How a rule did on a day (UTC). Means are of all its signals of the day. */
export const Kpi = Type.Object({
  day: Type.String({ format: 'date' }),
  rule_type: Type.String(),
  signals: Count,
  p1_signals: Count,
  avg_gap: Type.Number(),
  est_edge_bps: Whole,
})
export type Kpi = Static<typeof Kpi>

/** What orders got of what they asked for, by bucket. Shares in 1e-6; null below the least number of samples. */
export const Calibration = Type.Object({
  samples_min: Count,
  buckets: Type.Array(
    Type.Object({
      bucket: Type.String(),
      samples_req: Count,
      real_share_req_p25: orNull(Whole),
      samples_mkt: Count,
      real_share_mkt_p25: orNull(Whole),
    }),
  ),
})
export type Calibration = Static<typeof Calibration>
