import assert from 'node:assert'
import * as E from 'fp-ts/lib/Either.js'
import type { EncodedTurns } from '#schemas/encoded-turns.js'
import type { Recorded } from '#schemas/recorded.js'
import {
  PENDING_BYTES_MAX,
  SEGMENT_EVENT_BYTES,
  type LogEnd,
  type LogFault,
  type LogWriter,
  type Mark,
} from '../event-log.js'
import { markOf } from '../disk/mark.js'
import { Deadline } from './deadline.js'
import { MARK, numbersOf, placeIn, POSITION, STATUS, TAKEN } from './journal.js'
import type { Journal, JournalApi } from './journal.js'
import type { NativeParts } from './native-parts.js'
import { Staging } from './staging.js'
import type { KeepOptions } from '../store/run-store.js'
import { Waiters } from './waiters.js'
import { Witness } from './witness.js'

type Goal = 'open' | 'closed' | 'sealed' | 'halted'
const DURABILITIES = ['commit', 'interval', 'none'] as const

/**
 * The log on disk, written by a native thread: `append` encodes in memory and hands full commits over; the thread frames,
 * hashes, writes and syncs, and its acknowledgements come back here in order. The first failure of the disk halts it.
 */
export class NativeLog implements LogWriter {
  readonly #keep: KeepOptions
  readonly #parts: NativeParts
  readonly #api: JournalApi
  readonly #journal: Journal
  readonly #staging: Staging
  readonly #waiters = new Waiters()
  readonly #witness: Witness
  readonly #commitDue = new Deadline()
  readonly #status = new Float64Array(STATUS)
  readonly #marked = new Float64Array(MARK)
  readonly #listeners: ((seq: number) => void)[] = []
  #durableSeq: number
  #segment: number
  /** Sequence of the last event that was handed over. */
  #handedSeq: number
  /** Bytes that wait in the native thread: its last answer, plus everything handed over since. */
  #waitingBytes = 0
  #isHeld = false
  #isEnding = false
  #hasEnded = false
  #isReleased = false
  #goal: Goal = 'open'
  #fault: LogFault | undefined

