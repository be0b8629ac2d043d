import { Worker } from 'node:worker_threads'
import type { LogWriter } from '#engine/log/event-log.js'
import type { Call } from './command.js'

/** What the run and its views share: the last durable sequence, and whether the run is over. */
export const SEQ = 0
export const ENDED = 1

/** What the thread is given. */
export interface LiveData {
  readonly dir: string
  readonly everyMs: number
  readonly shared: SharedArrayBuffer
}

/** Where the run ended; an empty head says that it did not end in order. */
export interface LiveEnd {
  readonly lastSeq: number
  readonly head: string
}

/**
 * Views that are written while a run goes on, by a thread of its own that reads the log behind what is durable. Whatever
 * goes wrong there is said once and stops the views, never the run.
 */
export class LiveViews {
  readonly #state = new BigInt64Array(new SharedArrayBuffer(16))
  readonly #worker: Worker
  readonly #gone: Promise<void>
  readonly #call: Call

  constructor(
    dir: string,
    { everyMs, log, call }: { everyMs: number; log: LogWriter; call: Call },
  ) {
    this.#call = call
    const workerData: LiveData = { dir, everyMs, shared: this.#state.buffer }
    this.#worker = new Worker(new URL('./live-views-thread.js', import.meta.url), { workerData })
    this.#gone = new Promise(resolve => {
      this.#worker.once('exit', () => {
        resolve()
      })
    })
    this.#worker.once('error', (error: unknown) => {
      const why = error instanceof Error ? error.message : String(error)
      call.note(
        `the live views stopped (${why}); the run goes on, 'polaris project ${dir}' rebuilds them`,
      )
    })
    Atomics.store(this.#state, SEQ, BigInt(log.durableSeq))
    log.onDurable(seq => {
      Atomics.store(this.#state, SEQ, BigInt(seq))
    })
  }

  /** The run is over: waits until the views are. */
  async end(end: LiveEnd): Promise<void> {
    if (end.lastSeq > 0) Atomics.store(this.#state, SEQ, BigInt(end.lastSeq))
    Atomics.store(this.#state, ENDED, 1n)
    Atomics.notify(this.#state, ENDED)
    this.#worker.postMessage(end)
    this.#call.progress('the run is over; its views are being finished')
    await this.#gone
  }
}
