import { mkdirSync } from 'node:fs'
import t from 'tap'
import { folderStore } from './folder-store.js'
import { MEMORY_RUNS, memoryStore } from './memory-store.js'
import { appendAll, right, startOf, turns } from '../testing/builders.js'
import { runStoreContract } from './run-store.contract.js'

void t.test('runs in folders', async t => {
  const root = t.testdir()
  let folders = 0
  runStoreContract(t, () => {
    const at = `${root}/${++folders}`
    const archive = `${at}/archive`
    mkdirSync(archive, { recursive: true })
    return {
      // Segments of a few lines, so that some are over and compressed.
      store: folderStore(`${at}/runs`, { segmentBytes: 40_000 }),
      ...{ run: `${at}/runs/one`, archive, archived: `${archive}/one`, temporary: `${at}/tmp` },
    }
  })
})

void t.test('runs in memory', async t => {
  const temporary = t.testdir()
  const at = { run: `${MEMORY_RUNS}/one`, archive: 'archive', archived: 'archive/one', temporary }
  runStoreContract(t, () => ({ store: memoryStore({ segmentBytes: 40_000 }), ...at }))
})

void t.test('a crash of the memory store', async t => {
  const RUN = `${MEMORY_RUNS}/one`
  const keep = { commitEvents: 4, commitMs: Infinity, durability: 'commit' } as const

  /** A run whose last acknowledged event is 20, with more on its way. */
  const running = async () => {
    const store = memoryStore()
    const log = right(await store.create(RUN, startOf('crash'), keep))
    await appendAll(log, turns(1, 20))
    right(await log.flush())
    return { store, log }
  }

  void t.test('keeps what was acknowledged and nothing else', async t => {
    const { store, log } = await running()
    await appendAll(log, turns(21, 30))
    const flushed = log.flush()
    const after = store.crash()
    t.match(await flushed, { left: { tag: 'Halted' } })
    t.equal(log.durableSeq, 20)
    t.equal(right(await after.end(RUN)).lastSeq, 20)
    const again = right(await after.open(RUN, keep))
    t.match(again, { lastSeq: 20, tornBytes: 0 })
    await appendAll(again.log, turns(21, 40))
    right(await again.log.close())
    t.match(await after.verify(RUN), { status: 'intact', lastSeq: 40 })
  })

  void t.test('leaves a torn tail of any length, which is set aside', async t => {
    for (const torn of [1, 57, 300, 700, 1_500]) {
      const { store, log } = await running()
      await appendAll(log, turns(21, 60))
      await new Promise(done => setImmediate(done)) // bytes are written, and may not be synced
      const acked = log.durableSeq
      const after = store.crash(torn)
      const again = right(await after.open(RUN, keep))
      t.ok(again.lastSeq >= acked)
      right(await again.log.close())
      t.match(await after.verify(RUN), { status: 'intact', lastSeq: again.lastSeq, tornBytes: 0 })
    }
  })
})
