// The thread that indexes and compresses segments: one job at a time, in order. See `Packer`.
import { parentPort } from 'node:worker_threads'
import { buildIndex, writeIndex } from './index-file.js'
import { nodeDisk } from './node-disk.js'
import { packSegment } from './pack.js'
import { segmentsOf } from './segments.js'
import { zstdAt } from './zstd.js'

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

let before: Promise<void> = Promise.resolve()

parentPort?.on('message', (job: Job) => {
  before = before.then(() => done(job))
})

async function done({ dir, number, level }: Job): Promise<void> {
  const answer = await work({ dir, number, level }).catch((error: unknown) => ({
    fault: `segment ${number} stays as it is: ${String(error)}`,
  }))
  parentPort?.postMessage(answer)
}

async function work({ dir, number, level }: Job): Promise<Done> {
  const segment = (await segmentsOf(nodeDisk, dir)).find(one => one.number === number)
  if (!segment || segment.isPacked) return {}
  await writeIndex(nodeDisk, dir, segment, await buildIndex(nodeDisk, segment))
  if (level > 0) await packSegment(nodeDisk, dir, { segment, compress: await zstdAt(level) })
  return {}
}
