import Type, { type Static } from 'typebox'
import { Count, orNull, PriceE4, SideName, Whole } from './common.js'

/** Which signal an order is to be made of. `limit_price_override` (dollars) and `side` are for signals of one leg alone. */
export const IntentRequest = Type.Object(
  {
    signal_id: Type.String({ minLength: 1, maxLength: 200 }),
    side: Type.Optional(SideName),
    qty_override: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1_000_000_000,
        description: 'shares of each leg',
      }),
    ),
    limit_price_override: Type.Optional(Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 })),
    ttl_secs: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 3_600, description: 'default 60' }),
    ),
  },
  { additionalProperties: false },
)
export type IntentRequest = Static<typeof IntentRequest>

/** An intent: its legs, what risk says of it, and what became of its orders. */
export const Intent = Type.Object({
  intent_id: Type.String(),
  signal_id: Type.String(),
  status: Type.Union([
    Type.Literal('verdict'),
    Type.Literal('suggested'),
    Type.Literal('expired'),
    Type.Literal('rejected'),
    Type.Literal('sent'),
    Type.Literal('filled'),
  ]),
  ttl_secs: Count,
  created_at: Count,
  seq: orNull(Count),
  confirmed_seq: orNull(Count),
  detail_json: Type.Object({
    checks: Type.Object({
      approved: Type.Boolean(),
      reasons: Type.Array(Type.String()),
      notional_micro: Whole,
      open_intents: Count,
      day_notional_micro: Whole,
    }),
    note: Type.Optional(Type.String()),
    legs: Type.Array(
      Type.Object({
        token: Count,
        label: Type.String(),
        market_id: Type.String(),
        side: SideName,
        limit_e4: PriceE4,
        size_micro: Count,
        order_id: orNull(Type.String()),
        state: orNull(Type.String()),
        filled_micro: Whole,
      }),
    ),
  }),
})
export type Intent = Static<typeof Intent>

const scope = Type.Optional(Type.String({ minLength: 1, maxLength: 64 }))
/** Notes that begin with `intent ` are ours: they would be read as proposals. */
const words = { minLength: 1, maxLength: 2_000, pattern: '^(?!intent )' }

/** What an operator says to the run that goes on; a note has words. */
export const CommandRequest = Type.Union([
  Type.Object(
    { command: Type.Literal('note'), text: Type.String(words), scope },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      command: Type.Union([
        Type.Literal('pause'),
        Type.Literal('resume'),
        Type.Literal('hard-stop'),
        Type.Literal('clear-hard-stop'),
        Type.Literal('cancel-all'),
        Type.Literal('flatten'),
        Type.Literal('reload'),
      ]),
      text: Type.Optional(Type.String(words)),
      scope,
    },
    { additionalProperties: false },
  ),
])
export type CommandRequest = Static<typeof CommandRequest>
