// A thread that does passes over tapes which it shares with others. See `PassThreads`.
import { parentPort, workerData } from 'node:worker_threads'
import { doneJob, type PassJob, type TrialJob } from './pass-jobs.js'
import type { Shared } from './pass-threads.js'

const { runs, backend, code } = workerData as Shared
const port = parentPort

port?.on('message', (job: PassJob | TrialJob) => {
  // Only what a process answers has remarks, and that stays in the first thread.
  port.postMessage(doneJob(job, { runs, backend, code, say: () => undefined }))
})
