import { basename } from 'node:path'
import { BATCH_MAX } from '../feed.js'
import type { FramesCheck, FrameWalker } from '#engine/book/frame-walk.js'
import { Instruments, type Numbering } from '#engine/core/instruments.js'
import type { Feed, FeedInput, Opening, RawChunk } from '../feed.js'
import { GuardedInputs } from './guarded-inputs.js'
import { Listing } from './listing.js'
import { StampGuard } from './stamp-guard.js'
import { FileTimes, latestUs } from './times.js'

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
  /** Outcomes worked out anew from the prices that decide them, and how many were the venue's. */
  readonly settlesChecked: number
  readonly settlesOk: number
}

/** A recording as a feed. */
export interface ImportFeed extends Feed {
  /** The account of the last opening; complete once that was drained. */
  readonly report: () => ImportReport
}

/** What may be chosen of an import. */
export interface ImportOptions {
  /** How far a stamp may step back, or leap alone, µs. */
  readonly skewUs?: number | undefined
}

/** The running account of one opening. Owned by the importer that fills it. */
export class Tally {
  read = 0
  hashChecked = 0
  hashOk = 0
  settlesChecked = 0
  settlesOk = 0
  readonly listing: Listing
  private readonly skips = new Map<string, { count: number; first: string }>()
  private readonly remarks = new Map<string, { count: number; first: string }>()

  /** Keeps the source's clock. */
  readonly guard: StampGuard<FeedInput>
  /** The file that is being read, by name. */
  file = ''
  /** Its times. */
  times = new FileTimes()

  constructor(
    instruments: Numbering = new Instruments().opening(),
    { skewUs }: ImportOptions = {},
  ) {
    this.listing = new Listing(instruments)
    this.guard = new StampGuard({
      latestUs: latestUs(),
      ...(skewUs !== undefined && { boundUs: skewUs }),
    })
  }

  /** From here on another file is read. */
  begin(path: string): void {
    this.file = basename(path)
    this.times = new FileTimes()
  }

  /** Which stamps a walker may take: those of a file in milliseconds, as walkers read them. */
  get stamps(): FramesCheck['stamps'] {
    const { stamps } = this.guard
    return this.times.isMillis === true ? stamps : { ...stamps, latestUs: 0 }
  }

  /** Counts an oddity of a stamp. These stand behind all others, as stamps are judged a while after they are read. */
  remark(reason: string, first: string): void {
    const known = this.remarks.get(reason)
    if (known) known.count++
    else this.remarks.set(reason, { count: 1, first })
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
    const { read, hashChecked, hashOk, settlesChecked, settlesOk, listing } = this
    const skipped = [...this.skips, ...this.remarks].map(([reason, skip]) => ({ reason, ...skip }))
    const { markets, tokens } = listing
    return { read, skipped, markets, tokens, hashChecked, hashOk, settlesChecked, settlesOk }
  }
}

/** Reads a recording: inputs and its account. */
type Reading<Item, More extends readonly unknown[] = []> = (
  tally: Tally,
  signal: AbortSignal,
  ...more: More
) => AsyncIterable<Item>

/**
 * Makes a feed of a recording's reader: cuts its inputs into bounded batches and keeps its account. `chunksOf` reads
 * the same for a walker, in pieces that are bounded already.
 */
export function importFeed(
  kind: string,
  inputsOf: Reading<readonly FeedInput[]>,
  chunksOf?: Reading<readonly FeedInput[] | RawChunk, [walker: FrameWalker]>,
  options: ImportOptions = {},
): ImportFeed {
  let tally = new Tally()
  return {
    ...(chunksOf && {
      rawChunks: async function* ({ signal, instruments }: Opening, walker: FrameWalker) {
        tally = new Tally(instruments, options)
        const guarded = new GuardedInputs(tally)
        for await (const piece of chunksOf(tally, signal, walker))
          if ('walk' in piece) yield guardedChunk(guarded, piece)
          else yield* batches(guarded.take(piece))
        yield* batches(guarded.end())
      },
    }),
    source: `import:${kind}`,
    report: () => tally.report(),
    async *open({ signal, instruments }) {
      tally = new Tally(instruments, options)
      const guarded = new GuardedInputs(tally)
      for await (const inputs of inputsOf(tally, signal)) {
        for (const batch of batches(guarded.take(inputs))) {
          if (signal.aborted) return
          yield batch
        }
        if (signal.aborted) return
      }
      yield* batches(guarded.end())
    },
  }
}

/** In bounded parts, none of them empty. */
function* batches(inputs: readonly FeedInput[]): Generator<readonly FeedInput[]> {
  for (let from = 0; from < inputs.length; from += BATCH_MAX)
    yield inputs.slice(from, from + BATCH_MAX)
}

/** A raw chunk of which what no walker takes goes through the guard. */
const guardedChunk = (guarded: GuardedInputs, { walk, next }: RawChunk): RawChunk => ({
  walk,
  next: () => {
    const inputs = next()
    return inputs && guarded.take(inputs)
  },
})
