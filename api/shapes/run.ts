import Type, { type Static } from 'typebox'
import { Count, orNull, Pair, PriceE4, SideName, Whole } from './common.js'

/** A run that is served. */
export const Run = Type.Object({
  run: Type.String(),
  status: Type.String({ description: 'open, sealed, crashed or unknown' }),
  mode: Type.String(),
  source: Type.String(),
  started_us: Count,
  is_open: Type.Boolean({ description: 'whether it is read here' }),
})
export type Run = Static<typeof Run>

/** How far a run was read, and how it stands. */
export const Status = Type.Object({
  run: Type.String(),
  status: Type.String(),
  mode: Type.String(),
  source: Type.String(),
  seq: Count,
  t_us: Count,
  log_seq: Count,
  first_us: Count,
  is_read: Type.Boolean({ description: 'whether all that is whole by now was read' }),
  trouble: orNull(Type.String()),
  takes_commands: Type.Boolean(),
  snapshots: Type.Object({ count: Count, bytes: Count, every_events: Count }),
})
export type Status = Static<typeof Status>

const Pnl = Type.Object({ realised_micro: Whole, open_micro: Whole, fees_micro: Whole })

/** A run as it stood behind an event. Money in 1e-6 dollar, sizes in 1e-6 share, prices in 1e-4 dollar. */
export const Moment = Type.Object({
  seq: Count,
  t_us: Count,
  mode: Type.String(),
  source: Type.String(),
  ended: Type.Boolean(),
  hard_stop: orNull(Type.String()),
  paused: Type.Array(Type.String()),
  gates: Type.Array(Type.Object({ gate: Type.String(), why: Type.String() })),
  conditions: Type.Array(Type.String()),
  pnl: Pnl,
  by_strategy: Type.Array(Type.Object({ strategy: Type.String(), pnl: Pnl })),
  exposure: Type.Object({ positions_micro: Whole, orders_micro: Whole }),
  positions: Type.Array(
    Type.Object({
      token: Count,
      market_id: Type.String(),
      title: Type.String(),
      label: Type.String(),
      size_micro: Whole,
      cost_micro: Whole,
      bid_e4: orNull(PriceE4),
    }),
  ),
  open_orders: Type.Array(
    Type.Object({
      order_id: Type.String(),
      owner: Type.String(),
      action: Type.String(),
      token: Count,
      market_id: Type.String(),
      title: Type.String(),
      label: Type.String(),
      side: SideName,
      limit_e4: PriceE4,
      size_micro: Count,
      filled_micro: Whole,
      state: Type.String(),
      placed_seq: Count,
    }),
  ),
  counters: Type.Record(Type.String(), Type.Union([Whole, Type.Boolean(), Type.Null()])),
})
export type Moment = Static<typeof Moment>

/** Marks of a run for a scrubber: where time stands at which event, and what happened where. */
export const Timeline = Type.Object({
  last_seq: Count,
  clock: Type.Array(Pair, { description: '[seq, µs], rising' }),
  marks: Type.Array(
    Type.Object({
      seq: Count,
      t_us: Count,
      kind: Type.String({ description: 'signal, order, fill, command or stop' }),
    }),
  ),
  marks_left_off: Count,
  equity: Type.Array(Pair, { description: '[µs, 1e-6 dollar]' }),
})
export type Timeline = Static<typeof Timeline>

/** The next event before or behind one that the run itself made, and what it was. */
export const Step = Type.Object({ seq: orNull(Count), kind: orNull(Type.String()) })
export type Step = Static<typeof Step>
