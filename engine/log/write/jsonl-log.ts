import assert from 'node:assert'
import * as E from 'fp-ts/lib/Either.js'
import type { EncodedTurns } from '#schemas/encoded-turns.js'
import type { Recorded } from '#schemas/recorded.js'
import type { Batching, Position } from './batching.js'
import { Deadline } from './deadline.js'
import {
  PENDING_BYTES_MAX,
  type LogEnd,
  type LogFault,
  type LogWriter,
  type Mark,
} from '../event-log.js'
import type { SegmentWriter } from './segment-writer.js'
import type { KeepOptions } from '../store/run-store.js'
import { Waiters } from './waiters.js'

/** Written bytes that one sync may cover, so that acknowledgements come while the disk is behind. */
const SYNC_BYTES_MAX = PENDING_BYTES_MAX / 2
/** At durability `interval`, a written commit is synced at least this often. */
const SYNC_MS = 1_000
/** How often `head.json` is rewritten. */
const WITNESS_MS = 10_000

/** What the disk log works with; it owns all of it. */
export interface JsonlParts {
  readonly batching: Batching
  readonly writer: SegmentWriter
  /** Writes the seal, when every event is durable. */
  readonly onSeal: (end: LogEnd) => Promise<void>
  /** Lets go of the run. Called once. */
  readonly onClose: () => Promise<void>
}

type Goal = 'open' | 'closed' | 'sealed' | 'halted'

/**
 * The log on disk, written by TypeScript: `append` encodes in memory; one asynchronous loop, the pump, writes and syncs closed commits in
 * order. The first failure of the disk halts the log for good.
 */
export class JsonlLog implements LogWriter {
  readonly #keep: KeepOptions
  readonly #parts: JsonlParts
  readonly #batching: Batching
  readonly #writer: SegmentWriter
  readonly #waiters = new Waiters()
  readonly #commitDue = new Deadline()
  readonly #listeners: ((seq: number) => void)[] = []
  #written: Position
  #durable: Position
  #witnessed: number
  #syncedMs = performance.now()
  #witnessedMs = performance.now()
  #isPumping = false
  #isReleased = false
  #goal: Goal = 'open'
  #fault: LogFault | undefined
  #idleTimer: NodeJS.Timeout | undefined

  constructor(keep: KeepOptions, parts: JsonlParts) {
    this.#keep = keep
    this.#parts = parts
    this.#batching = parts.batching
    this.#writer = parts.writer
    this.#written = this.#durable = parts.batching.position
    this.#witnessed = this.#durable.lastSeq
    this.#waiters.reached(this.#durable.lastSeq)
  }

  get lastSeq(): number {
    return this.#batching.lastSeq
  }

  get durableSeq(): number {
    return this.#durable.lastSeq
  }

  append(turn: readonly Recorded[]): LogFault | undefined {
    return this.#taken(() => this.#batching.append(turn))
  }

  appendEncoded(turns: EncodedTurns): LogFault | undefined {
    return this.#taken(() => this.#batching.appendEncoded(turns))
  }

  #taken(take: () => LogFault | undefined): LogFault | undefined {
    if (this.#fault) return this.#fault
    const isFirst = this.#batching.openEvents === 0
    const fault = take()
    if (isFirst && !this.#commitDue.isSet)
      this.#commitDue.set(this.#keep.commitMs, () => {
        this.#commit()
      })
    if (this.#batching.hasClosed && !this.#isPumping) void this.#pump()
    return fault
  }

