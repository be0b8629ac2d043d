import { join, resolve } from 'node:path'
import { HARVEST } from '#engine/harvest/harvester.js'
import { ARB_SQL_VIEWS } from '#projections/arb/sql-views.js'
import { ALL_VIEWS } from '#projections/registry.js'
import type { RowSink } from '#projections/sinks/files.js'
import type { FileView } from '#projections/view.js'
import { remembered } from '../arb-cleaned.js'
import { Refusal, textOf, type Call, type Command } from '../command.js'
import {
  checkKept,
  databaseOf,
  defineViews,
  endIn,
  isCurrent,
  keepRun,
  rebuildStale,
} from '../database.js'
import { foldViews } from '../fold-views.js'
import { tableOf } from '../format/table.js'
import { arbRunsOf } from '../arb-runs.js'
import { migrateCollected } from '../harvest/migrate.js'
import { runIdOf } from '../runs.js'

const USAGE = 'migrate [DIR…] [--check | --rebuild] [--parquet DIR] [--db FILE]'

/** What became of one run. */
interface Migrated {
  readonly runId: string
  readonly status: 'written' | 'current' | 'same' | 'differs' | 'missing' | 'failed'
  /** Views that differ; what went wrong. */
  readonly why: string
}

/** `polaris migrate`: the tables of all runs in one database. */
export const migrateCommand: Command = {
  name: 'migrate',
  summary:
    'bring the tables of all runs, the arb tables and those of collectors too, into polaris.db beside them',
  usage: USAGE,
  example: 'migrate --json',
  options: {
    check: { type: 'boolean' },
    rebuild: { type: 'boolean' },
    parquet: { type: 'string' },
    db: { type: 'string' },
  },
  help: {
    DIR: 'the runs (default: all of the runs directory)',
    '--check': 'write nothing; exit 1 when a table of a run is missing or a row of it differs',
    '--rebuild': 'the tables of collectors from nothing: a replay of all their logs',
    '--parquet DIR':
      'the tables of collectors as Parquet there too, in a folder for each table and day',
    '--db FILE': 'another database (default: polaris.db beside each run)',
  },
  run: async call => {
    const isCheck = call.values['check'] === true
    // What collectors alone recorded has tables of its own.
    const dirs = (await arbRunsOf(call)).flatMap(({ dir, source }) =>
      source === HARVEST ? [] : [dir],
    )
    const asked = textOf(call.values, 'db')
    const fileOf = (dir: string): string => databaseOf(dir, asked) ?? join(dir, '..')
    if (asked === 'none')
      throw new Refusal('usage', '--db is none', '--db', 'the file of a database')
    const runs: Migrated[] = []
    for (const [k, dir] of dirs.entries()) {
      call.progress(`${runIdOf(dir)}, ${k + 1} of ${dirs.length}`)
      const done = await one(dir, { file: fileOf(dir), isCheck, call })
      if (!done) return { code: 130, json: { runs, stopped: true } }
      runs.push(done)
    }
    const files = [...new Set(dirs.map(dir => resolve(fileOf(dir))))]
    if (!isCheck) await finish(files, runs, call)
    say(call, runs)
    const collected = await migrateCollected(call, { isCheck, file: asked })
    const isGood = runs.every(({ status }) => GOOD.has(status)) && collected?.isGood !== false
    return {
      code: call.stop.aborted ? 130 : isGood ? 0 : 1,
      json: { files, runs, ...(collected && { harvest: collected.facts }) },
    }
  },
}

const GOOD: ReadonlySet<Migrated['status']> = new Set(['written', 'current', 'same'])

interface Work {
  readonly file: string
  readonly isCheck: boolean
  readonly call: Call
}

/** One run, whose fault keeps no other from being brought in; nothing where the operator stopped it. */
async function one(dir: string, { file, isCheck, call }: Work): Promise<Migrated | undefined> {
  const runId = runIdOf(resolve(dir))
  try {
    const views = await remembered(dir, ALL_VIEWS)
    return isCheck
      ? await checked(dir, { runId, views, file, call })
      : await written(dir, { runId, views, file, call })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { runId, status: 'failed', why: error.message }
  }
}

interface OfRun {
  readonly runId: string
  readonly views: readonly FileView[]
  readonly file: string
  readonly call: Call
}

async function written(
  dir: string,
  { runId, views, file, call }: OfRun,
): Promise<Migrated | undefined> {
  const at = await endIn(dir)
  if (await isCurrent(file, { runId, views, ...at })) return { runId, status: 'current', why: '' }
  const { results } = await keepRun(dir, { ...at, views, file }, folding(dir, { views, call }, at))
  return results && { runId, status: 'written', why: '' }
}

async function checked(
  dir: string,
  { runId, views, file, call }: OfRun,
): Promise<Migrated | undefined> {
  const at = await endIn(dir)
  const { results, kept } = await checkKept(dir, { views, file }, folding(dir, { views, call }, at))
  if (!results) return undefined
  if (!kept) return { runId, status: 'missing', why: 'nothing of it is in the database' }
  const wanted = views.filter(({ columns }) => columns.length > 0).map(({ name }) => name)
  const held = new Set(kept.flatMap(({ name, same }) => (same ? [name] : [])))
  const wrong = wanted.filter(name => !held.has(name))
  return { runId, status: wrong.length === 0 ? 'same' : 'differs', why: wrong.join(', ') }
}

const folding =
  (
    dir: string,
    { views, call }: { views: readonly FileView[]; call: Call },
    { lastSeq }: { lastSeq: number },
  ) =>
  (also?: RowSink) =>
    foldViews(dir, {
      ...{ views, target: '', writes: false, untilSeq: lastSeq, stop: call.stop },
      ...(also && { also }),
    })

/** What stands beside the tables: queries over all of them, and the runs that hold them at another version. */
async function finish(
  files: readonly string[],
  runs: readonly Migrated[],
  call: Call,
): Promise<void> {
  if (runs.every(({ status }) => status === 'failed')) return
  for (const file of files) {
    await defineViews(file, ARB_SQL_VIEWS)
    for (const runId of await rebuildStale(file, call)) call.note(`rebuilt ${runId} in ${file}`)
  }
}

function say(call: Call, runs: readonly Migrated[]): void {
  if (runs.length === 0) {
    call.say('there are no runs')
    return
  }
  const rows = runs.map(({ runId, status, why }) => [runId, status, why])
  for (const line of tableOf([['run', 'database', ''], ...rows])) call.say(line)
}
