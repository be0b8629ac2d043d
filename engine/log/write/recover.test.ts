import * as E from 'fp-ts/lib/Either.js'
import t, { type Test } from 'tap'
import { TYPES } from '#schemas/registry.js'
import type { LogWriter } from '../event-log.js'
import { jsonlReader } from '../read/jsonl-reader.js'
import { recoverRun } from './recover.js'
import { createRun, type RunOptions } from './run-dir.js'
import {
  appendAll,
  dice,
  ending,
  readAll,
  right,
  rowOf,
  startOf,
  turns,
} from '../testing/builders.js'
import { FaultyDisk, type Fault, type Survival } from '../testing/faulty-disk.js'
import { verifyRun } from '../prove/verify.js'

const DIR = 'runs/crash'
const LAST = 24
const IS_LONG = process.env['POLARIS_LONG'] === '1'

const optionsOn = (disk: FaultyDisk): RunOptions => ({
  dir: DIR,
  disk,
  commitEvents: 3,
  commitMs: Infinity,
  durability: 'commit',
  witnessMs: 0,
  segmentBytes: 900,
})

interface Life {
  readonly disk: FaultyDisk
  readonly log: LogWriter | undefined
  readonly acked: number
  readonly isSealed: boolean
}

/** A whole small run, on a disk that fails once. */
async function life(fault?: Fault): Promise<Life> {
  const disk = new FaultyDisk(fault)
  const made = await createRun(startOf('crash'), optionsOn(disk))
  if (E.isLeft(made)) return { disk, log: undefined, acked: 0, isSealed: false }
  const log = made.right
  let acked = 0
  log.onDurable(seq => (acked = seq))
  for (const [i, turn] of [...turns(1, LAST - 1), ending(LAST)].entries()) {
    log.append(turn)
    if (i % 3 === 2) await log.flush()
  }
  await log.flush()
  const sealed = log.lastSeq === LAST && acked === LAST ? await log.seal() : await log.close()
  return { disk, log, acked, isSealed: acked === LAST && E.isRight(sealed) }
}

/** Opens what a crash left; nothing acknowledged may be missing, and the run must go on to its end. */
async function survives(t: Test, disk: FaultyDisk, { acked }: Life, name: string): Promise<void> {
  const opened = await recoverRun(optionsOn(disk))
  if (E.isLeft(opened)) {
    const { tag } = opened.left
    if (tag === 'Unreadable') return ok(t, acked === 0, `${name}: ${JSON.stringify(opened.left)}`)
    if (tag !== 'Sealed') return ok(t, false, `${name}: ${JSON.stringify(opened.left)}`)
  } else {
    const { log, lastSeq } = opened.right
    ok(t, lastSeq >= acked, `${name}: ${acked} was acknowledged, ${lastSeq} recovered`)
    const { tornBytes } = opened.right
    const recovered = TYPES.RunRecovered.make({ lastSeq, tornBytes })
    await appendAll(log, [[rowOf(lastSeq + 1, recovered)], ending(lastSeq + 2)])
    right(await log.seal())
  }
  const verdict = await verifyRun(DIR, { disk })
  ok(t, verdict.status === 'intact' && verdict.sealed, `${name}: ${JSON.stringify(verdict)}`)
  const { rows, fault } = await readAll(jsonlReader(DIR, disk))
  ok(t, disk.openFiles === 0, `${name}: ${disk.openFiles} files are left open`)
  const before = [...turns(1, LAST - 1), ending(LAST)].flat()
  const same = rows.filter((row, i) => JSON.stringify(row) === JSON.stringify(before[i])).length
  ok(t, fault === undefined && same >= acked && rows.length === verdict.lastSeq, `${name}: rows`)
}

/** Says only what is not so: there are many thousand crashes. */
function ok(t: Test, isSo: boolean, message: string): void {
  if (!isSo) t.fail(message)
}

void t.test('a crash at every operation, every prefix of what was not synced', async t => {
  const { ops } = (await life()).disk
  t.ok(ops > 40)
  let crashes = 0
  for (let op = 1; op <= ops; op++) {
    const crashed = await life({ op, how: 'crash' })
    const most = crashed.disk.unsyncedBytes
    const stride = IS_LONG ? 3 : 7
    for (let bytes = 0; bytes <= most + stride; bytes += stride) {
      const survival: Survival = {
        tag: 'prefix',
        bytes: Math.min(bytes, most) + (bytes > most ? 1 : 0),
      }
      await survives(t, crashed.disk.survivor(survival), crashed, `op ${op}, ${bytes} bytes`)
      crashes++
    }
  }
  t.comment(`${crashes} crashes`)
})

