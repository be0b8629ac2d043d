import { typeOf } from '#schemas/registry.js'
import type { FeedEvent } from './feed.js'

/** How far the venue's time of a book's event lies behind its receipt, µs; for ever where it does not say. */
export function lagOf({ type, data }: FeedEvent): number {
  if (type === 'BookChanged') return data.l ?? 0
  return type === 'BookSnapshot' || type === 'TradePrinted' ? (data.lag ?? 0) : Infinity
}

/** The event with what it is behind its source's time, µs; one that has no field for it as it is. */
export function lagging(event: FeedEvent, behindUs: number): FeedEvent {
  const { optional } = typeOf(event.type)
  const key = LAG_KEYS.find(one => one in optional)
  if (key === undefined) return event
  const data: Readonly<Record<string, unknown>> = event.data
  // The field is the event's own, with the number that it is for.
  return { ...event, data: { ...data, [key]: Number(data[key] ?? 0) + behindUs } } as FeedEvent
}

/** How far an event lies behind its source: the long name, or the short one of the event that is most of a log. */
const LAG_KEYS = ['lag', 'l'] as const
