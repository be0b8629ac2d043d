import type { FeedEvent } from '../../feed.js'

/** How far the venue's time of a book's event lies behind its receipt, µs; for ever where it does not say. */
export function lagOf({ type, data }: FeedEvent): number {
  if (type === 'BookChanged') return data.l ?? 0
  return type === 'BookSnapshot' || type === 'TradePrinted' ? (data.lag ?? 0) : Infinity
}
