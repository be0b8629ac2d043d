import { typeOf } from '#schemas/registry.js'
import { BATCH_MAX, type Feed, type FeedEvent, type FeedInput } from '#engine/feeds/feed.js'
import { Renumbering, type Renumbered } from './renumbering.js'
import { rowsOf } from './runs.js'

/** Where it stands: the sequence of its last input, and the numbers where they differ. */
interface Place {
  readonly lastSeq: number
  readonly numbers?: Renumbered
}

/**
 * The feed inputs of an old run, as they were stamped then and as this run numbers them. Its answers, clock and decisions
 * are left behind.
 */
export function recordedFeed(dir: string): Feed {
  let at: Place = { lastSeq: 0 }
  return {
    source: 'run',
    save: () => at,
    open: async function* ({ signal, instruments, place }) {
      // What `save` of this feed gave.
      const begun = place?.saved as Place | undefined
      const numbers = new Renumbering(instruments, begun?.numbers)
      for await (const rows of rowsOf(dir, { fromSeq: (begun?.lastSeq ?? 0) + 1 })) {
        const inputs: FeedInput[] = []
        const seqs: number[] = []
        for (const { seq, tUs, event } of rows) {
          // Feed inputs are those of kind `feed`, which is what FeedEvent lists.
          if (typeOf(event.type).kind !== 'feed') continue
          const known = numbers.take(event as FeedEvent)
          if (!known) continue
          inputs.push({ tUs, event: known })
          seqs.push(seq)
        }
        for (let from = 0; from < inputs.length; from += BATCH_MAX) {
          const batch = inputs.slice(from, from + BATCH_MAX)
          const said = numbers.save()
          at = {
            lastSeq: seqs[from + batch.length - 1] ?? at.lastSeq,
            ...(said && { numbers: said }),
          }
          yield batch
        }
        if (signal.aborted) return
      }
    },
  }
}
