// A thread of its own beside a run: folds the views from the run's log, as far as that is durable, and writes them.
import { basename, join, resolve } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import * as E from 'fp-ts/lib/Either.js'
import { folderStore } from '#engine/log/store/folder-store.js'
import { VIEWS } from '#projections/registry.js'
import { VIEWS_DIR } from '#projections/sinks/files.js'
import { writeFolded } from '#projections/sinks/folded.js'
import { LiveFiles } from '#projections/sinks/live-files.js'
import { ENDED, SEQ, type LiveData, type LiveEnd } from './live-views.js'

const { dir, everyMs, shared } = workerData as LiveData
const state = new BigInt64Array(shared)
const follower = folderStore().follow(dir)
const files = await LiveFiles.open(join(dir, VIEWS_DIR), {
  runId: basename(resolve(dir)),
  views: VIEWS,
})

/** Folds what is durable by now. */
async function catchUp(): Promise<void> {
  for await (const read of follower.rows(Number(Atomics.load(state, SEQ)))) {
    if (E.isLeft(read)) throw new Error(`the log cannot be followed: ${JSON.stringify(read.left)}`)
    await files.take(read.right)
  }
}

while (Atomics.load(state, ENDED) === 0n) {
  await catchUp()
  await files.publish()
  // Sleeps, unless the run ends meanwhile.
  Atomics.wait(state, ENDED, 0n, everyMs)
}
await catchUp()
await follower.close()
const end = await new Promise<LiveEnd>(done => parentPort?.once('message', done))
if (end.head === '') await files.abandon()
else {
  const views = await files.end()
  if (follower.lastSeq !== end.lastSeq)
    throw new Error(`the views end at ${follower.lastSeq}, the log at ${end.lastSeq}`)
  await writeFolded(join(dir, VIEWS_DIR), { ...end, views })
}
