import type { Either } from 'fp-ts/lib/Either.js'
import type { Manifest, ManifestStart } from '#schemas/manifest.js'
import type { Recorded } from '#schemas/recorded.js'
import type { Durability, LogFault, LogWriter, Mark } from '../event-log.js'
import type { FollowedCommit, FollowPlace } from '../read/follower.js'
import type { Scan, ScanApi } from '../prove/scan.js'
import type { Verdict } from '../prove/verify.js'
import type { Checkpoints } from './checkpoint.js'
import type { EventIndex } from './event-index.js'

/** What whoever follows a run is given, and where it goes on. */
export type { FollowedCommit, FollowPlace } from '../read/follower.js'

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
  /** Reads a run while it is written, each commit once: from its first event, or behind a place of a reader of this store. */
  readonly follow: (run: string, from?: FollowPlace) => Following
  /** Proves a run from its first byte to its last, or says what is wrong and where. Never rejects. */
  readonly verify: (run: string, against?: Against) => Promise<Verdict>
  /** Where the whole commits of a run end now. Lines behind that are a torn tail. */
  readonly end: (run: string) => Promise<Either<LogFault, RunEnd>>
  /** Single events of a run without what lies between them. */
  readonly index: (run: string, progress?: (part: string) => void) => Promise<EventIndex>
  /** States of the engine that were kept on the way: a cache, which never says what the log does not. */
  readonly checkpoints: (run: string) => Checkpoints
  /** Tends the parts of a run's log that are over, for as long as it is written. */
  readonly upkeep: (run: string, how: UpkeepOptions) => Upkeep
  /**
   * Reads and proves a whole run natively, on another thread; the answer is for calls of the native API. Undefined where that does not
   * reach this store: then `commits` reads.
   */
  readonly scan: (run: string, api: ScanApi, patience: number) => Promise<Scan | undefined>
  /** Files with a run's event lines, for a program that is not ours: the store's own, or such as it writes into `temporary`. */
  readonly files: (run: string, temporary: string) => Promise<Either<LogFault, RunFiles>>
  /** What a run takes up, and whether it may go. */
  readonly footprint: (run: string) => Promise<Footprint>
  /**
   * Takes a run away, at once: afterwards it is whole or not there. With `archive`, a place for runs, a copy of it lies there before
   * under the same name, durable and proven up to the same head. `Held`: somebody writes it. `Exists`: the archive has that name. `Damaged`,
   * `Unreadable`: it cannot be proven or copied. After a fault the run is as it was.
   */
  readonly remove: (run: string, archive?: string) => Promise<Either<LogFault, void>>
  /** Finishes what removals began that a crash cut short. */
  readonly tidy: () => Promise<void>
}

/** A run as its small files show it. */
export interface RunInfo {
  readonly runId: string
  /** `crashed`: open and nobody holds the lock; derived, never written. `unknown`: the manifest cannot be read. */
  readonly status: 'open' | 'sealed' | 'crashed' | 'unknown'
  readonly manifest: Manifest | undefined
  /** Last witnessed position: of the seal, else of the last witness. */
  readonly lastSeq: number
  readonly head: string
}

/** A run of a list. */
export interface ListedRun extends RunInfo {
  /** What it goes by in this store. */
  readonly run: string
  /** What it is called among the runs of the list. */
  readonly name: string
}

/** How a log is kept. */
export interface KeepOptions {
  readonly durability: Durability
  /** A commit waits no longer than this for company; 0: until the disk is free; Infinity: until it is full or flushed. */
  readonly commitMs: number
  /** For tests: how often the last witness is rewritten. */
  readonly witnessMs?: number
}

/** How a writer keeps a run. */
export interface KeepRun extends KeepOptions {
  /** Most events of one commit. */
  readonly commitEvents: number
  /** Ed25519 private key, PEM: signs the seal. */
  readonly signKey?: string
  /** What served in the stead of the run's backend, to be told when it is sealed; undefined for nothing. */
  readonly fallback?: () => string | undefined
  /** Of this run in this store: told of each part that is over. */
  readonly upkeep?: Upkeep
}

/** How parts of a log that are over are kept. */
export interface UpkeepOptions {
  readonly compress: 'zstd' | 'none'
  /** Of Zstandard, 1 … 19. */
  readonly level: number
  /** What went wrong: the part stays as it is, and nothing is lost. */
  readonly remark: (line: string) => void
}

/** What a store does with parts of a log that are over, behind the writer's back. */
export interface Upkeep {
  /** Parts that are not done. */
  readonly left: number
  /** The writer's word that a part is over: durable, and never written again. */
  readonly add: (part: number) => void
  /** Takes on what an earlier writer left. */
  readonly takeOn: () => Promise<void>
  /** Resolves once all are done, or `stop` aborts: what is left then stays as it is. */
  readonly settled: (stop: AbortSignal) => Promise<void>
}

/** The files that hold a run's event lines. */
export interface RunFiles extends RunEnd {
  /** In order. Lines that are no events may stand between, and behind `lastSeq` a torn tail in the last file. */
  readonly files: readonly { readonly path: string; readonly isPacked: boolean }[]
}

/** What a run takes up. */
export interface Footprint {
  readonly bytes: number
  /** Why it must never be taken away, or nothing. */
  readonly bar: string
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
  readonly api?: ScanApi | undefined
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
  readonly api?: ScanApi | undefined
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
  /** The same as bytes, each valid until the next: whoever decodes them checks their sums. */
  readonly commits: (untilSeq: number) => AsyncGenerator<Either<LogFault, FollowedCommit>>
  /** Behind what was handed out; only this store may read anything into it. */
  readonly place: FollowPlace
  readonly close: () => Promise<void>
}
