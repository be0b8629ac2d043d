import type { Mark } from '../event-log.js'

/** What a checkpoint must be of, so that it may stand for the log before it. */
export interface Origin {
  /** Digest of the code that folded it: another code may fold another state. */
  readonly code: string
  /** Digest of the run's first decision configuration. */
  readonly config: string
}

/** A state as it was behind an event. A cache: it never says what the log does not. */
export interface Checkpoint {
  readonly mark: Mark
  /** JSON of the state of the engine. */
  readonly engine: string
  /** JSON of where the feed stood. */
  readonly feed: string
}

/** A checkpoint that is not used, and why. */
export type Remark = (line: string) => void

/** The checkpoints of one run. */
export interface Checkpoints {
  /** Their sequence numbers, rising. */
  readonly list: () => Promise<readonly number[]>
  /** The newest at or before `atMost` that fits the log and its origin; others are passed over aloud. */
  readonly find: (origin: Origin, atMost: number, remark: Remark) => Promise<Checkpoint | undefined>
  /** One of them, or why it cannot be used. */
  readonly read: (seq: number, origin: Origin) => Promise<Checkpoint | string>
  /** Keeps them behind a run that is written. */
  readonly keeper: (of: { runId: string; origin: Origin; remark: Remark }) => Keeper
}

/** Writes checkpoints behind a run's back, one at a time. */
export interface Keeper {
  readonly isBusy: boolean
  /** Writes one, unless one is being written. */
  readonly keep: (checkpoint: Checkpoint) => void
  /** Resolves when nothing is being written. */
  readonly settled: () => Promise<void>
}
