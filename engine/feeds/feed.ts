import type { EventOf, TypeName, TYPES } from '#schemas/registry.js'
import type { FramesFrom, FramesWalked, FrameWalker } from '#engine/book/frame-walk.js'
import type { Touched } from '#engine/book/fold.js'
import type { Numbering } from '#engine/core/instruments.js'

type FeedName = { [N in TypeName]: (typeof TYPES)[N]['kind'] extends 'feed' ? N : never }[TypeName]

/** What the world may say: the inputs of kind `feed`. */
export type FeedEvent = { [N in FeedName]: EventOf<N> }[FeedName]

/** One input as a feed hands it over, before the runner stamps it. */
export interface FeedInput {
  /** Microseconds since the epoch: receive time, or the venue's time where a recording has no receive time. */
  readonly tUs: number
  readonly event: FeedEvent
}

/** What a feed is opened with. */
export interface Opening {
  /** Ends it. */
  readonly signal: AbortSignal
  /** The run's numbers of markets and tokens: a feed gives none itself. */
  readonly instruments: Numbering
  /** Where to go on; absent: at the start. */
  readonly place?: FeedPlace
}

/** What the world says. */
export interface Feed {
  /** As it stands in `RunStarted.source`: `sim:<scenario>`, `import:<kind>`, `run`. */
  readonly source: string
  /**
   * Opens the feed. Batches are bounded (at most 8,192 inputs), never empty, in the order of arrival; times may step
   * back (the runner stamps the maximum). A recorded or simulated feed opened twice says the same twice. Ends when the
   * source has no more or `signal` aborts. Faults of a source are thrown as `FeedFault`.
   */
  readonly open: (of: Opening) => AsyncIterable<readonly FeedInput[]>
  /**
   * As `open`, for an engine whose fold walks over frames: the same inputs in the same order, but most of them never as
   * objects. Absent where the source is not made of frames.
   */
  readonly rawChunks?: (
    of: Opening,
    walker: FrameWalker,
  ) => AsyncIterable<readonly FeedInput[] | RawChunk>
  /** Whether times of its inputs are readings of the machine's clock at their receipt, which a live run then stamps them with. */
  readonly isReceived?: true
  /** Asks for the whole book of a token of this feed; it comes as an input. Absent where nobody can fetch one. */
  readonly requestSnapshot?: (token: number) => void
  /** Where the opened feed stands behind its last batch: plain values. Absent where it can only begin at its start. */
  readonly save?: () => unknown
}

/**
 * A part of a source that is still in its own bytes. Each call goes on where the one before it ended; what `next` gave is
 * taken by the engine before either is called again.
 */
export interface RawChunk {
  /** Takes inputs that give the engine nothing to do. Where it ends with `actionable`, the first of `next` is folded. */
  readonly walk: (from: FramesFrom, touched: Touched) => FramesWalked
  /** The inputs of the next message, of which there may be none; undefined at the end of the chunk. */
  readonly next: () => readonly FeedInput[] | undefined
}

/** Where a feed goes on: what its `save` gave there. */
export interface FeedPlace {
  readonly saved: unknown
}

/** Most inputs in one batch. */
export const BATCH_MAX = 8_192

/** A source that cannot be read: what, where, and what was expected instead. */
export class FeedFault extends Error {
  readonly where: string
  readonly expected: string
  constructor(message: string, where: string, expected: string) {
    super(message)
    this.name = 'FeedFault'
    this.where = where
    this.expected = expected
  }
}
