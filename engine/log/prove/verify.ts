import { availableParallelism } from 'node:os'
import * as E from 'fp-ts/lib/Either.js'
import { BAD, LineReader } from '#schemas/line/reader.js'
import type { Manifest } from '#schemas/manifest.js'
import type { EventOf } from '#schemas/registry.js'
import type { Disk } from '../disk/disk.js'
import { ZERO_HEAD } from './blake3.js'
import type { LogEnd } from '../event-log.js'
import { HEAD_NAME, readHeadFile, type Checked, type HeadFile } from '../disk/head-file.js'
import { MANIFEST_NAME, readManifest } from '../disk/manifest.js'
import { nodeDisk } from '../disk/node-disk.js'
import { endsRun, misnumbered } from '../read/numbering.js'
import { Provers } from './provers.js'
import { proveSegments, type ScanApi, type SegmentProof } from './scan.js'
import { signatureFault } from './seal.js'
import { secondLineOf } from '../read/lines.js'
import type { Segment } from '../disk/segments.js'
import { judgeTail, lineAt, locate, sizeOf, type Bad } from '../read/tail.js'
import { LogVerifier, type CommitBytes, type Stop } from '../read/log-verifier.js'

/** What a run is checked against besides itself. */
export interface VerifyOptions {
  /** A head that was known outside: some commit must have it. */
  readonly head?: string
  /** Ed25519 key, PEM: the seal must be signed with it. */
  readonly key?: string
  readonly disk?: Disk
  /** Proves what it can; TypeScript judges the rest. */
  readonly api?: ScanApi | undefined
  /** Bytes of segments that are worth threads which prove them in TypeScript, where there is no addon. */
  readonly threadsFrom?: number
}

/** Below this many bytes one thread has verified everything before others have started. */
const THREADS_FROM = 32 * 1_048_576

/** What became of verifying a run. `lastSeq`, `commits` and `head` are of the last whole commit that chains. */
export interface Verdict extends LogEnd {
  readonly status: 'intact' | 'damaged' | 'unreadable'
  /** The log ends with `RunEnded`. */
  readonly sealed: boolean
  /** The last sequence that an outside witness covers; what follows could be cut without a trace. */
  readonly provenTo: number
  readonly tornBytes: number
  /** Never trusted, so a missing one is no damage. */
  readonly manifest: Checked<Manifest>['tag']
  readonly firstBad?: Bad
  /** Why nothing could be verified. */
  readonly cause?: string
}

/** Verifies a run from its first byte to its last. Reads, never repairs, trusts no file; never rejects. */
export async function verifyRun(dir: string, options: VerifyOptions = {}): Promise<Verdict> {
  const { disk = nodeDisk } = options
  let verifier: LogVerifier | undefined
  const nothing = { lastSeq: 0, commits: 0, head: ZERO_HEAD, sealed: false, provenTo: 0 }
  const unreadable = (cause: string): Verdict => {
    return { status: 'unreadable', ...nothing, tornBytes: 0, manifest: 'missing', cause }
  }
  try {
    verifier = await LogVerifier.of(disk, dir, Infinity, options.api)
    if (verifier.segments.length === 0) return unreadable('there are no segments')
    const manifest = await readManifest(disk, dir)
    const witness = await readHeadFile(disk, dir)
    return await new Verification(disk, verifier, { ...options, manifest, witness }).verdict()
  } catch (error) {
    return unreadable(String(error))
  } finally {
    await verifier?.close()
  }
}

interface Against extends VerifyOptions {
  readonly manifest: Checked<Manifest>
  readonly witness: Checked<HeadFile>
}

class Verification {
  readonly #disk: Disk
  readonly #verifier: LogVerifier
  readonly #against: Against
  #hasEnded = false
  #started: RunStarted | undefined
  #provenTo = 0
  #headSeen = false
  #witnessSeen: Bad | 'right' | undefined
  #bad: Bad | undefined

  constructor(disk: Disk, verifier: LogVerifier, against: Against) {
    this.#disk = disk
    this.#verifier = verifier
    this.#against = against
  }

