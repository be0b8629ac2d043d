import assert from 'node:assert'
import { Head, ZERO_HEAD, type Hashing } from '../prove/blake3.js'
import type { Disk } from '../disk/disk.js'
import type { Place } from '../disk/mark.js'
import { firstLineOf } from './lines.js'
import { commitLineOf, segmentLineOf } from '../disk/framing.js'
import { SegmentReader, type Found } from './segment-reader.js'
import { nativeHashing, type ScanApi, type SegmentProof } from '../prove/scan.js'
import { segmentsOf, type Segment } from '../disk/segments.js'

/** One whole commit as it lies on the disk, its head verified. */
export interface CommitBytes {
  readonly tag: 'commit'
  readonly commit: number
  readonly firstSeq: number
  readonly lastSeq: number
  readonly head: string
  readonly segment: number
  readonly file: string
  /** Offset of the first event line in the (uncompressed) file. */
  readonly start: number
  /** Offset behind the commit line. */
  readonly end: number
  /** The event lines, each with its newline: a window that is valid until the next step. */
  readonly bytes: Uint8Array
}

/** Why a verifier stopped: no more bytes; bytes without a whole commit; or what does not chain. */
export type StopKind = 'end' | 'tail' | 'segment' | 'commit' | 'head' | 'sequence' | 'packing'

/** Where a verifier stopped: behind the last whole commit that chains. */
export interface Stop {
  readonly tag: 'stop'
  readonly kind: StopKind
  readonly message: string
  /** Empty where no segment line could be read. */
  readonly run: string
  readonly lastSeq: number
  readonly commits: number
  readonly head: string
  /** Place of `file` in the verifier's segments. */
  readonly index: number
  readonly file: string
  /** Offset in it behind the last whole commit; 0 where the file has none. */
  readonly byte: number
  /** Bytes of event lines in this file before `byte`. */
  readonly segmentBytes: number
}

/**
 * Reads the whole commits of a run in order and verifies each one's head against its lines, in bounded memory. Stops at the first
 * thing that does not follow from what lies before it, whatever lies behind. Does not look into event lines: their sums and
 * contents are for others to check.
 */
export class LogVerifier {
  readonly segments: readonly Segment[]
  readonly #disk: Disk
  readonly #hasher: Head
  /** Derives the heads of whole segments; `#hasher` those of one that is entered behind a mark. */
  readonly #fast: Hashing | undefined
  #hashing: Hashing
  #reader: SegmentReader | undefined
  #index: number
  #run = ''
  #lastSeq = 0
  #commits = 0
  #head = ZERO_HEAD
  #segmentBytes = 0
  #segmentCommits = 0
  #behind: { readonly mark: Place; readonly seeks: boolean } | undefined
  /** Where the last segment ends, if all of them were proven before it began. */
  #over: number | undefined

  private constructor(
    disk: Disk,
    segments: readonly Segment[],
    [hasher, api]: readonly [Head, ScanApi | undefined],
  ) {
    this.#disk = disk
    this.segments = segments
    this.#hasher = this.#hashing = hasher
    this.#fast = api && nativeHashing(api)
    this.#index = 0
  }

  /**
   * Lists a run's segments, the first `most` of them. Rejects where the directory cannot be read. With an `api` heads are
   * derived behind it, and `hasher` is not there to go on with.
   */
  static async of(disk: Disk, dir: string, most = Infinity, api?: ScanApi): Promise<LogVerifier> {
    return LogVerifier.over(disk, (await segmentsOf(disk, dir)).slice(0, most), api)
  }

  /** As `of`, over segments that are listed already. */
  static async over(disk: Disk, segments: readonly Segment[], api?: ScanApi): Promise<LogVerifier> {
    return new LogVerifier(disk, segments, [await Head.make(), api])
  }

  /** Begins behind segments that are proven; where these are all, there is nothing left to read. */
  startAfter(proofs: readonly SegmentProof[]): this {
    const last = proofs.at(-1)
    if (!last) return this
    this.#index = proofs.length
    this.#run = last.run
    this.#lastSeq = last.lastSeq
    this.#commits = last.commits
    this.#head = last.head
    if (proofs.length < this.segments.length) return this
    this.#index--
    this.#segmentBytes = last.eventBytes
    this.#segmentCommits = 1
    this.#over = last.bytes
    return this
  }

  /** Begins at the segment in this place; what comes before is then taken on its segment line's word. */
  startAt(index: number): this {
    this.#index = index
    this.#commits = index === 0 ? 0 : -1
    return this
  }

  /**
   * Begins behind a mark; what comes before it is then taken on its word. Nothing where that segment is not there. Who does
   * not let it seek wants a compressed segment unpacked from its start, whatever its table says.
   */
  startBehind(mark: Place, { seeks = true } = {}): this | undefined {
    const index = this.segments.findIndex(({ number }) => number === mark.segment)
    if (index < 0) return undefined
    this.#index = index
    this.#lastSeq = mark.lastSeq
    this.#commits = mark.commits
    this.#head = mark.head
    this.#behind = { mark, seeks }
    return this
  }

