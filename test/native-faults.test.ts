import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as E from 'fp-ts/lib/Either.js'
import t from 'tap'
import type { LogWriter } from '#engine/log/event-log.js'
import type { Failing, JournalApi } from '#engine/log/write/journal.js'
import { recoverRun } from '#engine/log/write/recover.js'
import { createRun, isHeld, type RunOptions } from '#engine/log/write/run-dir.js'
import { ending, right, rowOf, startOf, turns } from '#engine/log/testing/builders.js'
import { verifyRun } from '#engine/log/prove/verify.js'
import { loadAddon } from '#engine/native/addon.js'

const addon = loadAddon()
const api: JournalApi | undefined = typeof addon === 'string' ? undefined : addon
const skip = typeof addon === 'string' ? addon : false
const EIO = 5
const ENOSPC = 28
const EVENTS = 60
/** Calls of the disk that a run of so many events takes at least, when each turn is waited for. */
const OPS = 40

const optionsOf = (dir: string, failing?: Failing): RunOptions => ({
  ...{ dir, commitEvents: 4, commitMs: Infinity, durability: 'commit', segmentBytes: 1_500 },
  ...(failing && { failing }),
  journal: api,
})

/** Appends turn by turn, each made durable, until the log halts or ends; the last acknowledgement and the answers. */
async function driven(log: LogWriter): Promise<{ acked: number; faults: unknown[] }> {
  let acked = 0
  log.onDurable(seq => (acked = seq))
  for (const turn of turns(1, EVENTS)) {
    const refused = log.append(turn)
    const flushed = refused ? E.left(refused) : await log.flush()
    if (E.isRight(flushed)) continue
    const next = [rowOf(log.lastSeq + 1)]
    const faults = [flushed.left, log.append(next), await log.ready(), await log.flush()]
    return { acked, faults: [...faults, await log.close(), await log.seal()] }
  }
  right(await log.close())
  return { acked, faults: [] }
}

void t.test('the first failure of the disk halts the log for good', { skip }, async t => {
  for (const [code, errno] of [
    ['EIO', EIO],
    ['ENOSPC', ENOSPC],
  ] as const)
    for (let op = 1; op <= OPS; op++) {
      const dir = join(t.testdir(), 'run')
      const log = right(await createRun(startOf('fault'), optionsOf(dir, { op, errno })))
      const { acked, faults } = await driven(log)
      const halted = { tag: 'Halted', cause: new RegExp(`^${code}: `) }
      const all = [halted, halted, E.left(halted), E.left(halted), E.left(halted), E.left(halted)]
      t.match(faults, all, `${code} at ${op}`)
      t.notOk(await isHeld(dir), 'the lock is let go')
      const opened = await recoverRun(optionsOf(dir))
      if (E.isLeft(opened)) {
        t.match(opened.left, { tag: 'Unreadable' }, 'nothing was ever written')
        t.equal(acked, 0)
        continue
      }
      const { log: next, lastSeq } = opened.right
      t.ok(lastSeq >= acked, `${lastSeq} of ${acked} acknowledged are there`)
      for (const turn of turns(lastSeq + 1, EVENTS)) t.equal(next.append(turn), undefined)
      t.equal(next.append(ending(EVENTS + 1)), undefined)
      right(await next.seal())
      t.match(await verifyRun(dir), { status: 'intact', sealed: true, lastSeq: EVENTS + 1 })
    }
})

void t.test('a short write is gone on from', { skip }, async t => {
  const heads = new Set<string>()
  for (let op = 1; op <= OPS; op += 3) {
    const dir = join(t.testdir(), 'run')
    const failing = { op, errno: 0 }
    const log = right(await createRun(startOf('short'), optionsOf(dir, failing)))
    const { acked, faults } = await driven(log)
    t.strictSame([acked, faults], [EVENTS, []])
    const verdict = await verifyRun(dir)
    t.match(verdict, { status: 'intact', lastSeq: EVENTS, tornBytes: 0 })
    heads.add('head' in verdict ? verdict.head : '')
  }
  t.equal(heads.size, 1)
})

const onLinux = process.platform === 'linux' ? skip : 'ulimit -f is of Linux in this form'

void t.test('a file that may not grow halts the run for good', { skip: onLinux }, async t => {
  const dir = join(t.testdir(), 'run')
  const appender = fileURLToPath(new URL('../engine/log/testing/appender.js', import.meta.url))
  // Blocks of 1,024 bytes: a part of the first segment. The kernel writes what fits, then says EFBIG.
  // What tap loads into its children ends them at the signal that comes with EFBIG, which Node itself ignores.
  const command = `unset NODE_OPTIONS; ulimit -f 40; exec "$0" "$@"`
  const of = ['-c', command, process.execPath, appender, dir, 'native']
  const done = spawnSync('bash', of, { encoding: 'utf8', timeout: 60_000 })
  const { status, signal, stderr } = done
  const why = /Halted.*EFBIG: .*write events-000001\.jsonl/s
  t.match({ status, signal, stderr }, { status: 1, signal: null, stderr: why })
  const acked = Math.max(
    0,
    ...[...done.stdout.matchAll(/"acked":(\d+)/g)].map(([, n]) => Number(n)),
  )
  const { log, lastSeq, tornBytes } = right(await recoverRun(optionsOf(dir)))
  t.ok(acked > 0 && lastSeq >= acked)
  t.ok(tornBytes > 0, 'a part of a commit was written')
  right(await log.close())
})
