import { Worker } from 'node:worker_threads'
import type { Answered, Asked, Method } from './methods.js'
import type { FromWorker, Tip, ToWorker, WorkerStart } from './protocol.js'
import type { StreamRow } from './stream-rows.js'

/** How long an answer may take, ms. */
const ANSWER_MS = 30_000
/** Questions that may wait for one run; more are refused. */
const WAITING_MAX = 256

/** The run did not answer: it does not know, cannot say, or has too much to do. */
export class NoAnswer extends Error {
  readonly why: 'not-found' | 'bad' | 'failed' | 'busy'
  readonly expected: string
  constructor(why: NoAnswer['why'], message: string, expected: string) {
    super(message)
    this.why = why
    this.expected = expected
  }
}

/** Who is told what is read. */
export interface Listening {
  readonly onRows: (rows: readonly StreamRow[]) => void
  readonly onTip: (tip: Tip) => void
}

interface Waiting {
  readonly keep: (value: unknown) => void
  readonly refuse: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/** A run that is read by a thread of its own, as those see it who ask. */
export class ServedRun {
  readonly dir: string
  tip: Tip | undefined
  usedMs = 0
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  readonly #tipListeners = new Set<() => void>()
  #next = 1
  #isGone = false

  constructor(dir: string, { onRows, onTip }: Listening) {
    this.dir = dir
    const workerData: WorkerStart = { run: dir }
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), { workerData })
    this.#worker.unref()
    this.#worker.on('message', (message: FromWorker) => {
      if (message.tag === 'rows') onRows(message.rows)
      else if (message.tag === 'tip') {
        this.#told(message.tip)
        onTip(message.tip)
      } else this.#answered(message)
    })
    this.#worker.on('error', error => {
      this.#gone(error instanceof Error ? error.message : String(error))
    })
    this.#worker.on('exit', () => {
      this.#gone('its thread has ended')
    })
  }

  /** Whether its thread has ended, so that it answers nothing any more. */
  get isGone(): boolean {
    return this.#isGone
  }

  /** Asks the run. Rejects with `NoAnswer`. */
  ask<M extends Method>(method: M, args: Asked<M>): Promise<Answered<M>> {
    if (this.#isGone)
      return Promise.reject(new NoAnswer('failed', 'the run is not read any more', 'a run'))
    if (this.#waiting.size >= WAITING_MAX)
      return Promise.reject(
        new NoAnswer('busy', `${WAITING_MAX} questions wait already`, 'a little patience'),
      )
    const id = this.#next++
    return new Promise<Answered<M>>((resolve, refuse) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id)
        refuse(new NoAnswer('busy', `no answer within ${ANSWER_MS / 1_000} s`, 'a nearer event'))
      }, ANSWER_MS)
      const keep = (value: unknown): void => {
        resolve(value as Answered<M>) // the method that it names gave it
      }
      this.#waiting.set(id, { keep, refuse, timer })
      const message: ToWorker = { tag: 'ask', id, method, args }
      this.#worker.postMessage(message)
    })
  }

  /** Resolves once an event was read, or when that took too long: whether it was. */
  async reached(seq: number, withinMs: number): Promise<boolean> {
    const isThere = (): boolean => (this.tip?.seq ?? 0) >= seq
    if (isThere()) return true
    return await new Promise(resolve => {
      const over = (): void => {
        clearTimeout(timer)
        this.#tipListeners.delete(look)
        resolve(isThere())
      }
      const look = (): void => {
        if (isThere()) over()
      }
      const timer = setTimeout(over, withinMs)
      this.#tipListeners.add(look)
    })
  }

  async close(): Promise<void> {
    const message: ToWorker = { tag: 'stop' }
    this.#worker.postMessage(message)
    await this.#worker.terminate()
  }

  #told(tip: Tip): void {
    this.tip = tip
    for (const look of [...this.#tipListeners]) look()
  }

  #answered(message: Extract<FromWorker, { readonly id: number }>): void {
    const waiting = this.#waiting.get(message.id)
    if (!waiting) return
    this.#waiting.delete(message.id)
    clearTimeout(waiting.timer)
    if (message.tag === 'answer') waiting.keep(message.value)
    else waiting.refuse(new NoAnswer(message.why, message.message, message.expected))
  }

  #gone(why: string): void {
    this.#isGone = true
    for (const { refuse, timer } of this.#waiting.values()) {
      clearTimeout(timer)
      refuse(new NoAnswer('failed', why, 'a run that can be read'))
    }
    this.#waiting.clear()
  }
}
