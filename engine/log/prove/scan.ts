import { ZERO_HEAD, type Hashing } from './blake3.js'
import type { Segment } from '../disk/segments.js'

/** A native reading of a run's segments: a thread of the addon reads and proves them. An opaque handle. */
export type Scan = object & { readonly __scan: never }

/** The running head of a segment in the addon. An opaque handle. */
export type RunningHead = object & { readonly __head: never }

/** What `scanNext` answers when the run is over. */
export const SCAN_OVER = -1

/** The `patience` with which two threads have about as much to do: half of the blocks that may wait. */
export const PATIENCE = 2

/** What a native reader of logs does; where it is absent, or finds anything that is not as it must be, TypeScript reads. */
export interface ScanApi {
  /** Proves a whole segment on another thread: a `SegmentProof` as JSON, `null` where anything is inconclusive. */
  readonly proveSegment: (path: string, head: string, seq: number) => Promise<string>
  /**
   * Begins to read segments in this order on another thread. Once at least `patience` proven blocks wait to be folded, that thread also
   * decodes the next ones, since it has time.
   */
  readonly scanOver: (paths: readonly string[], patience: number) => Scan
  /** Waits for the next block of proven commits: its length; `SCAN_OVER` behind the last, −2 where TypeScript goes on. */
  readonly scanNext: (scan: Scan) => number
  /** A copy of the line that a fold stopped at, with its newline. The scan goes on behind that line. */
  readonly scanLine: (scan: Scan) => Uint8Array
  /**
   * The current block as a `Tape`: words, lines, number of inputs. Besides changes of books it holds the events named in `names`, which
   * is one text with commas between the names. Null where TypeScript has to read.
   */
  readonly scanTape: (scan: Scan, names: string) => [Uint32Array, Uint8Array, number] | null
  /** The head of a segment that begins at this one. */
  readonly headFrom: (head: string) => RunningHead
  /** Takes event lines; the head behind them. */
  readonly headAfter: (head: RunningHead, lines: Uint8Array) => string
}

/** What a proven segment holds. What its segment line says of the run before it is not proven by this: the caller compares it. */
export interface SegmentProof {
  readonly segment: number
  readonly run: string
  readonly first: number
  /** Head that the segment says it begins at. */
  readonly start: string
  readonly firstCommit: number
  readonly commits: number
  readonly lastSeq: number
  readonly head: string
  readonly eventBytes: number
  /** Uncompressed length. */
  readonly bytes: number
  /** Its last event is a `RunEnded`. */
  readonly hasEnded: boolean
  /** Last sequence of a commit with the head that was asked for. */
  readonly headAt: number | null
  /** The commit that ends at the sequence that was asked for. */
  readonly seqAt: { readonly commit: number; readonly head: string } | null
}

/** Segments that are proven at once, at most: each takes a core. */
const AT_ONCE = 8

/**
 * Proves segments from the first of a run on, several at once. Answers the proofs of as many as follow each other without
 * anything inconclusive; what comes behind them is for `LogVerifier` to judge.
 */
export async function proveSegments(
  api: Pick<ScanApi, 'proveSegment'>,
  segments: readonly Segment[],
  wanted: { readonly head: string; readonly seq: number; readonly cores: number },
): Promise<readonly SegmentProof[]> {
  const found: (SegmentProof | null)[] = []
  let next = 0
  let isInconclusive = false
  const worker = async (): Promise<void> => {
    while (next < segments.length && !isInconclusive) {
      const at = next++
      const json = await api.proveSegment(segments[at]!.path, wanted.head, wanted.seq)
      found[at] = JSON.parse(json) as SegmentProof | null // made by our own code
      isInconclusive ||= found[at] === null
    }
  }
  const workers = Math.max(1, Math.min(wanted.cores, AT_ONCE))
  await Promise.all(Array.from({ length: workers }, worker))
  return chained(found)
}

/** Those that follow each other from the start of a run. */
function chained(found: readonly (SegmentProof | null | undefined)[]): SegmentProof[] {
  const proofs: SegmentProof[] = []
  for (const proof of found) {
    const last = proofs.at(-1)
    if (!proof || last?.hasEnded) break
    const { segment, run, first, start, firstCommit } = proof
    const { lastSeq = 0, commits = 0, head = ZERO_HEAD } = last ?? {}
    if (segment !== proofs.length + 1 || first !== lastSeq + 1 || start !== head) break
    if (firstCommit !== commits + 1 || run !== (last?.run ?? run)) break
    proofs.push(proof)
  }
  return proofs
}

/** Derives heads in the native addon. */
export function nativeHashing(api: ScanApi): Hashing {
  let head = api.headFrom(ZERO_HEAD)
  return {
    restart: start => {
      head = api.headFrom(start)
    },
    after: lines => api.headAfter(head, lines),
  }
}