  constructor(keep: KeepOptions, parts: NativeParts) {
    const { api, at, commitEvents, segmentBytes = SEGMENT_EVENT_BYTES } = parts
    this.#keep = keep
    this.#parts = parts
    this.#api = api
    this.#staging = new Staging({ commitEvents, segmentBytes }, at)
    this.#durableSeq = this.#handedSeq = at.lastSeq
    this.#segment = at.segment
    this.#waiters.reached(at.lastSeq)
    this.#witness = new Witness({
      lastSeq: at.lastSeq,
      everyMs: keep.witnessMs,
      write: parts.writeHead,
      onDue: () => {
        this.#onWitnessDue()
      },
      onFault: error => {
        this.#halt(String(error))
      },
    })
    const durability = DURABILITIES.indexOf(keep.durability)
    const isEager = keep.commitMs === 0
    const framed = { commitEvents, segmentBytes, durability, isEager, at, failing: parts.failing }
    const look = (): void => {
      this.#look()
    }
    const run = JSON.stringify(parts.runId)
    this.#journal = api.journalOpen(parts.dir, run, numbersOf(framed), at.head, look)
  }

  get lastSeq(): number {
    return this.#staging.lastSeq
  }

  get durableSeq(): number {
    return this.#durableSeq
  }

  append(turn: readonly Recorded[]): LogFault | undefined {
    if (this.#fault) return this.#fault
    const staging = this.#staging
    const fault = staging.append(turn)
    if (staging.isDue) this.#hand(false)
    if (staging.openEvents > 0 && !this.#commitDue.isSet) this.#await()
    return fault ?? this.#halted()
  }

  appendEncoded(turns: EncodedTurns): LogFault | undefined {
    if (this.#fault) return this.#fault
    const staging = this.#staging
    if (staging.count > 0) this.#hand(false)
    const fault = staging.pass(turns)
    if (!fault && turns.count > 0) this.#give(turns, false)
    if (staging.openEvents > 0 && !this.#commitDue.isSet) this.#await()
    return fault ?? this.#halted()
  }

  ready(): Promise<E.Either<LogFault, void>> | undefined {
    if (this.#fault) return Promise.resolve(E.left(this.#fault))
    if (this.#pendingBytes < PENDING_BYTES_MAX) return undefined
    this.#look()
    const halted = this.#halted()
    if (halted) return Promise.resolve(E.left(halted))
    return this.#pendingBytes < PENDING_BYTES_MAX ? undefined : this.#waiters.forRoom()
  }

  flush(): Promise<E.Either<LogFault, number>> {
    if (this.#fault) return Promise.resolve(E.left(this.#fault))
    if (this.lastSeq > this.#durableSeq) this.#hand(true)
    const halted = this.#halted()
    if (halted) return Promise.resolve(E.left(halted))
    if (this.#keep.durability === 'interval') this.#api.journalSync(this.#journal)
    return this.#waiters.forSeq(this.lastSeq)
  }

  mark(): Mark | undefined {
    if (this.#fault) return undefined
    if (this.#staging.count > 0) this.#hand(false)
    const at = this.#marked
    const found = this.#api.journalMark(this.#journal, at)
    this.#staging.reset(true)
    if (!found) return undefined
    const place = placeIn(at, 0)
    const { lastSeq, commits, head, segment, segmentBytes, byte } = place
    const [leaves = 0, tailBytes = 0] = at.subarray(POSITION)
    const trees = found.subarray(0, found.length - tailBytes)
    this.#parts.head.place({ trees, leaves, tail: found.subarray(trees.length) })
    const hasher = Buffer.from(this.#parts.head.mark).toString('hex')
    assert.equal(this.#parts.head.digest(), head, 'Invariant: both hashers stand at one place')
    return markOf({ lastSeq, commits, head, segment, byte, segmentBytes, hasher })
  }

  onDurable(listener: (seq: number) => void): void {
    this.#listeners.push(listener)
  }

  async seal(): Promise<E.Either<LogFault, LogEnd>> {
    assert(
      this.#fault || this.#goal !== 'open' || this.#staging.hasEnded,
      'Invariant: a sealed run ends with RunEnded',
    )
    return this.#finish('sealed')
  }

  close(): Promise<E.Either<LogFault, LogEnd>> {
    return this.#finish('closed')
  }

  get #pendingBytes(): number {
    return this.#staging.length + this.#waitingBytes
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
    await this.#ended()
    const { lastSeq, commits, head } = placeIn(this.#status, 0)
    const end = { lastSeq, commits, head }
    try {
      if (!this.#halted() && lastSeq > 0) await this.#witness.last(placeIn(this.#status, POSITION))
      if (!this.#halted() && goal === 'sealed') await this.#parts.onSeal(end)
    } catch (error) {
      this.#halt(String(error))
    }
    const fault = this.#halted()
    await this.#letGo()
    return fault ? E.left(fault) : E.right(end)
  }

  /** Starts the timer that closes a commit after `commitMs`. */
  #await(): void {
    const { commitMs } = this.#keep
    if (commitMs === Infinity) return
    this.#commitDue.set(commitMs, () => {
      if (this.#staging.openEvents > 0) this.#hand(commitMs > 0)
    })
  }

  /** Hands staged turns to the native thread; `isClosed` ends the commit behind them. */
  #hand(isClosed: boolean): void {
    const { bytes, length, turns: ends, count } = this.#staging
    this.#give({ bytes, length, ends, count }, isClosed)
  }

  #give({ bytes, length, ends, count }: Omit<EncodedTurns, 'firstSeq'>, isClosed: boolean): void {
    const taken = this.#api.journalAppend(this.#journal, bytes, length, ends, count, isClosed)
    assert(taken !== TAKEN.full, 'Invariant: append waits for ready')
    assert(taken !== TAKEN.torn, 'Invariant: whole turns are handed over')
    this.#waitingBytes += length
    this.#handedSeq = this.#staging.lastSeq
    // Where the journal closes commits by itself, nothing needs closing here.
    this.#staging.reset(isClosed || this.#keep.commitMs === 0)
    if (taken === TAKEN.over) this.#look()
    else this.#hold(true)
  }

  /** Asks the native thread how far it has come, and acknowledges that. */
  #look(): void {
    const status = this.#status
    const fault = this.#api.journalStatus(this.#journal, status)
    this.#waitingBytes = status[2 * POSITION]!
    this.#hasEnded = status[2 * POSITION + 1] === 1
    if (this.#goal !== 'halted') this.#tell(fault)
    const isDone = this.#durableSeq === this.#handedSeq && !this.#isEnding
    if (this.#hasEnded || isDone) this.#hold(false)
    if (this.#hasEnded) this.#waiters.idle()
  }

  #tell(fault: string | undefined): void {
    const [seq = 0, , segment = 0] = this.#status
    const before = this.#segment
    this.#segment = segment
    if (seq !== this.#durableSeq) {
      this.#durableSeq = seq
      for (const listener of this.#listeners) listener(seq)
      this.#waiters.reached(seq)
    }
    for (let over = Math.max(before, 1); over < segment; over++) this.#parts.onClosed?.(over)
    const isRolled = before > 0 && segment > before
    if (this.#witness.wants(this.#status[POSITION]!, isRolled))
      this.#witness.write(placeIn(this.#status, POSITION))
    if (fault !== undefined) this.#halt(fault)
    if (this.#pendingBytes < PENDING_BYTES_MAX) this.#waiters.room()
  }

  /** At durability `none` nothing is synced by itself. */
  #onWitnessDue(): void {
    if (this.#goal !== 'open') return
    this.#api.journalSync(this.#journal)
  }

  #hold(isHeld: boolean): void {
    if (isHeld === this.#isHeld) return
    this.#isHeld = isHeld
    this.#api.journalHold(this.#journal, isHeld)
  }

  /** Lets the thread end, and waits for it. */
  async #ended(): Promise<void> {
    this.#look()
    if (this.#hasEnded) return
    this.#isEnding = true
    this.#hold(true)
    this.#api.journalEnd(this.#journal)
    await this.#waiters.forIdle()
  }

  #halt(cause: string): void {
    this.#goal = 'halted'
    this.#fault = { tag: 'Halted', cause }
    this.#commitDue.clear()
    this.#waiters.fail(this.#fault)
  }

  #halted(): LogFault | undefined {
    return this.#goal === 'halted' ? this.#fault : undefined
  }

  async #letGo(): Promise<void> {
    this.#commitDue.clear()
    await this.#witness.stop()
    if (this.#isReleased) return
    this.#isReleased = true
    await this.#ended()
    await this.#parts.onClose().catch(() => undefined) // the descriptor is given up, not used again
  }
}
