import * as t from 'io-ts'

/** Why a gate refuses an intent, in the order in which they are listed when several hold; the first is primary. */
export const REFUSALS = [
  'hard-stop',
  'paused',
  'shutting-down',
  'recovering',
  'venue-condition',
  'market-closed',
  'insufficient-bankroll',
  'insufficient-shares',
  'below-min-size',
  'signal-notional',
  'exposure',
  'global-exposure',
  'daily-loss',
  'consecutive-failures',
  'strategy-health',
  'too-many-open',
  'no-snapshot',
  'feed-lost',
  'tick-epoch',
  'book-crossed',
  'book-suspect',
  'hash-differs',
  'book-incomplete',
  'book-stale',
  'no-conversions',
  'shadow-mode',
  'unknown-token',
] as const
/** Codec of `REFUSALS`. */
export const Refusal = keys(REFUSALS, 'Refusal')
export type Refusal = t.TypeOf<typeof Refusal>

/** Why a signal ended before it reached the gate. */
export const DROPS = [
  'shadow-mode',
  'safe-mode',
  'market-busy',
  'cooldown',
  'too-many-at-once',
  'queue-full',
  'expired',
  'hard-stop',
  'manual',
] as const
/** Codec of `DROPS`. */
export const Drop = keys(DROPS, 'Drop')
export type Drop = t.TypeOf<typeof Drop>

/** What a transaction of the account turns tokens into. */
export const CONVERSIONS = ['merge', 'no-to-yes'] as const
/** Codec of `CONVERSIONS`. */
export const Conversion = keys(CONVERSIONS, 'Conversion')
export type Conversion = t.TypeOf<typeof Conversion>

/** Why a book may not be traded. */
export const DISTRUSTS = [
  'no-snapshot',
  'feed-lost',
  'tick-epoch',
  'crossed',
  'suspect',
  'hash-differs',
  'incomplete',
] as const
/** Codec of `DISTRUSTS`. */
export const Distrust = keys(DISTRUSTS, 'Distrust')
export type Distrust = t.TypeOf<typeof Distrust>

/** Why trading stopped for good, until the operator clears it. */
export const STOPS = [
  'operator',
  'residue',
  'unknown-outcome',
  'fill-mismatch',
  'consecutive-rejects',
  'error-rate',
  'state-mismatch',
  'fill-voided',
] as const
/** Codec of `STOPS`. */
export const Stop = keys(STOPS, 'Stop')
export type Stop = t.TypeOf<typeof Stop>

/** Gates that close and open again by rule. */
export const GATES = ['daily-loss', 'consecutive-failures', 'strategy-health'] as const
/** Codec of `GATES`. */
export const Gate = keys(GATES, 'Gate')
export type Gate = t.TypeOf<typeof Gate>

/** Why a gateway refused an order. */
export const REJECTS = [
  'no-market',
  'below-min-size',
  'off-tick',
  'venue-refused',
  'not-found',
  'would-cross',
  'not-fillable',
  'not-enough-shares',
  'not-signable',
  'rate-limited',
  'venue-unavailable',
  'unauthorized',
  'withheld',
] as const
/** Codec of `REJECTS`. */
export const Reject = keys(REJECTS, 'Reject')
export type Reject = t.TypeOf<typeof Reject>

/** Why a report of a fill was not booked. */
export const FILL_REFUSALS = [
  'unknown-order',
  'exceeds-order',
  'beyond-limit',
  'wrong-token',
] as const
/** Codec of `FILL_REFUSALS`. */
export const FillRefusal = keys(FILL_REFUSALS, 'FillRefusal')
export type FillRefusal = t.TypeOf<typeof FillRefusal>

/** How a run stands to the world. Only `live` may reach an exchange outside this process. */
export const MODES = ['import', 'shadow', 'paper_live', 'paper_replay', 'live'] as const
/** Codec of `MODES`. */
export const Mode = keys(MODES, 'Mode')
export type Mode = t.TypeOf<typeof Mode>

/** What an operator may say to a run. */
export const COMMANDS = [
  'pause',
  'resume',
  'hard-stop',
  'clear-hard-stop',
  'cancel-all',
  'flatten',
  'reload',
  'note',
  'order',
  'shutdown',
] as const
/** Codec of `COMMANDS`. */
export const Command = keys(COMMANDS, 'Command')
export type Command = t.TypeOf<typeof Command>

/**
 * How long an order lives: what matches at once (FAK, also called immediate-or-cancel), all of it at once or nothing (FOK),
 * until it is cancelled (GTC), until a time (GTD). Source: Polymarket order types, seen 2026-10.
 */
export const TIMES_IN_FORCE = ['FAK', 'FOK', 'GTC', 'GTD'] as const
/** Codec of `TIMES_IN_FORCE`. */
export const TimeInForce = keys(TIMES_IN_FORCE, 'TimeInForce')
export type TimeInForce = t.TypeOf<typeof TimeInForce>

