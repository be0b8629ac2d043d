import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { digestOf, Head } from '#engine/log/prove/blake3.js'
import { eventLogContract } from '#engine/log/event-log.contract.js'
import type { Durability } from '#engine/log/event-log.js'
import { readHeadFile } from '#engine/log/disk/head-file.js'
import type { JournalApi } from '#engine/log/write/journal.js'
import { jsonlReader } from '#engine/log/read/jsonl-reader.js'
import { placeOf } from '#engine/log/disk/mark.js'
import { nodeDisk } from '#engine/log/disk/node-disk.js'
import { recoverRun } from '#engine/log/write/recover.js'
import { createRun, type RunOptions } from '#engine/log/write/run-dir.js'
import {
  appendAll,
  dice,
  ending,
  readAll,
  right,
  rowOf,
  startOf,
  turns,
} from '#engine/log/testing/builders.js'
import { verifyRun } from '#engine/log/prove/verify.js'
import { LogVerifier } from '#engine/log/read/log-verifier.js'
import { loadAddon } from '#engine/native/addon.js'

const addon = loadAddon()
const api: JournalApi | undefined = typeof addon === 'string' ? undefined : addon
const skip = typeof addon === 'string' ? addon : false
const SEGMENT_BYTES = 4_000

type Of = Partial<RunOptions> & { readonly dir: string }

const optionsOf = (of: Of): RunOptions => ({
  commitEvents: 8,
  commitMs: Infinity,
  durability: 'commit',
  segmentBytes: SEGMENT_BYTES,
  ...of,
})

for (const durability of ['commit', 'interval', 'none'] as const)
  void t.test(`the contract of a log, durability ${durability}`, { skip }, async t => {
    const root = t.testdir()
    const dirs: string[] = []
    eventLogContract(t, async (_, { commitEvents }) => {
      const dir = join(root, 'runs', `${dirs.length + 1}`)
      dirs.push(dir)
      const options = optionsOf({ dir, commitEvents, durability, commitMs: 5, journal: api })
      return {
        log: right(await createRun(startOf('contract'), options)),
        reader: jsonlReader(dir),
      }
    })
    void t.test('what it wrote verifies', async t => {
      for (const dir of dirs) {
        const verdict = await verifyRun(dir)
        if (verdict.status === 'unreadable') t.equal(verdict.lastSeq, 0)
        else t.match(verdict, { status: 'intact', tornBytes: 0, provenTo: verdict.lastSeq })
      }
    })
  })

/** The files of a run, by name; of what depends on the moment only that it is there. */
function filesOf(dir: string): Map<string, string> {
  const names = readdirSync(dir).filter(name => name.startsWith('events-') || name === 'head.json')
  return new Map(names.sort().map(name => [name, readFileSync(join(dir, name), 'latin1')]))
}

void t.test(
  'both writers give the same bytes for the same turns and closings',
  { skip },
  async t => {
    for (const durability of ['commit', 'interval', 'none'] as const satisfies Durability[])
      for (let seed = 1; seed <= 5; seed++) {
        const root = t.testdir()
        const ends: unknown[] = []
        for (const journal of [undefined, api]) {
          const roll = dice(seed)
          const dir = join(root, journal ? 'native' : 'ts')
          const commitEvents = 1 + roll(40)
          const segmentBytes = 1_500 + roll(6_000)
          const options = optionsOf({ dir, commitEvents, segmentBytes, durability, journal })
          const log = right(await createRun(startOf('same'), options))
          const all = [...turns(1, 400), ending(401)]
          for (const [k, turn] of all.entries()) {
            await appendAll(log, [turn])
            const what = roll(30)
            if (what === 0) right(await log.flush())
            if (what === 1) {
              const mark = log.mark()
              ends.push([k, { ...(mark && placeOf(mark)), hasher: '' }])
            }
            if (what === 2) await new Promise(setImmediate)
          }
          ends.push(right(await log.seal()))
        }
        t.strictSame(ends.slice(ends.length / 2), ends.slice(0, ends.length / 2), `seed ${seed}`)
        t.strictSame(filesOf(join(root, 'native')), filesOf(join(root, 'ts')), `seed ${seed}`)
      }
  },
)

