import { availableParallelism } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Tape } from '#engine/book/tape.js'
import { Refusal, wholeOf, type Call, type Values } from './command.js'
import {
  doneJob,
  inputsOf,
  type JobGround,
  type JobResult,
  type PassJob,
  type TrialJob,
} from './pass-jobs.js'

/** With so many inputs to take over all passes threads start at once: less is done before they are up. */
const INPUTS_AT_ONCE = 5_000_000
/** Threads start behind the first pass where the others would take longer than this, ms: several times what starting costs. */
const WORTH_MS = 1_000

/** What a thread is given; the tapes are in memory that all of them share. */
export type Shared = Pick<JobGround, 'runs' | 'backend' | 'code'>

/** What passes need, and how many threads may do them at once; absent: as many as there are cores, where it pays. */
export interface PassGround extends Shared {
  readonly workers?: number | undefined
  readonly call: Pick<Call, 'note' | 'progress' | 'stop'>
}

/** What `--workers` says. */
export const workersOf = (values: Values): number | undefined => wholeOf(values, 'workers', 1)

/** What `--workers` takes, in words. */
export const WORKERS_HELP =
  'passes at once, each in a thread of its own (default: one per core where it pays)'

/**
 * Does all passes and answers what came of them in the order of the jobs, whoever did which. Those that had not ended when the
 * operator stopped it are undefined. A thread that fails is a Refusal that names the job.
 */
export async function allPasses(
  jobs: readonly (PassJob | TrialJob)[],
  ground: PassGround,
): Promise<readonly (JobResult | undefined)[]> {
  const { runs, backend, code, workers, call } = ground
  const results: (JobResult | undefined)[] = jobs.map(() => undefined)
  const isProcess = backend === 'daemon' || backend === 'subprocess'
  const most = isProcess ? 1 : Math.min(workers ?? availableParallelism(), jobs.length)
  const inputs = jobs.reduce((sum, job) => sum + inputsOf(job, runs), 0)
  let isWorth = most > 1 && (workers !== undefined || inputs >= INPUTS_AT_ONCE)
  let next = 0
  while (next < jobs.length && !isWorth && !call.stop.aborted) {
    call.progress(`pass ${next + 1} of ${jobs.length}`)
    const startedMs = performance.now()
    results[next] = doneJob(jobs[next]!, { runs, backend, code, say: call.note })
    next++
    const leftMs = (performance.now() - startedMs) * (jobs.length - next)
    isWorth = most > 1 && leftMs > WORTH_MS
    await setImmediate() // the process hears its signals
  }
  if (next === jobs.length || call.stop.aborted) return results
  const threads = new PassThreads(ground, Math.min(most, jobs.length - next))
  try {
    await threads.take(jobs, next, (k, result) => {
      results[k] = result
    })
  } finally {
    await threads.end()
  }
  return results
}

/** Threads that share the tapes of all runs. */
class PassThreads {
  readonly #all: readonly Worker[]
  readonly #call: PassGround['call']

  constructor({ runs, backend, code, call }: PassGround, threads: number) {
    const workerData: Shared = { runs: runs.map(tapes => tapes.map(shared)), backend, code }
    const url = new URL('./pass-worker.js', import.meta.url)
    this.#all = Array.from({ length: threads }, () => new Worker(url, { workerData }))
    this.#call = call
  }

  /**
   * Hands out the jobs from `next` on, each to the first thread that is free, until all are done, one has failed or it is stopped. Passes that are
   * under way are then waited for: a thread that is ended within a native call takes the process with it.
   */
  async take(
    jobs: readonly (PassJob | TrialJob)[],
    next: number,
    done: (k: number, result: JobResult) => void,
  ): Promise<void> {
    const { stop, progress } = this.#call
    let [following, ended] = [next, next]
    let failure: Refusal | undefined
    const work = async (worker: Worker): Promise<void> => {
      while (following < jobs.length && !failure && !stop.aborted) {
        const k = following++
        const result = await asked(worker, jobs[k]!).catch((error: unknown) => {
          failure ??= failed(k, jobs.length, error)
        })
        if (!result) return
        done(k, result)
        progress(`pass ${++ended} of ${jobs.length}`)
      }
    }
    await Promise.all(this.#all.map(work))
    if (failure) throw failure
  }

  async end(): Promise<void> {
    await Promise.all(this.#all.map(worker => worker.terminate()))
  }
}

/** What a thread answers; rejected where it fails. */
function asked(worker: Worker, job: PassJob | TrialJob): Promise<JobResult> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject).once('message', (result: JobResult) => {
      worker.off('error', reject)
      resolve(result)
    })
    worker.postMessage(job)
  })
}

function failed(job: number, jobs: number, error: unknown): Refusal {
  const why = error instanceof Error ? error.message : String(error)
  return new Refusal('pass', `a pass failed: ${why}`, `pass ${job + 1} of ${jobs}`)
}

/** The tape in memory that threads share: copying it costs a hundredth of decoding it (bench/results/2026-11-29-sweep-threads.md). */
function shared({ words, lines, inputs }: Tape): Tape {
  const own = new Uint32Array(new SharedArrayBuffer(words.byteLength))
  own.set(words)
  const text = new Uint8Array(new SharedArrayBuffer(lines.byteLength))
  text.set(lines)
  return { words: own, lines: text, inputs }
}
