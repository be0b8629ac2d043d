import { BATCH_MAX } from '../feed.js'
import { Instruments } from '#engine/core/instruments.js'
import type { Feed, FeedEvent, FeedInput, Opening } from '../feed.js'

/** An opening as a run of one feed makes it. */
export const opening = (): Opening => ({
  signal: new AbortController().signal,
  instruments: new Instruments().opening(),
})

/** All inputs of a feed. Throws where a batch breaks the port's promise. */
export async function drained(feed: Feed): Promise<readonly FeedInput[]> {
  const inputs: FeedInput[] = []
  for await (const batch of feed.open(opening())) {
    if (batch.length === 0 || batch.length > BATCH_MAX) throw new Error('a batch out of bounds')
    inputs.push(...batch)
  }
  return inputs
}

/** How often each event type occurs. */
export function countsOf(inputs: readonly FeedInput[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { event } of inputs) counts[event.type] = (counts[event.type] ?? 0) + 1
  return counts
}

type Said<T extends FeedEvent['type']> = Extract<FeedEvent, { readonly type: T }>['data']

/** The data of the events of one type, in order. */
export function dataOf<T extends FeedEvent['type']>(
  inputs: readonly FeedInput[],
  type: T,
): readonly Said<T>[] {
  // The compiler does not narrow a union by a type parameter.
  return inputs.flatMap(({ event }) => (event.type === type ? [event.data as Said<T>] : []))
}
