import * as t from 'io-ts'
import { whole } from './units.js'

/** A whole number from 0 up. */
export const Count = whole('whole number ≥ 0', n => n >= 0)
/** A part of a whole, in bps. */
export const Share = whole('whole number 0 … 10000', n => n >= 0 && n <= 10_000)
/** A whole number above 0. */
export const Positive = whole('whole number > 0', n => n > 0)
/** An edge in bps of the payout. */
export const Edge = whole('whole number −10000 … 10000', n => n >= -10_000 && n <= 10_000)
/** A level of Zstandard. */
export const Level = whole('whole number 1 … 19', n => n >= 1 && n <= 19)
/** How a simulated taker order fills. */
export const FillModel = t.keyof({ share: null, walk: null }, '"share" or "walk"')
/** How a bucket is told. */
export const BucketRule = t.keyof({ bps: null, ticks: null }, '"bps" or "ticks"')
/** Steps below the best bid, in bps. */
export const Rungs = t.readonlyArray(Share, 'list of whole numbers 0 … 10000')
/** Names of strategies. */
export const Names = t.readonlyArray(t.string, 'list of names')
/** On or off. */
export const Flag = t.boolean
/** Files, each by its path. */
export const Paths = t.readonlyArray(t.string, 'list of files')
/** Whose purse an instance trades with. */
export const Scoping = t.keyof({ shared: null, instance: null }, '"shared" or "instance"')
/** How a resting order moves up in the simulated queue. */
export const QueueModel = t.keyof(
  { pessimistic: null, proportional: null, optimistic: null },
  '"pessimistic", "proportional" or "optimistic"',
)
/** Instances of strategies. */
export const Instances = t.readonlyArray(
  t.readonly(
    t.exact(
      t.intersection([
        t.type({ id: t.string, strategy: t.string }),
        t.partial({ scope: t.string, params: t.record(t.string, t.unknown) }),
      ]),
    ),
  ),
  'list of { id, strategy, scope?, params? }',
)
/** Limits of single purses. */
export const Scopes = t.readonlyArray(
  t.readonly(
    t.exact(
      t.intersection([
        t.type({ scope: t.string }),
        t.partial({
          bankroll_micro: Count,
          signal_notional_max_micro: Count,
          exposure_max_micro: Count,
          daily_loss_max_micro: Count,
          fails_max: Count,
        }),
      ]),
    ),
  ),
  'list of { scope, bankroll_micro?, exposure_max_micro?, … }',
)

/** One configuration key: codec, default, unit, meaning. */
export interface Key {
  readonly codec: t.Mixed
  readonly fallback: unknown
  readonly unit: string
  readonly doc: string
  /** For a key that came later: what held before there was one, in logs that do not have it. */
  readonly before?: unknown
}
/** A key with what holds where nobody says. */
export const key = <C extends t.Mixed>(
  codec: C,
  fallback: t.OutputOf<C>,
  unit: string,
  doc: string,
) => ({
  codec,
  fallback: fallback as unknown,
  unit,
  doc,
})
/** A key that came after the first recorded runs; `before` is what those did. */
export const later = <C extends t.Mixed>(
  before: t.OutputOf<C>,
  ...of: Parameters<typeof key<C>>
): ReturnType<typeof key<C>> & { readonly before: unknown } => ({
  ...key(...of),
  before: before,
})
