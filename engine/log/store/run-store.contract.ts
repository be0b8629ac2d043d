import { readFileSync } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import type { Test } from 'tap'
import type { Recorded } from '#schemas/recorded.js'
import type { LogFault } from '../event-log.js'
import { appendAll, ending, right, rowOf, startOf, turns } from '../testing/builders.js'
import type { RunStore } from './run-store.js'

/** A new, empty store, and the name of a run in it. */
export type OpenStore = (t: Test) => {
  store: RunStore
  run: string
  /** A place for archived runs, and the run's name there; a folder for temporary files. */
  archive: string
  archived: string
  temporary: string
}

const KEEP = { commitEvents: 4, commitMs: Infinity, durability: 'commit' } as const
const ORIGIN = { code: 'code', config: 'config' }
const silent = (): undefined => undefined

/** What every store of runs must do. */
export function runStoreContract(t: Test, open: OpenStore): void {
  const begun = async (t: Test, last = 40) => {
    const { store, run, ...places } = open(t)
    const log = right(await store.create(run, startOf('contract'), KEEP))
    await appendAll(log, turns(1, last))
    right(await log.flush())
    return { store, run, log, ...places }
  }

  void t.test('gives back what was appended, from any event on, and proves it', async t => {
    const { store, run, log } = await begun(t)
    const all = turns(1, 40).flat()
    for (const from of [1, 2, 17, 40, 41])
      t.strictSame(await rowsOf(store.rows(run, from)), all.slice(from - 1))
    const { head, lastSeq } = right(await log.close())
    t.match(await store.verify(run), { status: 'intact', sealed: false, lastSeq: 40, head })
    t.strictSame(right(await store.end(run)), { lastSeq, head })
    t.match(await store.verify(run, { head: 'f'.repeat(64) }), { status: 'damaged' })
  })

  void t.test('chains commits whose heads a reader derives again', async t => {
    const { store, run, log } = await begun(t)
    const { head, commits } = right(await log.close())
    const found = []
    for await (const commit of store.commits(run)) {
      const { lastSeq, firstSeq, commit: number, head, bytes } = right(commit)
      found.push({ lastSeq, firstSeq, number, head, lines: bytes.filter(b => b === 10).length })
    }
    t.equal(found.length, commits)
    t.equal(found.at(-1)?.head, head)
    for (const [k, { firstSeq, lastSeq, number, lines }] of found.entries()) {
      t.equal(number, k + 1)
      t.equal(firstSeq, (found[k - 1]?.lastSeq ?? 0) + 1)
      t.equal(lines, lastSeq - firstSeq + 1)
    }
  })

  void t.test('goes on behind a mark as if it had read what lies before', async t => {
    const { store, run, log } = await begun(t, 20)
    const mark = log.mark()!
    t.equal(mark.lastSeq, 20)
    await appendAll(log, turns(21, 40))
    const { head } = right(await log.close())
    const behind = []
    for await (const commit of store.commits(run, { behind: mark })) behind.push(right(commit))
    t.equal(behind[0]?.firstSeq, 21)
    t.equal(behind.at(-1)?.head, head)
  })

  void t.test('follows a writer, each commit once', async t => {
    const { store, run, log } = await begun(t, 20)
    const reader = store.follow(run)
    const seen = await rowsOf(reader.rows(20))
    await appendAll(log, turns(21, 40))
    right(await log.flush())
    seen.push(...(await rowsOf(reader.rows(40))))
    t.strictSame(seen, turns(1, 40).flat())
    t.equal(reader.lastSeq, 40)
    await reader.close()
    await log.close()
  })

  void t.test('has one writer a run, and seals for ever', async t => {
    const { store, run, log } = await begun(t)
    t.match(await store.open(run, KEEP), E.left({ tag: 'Held' }))
    t.match(await store.create(run, startOf('again'), KEEP), E.left({ tag: 'Exists' }))
    t.match(await store.info(run), { status: 'open', runId: 'contract' })
    await appendAll(log, [ending(41)])
    const end = right(await log.seal())
    t.match(await store.info(run), { status: 'sealed', lastSeq: end.lastSeq, head: end.head })
    t.match(await store.open(run, KEEP), E.left({ tag: 'Sealed' }))
    t.match(await store.verify(run), { status: 'intact', sealed: true, provenTo: end.lastSeq })
  })

  void t.test('opens a run whose writer is gone, and the log is one', async t => {
    const { store, run, log } = await begun(t, 20)
    right(await log.close())
    t.match(await store.info(run), { status: 'crashed' })
    const again = right(await store.open(run, KEEP))
    t.match(again, { runId: 'contract', lastSeq: 20, tornBytes: 0 })
    await appendAll(again.log, turns(21, 40))
    const { head } = right(await again.log.close())
    const whole = await begun(t)
    right(await whole.log.close())
    t.match(await store.verify(run), { status: 'intact', head, lastSeq: 40 })
    t.strictSame(await rowsOf(store.rows(run)), await rowsOf(whole.store.rows(whole.run)))
  })

  void t.test('lists the runs that began', async t => {
    const { store, run, log } = await begun(t)
    right(await log.close())
    t.match(await store.list(), [{ runId: 'contract', status: 'crashed' }])
    t.ok(run.endsWith((await store.list())[0]?.name ?? '?'))
  })

  void t.test('finds a checkpoint that fits, and says why it takes no other', async t => {
    const { store, run, log } = await begun(t, 20)
    const mark = log.mark()!
    const checkpoints = store.checkpoints(run)
    const keeper = checkpoints.keeper({
      runId: 'contract',
      origin: ORIGIN,
      remark: line => t.fail(line),
    })
    keeper.keep({ mark, engine: '{"a":1}', feed: '2' })
    await keeper.settled()
    right(await log.close())
    t.strictSame(await checkpoints.list(), [20])
    const found = await checkpoints.find(ORIGIN, Infinity, line => t.fail(line))
    t.strictSame(found, { mark, engine: '{"a":1}', feed: '2' })
    t.equal(await checkpoints.find(ORIGIN, 19, silent), undefined)
    const said: string[] = []
    const other = { ...ORIGIN, code: 'other' }
    t.equal(await checkpoints.find(other, Infinity, line => said.push(line)), undefined)
    t.match(said, [/other code made it/])
  })

  void t.test('finds single events without reading what lies between', async t => {
    const { store, run, log } = await begun(t)
    right(await log.close())
    const index = await store.index(run)
    t.equal(index.lastSeq, 40)
    t.strictSame(await index.row(7), rowOf(7))
  })

  void t.test('takes over a run that never began, and only that', async t => {
    const { store, run } = open(t)
    const first = right(await store.create(run, startOf('first'), KEEP))
    t.equal(await store.hasBegun(run), false)
    right(await first.close())
    t.equal(await store.hasBegun(run), false)
    const log = right(await store.create(run, startOf('second'), KEEP))
    await appendAll(log, turns(1, 8))
    right(await log.close())
    t.equal(await store.hasBegun(run), true)
    t.match(await store.verify(run), { status: 'intact', lastSeq: 8 })
    t.match(await store.create(run, startOf('third'), KEEP), E.left({ tag: 'Exists' }))
  })

  void t.test('gives a program that is not ours files with all that is whole', async t => {
    const { store, run, log, temporary } = await begun(t)
    const { head, lastSeq } = right(await log.close())
    const found = right(await store.files(run, temporary))
    t.match(found, { lastSeq, head })
    const lines = found.files.flatMap(({ path }) => readFileSync(path, 'utf8').trim().split('\n'))
    const events = lines.filter(line => line.startsWith('{"n":'))
    t.equal(events.length, 40)
    t.match(events[39], /^\{"n":40,/)
    t.ok(found.files.every(({ isPacked }) => !isPacked))
  })

  void t.test('tends what is over, and comes to an end of it', async t => {
    const { store, run, temporary } = open(t)
    const upkeep = store.upkeep(run, { compress: 'zstd', level: 1, remark: line => t.fail(line) })
    const log = right(await store.create(run, startOf('tended'), { ...KEEP, upkeep }))
    for (let seq = 1; seq <= 2_000; seq += 20) {
      await appendAll(log, turns(seq, seq + 19))
      right(await log.flush())
    }
    const { head } = right(await log.close())
    await upkeep.takeOn()
    await upkeep.settled(new AbortController().signal)
    t.equal(upkeep.left, 0)
    t.match(await store.verify(run), { status: 'intact', lastSeq: 2_000, head })
    t.strictSame(await rowsOf(store.rows(run, 1_999)), turns(1_999, 2_000).flat())
    t.equal(right(await store.files(run, temporary)).lastSeq, 2_000)
  })

  void t.test('takes a run away, whole, and never one that is written', async t => {
    const { store, run, log, archive, archived } = await begun(t)
    t.match(await store.remove(run), E.left({ tag: 'Held' }))
    const { head } = right(await log.close())
    const { bytes, bar } = await store.footprint(run)
    t.ok(bytes > 40 * 50)
    t.equal(bar, '')
    right(await store.remove(run, archive))
    t.strictSame(await store.list(), [])
    t.match(await store.verify(run), { status: 'unreadable' })
    t.match(await store.verify(archived), { status: 'intact', lastSeq: 40, head })
    right(await right(await store.create(run, startOf('again'), KEEP)).close())
    t.match(await store.remove(run, archive), E.left({ tag: 'Exists' }))
    right(await store.remove(run))
    await store.tidy()
    t.match(await store.verify(archived), { status: 'intact', head }, 'what is archived stays')
  })

  void t.test('says of a run that is not there that it is not', async t => {
    const { store, run } = open(t)
    t.match(await store.end(run), E.left({ tag: 'Unreadable' }))
    t.match(await store.verify(run), { status: 'unreadable' })
    t.strictSame(await store.list(), [])
  })
}

/** All rows of a reader that meets no fault. */
async function rowsOf(
  read: AsyncGenerator<E.Either<LogFault, readonly Recorded[]>>,
): Promise<Recorded[]> {
  const all: Recorded[] = []
  for await (const rows of read) all.push(...right(rows))
  return all
}
