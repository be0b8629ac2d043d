import * as E from 'fp-ts/lib/Either.js'
import { LineWriter } from '#schemas/line/writer.js'
import type { Recorded } from '#schemas/recorded.js'
import type { WallClock } from '#engine/core/wall-clock.js'
import type { LogEnd, LogFault, LogWriter } from '#engine/log/event-log.js'

/**
 * A log for tests of crashes: a turn is durable some time after it was appended, and a crash leaves what was durable then and,
 * sometimes, a little more that was written but never acknowledged.
 */
export class CrashLog implements LogWriter {
  readonly rows: Recorded[]
  durableSeq: number
  readonly #clock: WallClock
  readonly #delayUs: number
  readonly #listeners: ((seq: number) => void)[] = []
  #isDead = false
  /** Sequence numbers at which turns end. */
  readonly #ends: number[] = []

  constructor(of: { clock: WallClock; delayUs: number; rows?: readonly Recorded[] }) {
    this.#clock = of.clock
    this.#delayUs = of.delayUs
    this.rows = [...(of.rows ?? [])]
    this.durableSeq = this.rows.length
  }

  get lastSeq(): number {
    return this.rows.length
  }

  append(turn: readonly Recorded[]): LogFault | undefined {
    if (this.#isDead) return { tag: 'Halted', cause: 'crashed' }
    this.rows.push(...turn)
    const seq = this.rows.length
    this.#ends.push(seq)
    this.#clock.wakeAt(this.#clock.nowUs() + this.#delayUs, () => {
      if (this.#isDead) return
      this.durableSeq = seq
      for (const listener of this.#listeners) listener(seq)
    })
    return undefined
  }

  /** What is found after a crash: all that was durable, and so many turns that were only written. */
  crash(written: number): Recorded[] {
    this.#isDead = true
    const ends = this.#ends.filter(end => end > this.durableSeq)
    const last = written > 0 ? (ends[Math.min(written, ends.length) - 1] ?? this.durableSeq) : 0
    return this.rows.slice(0, Math.max(this.durableSeq, last))
  }

  /** The lines as a log has them. */
  get bytes(): Uint8Array {
    const writer = new LineWriter(1 << 16)
    for (const { seq, tUs, cause, event } of this.rows) writer.event(seq, tUs, cause, event)
    return writer.bytes.slice()
  }

  readonly appendQuiet = (): LogFault | undefined => ({ tag: 'Sealed' })
  readonly ready = (): undefined => undefined
  readonly mark = (): undefined => undefined

  async flush(): Promise<E.Either<LogFault, number>> {
    return E.right(this.durableSeq)
  }

  onDurable(listener: (seq: number) => void): void {
    this.#listeners.push(listener)
  }

  async seal(): Promise<E.Either<LogFault, LogEnd>> {
    return this.close()
  }

  async close(): Promise<E.Either<LogFault, LogEnd>> {
    return E.right({ lastSeq: this.lastSeq, commits: 0, head: '' })
  }
}
