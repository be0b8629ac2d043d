import { Worker } from 'node:worker_threads'
import type { Job } from './prove-worker.js'
import type { ScanApi } from './scan.js'

/** What is answered for a segment that was not proven. */
const NOT = 'null'

/** Threads that prove segments in TypeScript, as many as there are segments asked for at once. */
export class Provers implements Pick<ScanApi, 'proveSegment'> {
  readonly #all: Worker[] = []
  readonly #idle: Worker[] = []

  /** As the native API has it. A thread that fails has proven nothing. */
  readonly proveSegment = (path: string, head: string, seq: number): Promise<string> => {
    const worker = this.#idle.pop() ?? this.#start()
    const job: Job = { path, head, seq }
    return new Promise(resolve => {
      const failed = (): void => {
        resolve(NOT)
      }
      worker.once('error', failed).once('message', (proof: string) => {
        worker.off('error', failed)
        this.#idle.push(worker)
        resolve(proof)
      })
      worker.postMessage(job)
    })
  }

  /** Lets go of the threads. */
  async end(): Promise<void> {
    await Promise.all(this.#all.map(worker => worker.terminate()))
  }

  #start(): Worker {
    const worker = new Worker(new URL('./prove-worker.js', import.meta.url))
    this.#all.push(worker)
    return worker
  }
}
