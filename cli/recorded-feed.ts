import { typeOf } from '#schemas/registry.js'
import { BATCH_MAX, type Feed, type FeedEvent, type FeedInput } from '#engine/feeds/feed.js'
import { rowsOf } from './runs.js'

/** The feed inputs of an old run, as they were stamped then. Its answers, clock and decisions are left behind. */
export function recordedFeed(dir: string): Feed {
  return {
    source: 'run',
    open: async function* (signal) {
      for await (const rows of rowsOf(dir)) {
        const inputs: FeedInput[] = []
        for (const { tUs, event } of rows)
          // Feed inputs are those of kind `feed`, which is what FeedEvent lists.
          if (typeOf(event.type).kind === 'feed') inputs.push({ tUs, event: event as FeedEvent })
        for (let from = 0; from < inputs.length; from += BATCH_MAX)
          yield inputs.slice(from, from + BATCH_MAX)
        if (signal.aborted) return
      }
    },
  }
}
