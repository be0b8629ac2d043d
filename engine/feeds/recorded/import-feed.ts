import { BATCH_MAX } from '../feed.js'
import type { FrameWalker } from '#engine/book/frame-walk.js'
import { Instruments, type Numbering } from '#engine/core/instruments.js'
import type { Feed, FeedInput, Opening, Stretch } from '../feed.js'
import { Listing } from './listing.js'

/** Rows, frames or levels that say nothing to the engine: why, how many, and where the first one stands. */
export interface Skip {
  readonly reason: string
  readonly count: number
  readonly first: string
}

/** What an import read and what it made of it. */
export interface ImportReport {
  /** Rows or frames read. */
  readonly read: number
  /** Nothing is dropped silently: each oddity under its reason, in order of appearance. */
  readonly skipped: readonly Skip[]
  readonly markets: number
  readonly tokens: number
  /** Venue hashes recomputed, and how many of them were the venue's. */
  readonly hashChecked: number
  readonly hashOk: number
}

/** A recording as a feed. */
export interface ImportFeed extends Feed {
  /** The account of the last opening; complete once that was drained. */
  readonly report: () => ImportReport
}

/** The running account of one opening. Owned by the importer that fills it. */
export class Tally {
  read = 0
  hashChecked = 0
  hashOk = 0
  readonly listing: Listing
  private readonly skips = new Map<string, { count: number; first: string }>()

  constructor(instruments: Numbering = new Instruments().opening()) {
    this.listing = new Listing(instruments)
  }

  /** Counts an oddity; `first` is kept, in words, of the first of its reason: file and row, line or byte. */
  skip(reason: string, first: { readonly toString: () => string }, count = 1): void {
    const known = this.skips.get(reason)
    if (known) known.count += count
    else this.skips.set(reason, { count, first: first.toString() })
  }

  /** Whether there was an oddity of this reason. */
  knows(reason: string): boolean {
    return this.skips.has(reason)
  }

  report(): ImportReport {
    const { read, hashChecked, hashOk, listing } = this
    const skipped = [...this.skips].map(([reason, skip]) => ({ reason, ...skip }))
    const { markets, tokens } = listing
    return { read, skipped, markets, tokens, hashChecked, hashOk }
  }
}

/** Reads a recording: inputs and its account. */
type Reading<Item, More extends readonly unknown[] = []> = (
  tally: Tally,
  signal: AbortSignal,
  ...more: More
) => AsyncIterable<Item>

/**
 * Makes a feed of a recording's reader: cuts its inputs into bounded batches and keeps its account. `stretchesOf` reads
 * the same for a walker, in pieces that are bounded already.
 */
export function importFeed(
  kind: string,
  inputsOf: Reading<readonly FeedInput[]>,
  stretchesOf?: Reading<readonly FeedInput[] | Stretch, [walker: FrameWalker]>,
): ImportFeed {
  let tally = new Tally()
  return {
    ...(stretchesOf && {
      stretches: ({ signal, instruments }: Opening, walker: FrameWalker) =>
        stretchesOf((tally = new Tally(instruments)), signal, walker),
    }),
    source: `import:${kind}`,
    report: () => tally.report(),
    async *open({ signal, instruments }) {
      tally = new Tally(instruments)
      for await (const inputs of inputsOf(tally, signal)) {
        for (let from = 0; from < inputs.length; from += BATCH_MAX) {
          if (signal.aborted) return
          yield inputs.slice(from, from + BATCH_MAX)
        }
        if (signal.aborted) return
      }
    },
  }
}
