import { CommandGiven } from '#schemas/events/run.js'
import type { Feed, FeedInput } from '#engine/feeds/feed.js'

/** A stretch of event time, µs; both ends belong to it, and undefined is the end of the recording itself. */
export interface Stretch {
  readonly fromUs: number | undefined
  readonly toUs: number | undefined
}

/**
 * A feed of which only a stretch is traded: books are followed from its beginning, with new risk paused, so that they are whole where the
 * stretch begins; behind it nothing is read.
 */
export function stretchOf(feed: Feed, { fromUs, toUs = Infinity }: Stretch): Feed {
  return {
    source: feed.source,
    open: async function* (opening) {
      let isPaused = fromUs !== undefined
      let isBegun = false
      for await (const batch of feed.open(opening)) {
        const inputs: FeedInput[] = []
        for (const input of batch) {
          const { tUs } = input
          if (tUs > toUs) break
          if (!isBegun && isPaused) inputs.push({ tUs, event: said('pause') })
          isBegun = true
          if (isPaused && tUs >= (fromUs ?? 0)) {
            inputs.push({ tUs, event: said('resume') })
            isPaused = false
          }
          inputs.push(input)
        }
        // Two more inputs than the batch had may be one too many for whoever takes it.
        const half = inputs.length >> 1
        if (half > 0) yield inputs.slice(0, half)
        if (inputs.length > 0) yield inputs.slice(half)
        if (batch.some(({ tUs }) => tUs > toUs)) return
      }
    },
  }
}

const said = (command: 'pause' | 'resume') => CommandGiven.make({ command, by: 'arb-replay' })
