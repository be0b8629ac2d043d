import assert from 'node:assert'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { Recorded } from '#schemas/recorded.js'
import { runSources } from '#cli/run-source.js'
import { rowsOf } from '#cli/runs.js'
import { VIEWS, viewNamed } from '#projections/registry.js'
import { Session } from '#projections/sinks/duckdb/session.js'
import { ViewDatabase } from '#projections/sinks/sqlite.js'
import type { Cells, FileView } from '#projections/view.js'
import { World } from '#projections/world.js'
import type { Bench } from './question.js'
import { race, type Contender } from './stopwatch.js'
import { tape } from './tape.js'

/** Events that are folded from memory, so that reading the log is not measured. */
const FOLDED_MAX = 200_000
const SQLITE_ROWS = 200_000
/** Finished rows leave a view with every commit, their cells written. */
const COMMIT_EVENTS = 1_024

const QUERIES = [
  [
    'level changes by side',
    'SELECT side, count(*), sum(size_micro) FROM book_changes GROUP BY side ORDER BY side',
  ],
  [
    'volume by token',
    'SELECT token, count(*), sum(size_micro) FROM trades GROUP BY token ORDER BY token',
  ],
] as const

/** How fast are the views folded, kept and asked? */
export const bench: Bench = {
  name: 'project',
  question: 'How fast are views folded, rows kept in SQLite, and logs asked in SQL?',
  events: 1_000_000,
  samples: 5,
  dominates:
    'Of a fold: the books, which all views share (the world alone). Of SQLite: one index by run. Of SQL over JSON lines: parsing; Parquet has only the columns that are asked for.',
  run: async ({ events, samples }, call) => {
    const dir = await tape(events, call)
    const rows = await firstOf(dir, Math.min(events, FOLDED_MAX))
    const temporary = mkdtempSync(join(tmpdir(), 'polaris-bench-'))
    try {
      const kept = await sqliteOf(temporary, rows)
      const asked = await sqlOf(dir, temporary, events)
      const contenders = [...foldsOf(rows), kept, ...asked.contenders]
      const found = await race(contenders, { samples, progress: call.progress })
      await asked.close()
      return { contenders: found, facts: { foldedEvents: rows.length, sqliteRows: kept.ops } }
    } finally {
      rmSync(temporary, { recursive: true, force: true })
    }
  },
}

async function firstOf(dir: string, most: number): Promise<Recorded[]> {
  const rows: Recorded[] = []
  for await (const some of rowsOf(dir, { untilSeq: most })) rows.push(...some)
  return rows
}

function foldsOf(rows: readonly Recorded[]): Contender[] {
  const fold = (view: FileView | undefined) => (): number => {
    let drained = 0
    const world = new World()
    const open = view?.open('run')
    for (const [k, row] of rows.entries()) {
      world.take(row)
      open?.take(row, world)
      if (k % COMMIT_EVENTS === 0) drained += open?.drain().length ?? 0
    }
    return drained
  }
  const contender = (name: string, view: FileView | undefined): Contender => ({
    ...{ name, group: 'fold', ops: rows.length, run: fold(view) },
  })
  return [
    contender('the world alone', undefined),
    ...VIEWS.map(view => contender(`${view.name} with its world`, view)),
  ]
}

async function sqliteOf(temporary: string, rows: readonly Recorded[]): Promise<Contender> {
  const view = viewNamed('ticks')
  assert(view, 'Invariant: ticks is a view')
  const world = new World()
  const open = view.open('run')
  const cells: Cells[] = []
  for (const row of rows) {
    world.take(row)
    open.take(row, world)
    if (cells.length < SQLITE_ROWS) cells.push(...open.drain())
  }
  const db = await ViewDatabase.open(join(temporary, 'bench.db'))
  const facts = { mode: '', parent: '', status: '', head: '', lastSeq: 0, startedUs: 0, tag: '' }
  return {
    ...{ name: 'ticks into SQLite', group: 'sqlite', ops: cells.length },
    run: () => {
      const replacing = db.replace('run', [view])
      replacing.put(view, cells)
      replacing.commit({ runId: 'run', ...facts, configDigest: '' })
    },
  }
}

async function sqlOf(dir: string, temporary: string, events: number) {
  const runs = await runSources([resolve(dir)], { views: [], temporary })
  const files = ['book_changes', 'trades'].map(name => ({
    name,
    file: join(temporary, `${name}.parquet`),
  }))
  const outs = files.map(({ file }) => file)
  const all = { runs, temporary, outs }
  const first = await Session.open({ ...all, query: 'trades book_changes' })
  const instance = await DuckDBInstance.create(':memory:')
  const parquet = await instance.connect()
  for (const { name, file } of files) {
    await first.parquet(`SELECT * FROM ${name}`, file)
    await parquet.run(`CREATE VIEW ${name} AS SELECT * FROM '${file}'`)
  }
  const onLines = async (query: string): Promise<string> => {
    const session = await Session.open({ ...all, query })
    const text = String(await (await session.stream(query)).getRows())
    session.close()
    return text
  }
  const onParquet = async (query: string): Promise<string> =>
    String(await (await parquet.stream(query)).getRows())
  const contenders: Contender[] = []
  for (const [name, query] of QUERIES) {
    assert.equal(await onParquet(query), await onLines(query), `${name}: both have the same answer`)
    const of = { group: name, ops: events }
    contenders.push({ ...of, name: 'Parquet', run: () => onParquet(query) })
    contenders.push({ ...of, name: 'JSON lines', run: () => onLines(query) })
  }
  return {
    contenders,
    close: async (): Promise<void> => {
      first.close()
      parquet.closeSync()
      instance.closeSync()
    },
  }
}
