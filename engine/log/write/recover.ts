import * as E from 'fp-ts/lib/Either.js'
import { writeAll, type Disk, type DiskFile, type Release } from '../disk/disk.js'
import { SEGMENT_EVENT_BYTES, type LogFault, type LogWriter } from '../event-log.js'
import { HEAD_NAME, readHeadFile } from '../disk/head-file.js'
import { LOCK_NAME } from '../disk/lock.js'
import { MANIFEST_NAME, readManifest } from '../disk/manifest.js'
import { nodeDisk } from '../disk/node-disk.js'
import { endsRun } from '../read/numbering.js'
import { unpackSegment } from '../compress/pack.js'
import { openLog, sealManifest, type Resumed, type RunOptions } from './run-dir.js'
import type { Segment } from '../disk/segments.js'
import { damagedAt, hasHole, judgeTail, locate, type Bad } from '../read/tail.js'
import { LogVerifier, type Stop } from '../read/log-verifier.js'

/** A crashed run, open again: its log behind the last whole commit. */
export interface Recovered {
  readonly log: LogWriter
  readonly runId: string
  readonly lastSeq: number
  /** What stood behind it and is now in a `torn-<n>.bin`, n counting from 1. */
  readonly tornBytes: number
}

/**
 * Opens a crashed run: takes its lock, verifies its last segment, moves the torn tail aside, goes on behind the last
 * whole commit. `Held`: its writer lives. `Sealed`: it ended; a seal that the crash cut short is written. `Damaged`: a
 * crash does not explain what is there; nothing was changed.
 */
export async function recoverRun(options: RunOptions): Promise<E.Either<LogFault, Recovered>> {
  const { dir, disk = nodeDisk } = options
  let release: Release | undefined
  let recovery: Recovery | undefined
  let result: E.Either<LogFault, Recovered>
  try {
    release = await disk.lock(`${dir}/${LOCK_NAME}`)
    if (!release) return E.left({ tag: 'Held', dir })
    recovery = new Recovery(disk, await LogVerifier.of(disk, dir), options)
    result = await recovery.run(release)
  } catch (error) {
    result = E.left({ tag: 'Unreadable', dir, cause: String(error) })
  }
  await recovery?.close()
  if (E.isLeft(result)) await release?.()
  return result
}

interface End {
  readonly stop: Stop
  readonly hasEnded: boolean
  /** A segment behind the stop that holds nothing whole. */
  readonly torn?: Segment
}

class Recovery {
  readonly #disk: Disk
  readonly #options: RunOptions
  #verifier: LogVerifier

  constructor(disk: Disk, verifier: LogVerifier, options: RunOptions) {
    this.#disk = disk
    this.#verifier = verifier
    this.#options = options
  }

