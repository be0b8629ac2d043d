// A thread of its own for each run that is served: reads its log, follows it while it grows, and answers what is asked of it.
import { parentPort, workerData } from 'node:worker_threads'
import { setTimeout as pause } from 'node:timers/promises'
import { folderStore } from '#engine/log/store/folder-store.js'
import { BadIntent } from '../execution/intents.js'
import { NotFound } from '../answers/not-found.js'
import { METHODS, type Method } from './methods.js'
import type { FromWorker, ToWorker, WorkerStart } from './protocol.js'
import { RunView } from './run-view.js'
import { streamRowOf, type StreamRow } from './stream-rows.js'

/** How often a run that goes on is looked at, ms; and one that is over, which nobody writes any more. */
const LOOK_MS = 100
const OVER_LOOK_MS = 2_000
/** Rows of the stream that are handed on at once at most. */
const BATCH = 500
/** How often the others hear how far a long log was read, ms. */
const TELL_MS = 200

const { run } = workerData as WorkerStart
const port = parentPort!
const stop = new AbortController()
let batch: StreamRow[] = []
let toldMs = 0
let trouble: string | null = null

const say = (message: FromWorker): void => {
  port.postMessage(message)
}
const flush = (): void => {
  if (batch.length === 0) return
  say({ tag: 'rows', rows: batch })
  batch = []
}
const tell = (isRead: boolean, foldMs: number | null = null): void => {
  toldMs = performance.now()
  const { mode, source, isEnded, tUs, seq } = view.moment
  const { count, bytes, everyEvents } = view.snapshots.facts
  const firstUs = view.clock[0]?.tUs ?? tUs
  const snapshots = { count, bytes, every_events: everyEvents }
  const isWall = foldMs !== null && view.moment.clock === 'wall'
  const behindMs = isWall ? Math.max(0, Date.now() - Math.floor(tUs / 1_000)) : null
  const facts = { seq, tUs, firstUs, mode, source, isEnded, isRead, trouble, foldMs, behindMs }
  say({ tag: 'tip', tip: { ...facts, snapshots } })
}

const view = new RunView(folderStore(), run, {
  onRow: row => {
    const found = streamRowOf(row)
    if (found) batch.push(found)
    if (batch.length >= BATCH) flush()
    if (performance.now() - toldMs > TELL_MS) tell(false)
  },
})

port.on('message', (message: ToWorker) => {
  if (message.tag === 'stop') stop.abort()
  else void answer(message)
})

async function answer({ id, method, args }: Extract<ToWorker, { tag: 'ask' }>): Promise<void> {
  try {
    const ask = METHODS[method as Method] as (of: RunView, args: unknown) => Promise<unknown>
    say({ tag: 'answer', id, value: await ask(view, args) })
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error(String(error))
    if (error instanceof NotFound)
      say({ tag: 'no', id, why: 'not-found', message, expected: error.expected })
    else if (error instanceof BadIntent)
      say({ tag: 'no', id, why: 'bad', message, expected: error.expected })
    else say({ tag: 'no', id, why: 'failed', message, expected: 'a run that can be read' })
  }
}

while (!stop.signal.aborted) {
  try {
    const [before, fromMs] = [view.seq, performance.now()]
    await view.catchUp(stop.signal)
    flush()
    tell(true, view.seq > before ? performance.now() - fromMs : null)
  } catch (error) {
    trouble = error instanceof Error ? error.message : String(error)
    flush()
    tell(false)
    break // what was read is shown; more of a log that is not what was written is not
  }
  const wait = view.moment.isEnded ? OVER_LOOK_MS : LOOK_MS
  await pause(wait, undefined, { signal: stop.signal }).catch(() => undefined)
}
if (trouble !== null && !stop.signal.aborted)
  await new Promise(resolve => {
    stop.signal.addEventListener('abort', resolve)
  })
await view.close()
port.close()
