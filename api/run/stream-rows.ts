import type { Recorded } from '#schemas/recorded.js'
import type { TypeName } from '#schemas/registry.js'
import { wordsOf } from '#projections/trade-story.js'

/** What a message of the stream is about. */
export type Channel = 'signal' | 'order' | 'fill' | 'health'

/** One event as the stream tells it. `json` is its whole message. */
export interface StreamRow {
  readonly seq: number
  readonly channel: Channel
  readonly json: string
}

const CHANNELS: Readonly<Partial<Record<TypeName, Channel>>> = {
  SignalRaised: 'signal',
  SignalQueued: 'signal',
  SignalDropped: 'signal',
  DedupSignal: 'signal',
  IntentApproved: 'signal',
  IntentRefused: 'signal',
  LegsSettled: 'signal',
  OrderPlaced: 'order',
  OrderAcknowledged: 'order',
  OrderRejected: 'order',
  OrderCancelled: 'order',
  CancelRequested: 'order',
  OrderOutcomeUnknown: 'order',
  OrderClosed: 'order',
  OrderFilled: 'fill',
  FillVoided: 'fill',
  HardStopTripped: 'health',
  HardStopCleared: 'health',
  GateClosed: 'health',
  GateOpened: 'health',
  FeedLost: 'health',
  FeedResumed: 'health',
  VenueConditionReported: 'health',
  CommandGiven: 'health',
  ConfigChanged: 'health',
  MarketResolved: 'health',
  RunStarted: 'health',
  RunRecovered: 'health',
  RunEnded: 'health',
}

/** Events whose data is a whole configuration: who wants that reads the log. */
const BULKY: ReadonlySet<TypeName> = new Set(['RunStarted', 'ConfigChanged'])

/** An event as the stream tells it; undefined where it does not. */
export function streamRowOf({ seq, tUs, cause, event }: Recorded): StreamRow | undefined {
  const channel = CHANNELS[event.type]
  if (!channel) return undefined
  const data = BULKY.has(event.type) ? {} : event.data
  const text = wordsOf(event)
  const json = JSON.stringify({ seq, t_us: tUs, cause, channel, type: event.type, text, data })
  return { seq, channel, json }
}
