import type { Either } from 'fp-ts/lib/Either.js'
import type { ManifestStart } from '#schemas/manifest.js'
import type { Recorded } from '#schemas/recorded.js'
import type { Checkpoint, Origin, Remark } from '../checkpoints.js'
import type { LogFault, LogWriter, Mark } from '../event-log.js'
import type { KeepOptions } from '../jsonl-log.js'
import type { RunInfo } from '../run-dir.js'
import type { RunIndex } from '../run-index.js'
import type { ScanDoor } from '../scan.js'
import type { Verdict } from '../verify.js'

/**
 * Where runs live: the port through which everybody makes, continues, reads and proves them. A run goes by its name; what a name
 * means (a folder's path, a stream) and how its log is laid out is the store's own affair. Appending and sealing are the
 * writer's, `LogWriter`. A `Left` is what the world did; nothing here rejects for it.
 */
export interface RunStore {
  /** Runs by name, those that began: with their facts, as the small files say, unverified. */
  readonly list: () => Promise<readonly ListedRun[]>
  /** Whether a first commit of the run was ever whole. Before that it holds nothing that was acknowledged, and `create` takes it. */
  readonly hasBegun: (run: string) => Promise<boolean>
  /** Facts of one run, unverified. Rejects where the store does not give them. */
  readonly info: (run: string) => Promise<RunInfo>
  /**
   * Makes a new run and opens its log. `Exists`: there is one that began. What a writer left that was killed before anything
   * of its run was durable is no run: it is taken over. `Held`: somebody writes it now.
   */
  readonly create: (
    run: string,
    start: ManifestStart,
    keep: KeepRun,
  ) => Promise<Either<LogFault, LogWriter>>
  /**
   * Opens the log of a run whose writer is gone, behind its last whole commit. `Sealed`: it ended. `Held`: its writer lives.
   * `Damaged`: a crash does not explain what is there, and nothing was changed. A run of which no commit was durable is open at 0.
   */
  readonly open: (run: string, keep: KeepRun) => Promise<Either<LogFault, Opened>>
  /**
   * Whole commits from the one that holds `fromSeq` on, or behind a mark, as bytes; each head is derived and compared. An open
   * run is read up to its last whole commit. A fault is the last item.
   */
  readonly commits: (run: string, from?: ReadFrom) => AsyncGenerator<Either<LogFault, Commit>>
  /** The same, decoded: the rows of each commit from `fromSeq` on. */
  readonly rows: (
    run: string,
    fromSeq?: number,
  ) => AsyncGenerator<Either<LogFault, readonly Recorded[]>>
  /** Reads a run while it is written, each commit once. */
  readonly follow: (run: string) => Following
  /** Proves a run from its first byte to its last, or says what is wrong and where. Never rejects. */
  readonly verify: (run: string, against?: Against) => Promise<Verdict>
  /** Where the whole commits of a run end now. Lines behind that are a torn tail. */
  readonly end: (run: string) => Promise<Either<LogFault, RunEnd>>
  /** Single events of a run without what lies between them. */
  readonly index: (run: string, progress?: (part: string) => void) => Promise<RunIndex>
  /** States of the engine that were kept on the way: a cache, which never says what the log does not. */
  readonly checkpoints: (run: string) => Checkpoints
}

/** A run of a list. */
export interface ListedRun extends RunInfo {
  readonly name: string
}

/** How a writer keeps a run. */
export interface KeepRun extends KeepOptions {
  /** Most events of one commit. */
  readonly commitEvents: number
  /** Ed25519 private key, PEM: signs the seal. */
  readonly signKey?: string
}

/** A run that is open again. */
export interface Opened {
  readonly log: LogWriter
  readonly runId: string
  readonly lastSeq: number
  /** Bytes of a torn tail that were set aside. */
  readonly tornBytes: number
}

/** Where a reader begins, and what derives heads for it. */
export interface ReadFrom {
  /** The first event that is wanted, from 1. */
  readonly fromSeq?: number
  /** Goes on behind this place in its stead. */
  readonly behind?: Mark
  /** Derives heads natively; TypeScript does where it is absent, or where the store has no use for it. */
  readonly door?: ScanDoor | undefined
}

/** One whole commit. */
export interface Commit {
  /** Number of the commit, from 1. */
  readonly commit: number
  readonly firstSeq: number
  readonly lastSeq: number
  /** 64 hex digits, behind this commit. */
  readonly head: string
  /** Where it stands, for a person to read. */
  readonly file: string
  /** The event lines, each with its newline: a window that is valid until the next commit. */
  readonly bytes: Uint8Array
}

/** What a run is proven against besides itself. */
export interface Against {
  /** A head that was kept elsewhere: some commit must have it. */
  readonly head?: string
  /** Ed25519 public key, PEM: the seal must be signed with it. */
  readonly key?: string
  readonly door?: ScanDoor | undefined
}

/** Where the whole commits of a run end. */
export interface RunEnd {
  /** 0 where there is no whole commit. */
  readonly lastSeq: number
  /** Zeros where there is no whole commit. */
  readonly head: string
}

/** A reader beside a writer. */
export interface Following {
  /** Last sequence that was handed out. */
  readonly lastSeq: number
  /** Commits that are whole now and end at or before `untilSeq`, in order. A fault is the last item. */
  readonly rows: (untilSeq: number) => AsyncGenerator<Either<LogFault, readonly Recorded[]>>
  readonly close: () => Promise<void>
}

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