  async verdict(): Promise<Verdict> {
    const stop = await this.#commits()
    let tornBytes = 0
    if (!this.#bad) {
      const tail = await judgeTail(this.#disk, this.#verifier, stop)
      if (tail.tag === 'damaged') this.#bad = tail.bad
      else if (tail.tag === 'torn' && this.#hasEnded)
        this.#bad = { ...(await locate(this.#disk, this.#verifier, stop)), kind: 'after-end' }
      else if (tail.tag === 'torn') tornBytes = tail.bytes
    }
    this.#bad ??= await this.#contradiction(stop)
    const { lastSeq, commits, head } = stop
    return {
      status: this.#bad ? 'damaged' : 'intact',
      sealed: this.#hasEnded,
      lastSeq,
      commits,
      head,
      provenTo: this.#provenTo,
      tornBytes,
      manifest: this.#against.manifest.tag,
      ...(this.#bad ? { firstBad: this.#bad } : {}),
    }
  }

  /** Verifies commits up to the stop, or to the first whose lines are not what its head says they are. */
  async #commits(): Promise<Stop> {
    const { witness, head } = this.#against
    const witnessed = witness.tag === 'read' ? witness.value : undefined
    await this.#ahead(witnessed)
    for (;;) {
      const step = await this.#verifier.next()
      if (step.tag === 'stop') return step
      const { buffer, byteOffset, length } = step.bytes
      const lines = Buffer.from(buffer, byteOffset, length)
      if (step.firstSeq === 1) this.#started = startedIn(lines)
      const at = misnumbered(lines, step.firstSeq, step.lastSeq)
      if (this.#hasEnded && !this.#bad)
        this.#bad = await this.#badAt(step, 0, ['after-end', 'a commit follows the end of the run'])
      if (at >= 0 && !this.#bad)
        this.#bad = await this.#badAt(step, at, ['sequence', 'the line is not the next number'])
      this.#hasEnded = endsRun(lines)
      if (this.#bad) continue
      if (head === step.head) {
        this.#headSeen = true
        this.#provenTo = Math.max(this.#provenTo, step.lastSeq)
      }
      if (witnessed?.lastSeq === step.lastSeq) this.#compare(witnessed, step)
    }
  }

  /** Has whole segments proven natively or by threads, several at once; verifying goes on behind them. */
  async #ahead(witnessed: HeadFile | undefined): Promise<void> {
    const { segments } = this.#verifier
    const proofs = await this.#proofs(segments, witnessed?.lastSeq ?? 0)
    const [first] = segments
    if (!first || proofs.length === 0) return
    this.#verifier.startAfter(proofs)
    this.#started = startedIn(await secondLineOf(this.#disk, first))
    for (const { segment, headAt, seqAt, hasEnded } of proofs) {
      this.#hasEnded = hasEnded
      if (headAt !== null) {
        this.#headSeen = true
        this.#provenTo = Math.max(this.#provenTo, headAt)
      }
      if (witnessed && seqAt)
        this.#compare(witnessed, { ...seqAt, segment, lastSeq: witnessed.lastSeq })
    }
  }

  async #proofs(segments: readonly Segment[], seq: number): Promise<readonly SegmentProof[]> {
    const { api, head = '' } = this.#against
    const wanted = { head, seq, cores: availableParallelism() }
    if (api) return proveSegments(api, segments, wanted)
    if (!(await this.#isLong(segments))) return []
    const provers = new Provers()
    return proveSegments(provers, segments, wanted).finally(() => provers.end())
  }

  /** Whether threads are worth their start. They read the disk of this machine, and no other. */
  async #isLong(segments: readonly Segment[]): Promise<boolean> {
    const { threadsFrom = THREADS_FROM } = this.#against
    if (this.#disk !== nodeDisk || segments.length < 2 || availableParallelism() < 2) return false
    let bytes = 0
    for (const segment of segments) {
      bytes += await sizeOf(this.#disk, segment).catch(() => 0)
      if (bytes >= threadsFrom) return true
    }
    return false
  }

  async #badAt(
    commit: CommitBytes,
    at: number,
    [kind, message]: [Bad['kind'], string],
  ): Promise<Bad> {
    const { file } = commit
    const byte = commit.start + at
    const segment = this.#verifier.segments.find(({ number }) => number === commit.segment)
    const line = segment ? await lineAt(this.#disk, segment, byte) : 0
    return { file, line, byte, kind, message }
  }

  #compare(
    witness: HeadFile,
    {
      head,
      commit,
      segment,
      lastSeq,
    }: Pick<CommitBytes, 'head' | 'commit' | 'segment' | 'lastSeq'>,
  ): void {
    const isRight =
      witness.head === head && witness.commits === commit && witness.segment === segment
    if (isRight) {
      this.#witnessSeen = 'right'
      this.#provenTo = Math.max(this.#provenTo, lastSeq)
    } else this.#witnessSeen = badFile(HEAD_NAME, `not what the log says of ${lastSeq}`)
  }

  /** What an outside witness says otherwise than the log. */
  async #contradiction(stop: Stop): Promise<Bad | undefined> {
    const { manifest, witness, head, key } = this.#against
    if (manifest.tag === 'damaged')
      return { file: MANIFEST_NAME, kind: 'manifest', ...at(manifest) }
    if (witness.tag === 'damaged') return { file: HEAD_NAME, kind: 'witness', ...at(witness) }
    const sealed = manifest.tag === 'read' ? manifest.value : undefined
    const reached = Math.max(
      sealed?.lastSeq ?? 0,
      witness.tag === 'read' ? witness.value.lastSeq : 0,
    )
    if (reached > stop.lastSeq) {
      const bad = await locate(this.#disk, this.#verifier, stop)
      return { ...bad, kind: 'cut', message: `ends at ${stop.lastSeq}, but ${reached} was reached` }
    }
    if (witness.tag === 'read' && this.#witnessSeen !== 'right')
      return this.#witnessSeen ?? badFile(HEAD_NAME, 'no commit ends where it says')
    const wrong = sealed && this.#sealFault(sealed, stop)
    if (wrong) return badFile(MANIFEST_NAME, wrong)
    if (sealed?.status === 'sealed') this.#provenTo = stop.lastSeq
    const unsigned = sealed ? signatureFault(sealed, key) : key && 'there is no manifest'
    if (unsigned) return { ...badFile(MANIFEST_NAME, unsigned), kind: 'signature' }
    if (head === undefined || this.#headSeen) return undefined
    const bad = await locate(this.#disk, this.#verifier, stop)
    return { ...bad, kind: 'head', message: `no commit has head ${head}` }
  }

  #sealFault(manifest: Manifest, stop: Stop): string | undefined {
    const { runId, status, lastSeq, commits, head } = manifest
    if (runId !== stop.run && stop.run !== '') return `run ${runId}, but the log's is ${stop.run}`
    const wrong = this.#started && startFault(manifest, this.#started)
    if (wrong) return wrong
    if (status === 'open')
      return lastSeq === undefined ? undefined : 'open, but it says where the run ended'
    if (!this.#hasEnded) return 'sealed, but the log does not end with RunEnded'
    if (lastSeq !== stop.lastSeq || commits !== stop.commits || head !== stop.head)
      return `sealed at ${lastSeq} with head ${head}, but the log ends at ${stop.lastSeq} with ${stop.head}`
    return undefined
  }
}

type RunStarted = EventOf<'RunStarted'>['data']

/** What the log's first line says of its run; undefined where it is no `RunStarted`. */
function startedIn(lines: Buffer): RunStarted | undefined {
  const reader = new LineReader().over(lines)
  const kind = reader.read(0, lines.indexOf(10))
  if (kind === BAD) return undefined
  const row = reader.recorded(kind)
  if (E.isLeft(row)) return undefined
  const { event } = row.right
  return event.type === 'RunStarted' ? event.data : undefined
}

/** What the manifest says otherwise than the log's first line. */
function startFault(manifest: Manifest, started: RunStarted): string | undefined {
  const pairs = [
    ['mode', manifest.mode, started.mode],
    ['parent', manifest.parent, started.parent],
    ['source', manifest.source, started.source],
    ['configDigest', manifest.configDigest, started.digest],
  ] as const
  const wrong = pairs.find(([, says, is]) => says !== is)
  return wrong && `${wrong[0]} '${wrong[1]}', but the log began with '${wrong[2]}'`
}

const at = ({ line, byte, message }: Extract<Checked<never>, { tag: 'damaged' }>) => ({
  line,
  byte,
  message,
})

const badFile = (file: string, message: string): Bad => ({
  file,
  line: 1,
  byte: 0,
  kind: file === HEAD_NAME ? 'witness' : 'manifest',
  message,
})
