// A thread that proves whole segments, one at a time. See `Provers`.
import { parentPort } from 'node:worker_threads'
import { nodeDisk } from '../disk/node-disk.js'
import { proofOf, type Wanted } from './prove.js'
import { segmentOf } from '../disk/segments.js'

/** A segment to prove. */
export type Job = Wanted & { readonly path: string }

parentPort?.on('message', ({ path, ...wanted }: Job) => {
  const segment = segmentOf(path)
  const proof = segment ? proofOf(nodeDisk, segment, wanted).catch(() => null) : null
  void Promise.resolve(proof).then(found => parentPort?.postMessage(JSON.stringify(found)))
})
