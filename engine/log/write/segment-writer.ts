import assert from 'node:assert'
import { type Position } from './batching.js'
import { writeAll, type Disk, type DiskFile } from '../disk/disk.js'
import { writeHeadFile } from '../disk/head-file.js'
import { segmentName } from '../disk/segments.js'

/** An open segment file and its length. */
export interface OpenSegment {
  readonly file: DiskFile
  readonly number: number
  readonly length: number
}

/**
 * Appends bytes to the segments of one run and makes them durable. One call at a time. Rejects where the disk fails;
 * after that nothing may be called but `close`.
 */
export class SegmentWriter {
  readonly #disk: Disk
  readonly #dir: string
  #file: DiskFile | undefined
  #number = 0
  #length = 0
  #isNew = false
  #isDirty = false
  readonly #onClosed: (number: number) => void

  constructor(
    disk: Disk,
    dir: string,
    { open, onClosed }: { open?: OpenSegment | undefined; onClosed?: (number: number) => void },
  ) {
    this.#onClosed = onClosed ?? (() => undefined)
    this.#disk = disk
    this.#dir = dir
    this.#file = open?.file
    this.#number = open?.number ?? 0
    this.#length = open?.length ?? 0
  }

  /** Segment that is written, 0 before the first. */
  get number(): number {
    return this.#number
  }

  /** Whether only a sync makes what was written durable, at any setting: a new file has no entry until then. */
  get isNew(): boolean {
    return this.#isNew
  }

  /** Begins a segment. The one before must be synced; it is over. */
  async begin(number: number): Promise<void> {
    assert(!this.#isDirty, 'Invariant: a segment is synced before the next one begins')
    const before = this.#number
    await this.#file?.close()
    this.#file = undefined
    this.#file = await this.#disk.open(`${this.#dir}/${segmentName(number)}`, 'new')
    this.#number = number
    this.#length = 0
    this.#isNew = true
    if (before > 0) this.#onClosed(before)
  }

  async write(bytes: Uint8Array): Promise<void> {
    assert(this.#file, 'Invariant: a segment is open')
    this.#isDirty = true
    await writeAll(this.#file, bytes, this.#length)
    this.#length += bytes.length
  }

  /** Makes all that was written durable: the file and, for a new one, its directory entry. */
  async sync(): Promise<void> {
    if (!this.#isDirty) return
    if (this.#isNew) {
      await this.#file?.sync()
      await this.#disk.syncDir(this.#dir)
      this.#isNew = false
    } else await this.#file?.syncData()
    this.#isDirty = false
  }

  /** Replaces `head.json`; all it says must be synced. */
  async witness({ lastSeq, commits, head, segment }: Position): Promise<void> {
    assert(!this.#isDirty, 'Invariant: head.json says only what is durable')
    await writeHeadFile(this.#disk, this.#dir, { lastSeq, commits, head, segment })
  }

  async close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }
}
