// The thread that reads and verifies a log ahead of who uses its commits. See `ReadAhead`.
import { parentPort } from 'node:worker_threads'
import { COMMIT_BYTES_MAX } from '../event-log.js'
import { nodeDisk } from '../disk/node-disk.js'
import { LogVerifier, type CommitBytes, type Stop } from './log-verifier.js'
import type { Proven, Taken } from './read-ahead.js'

/** Blocks that are filled, or in use: what the thread may be ahead. */
const BLOCKS = 4

const free: ArrayBuffer[] = Array.from({ length: BLOCKS }, () => new ArrayBuffer(COMMIT_BYTES_MAX))
let freed: () => void = () => undefined

parentPort?.on('message', (message: Taken | ArrayBuffer) => {
  if (message instanceof ArrayBuffer) {
    free.push(message)
    freed()
  } else void readAhead(message)
})
parentPort?.postMessage('up')

async function readAhead({ segments, mark }: Taken): Promise<void> {
  const steps = (await LogVerifier.over(nodeDisk, segments)).startBehind(mark, { seeks: false })
  if (!steps) throw new Error('Invariant: the thread goes on in a segment that was entered')
  for (let step: CommitBytes | undefined; ;) {
    const filled = await fill(steps, step)
    parentPort?.postMessage(filled.proven, [filled.proven.block])
    if (!filled.next) return
    step = filled.next
  }
}

/** Fills a block, from a commit on that did not fit into the one before; says which does not fit into this one. */
async function fill(
  verifier: LogVerifier,
  from: CommitBytes | undefined,
): Promise<{ proven: Proven; next?: CommitBytes }> {
  const commits: Proven['commits'][number][] = []
  let block = await freeBlock()
  let length = 0
  for (let step = from; ; step = undefined) {
    const found = step ?? (await stepOf(verifier))
    if (!('bytes' in found)) return { proven: { block, commits, ...found } }
    const { bytes, ...of } = found
    if (length + bytes.length > block.byteLength) {
      if (length > 0) return { proven: { block, commits }, next: found }
      block = new ArrayBuffer(bytes.length) // longer than any that was written in order
    }
    new Uint8Array(block).set(bytes, length)
    commits.push({ ...of, length: bytes.length })
    length += bytes.length
  }
}

async function stepOf(
  verifier: LogVerifier,
): Promise<CommitBytes | Pick<Proven, 'stop' | 'error'>> {
  try {
    const step: CommitBytes | Stop = await verifier.next()
    return step.tag === 'stop' ? { stop: step } : step
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }
}

async function freeBlock(): Promise<ArrayBuffer> {
  for (;;) {
    const block = free.pop()
    if (block) return block
    await new Promise<void>(resolve => {
      freed = resolve
    })
  }
}
