import { Worker } from 'node:worker_threads'
import { nodeDisk } from '../disk/node-disk.js'
import type { Job, Done } from './packing.js'
import { segmentsOf } from '../disk/segments.js'
import type { Upkeep, UpkeepOptions } from '../store/run-store.js'

/** How the segments of one run that are over are kept. */
export interface PackerOptions extends UpkeepOptions {
  readonly dir: string
  /** The module of the thread; the one that compresses in TypeScript where it is absent. */
  readonly worker?: URL | undefined
}

/**
 * Indexes and compresses segments that are over, in a thread of its own, one after the other. The run never waits for
 * it; a process that ends before it is done leaves plain segments, which are as good.
 */
export class Packer implements Upkeep {
  readonly #of: PackerOptions
  #worker: Worker | undefined
  #left = 0
  #idle: (() => void) | undefined

  constructor(of: PackerOptions) {
    this.#of = of
  }

  /** Segments that are not done. */
  get left(): number {
    return this.#left
  }

  /** Takes a segment that is over. */
  add(number: number): void {
    const { dir, compress, level } = this.#of
    this.#worker ??= this.#start()
    this.#left++
    const job: Job = { dir, number, level: compress === 'zstd' ? level : 0 }
    this.#worker.postMessage(job)
  }

  /** What a crash left plain: all segments but the last, which is written on. */
  async takeOn(): Promise<void> {
    const segments = await segmentsOf(nodeDisk, this.#of.dir)
    for (const { number, isPacked } of segments.slice(0, -1)) if (!isPacked) this.add(number)
  }

  /** Resolves once all are done, or `stop` aborts, and lets go of the thread. */
  async settled(stop: AbortSignal): Promise<void> {
    if (this.#left > 0 && !stop.aborted)
      await new Promise<void>(resolve => {
        this.#idle = resolve
        stop.addEventListener('abort', () => {
          resolve()
        })
      })
    await this.#worker?.terminate()
    this.#worker = undefined
  }

  #start(): Worker {
    const worker = new Worker(this.#of.worker ?? new URL('./pack-worker.js', import.meta.url))
    worker.unref()
    worker.on('message', ({ fault }: Done) => {
      if (fault !== undefined) this.#of.remark(fault)
      if (--this.#left === 0) this.#idle?.()
    })
    worker.on('error', error => {
      this.#of.remark(`segments stay plain: ${String(error)}`)
      this.#left = 0
      this.#idle?.()
    })
    return worker
  }
}
