import { parentPort } from 'node:worker_threads'
import { buildIndex, writeIndex } from '../index/index-file.js'
import { nodeDisk } from '../disk/node-disk.js'
import { packSegment, type Compress } from './pack.js'
import { segmentsOf } from '../disk/segments.js'

/** A segment that is over. Level 0: it stays plain. */
export interface Job {
  readonly dir: string
  readonly number: number
  readonly level: number
}

/** What became of a job: nothing to say, or why the segment is as it was. */
export interface Done {
  readonly fault?: string
}

/** What compresses at a level of Zstandard. */
export type CompressAt = (level: number) => Compress | Promise<Compress>

/** Does the jobs that this thread is sent, one after the other, in order. */
export function servePacking(compressAt: CompressAt): void {
  let before: Promise<void> = Promise.resolve()
  parentPort?.on('message', (job: Job) => {
    before = before.then(() => done(job, compressAt))
  })
}

async function done(job: Job, compressAt: CompressAt): Promise<void> {
  const answer = await work(job, compressAt).catch((error: unknown) => ({
    fault: `segment ${job.number} stays as it is: ${String(error)}`,
  }))
  parentPort?.postMessage(answer)
}

async function work({ dir, number, level }: Job, compressAt: CompressAt): Promise<Done> {
  const segment = (await segmentsOf(nodeDisk, dir)).find(one => one.number === number)
  if (!segment || segment.isPacked) return {}
  await writeIndex(nodeDisk, dir, segment, await buildIndex(nodeDisk, segment))
  if (level > 0) await packSegment(nodeDisk, dir, { segment, compress: await compressAt(level) })
  return {}
}