/** Why we ask for an order to be cancelled. */
export const CANCEL_REASONS = [
  'target-moved',
  'target-pulled',
  'book-distrusted',
  'market-closed',
  'strategy',
  'operator',
  'paused',
  'hard-stop',
  'shutdown',
  'recovery',
] as const
/** Codec of `CANCEL_REASONS`. */
export const CancelReason = keys(CANCEL_REASONS, 'CancelReason')
export type CancelReason = t.TypeOf<typeof CancelReason>

/** Why an exchange took an order out of its book: we asked, its time was over, or the exchange decided so. */
export const CANCELLATIONS = ['requested', 'expired', 'venue'] as const
/** Codec of `CANCELLATIONS`. */
export const Cancellation = keys(CANCELLATIONS, 'Cancellation')
export type Cancellation = t.TypeOf<typeof Cancellation>

/** What an exchange says about an order that it is asked about. */
export const ORDER_STATES = ['resting', 'closed', 'not-found'] as const
/** Codec of `ORDER_STATES`. */
export const OrderState = keys(ORDER_STATES, 'OrderState')
export type OrderState = t.TypeOf<typeof OrderState>

/**
 * How far the settlement of a trade is: matched, in a block, being tried again, final, or void. Source: Polymarket trade
 * statuses, seen 2026-10.
 */
export const SETTLEMENTS = ['matched', 'mined', 'retrying', 'confirmed', 'failed'] as const
/** Codec of `SETTLEMENTS`. */
export const Settlement = keys(SETTLEMENTS, 'Settlement')
export type Settlement = t.TypeOf<typeof Settlement>

/** What forbids new risk at a venue while it holds. */
export const VENUE_CONDITIONS = [
  'user-channel-lost',
  'heartbeat-lost',
  'restarting',
  'post-only',
  'unavailable',
  'unauthorized',
  'closed-only',
  'clock-skew',
  'order-id-differs',
] as const
/** Codec of `VENUE_CONDITIONS`. */
export const VenueCondition = keys(VENUE_CONDITIONS, 'VenueCondition')
export type VenueCondition = t.TypeOf<typeof VenueCondition>

/** Why an order that was signed does not leave. */
export const WITHHELD = ['hard-stop', 'shutting-down', 'venue-condition', 'over'] as const
/** Codec of `WITHHELD`. */
export const Withheld = keys(WITHHELD, 'Withheld')
export type Withheld = t.TypeOf<typeof Withheld>

/** Who answers orders: the simulated exchange inside the engine, or a venue outside of the process. */
export const EXCHANGES = ['sim', 'venue'] as const
/** Codec of `EXCHANGES`. */
export const Exchange = keys(EXCHANGES, 'Exchange')
export type Exchange = t.TypeOf<typeof Exchange>

/** What moves time: the stamps of inputs, or the machine's clock between them too. */
export const CLOCKS = ['event', 'wall'] as const
/** Codec of `CLOCKS`. */
export const Clock = keys(CLOCKS, 'Clock')
export type Clock = t.TypeOf<typeof Clock>

/** How a run ended in order. */
export const ENDINGS = ['source-ended', 'operator'] as const
/** Codec of `ENDINGS`. */
export const Ending = keys(ENDINGS, 'Ending')
export type Ending = t.TypeOf<typeof Ending>

/**
 * What an order is for: a signal's first leg, a later leg within its budget, getting out; a quote that rests; a single order
 * of a strategy; getting out by the operator's command.
 */
export const ACTIONS = ['fire', 'chase', 'flatten', 'quote', 'order', 'exit'] as const
/** Codec of `ACTIONS`. */
export const Action = keys(ACTIONS, 'Action')
export type Action = t.TypeOf<typeof Action>

/** How easy the worst leg is to trade: liquid when its spread is below 20 bps and its first three asks hold over $500. */
export const BUCKETS = ['liquid', 'thin'] as const
/** Codec of `BUCKETS`. */
export const Bucket = keys(BUCKETS, 'Bucket')
export type Bucket = t.TypeOf<typeof Bucket>

/** Faults that the exchange in the box shows on demand. */
export const FAULTS = ['force-chase-fail', 'force-flatten-fail', 'phantom-position'] as const
/** Codec of `FAULTS`. */
export const Fault = keys(FAULTS, 'Fault')
export type Fault = t.TypeOf<typeof Fault>

/** How an order ended. */
export const ORDER_RESULTS = [
  'full',
  'partial',
  'none',
  'rejected',
  'unknown',
  'cancelled',
  'expired',
] as const
/** Codec of `ORDER_RESULTS`. */
export const OrderResult = keys(ORDER_RESULTS, 'OrderResult')
export type OrderResult = t.TypeOf<typeof OrderResult>

/**
 * How the legs of a signal ended: complete sets for all that filled, what was left over sold, some of it left unmatched,
 * nothing bought, or not known.
 */
export const LEG_RESULTS = ['matched', 'flattened', 'unmatched', 'none', 'unknown'] as const
/** Codec of `LEG_RESULTS`. */
export const LegResult = keys(LEG_RESULTS, 'LegResult')
export type LegResult = t.TypeOf<typeof LegResult>

/** Codec of a closed list of names. */
export function keys<const N extends string>(names: readonly N[], name: string): t.Type<N, string> {
  const all = Object.fromEntries(names.map(key => [key, null])) as Record<N, null>
  return t.keyof(all, name)
}