void t.test('a place in the hash that it marks is one to read on from', { skip }, async t => {
  const dir = join(t.testdir(), 'run')
  const options = optionsOf({ dir, segmentBytes: 200_000, journal: api })
  const log = right(await createRun(startOf('marks'), options))
  const marks = []
  for (const from of [1, 9, 10, 14, 30, 301, 1_201, 1_500]) {
    await appendAll(log, turns(log.lastSeq + 1, from + 8))
    const mark = log.mark()
    if (mark) marks.push(mark)
  }
  await appendAll(log, turns(log.lastSeq + 1, 3_000))
  t.match(log.mark(), { lastSeq: 3_000 })
  const { head } = right(await log.close())
  t.ok(marks.length > 5)
  for (const mark of marks) {
    const walk = (await LogVerifier.of(nodeDisk, dir)).startBehind(placeOf(mark)!)!
    let step = await walk.next()
    while (step.tag !== 'stop') step = await walk.next()
    t.match(step, { kind: 'end', lastSeq: 3_000, head })
    await walk.close()
  }
})

void t.test('a run goes on under the other writer', { skip }, async t => {
  const heads = new Set<string>()
  for (const first of [undefined, api])
    for (const second of [undefined, api]) {
      const dir = join(t.testdir(), 'run')
      const one = right(await createRun(startOf('over'), optionsOf({ dir, journal: first })))
      await appendAll(one, turns(1, 150))
      right(await one.close())
      for (const [to, journal] of [
        [200, second],
        [260, first],
      ] as const) {
        const opened = right(await recoverRun(optionsOf({ dir, journal })))
        t.equal(opened.tornBytes, 0)
        await appendAll(opened.log, turns(opened.lastSeq + 1, to))
        right(await opened.log.close())
      }
      const { log } = right(await recoverRun(optionsOf({ dir, journal: second })))
      await appendAll(log, [ending(261)])
      heads.add(right(await log.seal()).head)
      t.match(await verifyRun(dir), { status: 'intact', sealed: true, lastSeq: 261 })
      t.equal((await readAll(jsonlReader(dir))).rows.length, 261)
    }
  t.equal(heads.size, 1)
})

void t.test('head.json follows, and who follows the log sees whole commits', { skip }, async t => {
  const dir = join(t.testdir(), 'run')
  const closed: number[] = []
  const onClosed = (segment: number) => closed.push(segment)
  for (const durability of ['commit', 'none'] as const) {
    const at = join(dir, durability)
    const keep = optionsOf({ dir: at, durability, journal: api, witnessMs: 1, onClosed })
    const log = right(await createRun(startOf('witness'), keep))
    await appendAll(log, turns(1, 100))
    t.equal(right(await log.flush()), 100)
    for (let seen = 0; seen < 100;) {
      const read = await readHeadFile(nodeDisk, at)
      t.ok(read.tag !== 'damaged')
      if (read.tag === 'read') seen = read.value.lastSeq
      await new Promise(resolve => setTimeout(resolve, 2))
    }
    t.ok(closed.length > 0)
    t.strictSame(
      closed,
      closed.map((_, k) => k + 1),
    )
    closed.length = 0
    right(await log.close())
  }
})

void t.test(
  'commits are closed by themselves where they wait for no company',
  { skip },
  async t => {
    const dir = join(t.testdir(), 'run')
    const keep = optionsOf({ dir, commitEvents: 1_000, commitMs: 0, journal: api })
    const log = right(await createRun(startOf('eager'), keep))
    const alive = setInterval(() => undefined, 1_000) // the log keeps no process alive
    for (let seq = 1; seq <= 50; seq++) {
      const acked = new Promise<number>(resolve => log.onDurable(resolve))
      t.equal(log.append([rowOf(seq)]), undefined)
      t.equal(await acked, seq)
    }
    clearInterval(alive)
    const { commits } = right(await log.close())
    t.equal(commits, 50)
    t.ok(existsSync(dir))
  },
)

void t.test('a hasher goes on from the place of another make', async t => {
  const text = Buffer.from('a line of a log\n'.repeat(400))
  const head = await Head.make()
  head.place({ trees: new Uint8Array(0), leaves: 0, tail: text.subarray(0, 1_000) })
  head.update(text.subarray(1_000))
  t.equal(head.digest(), await digestOf(text))
})
