import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Place } from '../disk/mark.js'
import type { Segment } from '../disk/segments.js'
import type { CommitBytes, Stop, LogVerifier } from './log-verifier.js'

/** Bytes of event lines that are verified here before a thread is worth its start. */
const START_BYTES = 2 * 1_048_576

/** Where a thread goes on. */
export interface Taken {
  readonly segments: readonly Segment[]
  readonly mark: Place
}

/** Proven commits that lie behind each other in a block, and where verifying stopped, if it did. */
export interface Proven {
  /** Comes back as a message when all of it is used. */
  readonly block: ArrayBuffer
  readonly commits: readonly (Omit<CommitBytes, 'bytes'> & { readonly length: number })[]
  readonly stop?: Stop
  /** What the disk said in the place of a stop. */
  readonly error?: Error
}

/** When a thread takes over. */
export interface AheadOptions {
  readonly startBytes?: number
  /** Waits for the thread to come up, instead of verifying here until it has: so a test knows where it takes over. */
  readonly waits?: boolean
}

/**
 * A `LogVerifier` that moves to a thread of its own once a log turns out to be long: the thread reads and verifies commits ahead of
 * whoever uses them, and hands them over in a few blocks of memory that go back and forth. Commits, the stop and its message are
 * those that the verifier gives on this thread.
 */
export class ReadAhead {
  readonly #verifier: LogVerifier
  readonly #startBytes: number
  readonly #waits: boolean
  #verifiedBytes = 0
  #thread: Thread | undefined

  /** Takes a verifier that has not begun; its heads are derived in TypeScript. */
  constructor(
    verifier: LogVerifier,
    { startBytes = START_BYTES, waits = false }: AheadOptions = {},
  ) {
    this.#verifier = verifier
    this.#startBytes = availableParallelism() > 1 ? startBytes : Infinity
    this.#waits = waits
  }

  /** As `LogVerifier.next`; `bytes` of a commit are valid until the next call. */
  async next(): Promise<CommitBytes | Stop> {
    const thread = this.#thread
    if (thread?.isReading) return thread.next()
    if (thread && this.#waits) await thread.up
    if (thread?.isUp) {
      const { segments, mark } = this.#verifier
      thread.start({ segments, mark })
      await this.#verifier.close()
      return thread.next()
    }
    const step = await this.#verifier.next()
    if (step.tag === 'stop') return step
    this.#verifiedBytes += step.bytes.length
    if (this.#verifiedBytes >= this.#startBytes) this.#thread ??= new Thread()
    return step
  }

  /** Lets go of the file and of the thread. */
  async close(): Promise<void> {
    await this.#thread?.end()
    await this.#verifier.close()
  }
}

/** The other side of `read-ahead-worker.ts`. */
class Thread {
  isUp = false
  isReading = false
  /** Resolves once it is up, or has failed to come up. */
  readonly up: Promise<void>
  readonly #worker = new Worker(new URL('./read-ahead-worker.js', import.meta.url))
  readonly #proven: Proven[] = []
  #at = 0
  #start = 0
  #failed: Error | undefined
  #told: () => void = () => undefined

  constructor() {
    this.up = new Promise(resolve => {
      this.#told = resolve
    })
    this.#worker.on('message', (message: Proven | 'up') => {
      if (message === 'up') this.isUp = true
      else this.#proven.push(message)
      this.#told()
    })
    this.#worker.on('error', error => {
      this.#failed = error instanceof Error ? error : new Error(String(error))
      this.#told()
    })
  }

  start(taken: Taken): void {
    this.isReading = true
    this.#worker.postMessage(taken)
  }

  async next(): Promise<CommitBytes | Stop> {
    for (;;) {
      const [proven] = this.#proven
      if (proven) {
        const found = this.#commit(proven) ?? proven.stop
        if (found) return found
        if (proven.error) throw proven.error
        this.#worker.postMessage(proven.block, [proven.block])
        this.#proven.shift()
        this.#at = this.#start = 0
      } else if (this.#failed) throw this.#failed
      else
        await new Promise<void>(resolve => {
          this.#told = resolve
        })
    }
  }

  /** The next commit of a block; undefined behind its last. */
  #commit({ block, commits }: Proven): CommitBytes | undefined {
    const commit = commits[this.#at]
    if (!commit) return undefined
    const { length, ...of } = commit
    const bytes = new Uint8Array(block, this.#start, length)
    this.#at++
    this.#start += length
    return { ...of, bytes }
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }
}