void t.test('a crash at every operation, unsynced sectors and names kept at random', async t => {
  const { ops } = (await life()).disk
  for (let op = 1; op <= ops; op++) {
    const crashed = await life({ op, how: 'crash' })
    for (let seed = 0; seed < (IS_LONG ? 100 : 12); seed++) {
      const survival: Survival = { tag: 'dice', roll: dice(op * 1_000 + seed) }
      const name = `op ${op}, seed ${op * 1_000 + seed}`
      await survives(t, crashed.disk.survivor(survival), crashed, name)
    }
  }
})

void t.test('a crash while a crash is recovered', async t => {
  const { ops } = (await life()).disk
  for (let op = 10; op <= ops; op += IS_LONG ? 2 : 5) {
    const first = await life({ op, how: 'crash' })
    for (let again = 1; again < 16; again++) {
      const seed = op * 100 + again
      const disk = first.disk.survivor({ tag: 'prefix', bytes: first.disk.unsyncedBytes - 3 })
      const second = disk.failing({ op: again, how: 'crash' })
      await recoverRun(optionsOn(second))
      const third = second.survivor({ tag: 'dice', roll: dice(seed) })
      await survives(t, third, first, `op ${op}, then op ${again}`)
    }
  }
})

void t.test(
  'a write or sync that fails halts the log for good; what was acknowledged stays',
  async t => {
    const { ops } = (await life()).disk
    for (let op = 1; op <= ops; op++)
      for (const how of ['EIO', 'ENOSPC'] as const) {
        const failed = await life({ op, how })
        const name = `${how} at op ${op}`
        if (failed.log) {
          const fault = failed.log.append([rowOf(failed.log.lastSeq + 1)])
          ok(t, fault?.tag === 'Halted', `${name}: ${JSON.stringify(fault)}`)
          const flushed = await failed.log.flush()
          ok(t, E.isLeft(flushed) && flushed.left === fault, `${name}: flush`)
          const ready = await failed.log.ready()
          ok(t, ready !== undefined && E.isLeft(ready), `${name}: ready`)
          const closed = await failed.log.close()
          ok(t, E.isLeft(closed) && closed.left === fault, `${name}: close`)
        }
        const most = failed.disk.unsyncedBytes
        const seeds = [1, 2, 3].map(seed => ({ tag: 'dice', roll: dice(seed * op) }) as const)
        for (const survival of [{ tag: 'prefix', bytes: most + 1 } as const, ...seeds])
          await survives(t, failed.disk.survivor(survival), failed, name)
      }
  },
)

void t.test('a short write is carried on', async t => {
  const { ops } = (await life()).disk
  for (let op = 1; op <= ops; op++) {
    const lived = await life({ op, how: 'short' })
    ok(t, lived.acked === LAST && lived.isSealed, `short at op ${op}: ${lived.acked}`)
    const verdict = await verifyRun(DIR, { disk: lived.disk })
    ok(t, verdict.status === 'intact', `short at op ${op}: ${JSON.stringify(verdict)}`)
  }
})

void t.test('a run that is held or sealed is not opened', async t => {
  const disk = new FaultyDisk()
  const log = right(await createRun(startOf('crash'), optionsOn(disk)))
  t.strictSame(await recoverRun(optionsOn(disk)), E.left({ tag: 'Held', dir: DIR }))
  t.strictSame(
    await createRun(startOf('crash'), optionsOn(disk)),
    E.left({ tag: 'Exists', dir: DIR }),
  )
  await appendAll(log, [...turns(1, 5), ending(6)])
  right(await log.seal())
  t.strictSame(await recoverRun(optionsOn(disk)), E.left({ tag: 'Sealed' }))
})

void t.test('a torn tail is set aside, durably, before it is taken away', async t => {
  const total = ({ contents }: FaultyDisk): number =>
    [...contents].reduce(
      (sum, [path, { length }]) => sum + (path.includes('events') ? length : 0),
      0,
    )
  let tears = 0
  for (let op = 1; op <= (await life()).disk.ops; op++) {
    const { disk } = await life({ op, how: 'crash' })
    const crashed = disk.survivor({ tag: 'prefix', bytes: disk.unsyncedBytes - 3 })
    const before = total(crashed)
    const opened = await recoverRun(optionsOn(crashed))
    if (E.isLeft(opened) || opened.right.tornBytes === 0) continue
    const { tornBytes, log } = opened.right
    const after = crashed.survivor({ tag: 'prefix', bytes: 0 })
    t.equal(after.contents.get(`${DIR}/torn-1.bin`)?.length, tornBytes)
    t.equal(total(after), before - tornBytes)
    right(await log.close())
    tears++
  }
  t.ok(tears > 3)
})