  /** Behind the commit that was read last: for another verifier that goes on from there. */
  get mark(): Place {
    const segment = this.segments[this.#index]
    assert(segment && this.#reader, 'Invariant: a mark stands behind a commit that was read')
    return {
      segment: segment.number,
      byte: this.#reader.offset,
      segmentBytes: this.#segmentBytes,
      lastSeq: this.#lastSeq,
      commits: this.#commits,
      head: this.#head,
      hasher: Buffer.from(this.hasher.mark).toString('hex'),
    }
  }

  /** The hasher, which stands where the stop does. For the writer that goes on from there. */
  get hasher(): Head {
    assert(!this.#fast, 'Invariant: who goes on from a stop lets TypeScript derive the heads')
    return this.#hasher
  }

  /** The next commit, or the stop. Rejects where the disk fails. */
  async next(): Promise<CommitBytes | Stop> {
    if (this.#over !== undefined) return this.#stop('end', this.#over, '')
    for (;;) {
      const segment = this.segments[this.#index]
      if (!segment) return this.#stop('end', 0, 'no segments')
      try {
        const reader = this.#reader ?? (await this.#open(segment))
        if ('tag' in reader) return reader
        const found = await reader.next()
        if (found) return this.#commit(reader, found, segment)
        const stop = this.#leave(reader)
        if (stop) return stop
      } catch (error) {
        if (!segment.isPacked) throw error
        return this.#stop('packing', this.#reader?.offset ?? 0, String(error))
      }
      await this.close()
      this.#index++
    }
  }

  /** Lets go of the file. For who does not read to the stop, and after it. */
  async close(): Promise<void> {
    const reader = this.#reader
    this.#reader = undefined
    await reader?.close()
  }

  /** Opens a segment at its beginning, or behind the mark. */
  async #open(segment: Segment): Promise<Stop | SegmentReader> {
    const { mark, seeks } = this.#behind ?? {}
    this.#behind = undefined
    const at = { from: mark?.byte ?? 0, seeks: seeks ?? true }
    const reader = (this.#reader = await SegmentReader.open(this.#disk, segment, at))
    if (!mark) return this.#enter(await reader.opening(), segment) ?? reader
    const opening = await firstLineOf(this.#disk, segment)
    this.#run = (opening && segmentLineOf(opening)?.run) ?? ''
    this.#segmentBytes = mark.segmentBytes
    this.#segmentCommits = 1
    this.#hashing = this.#hasher
    this.#hasher.reset(Buffer.from(mark.hasher, 'hex'))
    return reader
  }

  #enter(opening: Uint8Array | undefined, segment: Segment): Stop | undefined {
    this.#segmentBytes = this.#segmentCommits = 0
    const before = this.segments[this.#index - 1]?.number ?? 0
    if (segment.number !== before + 1) return this.#stop('segment', 0, `${before + 1} is missing`)
    if (!opening) return this.#stop('tail', 0, 'no whole line')
    const line = segmentLineOf(opening)
    if (!line) return this.#stop('segment', 0, 'not a segment line')
    if (this.#commits < 0) {
      this.#run = line.run
      this.#lastSeq = line.first - 1
      this.#head = line.head
    }
    if (this.#index === 0) this.#run = line.run
    const expected = {
      segment: segment.number,
      run: this.#run,
      first: this.#lastSeq + 1,
      head: this.#head,
    }
    for (const key of ['segment', 'run', 'first', 'head'] as const)
      if (line[key] !== expected[key])
        return this.#stop('segment', 0, `${key} is ${line[key]}, expected ${expected[key]}`)
    this.#hashing = this.#fast ?? this.#hasher
    this.#hashing.restart(this.#head)
    return undefined
  }

  #leave(reader: SegmentReader): Stop | undefined {
    if (this.#segmentCommits === 0) return this.#stop('tail', 0, 'a segment without whole commits')
    if (reader.hasRest) return this.#stop('tail', reader.offset, 'no whole commit follows')
    const isLast = this.#index === this.segments.length - 1
    return isLast ? this.#stop('end', reader.offset, '') : undefined
  }

  #commit(reader: SegmentReader, found: Found, segment: Segment): CommitBytes | Stop {
    const { buffer } = reader
    const line = commitLineOf(buffer.subarray(found.mark, found.end))
    const bytes = buffer.subarray(found.start, found.mark)
    const start = reader.offsetOf(found.start)
    if (!line) return this.#stop('commit', start, 'not a commit line')
    const { commit, n, head } = line
    if (this.#commits >= 0 && commit !== this.#commits + 1)
      return this.#stop('commit', start, `commit ${commit}, expected ${this.#commits + 1}`)
    if (n <= this.#lastSeq)
      return this.#stop('sequence', start, `a commit up to ${n} follows ${this.#lastSeq}`)
    const mark = this.#hasher.mark
    const derived = this.#hashing.after(bytes)
    if (derived !== head) {
      this.#hasher.reset(mark)
      return this.#stop('head', start, `head ${head}, but the lines give ${derived}`)
    }
    const firstSeq = this.#lastSeq + 1
    this.#commits = commit
    this.#lastSeq = n
    this.#head = head
    this.#segmentBytes += bytes.length
    this.#segmentCommits++
    const { number, name: file } = segment
    const end = reader.offsetOf(found.end)
    const at = { commit, firstSeq, lastSeq: n, head, segment: number, file, start, end }
    return { tag: 'commit', ...at, bytes }
  }

  #stop(kind: StopKind, byte: number, message: string): Stop {
    return {
      tag: 'stop',
      kind,
      message,
      run: this.#run,
      lastSeq: this.#lastSeq,
      commits: Math.max(this.#commits, 0),
      head: this.#head,
      index: this.#index,
      file: this.segments[this.#index]?.name ?? '',
      byte: this.#segmentCommits === 0 ? 0 : byte,
      segmentBytes: this.#segmentBytes,
    }
  }
}
