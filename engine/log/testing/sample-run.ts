import { generateKeyPairSync } from 'node:crypto'
import { createRun, type RunOptions } from '../write/run-dir.js'
import { appendAll, ending, right, startOf, turns } from './builders.js'
import { FaultyDisk } from './faulty-disk.js'

export const SAMPLE_DIR = 'runs/sample'

/** An Ed25519 key pair in PEM. */
export function keyPair(): { readonly secret: string; readonly open: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    secret: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    open: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
}

export interface Sample {
  readonly runId?: string
  /** Events in all, `RunEnded` included where it is sealed. */
  readonly events?: number
  readonly isSealed?: boolean
  readonly segmentBytes?: number
  readonly signKey?: string
  readonly commitEvents?: number
}

/** The files of a small run of several commits and segments, on a disk in memory. */
export async function sampleRun(sample: Sample = {}): Promise<Map<string, Buffer>> {
  const { runId = 'sample', events = 20, isSealed = true, segmentBytes = 1_100 } = sample
  const disk = new FaultyDisk()
  const options: RunOptions = {
    dir: SAMPLE_DIR,
    disk,
    commitEvents: sample.commitEvents ?? 4,
    commitMs: Infinity,
    durability: 'commit',
    segmentBytes,
    ...(sample.signKey === undefined ? {} : { signKey: sample.signKey }),
  }
  const log = right(await createRun(startOf(runId), options))
  await appendAll(log, turns(1, isSealed ? events - 1 : events))
  if (isSealed) {
    await appendAll(log, [ending(events)])
    right(await log.seal())
  } else right(await log.flush())
  return disk.contents
}
