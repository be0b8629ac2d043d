import type { Position } from './batching.js'

/** Where a log stands behind a whole commit. */
export type Place = Omit<Position, 'hasEnded'>

/** A journal in the native addon. */
export type Journal = object & { readonly __journal: never }

/** Numbers that cross to or from the native addon. */
type Numbers = Float64Array<ArrayBuffer>

/** Numbers of a position: sequence, commits, segment, its event bytes, offset, then the head as eight of 32 bits. */
export const POSITION = 13
/** Numbers that `journalStatus` writes: durable, synced, bytes that wait, 1 where the thread is over. */
export const STATUS = 2 * POSITION + 2
/** Numbers that `journalMark` writes: the position, leaves of the hash before its tail, length of the tail. */
export const MARK = POSITION + 2

/** What `journalAppend` answers. */
export const TAKEN = { taken: 0, full: 1, over: 2, torn: 3 } as const

/** A call of the disk that fails, for tests: which, from 1, and the system's error number; 0 writes only a part. */
export interface Failing {
  readonly op: number
  readonly errno: number
}

/** What the journal is opened with, as the native API takes it. */
export interface JournalOptions {
  readonly commitEvents: number
  readonly segmentBytes: number
  /** 0 commit, 1 interval, 2 none. */
  readonly durability: number
  /** Whether an open commit is closed as soon as the disk is free. */
  readonly isEager: boolean
  readonly at: {
    readonly lastSeq: number
    readonly commits: number
    readonly segment: number
    readonly segmentBytes: number
    readonly byte: number
  }
  readonly failing: Failing | undefined
}

/**
 * What the native addon gives for writing a log: a thread that frames, writes and syncs, and calls the listener once it came
 * further or failed. Everything but the thread's own work is done at once. See `native/journal`.
 */
export interface JournalApi {
  /** `run` as JSON. Throws where the options make no sense. */
  readonly journalOpen: (
    ...call: [dir: string, run: string, options: Numbers, head: string, listener: () => void]
  ) => Journal
  /** Takes `count` whole turns: the first `length` bytes, end and events of each in `turns`. Answers one of `TAKEN`. */
  readonly journalAppend: (
    ...call: [
      journal: Journal,
      lines: Uint8Array,
      length: number,
      turns: Uint32Array,
      count: number,
      close: boolean,
    ]
  ) => number
  /** How far it came, as `STATUS` numbers. Answers why it stopped, where it failed. */
  readonly journalStatus: (journal: Journal, out: Numbers) => string | undefined
  /** Closes the open commit: its end as `MARK` numbers, and the state of the hash there. */
  readonly journalMark: (journal: Journal, out: Numbers) => Uint8Array | undefined
  /** What is closed is synced soon, at any durability. */
  readonly journalSync: (journal: Journal) => void
  /** Writes and syncs what was taken, and ends. */
  readonly journalEnd: (journal: Journal) => void
  /** Whether the process waits for it. */
  readonly journalHold: (journal: Journal, isHeld: boolean) => void
}

/** The options as the numbers that cross to or from the native addon. */
export function numbersOf(options: JournalOptions): Numbers {
  const { commitEvents, segmentBytes, durability, isEager, at, failing } = options
  return Float64Array.of(
    ...[commitEvents, segmentBytes, durability, Number(isEager)],
    ...[at.lastSeq, at.commits, at.segment, at.segmentBytes, at.byte],
    ...[failing?.op ?? 0, failing?.errno ?? 0],
  )
}

/** The position that stands in an answer from `from` on. */
export function placeIn(numbers: Numbers, from: number): Place {
  const [lastSeq = 0, commits = 0, segment = 0, segmentBytes = 0, byte = 0, ...head] =
    numbers.subarray(from, from + POSITION)
  const digits = head.map(word => word.toString(16).padStart(8, '0'))
  return { lastSeq, commits, segment, segmentBytes, byte, head: digits.join('') }
}
