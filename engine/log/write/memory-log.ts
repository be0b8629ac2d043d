import assert from 'node:assert'
import * as E from 'fp-ts/lib/Either.js'
import { LineReader } from '#schemas/line/reader.js'
import type { EncodedTurns } from '#schemas/encoded-turns.js'
import type { Recorded } from '#schemas/recorded.js'
import { Batching, ORIGIN } from './batching.js'
import { Head } from '../prove/blake3.js'
import type { LogEnd, LogFault, LogReader, LogWriter, Mark } from '../event-log.js'
import { rowsOf } from '../read/jsonl-reader.js'
import { faultOf } from './staging.js'

/** How a log in memory is framed. */
export interface MemoryOptions {
  readonly runId: string
  readonly commitEvents: number
  /** For tests only: where segments roll. */
  readonly segmentBytes?: number
}

interface Kept {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly bytes: Uint8Array
}

/**
 * A log that ends with the process. Framed like the one on disk, so heads and commits are the same; a commit is durable
 * once it is closed, and is acknowledged in a later microtask, never within `append`.
 */
export class MemoryLog implements LogWriter, LogReader {
  readonly #batching: Batching
  readonly #kept: Kept[] = []
  readonly #listeners: ((seq: number) => void)[] = []
  #durableSeq = 0
  #isClosed = false
  #fault: LogFault | undefined

  private constructor(batching: Batching) {
    this.#batching = batching
  }

  static async open(options: MemoryOptions): Promise<MemoryLog> {
    return new MemoryLog(new Batching(options, await Head.make(), ORIGIN))
  }

  get lastSeq(): number {
    return this.#batching.lastSeq
  }

  get durableSeq(): number {
    return this.#durableSeq
  }

  append(turn: readonly Recorded[]): LogFault | undefined {
    if (this.#fault) return this.#fault
    const fault = this.#batching.append(turn)
    this.#keep()
    return fault
  }

  /** One by one: a batch that is kept is one commit. */
  appendEncoded({ firstSeq, count, bytes, length, ends }: EncodedTurns): LogFault | undefined {
    if (this.#fault) return this.#fault
    const fault = faultOf({ firstSeq, length }, this.lastSeq)
    if (fault && !this.#batching.lastEnds) return fault
    for (let k = 0, start = 0; k < count; k++) {
      const line = bytes.subarray(start, (start = ends[2 * k] ?? length))
      const own = { bytes: line, length: line.length, ends: Uint32Array.of(line.length, 1) }
      const refused = this.#batching.appendEncoded({ firstSeq: firstSeq + k, count: 1, ...own })
      if (refused) return refused
      this.#keep()
    }
    return undefined
  }

  ready(): Promise<E.Either<LogFault, void>> | undefined {
    return this.#fault && Promise.resolve(E.left(this.#fault))
  }

  mark(): Mark | undefined {
    if (this.#fault) return undefined
    this.#batching.close()
    this.#keep()
    return this.#batching.mark
  }

  async flush(): Promise<E.Either<LogFault, number>> {
    if (this.#fault) return E.left(this.#fault)
    this.#batching.close()
    this.#keep()
    await Promise.resolve()
    return E.right(this.#durableSeq)
  }

  onDurable(listener: (seq: number) => void): void {
    this.#listeners.push(listener)
  }

  async seal(): Promise<E.Either<LogFault, LogEnd>> {
    const isEnd = this.#isClosed || this.#batching.lastEnds
    assert(isEnd, 'Invariant: a sealed run ends with RunEnded')
    return this.close()
  }

  async close(): Promise<E.Either<LogFault, LogEnd>> {
    const flushed = await this.flush()
    if (E.isLeft(flushed)) return flushed
    this.#isClosed = true
    this.#fault = { tag: 'Sealed' }
    const { lastSeq, commits, head } = this.#batching.position
    return E.right({ lastSeq, commits, head })
  }

  async *read(fromSeq: number): AsyncGenerator<E.Either<LogFault, readonly Recorded[]>> {
    const reader = new LineReader()
    for (const kept of this.#kept) {
      if (kept.lastSeq < fromSeq) continue
      yield rowsOf(reader, { ...kept, file: 'memory', start: 0 }, fromSeq)
    }
  }

  /** Takes over what was closed. One batch is one commit here, because none is left waiting. */
  #keep(): void {
    for (let batch = this.#batching.take(); batch; batch = this.#batching.take()) {
      const firstSeq = (this.#kept[this.#kept.length - 1]?.lastSeq ?? 0) + 1
      const { lastSeq } = batch.after
      this.#kept.push({ firstSeq, lastSeq, bytes: eventLines(batch.bytes) })
      this.#batching.written(batch)
      queueMicrotask(() => {
        this.#durableSeq = lastSeq
        for (const listener of this.#listeners) listener(lastSeq)
      })
    }
  }
}

/** A copy of one commit's event lines: without a segment line before and the commit line behind them. */
function eventLines(commit: Uint8Array): Uint8Array {
  const bytes = Buffer.from(commit.buffer, commit.byteOffset, commit.length)
  const start = bytes[2] === 115 ? bytes.indexOf(10) + 1 : 0
  return Uint8Array.from(bytes.subarray(start, bytes.lastIndexOf(10, -2) + 1))
}
