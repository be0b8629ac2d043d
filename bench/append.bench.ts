import assert from 'node:assert'
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { LineWriter } from '#schemas/line/writer.js'
import type { Recorded } from '#schemas/recorded.js'
import type { Durability } from '#engine/log/event-log.js'
import { createRun } from '#engine/log/run-dir.js'
import { orRefuse } from '#cli/runs.js'
import { bookRows } from './book-rows.js'
import type { Bench } from './question.js'
import { quantile, race } from './stopwatch.js'

/** Events between two rests of the event loop, as in the engine's own loop. */
const BATCH = 1_024
const PLANS = [
  { durability: 'commit', commitEvents: 256 },
  { durability: 'commit', commitEvents: 1_024 },
  { durability: 'interval', commitEvents: 256 },
  { durability: 'none', commitEvents: 256 },
] as const

/** How many events a second does the log on disk take, and how long until one is durable? */
export const bench: Bench = {
  name: 'append',
  question: 'How many events a second does the log make durable, and how soon?',
  events: 200_000,
  samples: 9,
  dominates:
    'Encoding and BLAKE3 on the main thread; the disk works behind it, and one sync covers all commits that wait.',
  run: async ({ events, samples }, call) => {
    const root = mkdtempSync(join(tmpdir(), 'polaris-append-'))
    const rows = bookRows(events, 2).map((row, k) => ({ ...row, seq: k + 1 }))
    const dir = join(root, 'run')
    const ready = (): void => {
      rmSync(dir, { recursive: true, force: true })
    }
    try {
      const logs = PLANS.map(plan => {
        const acksMs: number[] = []
        const run = async (): Promise<void> => {
          const taken = await append(dir, rows, plan)
          assert.equal(taken.durableSeq, events, 'all that was taken is durable')
          acksMs.push(...taken.acksMs)
        }
        const name = `log, ${plan.durability}, commits of ${plan.commitEvents}`
        return { name, ops: events, ready, run, acksMs }
      })
      const floors = [256, 1_024].map(commitEvents => {
        const chunks = chunksOf(rows, commitEvents)
        const name = `plain write and fdatasync, every ${commitEvents}`
        return { name, ops: events, ready, run: () => floor(dir, chunks) }
      })
      const contenders = await race([...logs, ...floors], { samples, progress: call.progress })
      const acks = logs.flatMap(({ name, acksMs }) => [
        [`ack p50 ms: ${name}`, Number(quantile(acksMs, 0.5).toFixed(2))] as const,
        [`ack p99 ms: ${name}`, Number(quantile(acksMs, 0.99).toFixed(2))] as const,
      ])
      return { contenders, facts: Object.fromEntries(acks) }
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  },
}

/** Appends all rows, one turn each, at the speed that the log has room for; acknowledgements are timed per commit. */
async function append(
  dir: string,
  rows: readonly Recorded[],
  { durability, commitEvents }: { durability: Durability; commitEvents: number },
): Promise<{ durableSeq: number; acksMs: number[] }> {
  const start = {
    runId: 'bench',
    mode: 'shadow',
    parent: '',
    source: 'bench',
    startedUs: 0,
  } as const
  const about = { runTag: '', node: '', backend: 'ts', durability, machine: {}, configDigest: '' }
  const keep = { dir, durability, commitEvents, commitMs: 20 }
  const log = orRefuse(await createRun({ ...start, ...about }, keep))
  const waiting: { seq: number; sinceMs: number }[] = []
  const acksMs: number[] = []
  log.onDurable(seq => {
    for (let first = waiting[0]; first && first.seq <= seq; first = waiting[0]) {
      acksMs.push(performance.now() - first.sinceMs)
      waiting.shift()
    }
  })
  for (const [k, row] of rows.entries()) {
    assert.equal(log.append([row]), undefined)
    if (row.seq % commitEvents === 0) waiting.push({ seq: row.seq, sinceMs: performance.now() })
    const room = log.ready()
    if (room) await room
    if (k % BATCH === BATCH - 1) await setImmediate()
  }
  const durableSeq = orRefuse(await log.flush())
  await log.close()
  return { durableSeq, acksMs }
}

function chunksOf(rows: readonly Recorded[], events: number): Uint8Array[] {
  const writer = new LineWriter()
  const chunks: Uint8Array[] = []
  for (const { seq, tUs, cause, event } of rows) {
    writer.event(seq, tUs, cause, event)
    if (seq % events !== 0 && seq !== rows.length) continue
    chunks.push(writer.bytes.slice())
    writer.reset()
  }
  return chunks
}

/** The least that durable bytes cost: nothing is encoded or hashed. */
function floor(path: string, chunks: readonly Uint8Array[]): void {
  const file = openSync(path, 'wx')
  for (const chunk of chunks) {
    writeSync(file, chunk)
    fdatasyncSync(file)
  }
  closeSync(file)
}
