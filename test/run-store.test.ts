import assert from 'node:assert'
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import t from 'tap'
import { startOf as factsOf } from '#engine/log/testing/builders.js'
import { folderStore } from '#engine/log/store/folder-store.js'
import { MEMORY_RUNS, memoryStore } from '#engine/log/store/memory-store.js'
import type { RunStore } from '#engine/log/store/run-store.js'
import { booksAt } from '#cli/books.js'
import { foldViews } from '#cli/fold-views.js'
import { replayRun } from '#cli/replay-run.js'
import { runSources } from '#cli/run-source.js'
import { tapesOf } from '#cli/tape.js'
import { Session } from '#projections/sinks/duckdb/session.js'
import { viewNamed } from '#projections/registry.js'
import { polarisWarm as polaris } from './helpers/cli.js'

const dir = t.testdir()
const SIM = ['--source', 'sim:parity/1500', '--durability', 'none'] as const
const made = join(dir, 'made')

t.equal(polaris('run', ...SIM, '--out', made).code, 0)

void t.test(
  'a run in memory is replayed, verified, projected and shown as one in a folder',
  async t => {
    const store = memoryStore()
    const run = `${MEMORY_RUNS}/made`
    await copied(store, run)
    const [there, here] = [await replayRun(made), await replayRun(run, { store })]
    t.equal(here.result.identical, true)
    t.equal(here.result.stateHash, there.result.stateHash)
    t.equal(here.result.head, there.result.head)
    t.match(await store.verify(run, { head: there.result.head }), {
      status: 'intact',
      sealed: true,
    })
    const views = ['ticks', 'pnl'].flatMap(name => viewNamed(name) ?? [])
    t.equal(views.length, 2)
    const fold = (of: string, from?: typeof store) =>
      foldViews(of, {
        target: join(dir, 'views'),
        views,
        writes: false,
        ...(from && { store: from }),
      })
    const sums = (results: Awaited<ReturnType<typeof fold>>) => results?.map(({ blake3 }) => blake3)
    t.strictSame(sums(await fold(run, store)), sums(await fold(made)))
    const books = await booksAt(run, 700, { store })
    t.equal(books.seq, (await booksAt(made, 700)).seq)
    t.ok(books.listed.length > 0)
    t.strictSame(await tapesOf(run, { store }), await tapesOf(made))
    const question = 'SELECT count(*) FROM orders'
    t.equal(await answer(run, question, store), await answer(made, question))
    const pnl = 'SELECT * FROM pnl ORDER BY ALL'
    t.equal(await answer(run, pnl, store), await answer(made, pnl))
  },
)

void t.test('a run that was killed at its birth begins again by the same command', t => {
  const steps: readonly Readonly<Record<string, string>>[] = [
    {},
    { lock: '' },
    { lock: '', 'manifest.json.tmp': '{"run' },
    { lock: '', 'events-000001.jsonl': '' },
    { lock: '', 'events-000001.jsonl': '{"s":1,"run":"b' },
  ]
  const { head } = polaris('verify', made, '--json').json
  for (const [k, files] of steps.entries()) {
    for (const how of ['--out', '--resume']) {
      const out = join(dir, `born-${k}${how}`)
      mkdirSync(out)
      for (const [name, text] of Object.entries(files)) writeFileSync(join(out, name), text)
      if (how === '--resume') {
        const alone = polaris('run', '--resume', out, '--json')
        t.match(alone, { code: 2, json: { error: { code: 'unborn', where: out } } })
      }
      t.equal(polaris('run', ...SIM, how, out).code, 0)
      t.match(polaris('verify', out, '--json').json, { status: 'intact', sealed: true, head })
    }
  }
  t.end()
})

void t.test('a source that is not sealed is taken only where that is asked for', async t => {
  const cut = join(dir, 'cut')
  await copied(folderStore(dir), cut, { isEnded: false })
  const refused = polaris('run', '--source', cut, '--out', join(dir, 'over'), '--json')
  t.match(refused, { code: 2, json: { error: { code: 'unfinished', where: cut } } })
  t.notOk(readdirSync(dir).includes('over'), 'nothing was begun')
  const taken = polaris('run', '--source', cut, '--out', join(dir, 'over'), '--unfinished')
  t.equal(taken.code, 0)
  t.match(taken.err, /not finished \(crashed\)/)
})

/** What SQL says of a run. */
async function answer(run: string, query: string, store?: RunStore): Promise<string> {
  const temporary = mkdtempSync(join(dir, 'sql-'))
  const views = ['pnl']
  const runs = await runSources([run], { ...(store && { store }), views, temporary })
  const session = await Session.open({ runs, query, temporary })
  const rows = String(await (await session.stream(query)).getRows())
  session.close()
  return rows
}

/** Copies a run into a store up to its end, or without it: as a killed writer leaves it. */
async function copied(store: RunStore, run: string, { isEnded = true } = {}): Promise<void> {
  const keep = { commitEvents: 1_000, commitMs: Infinity, durability: 'commit' } as const
  const { manifest } = await folderStore(dir).info(made)
  assert(manifest)
  const { mode, parent, source, configDigest } = manifest
  const facts = { ...factsOf('copied'), mode, parent, source, configDigest }
  const log = await store.create(run, facts, keep)
  assert(E.isRight(log))
  for await (const rows of folderStore(dir).rows(made)) {
    assert(E.isRight(rows))
    const wanted = rows.right.filter(({ event }) => isEnded || event.type !== 'RunEnded')
    if (wanted.length > 0) assert.equal(log.right.append(wanted), undefined)
  }
  assert(E.isRight(await log.right.close()))
}
