import type * as t from 'io-ts'
import { keys } from './reasons.js'

/** What an alert is about. */
export const ALERT_RULES = [
  'signal',
  'hard-stop',
  'feed-lost',
  'silence',
  'stall',
  'order-unknown',
  'run-ended',
  'test',
] as const
/** Codec of `ALERT_RULES`. */
export const AlertRule = keys(ALERT_RULES, 'AlertRule')
export type AlertRule = t.TypeOf<typeof AlertRule>

/** By what alerts go out. */
export const ALERT_CHANNELS = ['telegram', 'webhook', 'desktop'] as const
/** Codec of `ALERT_CHANNELS`. */
export const AlertChannel = keys(ALERT_CHANNELS, 'AlertChannel')
export type AlertChannel = t.TypeOf<typeof AlertChannel>

/** What became of an alert at a channel. */
export const ALERT_OUTCOMES = ['sent', 'dry-run', 'failed'] as const
/** Codec of `ALERT_OUTCOMES`. */
export const AlertOutcome = keys(ALERT_OUTCOMES, 'AlertOutcome')
export type AlertOutcome = t.TypeOf<typeof AlertOutcome>
