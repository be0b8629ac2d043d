import * as E from 'fp-ts/lib/Either.js'
import t, { type Test } from 'tap'
import { TYPES } from '#schemas/registry.js'
import {
  COMMIT_BYTES_MAX,
  PENDING_BYTES_MAX,
  type Durability,
  type LogWriter,
} from '../event-log.js'
import { jsonlReader } from '../read/jsonl-reader.js'
import { MemoryLog } from './memory-log.js'
import { createRun } from './run-dir.js'
import { appendAll, ending, readAll, right, rowOf, startOf, turns } from '../testing/builders.js'
import { FaultyDisk, type Fault } from '../testing/faulty-disk.js'
import { Gate } from '../testing/gated-disk.js'
import { verifyRun } from '../prove/verify.js'

const DIR = 'runs/pressure'

async function gated(
  _: Test,
  of: { durability?: Durability; commitEvents?: number; fault?: Fault } = {},
): Promise<{ log: LogWriter; gate: Gate; disk: FaultyDisk }> {
  const { durability = 'commit', commitEvents = 1, fault } = of
  const gate = new Gate()
  const disk = new FaultyDisk(fault)
  const options = { dir: DIR, disk: gate.over(disk), commitEvents, commitMs: Infinity, durability }
  return { log: right(await createRun(startOf('pressure'), options)), gate, disk }
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 50; i++) await Promise.resolve()
}

const kilobytes = (seq: number, count: number) =>
  rowOf(seq, TYPES.FeedLost.make({ feed: 'x'.repeat(count * 1_024), why: '' }))

void t.test('a slow disk makes the writer wait at the bound, and lets it go on below', async t => {
  const { log, gate, disk } = await gated(t)
  let taken = 0
  while (!log.ready()) {
    t.equal(log.append([kilobytes(log.lastSeq + 1, 256)]), undefined)
    taken += 256 * 1_024
  }
  t.ok(taken <= PENDING_BYTES_MAX + COMMIT_BYTES_MAX)
  const waiting = log.ready()
  let isRoom = false
  void waiting?.then(() => (isRoom = true))
  await settle()
  t.equal(isRoom, false)
  t.equal(gate.waiting, 1)
  gate.pass()
  await settle()
  t.equal(isRoom, true)
  t.equal(log.ready(), undefined)
  gate.open()
  t.equal(right(await log.flush()), log.lastSeq)
  t.equal(gate.most, 1, 'one write in flight at a time')
  right(await log.close())
  t.match(await verifyRun(DIR, { disk }), { status: 'intact', lastSeq: log.lastSeq })
})

void t.test('nothing is acknowledged before its write', async t => {
  for (const durability of ['commit', 'none'] as const) {
    const { log, gate } = await gated(t, { durability })
    const acked: number[] = []
    log.onDurable(seq => acked.push(seq))
    await appendAll(log, turns(1, 10))
    await settle()
    t.strictSame(acked, [])
    const flushed = log.flush()
    gate.pass()
    await settle()
    t.strictSame(acked, durability === 'none' ? acked : [])
    gate.open()
    t.equal(right(await flushed), 10)
    t.equal(acked.at(-1), 10)
    t.strictSame(
      acked,
      acked.toSorted((a, b) => a - b),
    )
    right(await log.close())
  }
})

void t.test('interval: what is written is not acknowledged until it is synced', async t => {
  const { log, gate, disk } = await gated(t, { durability: 'interval' })
  gate.open()
  await appendAll(log, turns(1, 3))
  right(await log.flush()) // a new file is synced at once
  const acked: number[] = []
  log.onDurable(seq => acked.push(seq))
  await appendAll(log, turns(4, 9))
  await settle()
  t.strictSame(acked, [])
  t.ok(disk.unsyncedBytes > 0)
  t.equal(right(await log.flush()), 9)
  t.strictSame(acked, [9])
  t.equal(disk.unsyncedBytes, 0)
  right(await log.close())
})

void t.test('a commit that waits for company is closed by time', async t => {
  const options = { dir: DIR, disk: new FaultyDisk(), commitEvents: 1_000, commitMs: 1 }
  const log = right(await createRun(startOf('pressure'), { ...options, durability: 'commit' }))
  const acked = new Promise<number>(resolve => log.onDurable(resolve))
  t.equal(log.append([rowOf(1)]), undefined)
  const alive = setInterval(() => undefined, 1_000) // the log's own timer keeps no process alive
  t.equal(await acked, 1)
  clearInterval(alive)
  right(await log.close())
})

void t.test('who waits when the disk fails is told, and everyone after', async t => {
  const { log, gate } = await gated(t, { fault: { op: 8, how: 'EIO' } })
  while (!log.ready()) log.append([kilobytes(log.lastSeq + 1, 512)])
  const [ready, flush, seal] = [log.ready(), log.flush(), log.close()]
  gate.open()
  for (const answer of [ready, flush, seal]) t.match(await answer, E.left({ tag: 'Halted' }))
  t.match(log.append([rowOf(log.lastSeq + 1)]), { tag: 'Halted', cause: /EIO/ })
  t.match(await log.flush(), E.left({ tag: 'Halted' }))
  t.match(await log.ready(), E.left({ tag: 'Halted' }))
  t.match(await log.seal(), E.left({ tag: 'Halted' }))
})

void t.test('one head, whatever the durability, the commits, the backend and the name', async t => {
  const heads = new Set<string>()
  const all = [...turns(1, 199), ending(200)]
  for (const commitEvents of [1, 7, 1_024]) {
    for (const durability of ['commit', 'interval', 'none'] as const) {
      const disk = new FaultyDisk()
      const options = { dir: DIR, disk, commitEvents, commitMs: Infinity, durability }
      const run = { ...options, segmentBytes: 5_000 }
      const log = right(await createRun(startOf(`${durability}-${commitEvents}`), run))
      await appendAll(log, all)
      heads.add(right(await log.seal()).head)
      t.strictSame((await readAll(jsonlReader(DIR, disk))).rows, all.flat())
    }
    const log = await MemoryLog.open({ runId: 'memory', commitEvents, segmentBytes: 5_000 })
    await appendAll(log, all)
    heads.add(right(await log.seal()).head)
    t.strictSame((await readAll(log)).rows, all.flat())
  }
  t.equal(heads.size, 1)
})

void t.test('a run is sealed with RunEnded or not at all', async t => {
  const { log, gate } = await gated(t)
  gate.open()
  await appendAll(log, turns(1, 3))
  await t.rejects(log.seal(), /RunEnded/)
})
