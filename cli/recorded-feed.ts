import { typeOf } from '#schemas/registry.js'
import { BATCH_MAX, type Feed, type FeedEvent, type FeedInput } from '#engine/feeds/feed.js'
import { rowsOf } from './runs.js'

/** The feed inputs of an old run, as they were stamped then. Its answers, clock and decisions are left behind. */
export function recordedFeed(dir: string): Feed {
  let lastSeq = 0
  return {
    source: 'run',
    save: () => lastSeq,
    open: async function* (signal, place) {
      // What `save` of this feed gave: the sequence of its last input.
      const fromSeq = place ? Number(place.saved) + 1 : 1
      for await (const rows of rowsOf(dir, { fromSeq })) {
        const inputs: FeedInput[] = []
        const seqs: number[] = []
        for (const { seq, tUs, event } of rows) {
          // Feed inputs are those of kind `feed`, which is what FeedEvent lists.
          if (typeOf(event.type).kind !== 'feed') continue
          inputs.push({ tUs, event: event as FeedEvent })
          seqs.push(seq)
        }
        for (let from = 0; from < inputs.length; from += BATCH_MAX) {
          const batch = inputs.slice(from, from + BATCH_MAX)
          lastSeq = seqs[from + batch.length - 1] ?? lastSeq
          yield batch
        }
        if (signal.aborted) return
      }
    },
  }
}