  async run(release: Release): Promise<E.Either<LogFault, Recovered>> {
    const { dir } = this.#options
    const read = await readManifest(this.#disk, dir)
    if (read.tag === 'damaged') return E.left(damagedIn(MANIFEST_NAME, read))
    const manifest = read.tag === 'read' ? read.value : undefined
    if (manifest?.status === 'sealed') return E.left({ tag: 'Sealed' })
    const found = await this.#end()
    if (E.isLeft(found)) return found
    const { stop, hasEnded } = found.right
    const runId = stop.run || manifest?.runId
    if (runId === undefined)
      return E.left({ tag: 'Unreadable', dir, cause: 'nothing names the run' })
    if (hasEnded) {
      const { signKey } = this.#options
      if (manifest) await sealManifest(this.#disk, { dir, manifest, end: stop, signKey })
      return E.left({ tag: 'Sealed' })
    }
    return E.right(await this.#resume(found.right, { manifest, runId, release }))
  }

  close(): Promise<void> {
    return this.#verifier.close()
  }

  /** Where the whole commits end, or why a crash alone does not explain what is there. */
  async #end(): Promise<E.Either<LogFault, End>> {
    const last = this.#verifier.segments.length - 1
    if (last < 0) return this.#witnessed(await this.#verifyFrom(0))
    let end = await this.#verifyFrom(last)
    const fault = await this.#refusal(end)
    if (fault) return E.left(fault)
    const torn = this.#verifier.segments[last]
    if (torn && last > 0 && end.stop.byte === 0) {
      end = await this.#verifyFrom(last - 1, last)
      if (end.stop.kind !== 'end')
        return E.left(damagedAt(await locate(this.#disk, this.#verifier, end.stop)))
      end = { ...end, torn }
    }
    return this.#witnessed(end)
  }

  async #verifyFrom(index: number, most = Infinity): Promise<End> {
    await this.#verifier.close()
    this.#verifier = (await LogVerifier.of(this.#disk, this.#options.dir, most)).startAt(index)
    let hasEnded = false
    for (;;) {
      const step = await this.#verifier.next()
      if (step.tag === 'stop') return { stop: step, hasEnded }
      hasEnded = endsRun(Buffer.from(step.bytes))
    }
  }

  async #refusal({ stop, hasEnded }: End): Promise<LogFault | undefined> {
    const tail = await judgeTail(this.#disk, this.#verifier, stop)
    if (tail.tag === 'damaged') {
      const segment = this.#verifier.segments[stop.index]!
      const isTear = !segment.isPacked && (await hasHole(this.#disk, segment, stop.byte))
      return isTear ? undefined : damagedAt(tail.bad)
    }
    const isBehind = tail.tag === 'torn' && hasEnded
    return isBehind ? damagedAt(await locate(this.#disk, this.#verifier, stop)) : undefined
  }

  async #witnessed(end: End): Promise<E.Either<LogFault, End>> {
    const { stop } = end
    const witness = await readHeadFile(this.#disk, this.#options.dir)
    if (witness.tag === 'damaged') return E.left(damagedIn(HEAD_NAME, witness))
    const reached = witness.tag === 'read' ? witness.value.lastSeq : 0
    if (reached <= stop.lastSeq) return E.right(end)
    const bad = stop.file === '' ? undefined : await locate(this.#disk, this.#verifier, stop)
    const message = `the log ends at ${stop.lastSeq}, but ${reached} was durable`
    return E.left(
      damagedAt({ ...(bad ?? { file: HEAD_NAME, line: 1, byte: 0, kind: 'cut' }), message }),
    )
  }

  async #resume(
    { stop, torn }: End,
    of: Pick<Resumed, 'manifest' | 'runId' | 'release'>,
  ): Promise<Recovered> {
    const there = this.#verifier.segments[stop.index]
    const segment = stop.byte > 0 && there ? await this.#writable(there, stop) : undefined
    const empty = torn ?? (segment ? undefined : there)
    let tornBytes = empty ? await this.#setAside(empty, 0) : 0
    if (segment && !segment.isPacked) tornBytes += await this.#setAside(segment, stop.byte)
    const { lastSeq, commits, head, segmentBytes } = stop
    const number = segment?.number ?? 0
    const { byte } = stop
    const at = { lastSeq, commits, head, segment: number, segmentBytes, byte, hasEnded: false }
    const hasher = this.#verifier.hasher
    const log = await openLog(this.#options, {
      ...of,
      head: hasher,
      at,
      ...(segment && {
        segment: {
          file: await this.#disk.open(segment.path, segment.isPacked ? 'read' : 'edit'),
          number,
          length: stop.byte,
        },
      }),
    })
    return { log, runId: of.runId, lastSeq, tornBytes }
  }

  /** A compressed segment that is not full is written on: it becomes plain again. */
  async #writable(segment: Segment, { segmentBytes }: Stop): Promise<Segment> {
    const { dir, segmentBytes: most = SEGMENT_EVENT_BYTES } = this.#options
    if (!segment.isPacked || segmentBytes > most) return segment
    return await unpackSegment(this.#disk, dir, segment)
  }

  /** Copies what stands from `byte` on into a file of its own, durably, then takes it away. */
  async #setAside(segment: Segment, byte: number): Promise<number> {
    const { dir } = this.#options
    const file = await this.#disk.open(segment.path, 'edit')
    try {
      const length = (await file.size()) - byte
      if (length > 0) await this.#copy(file, byte, length)
      if (byte > 0 && length > 0) {
        await file.truncate(byte)
        await file.sync()
      }
      if (byte === 0) {
        await this.#disk.remove(segment.path)
        await this.#disk.syncDir(dir)
      }
      return length
    } finally {
      await file.close()
    }
  }

  async #copy(file: DiskFile, from: number, length: number): Promise<void> {
    const { dir } = this.#options
    const names = new Set(await this.#disk.list(dir))
    let n = 1
    while (names.has(`torn-${n}.bin`)) n++
    const target = await this.#disk.open(`${dir}/torn-${n}.bin`, 'new')
    try {
      const chunk = new Uint8Array(Math.min(length, 1_048_576))
      for (let at = 0; at < length;) {
        const read = await file.read(chunk, from + at)
        if (read === 0) break
        await writeAll(target, chunk.subarray(0, read), at)
        at += read
      }
      await target.sync()
    } finally {
      await target.close()
    }
    await this.#disk.syncDir(dir)
  }
}

const damagedIn = (file: string, at: Pick<Bad, 'line' | 'byte' | 'message'>): LogFault => ({
  tag: 'Damaged',
  file,
  line: at.line,
  byte: at.byte,
  message: at.message,
})
