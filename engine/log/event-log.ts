import type { Either } from 'fp-ts/lib/Either.js'
import type { EncodedTurns } from '#schemas/encoded-turns.js'
import type { Recorded } from '#schemas/recorded.js'

/** Most bytes of one commit, its commit line included. A store with one append per commit must take this much. */
export const COMMIT_BYTES_MAX = 1_048_576
/** Bytes of event lines in one turn, and so in one commit: the rest is kept for a segment line and a commit line. */
export const TURN_BYTES_MAX = COMMIT_BYTES_MAX - 2_048
/** A segment is rolled at the first turn that ends past this many bytes of event lines. */
export const SEGMENT_EVENT_BYTES = 67_108_864
/** Bytes that may be staged or in flight before `ready` makes the caller wait. */
export const PENDING_BYTES_MAX = 8 * COMMIT_BYTES_MAX

/**
 * When appended events are synced to the disk, and so acknowledged. `commit`: each commit before it is acknowledged. `interval`: at least
 * once a second; events are acknowledged when the sync that covers them is done. `none`: never; they are acknowledged once written.
 */
export type Durability = 'commit' | 'interval' | 'none'

/** Why a log did not do what it was asked. */
export type LogFault =
  | Readonly<{ tag: 'OutOfOrder'; expected: number; received: number }>
  | Readonly<{ tag: 'TurnTooBig'; bytes: number; most: number }>
  | Readonly<{ tag: 'Sealed' }>
  /** A write or a sync failed. The log is closed for good: nothing is retried, and every later call answers this fault again. */
  | Readonly<{ tag: 'Halted'; cause: string }>
  | Readonly<{ tag: 'Damaged'; file: string; line: number; byte: number; message: string }>
  /** The run's directory is not empty. */
  | Readonly<{ tag: 'Exists'; dir: string }>
  /** Another process writes this run. */
  | Readonly<{ tag: 'Held'; dir: string }>
  /** There is no run, or the disk cannot read it. */
  | Readonly<{ tag: 'Unreadable'; dir: string; cause: string }>

/** Where a log stands when it is sealed, or read to its end. */
export interface LogEnd {
  readonly lastSeq: number
  readonly commits: number
  /** 64 hex digits; a function of the events alone. */
  readonly head: string
}

/**
 * A position between two commits. A reader of the same store can start there instead of at the first event, and verifies what follows
 * as if it had read everything before.
 */
export interface Mark extends LogEnd {
  /** What the store needs to find the position again, in a form of its own: nobody else may read anything into it. */
  readonly token: string
}

/**
 * The log of a run as its only writer uses it: append turns, learn when they are durable, seal or close. Acknowledgements come in the
 * order of the events; a turn survives a crash whole or not at all.
 */
export interface LogWriter {
  /** Last sequence number taken. */
  readonly lastSeq: number
  /** Last sequence number that is durable. */
  readonly durableSeq: number
  /**
   * Takes one whole turn (an input and its decisions) into memory; it is written later. A commit is closed without being asked when
   * the next turn would not fit into it, or when the configured number of events or time is reached. Returns the fault, or undefined
   * when the turn was taken.
   */
  readonly append: (turn: readonly Recorded[]) => LogFault | undefined
  /**
   * Takes turns whose lines are encoded already; the result is that of `append` for each of them. Together they may have at most
   * `TURN_BYTES_MAX` bytes. The bytes are not decoded: the caller answers for their being valid lines with these sequences.
   */
  readonly appendEncoded: (turns: EncodedTurns) => LogFault | undefined
  /** Back pressure: undefined when there is room, else a promise to await before the next append. */
  readonly ready: () => Promise<Either<LogFault, void>> | undefined
  /** Closes the open commit; resolves with the last durable sequence once everything appended so far is durable. */
  readonly flush: () => Promise<Either<LogFault, number>>
  /** Closes the open commit and answers the position behind it, which need not be durable yet; undefined where nobody could start from it. */
  readonly mark: () => Mark | undefined
  /** Calls back with the last durable sequence each time it has grown. */
  readonly onDurable: (listener: (seq: number) => void) => void
  /** Flushes and marks the run as ended: its last event must be `RunEnded`. Every later append answers `Sealed`. */
  readonly seal: () => Promise<Either<LogFault, LogEnd>>
  /** Flushes and releases the run without sealing it, so that it can be resumed. */
  readonly close: () => Promise<Either<LogFault, LogEnd>>
}

/** The log of a run as a reader sees it: whole commits only, in order. */
export interface LogReader {
  /** The events of each commit from `fromSeq` on. Where the log cannot be read further the fault is the last item. */
  readonly read: (fromSeq: number) => AsyncIterable<Either<LogFault, readonly Recorded[]>>
}
