import type { Either } from 'fp-ts/lib/Either.js'
import type { QuietTurns } from '#schemas/quiet-turns.js'
import type { Recorded } from '#schemas/recorded.js'

/** Most bytes of one commit, its commit line included. A store with one append per commit must take this much. */
export const COMMIT_BYTES_MAX = 1_048_576
/** Bytes of event lines in one turn, and so in one commit: the rest is kept for a segment line and a commit line. */
export const TURN_BYTES_MAX = COMMIT_BYTES_MAX - 2_048
/** A segment is rolled at the first turn that ends past this many bytes of event lines. */
export const SEGMENT_EVENT_BYTES = 67_108_864
/** Bytes that may be staged or in flight before `ready` makes the caller wait. */
export const PENDING_BYTES_MAX = 8 * COMMIT_BYTES_MAX

/** When lines are synced: before they are acknowledged, at least once a second (and acknowledged then), or never. */
export type Durability = 'commit' | 'interval' | 'none'

/** Why a log did not do what it was asked. */
export type LogFault =
  | Readonly<{ tag: 'OutOfOrder'; expected: number; received: number }>
  | Readonly<{ tag: 'TurnTooBig'; bytes: number; most: number }>
  | Readonly<{ tag: 'Sealed' }>
  /** A write or sync failed. Final: nothing is retried, and every later call answers the same. */
  | Readonly<{ tag: 'Halted'; cause: string }>
  | Readonly<{ tag: 'Damaged'; file: string; line: number; byte: number; message: string }>
  /** The run's directory is not empty. */
  | Readonly<{ tag: 'Exists'; dir: string }>
  /** Another process writes this run. */
  | Readonly<{ tag: 'Held'; dir: string }>
  /** There is nothing that can be read as a run, or the disk does not give it. */
  | Readonly<{ tag: 'Unreadable'; dir: string; cause: string }>

/** Where a log stands when it is sealed, or read to its end. */
export interface LogEnd {
  readonly lastSeq: number
  readonly commits: number
  /** 64 hex digits; a function of the events alone. */
  readonly head: string
}

/** A place between two commits. A reader of the same store goes on from there, verifying as if it had read what lies before. */
export interface Mark extends LogEnd {
  /** What the store needs to find the place again. It means nothing to anybody else. */
  readonly token: string
}

/** A run's memory, as its one writer sees it. Acknowledgements come in order; a turn is kept whole or not at all. */
export interface LogWriter {
  /** Last sequence number taken. */
  readonly lastSeq: number
  /** Last sequence number that is durable. */
  readonly durableSeq: number
  /**
   * Takes one whole turn (an input and its decisions), in memory. Closes a commit by itself when the next turn would
   * not fit or the configured size or time is reached. Returns the fault, or nothing when the turn was taken.
   */
  readonly append: (turn: readonly Recorded[]) => LogFault | undefined
  /**
   * Takes turns that are encoded already, as `append` would one after another. Together they are no longer than
   * `TURN_BYTES_MAX`; that they are what stands in `bytes` is the word of who made them.
   */
  readonly appendQuiet: (turns: QuietTurns) => LogFault | undefined
  /** Nothing when there is room; else a promise to wait for before the next append. */
  readonly ready: () => Promise<Either<LogFault, void>> | undefined
  /** Closes the open commit and resolves with the last durable sequence once all that was taken is durable. */
  readonly flush: () => Promise<Either<LogFault, number>>
  /** Closes the open commit and says where it ends, durable or not; nothing where that place cannot be gone on from. */
  readonly mark: () => Mark | undefined
  /** Calls back with each newly durable sequence, rising. */
  readonly onDurable: (listener: (seq: number) => void) => void
  /** Flushes, writes the seal. Every later append answers `Sealed`. */
  readonly seal: () => Promise<Either<LogFault, LogEnd>>
  /** Flushes and lets go of the run without sealing it: it stays open and can be resumed. */
  readonly close: () => Promise<Either<LogFault, LogEnd>>
}

/** A run's memory, as a reader sees it: whole commits only, in order. */
export interface LogReader {
  /** Commits from the one that holds `fromSeq` on; rows below `fromSeq` are left out. A fault is the last item. */
  readonly read: (fromSeq: number) => AsyncIterable<Either<LogFault, readonly Recorded[]>>
}