  ready(): Promise<E.Either<LogFault, void>> | undefined {
    if (this.#fault) return Promise.resolve(E.left(this.#fault))
    if (this.#batching.pendingBytes < PENDING_BYTES_MAX) return undefined
    return this.#waiters.forRoom()
  }

  flush(): Promise<E.Either<LogFault, number>> {
    if (this.#fault) return Promise.resolve(E.left(this.#fault))
    this.#batching.close()
    const waiting = this.#waiters.forSeq(this.#batching.lastSeq)
    void this.#pump()
    return waiting
  }

  mark(): Mark | undefined {
    if (this.#fault) return undefined
    this.#batching.close()
    void this.#pump()
    return this.#batching.mark
  }

  onDurable(listener: (seq: number) => void): void {
    this.#listeners.push(listener)
  }

  async seal(): Promise<E.Either<LogFault, LogEnd>> {
    assert(
      this.#fault || this.#goal !== 'open' || this.#batching.lastEnds,
      'Invariant: a sealed run ends with RunEnded',
    )
    return this.#finish('sealed')
  }

  close(): Promise<E.Either<LogFault, LogEnd>> {
    return this.#finish('closed')
  }

  async #finish(goal: 'closed' | 'sealed'): Promise<E.Either<LogFault, LogEnd>> {
    if (this.#goal === 'halted' && this.#fault) {
      await this.#letGo()
      return E.left(this.#fault)
    }
    if (this.#goal !== 'open') return E.left(this.#fault ?? { tag: 'Sealed' })
    const flushed = this.flush()
    this.#goal = goal
    this.#fault = { tag: 'Sealed' }
    const done = await flushed
    if (E.isLeft(done)) {
      await this.#letGo()
      return done
    }
    const { lastSeq, commits, head } = this.#durable
    const end = { lastSeq, commits, head }
    try {
      while (this.#isPumping) await this.#waiters.forIdle()
      await this.#sync()
      if (lastSeq > 0) await this.#writer.witness(this.#durable)
      if (goal === 'sealed') await this.#parts.onSeal(end)
    } catch (error) {
      this.#halt(error)
    }
    await this.#letGo()
    return this.#halted() ?? E.right(end)
  }

  #commit(): void {
    this.#batching.close()
    void this.#pump()
  }

  /** Writes, syncs and acknowledges until there is nothing to do. Only one runs. */
  async #pump(): Promise<void> {
    if (this.#isPumping || this.#goal === 'halted') return
    this.#isPumping = true
    clearTimeout(this.#idleTimer)
    try {
      while (this.#hasWork()) await this.#round()
      this.#sleep()
    } catch (error) {
      this.#halt(error)
    }
    this.#isPumping = false
    this.#waiters.idle()
  }

  /** Whether the pump may rest. The question and the answer's effect happen in one synchronous step, so that no wake-up is lost. */
  #hasWork(): boolean {
    if (this.#batching.hasClosed) return true
    if (this.#written !== this.#durable && this.#isSyncDue()) return true
    return this.#isWitnessDue()
  }

  /** One write, sync and acknowledgement. */
  async #round(): Promise<void> {
    const batching = this.#batching
    let bytes = 0
    for (let batch = batching.take(); batch; batch = batching.take()) {
      if (batch.after.segment !== this.#writer.number) {
        if (this.#written !== this.#durable) break
        if (this.#writer.number > 0) await this.#witness()
        await this.#writer.begin(batch.after.segment)
      }
      await this.#writer.write(batch.bytes)
      bytes += batch.bytes.length
      batching.written(batch)
      this.#written = batch.after
      if (batching.pendingBytes < PENDING_BYTES_MAX) this.#waiters.room()
      if (bytes >= SYNC_BYTES_MAX) break
    }
    if (this.#written !== this.#durable) {
      const isNone = this.#keep.durability === 'none' && !this.#writer.isNew
      if (!isNone && !this.#isSyncDue()) return
      if (!isNone) await this.#sync()
      this.#acknowledge()
    }
    if (this.#isWitnessDue()) await this.#witness()
  }

  #isWitnessDue(): boolean {
    return this.#witnessed < this.#durable.lastSeq && performance.now() >= this.#witnessDue()
  }

  #isSyncDue(): boolean {
    if (this.#keep.durability !== 'interval' || this.#writer.isNew) return true
    const next = this.#batching.take()
    if (next && next.after.segment !== this.#writer.number) return true
    return this.#waiters.hasSeq || performance.now() >= this.#syncedMs + SYNC_MS
  }

  async #sync(): Promise<void> {
    await this.#writer.sync()
    this.#syncedMs = performance.now()
  }

  async #witness(): Promise<void> {
    await this.#sync()
    await this.#writer.witness(this.#durable)
    this.#witnessed = this.#durable.lastSeq
    this.#witnessedMs = performance.now()
  }

  #acknowledge(): void {
    this.#durable = this.#written
    const seq = this.#durable.lastSeq
    for (const listener of this.#listeners) listener(seq)
    this.#waiters.reached(seq)
  }

  #witnessDue(): number {
    return this.#witnessedMs + (this.#keep.witnessMs ?? WITNESS_MS)
  }

  /** Nothing to do now: sets a timer for the next sync, commit or witness that is due. */
  #sleep(): void {
    let due = Infinity
    if (this.#witnessed < this.#durable.lastSeq) due = this.#witnessDue()
    if (this.#written !== this.#durable) due = Math.min(due, this.#syncedMs + SYNC_MS)
    if (due === Infinity || this.#goal !== 'open') return
    const inMs = Math.min(Math.max(0, due - performance.now()) + 1, 2 ** 31 - 1)
    this.#idleTimer = setTimeout(() => void this.#pump(), inMs).unref()
  }

  #halt(error: unknown): void {
    this.#goal = 'halted'
    this.#fault = { tag: 'Halted', cause: String(error) }
    this.#commitDue.clear()
    this.#waiters.fail(this.#fault)
  }

  #halted(): E.Either<LogFault, never> | undefined {
    return this.#goal === 'halted' && this.#fault ? E.left(this.#fault) : undefined
  }

  async #letGo(): Promise<void> {
    this.#commitDue.clear()
    clearTimeout(this.#idleTimer)
    while (this.#isPumping) await this.#waiters.forIdle()
    if (this.#isReleased) return
    this.#isReleased = true
    await this.#parts.onClose().catch(() => undefined) // the descriptor is given up, not used again
  }
}
