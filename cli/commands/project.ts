import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { ARB_VIEWS } from '#projections/arb/registry.js'
import { ALL_VIEWS, VIEWS, viewNamed } from '#projections/registry.js'
import { VIEWS_DIR, type RowSink, type ViewResult } from '#projections/sinks/files.js'
import { readFolded, writeFolded } from '#projections/sinks/folded.js'
import type { Kept } from '#projections/sinks/sqlite-comparing.js'
import { isKept } from '#projections/sinks/sqlite.js'
import type { FileView } from '#projections/view.js'
import { remembered } from '../arb-cleaned.js'
import { Refusal, textOf, wordOf, type Call, type Command } from '../command.js'
import { checkKept, databaseOf, endIn, keepRun, rebuildStale } from '../database.js'
import { foldViews } from '../fold-views.js'
import { tableOf } from '../format/table.js'
import { writeParquet } from '../parquet.js'
import { FOLDERS, runDirOf } from '../runs.js'

const USAGE = 'project DIR [--check] [--view NAME] [--db FILE] [--parquet]'

/** Stands for all tables of the earlier system. */
const ARB = 'arb'

/** `polaris project`: the views of a run, rebuilt from its log. */
export const projectCommand: Command = {
  name: 'project',
  summary: 'rebuild the views of a run from its log, or check that they are what the log says',
  usage: USAGE,
  example: 'project runs/demo',
  options: {
    check: { type: 'boolean' },
    view: { type: 'string' },
    db: { type: 'string' },
    parquet: { type: 'boolean' },
  },
  help: {
    '--check': 'write nothing; exit 1 when a view is missing or a byte or row of it differs',
    '--view NAME': `only this one: ${ALL_VIEWS.map(({ name }) => name).join(', ')}; ${ARB}: all arb_ tables`,
    '--db FILE':
      "SQLite database of the views of many runs (default: polaris.db beside the run); 'none': no database",
    '--parquet': "also its log and its views as Parquet, in the run's folder parquet/",
  },
  run: async call => {
    const dir = runDirOf(wordOf(call, 0, 'DIR', USAGE), call.values)
    const isCheck = call.values['check'] === true
    const file = databaseOf(dir, textOf(call.values, 'db'))
    const views = await remembered(dir, chosen(call))
    const found = await (isCheck ? checkRun : projectRun)(dir, { views, file, call })
    if (!found) {
      call.note('stopped: the views stay as they were')
      return { code: 130, json: { views: [] } }
    }
    sayViews(call, found.views, isCheck)
    for (const { name, same } of found.db?.views ?? [])
      if (!same && isCheck) call.say(`${name} in ${found.db?.file ?? ''} differs`)
    const isParquet = call.values['parquet'] === true && !isCheck
    const parquet = isParquet ? await writeParquet(dir, call) : undefined
    const holds = [...found.views, ...(found.db?.views ?? [])].every(({ same }) => same)
    return { code: holds || !isCheck ? 0 : 1, json: { ...found, ...(parquet ? { parquet } : {}) } }
  },
}

interface Work {
  readonly views: readonly FileView[]
  /** The database; undefined for none. */
  readonly file: string | undefined
  readonly call: Call
}

interface Projected {
  readonly views: readonly ViewResult[]
  /** What the database holds of them; absent where there is none, or nothing of this run in it. */
  readonly db?: { readonly file: string; readonly views: readonly Kept[] }
}

/** Rebuilds views in one pass over the log, as files and in the database; nothing where it was stopped. */
async function projectRun(
  dir: string,
  { views, file, call }: Work,
): Promise<Projected | undefined> {
  const target = join(dir, VIEWS_DIR)
  const at = await endIn(dir)
  const options = { views, target, writes: true, untilSeq: at.lastSeq, stop: call.stop }
  const fold = (also?: RowSink) => foldViews(dir, also ? { ...options, also } : options)
  const kept = file === undefined ? undefined : await keepRun(dir, { ...at, views, file }, fold)
  const results = kept ? kept.results : await fold()
  if (!results) return undefined
  await writeFolded(target, { ...at, views: results })
  if (file === undefined) return { views: results }
  const rebuilt = await rebuildStale(file, call)
  if (rebuilt.length > 0)
    call.note(`rebuilt in ${file}, since views changed: ${rebuilt.join(', ')}`)
  const held = results.filter(({ name }) => views.some(view => view.name === name && isKept(view)))
  const rows = held.map(({ name, version, rows }) => ({ name, version, rows, same: true }))
  return { views: results, db: { file, views: rows } }
}

/** Compares files and database with a fresh fold. A database that holds nothing of the run has no say. */
async function checkRun(dir: string, { views, file, call }: Work): Promise<Projected | undefined> {
  const target = join(dir, VIEWS_DIR)
  const untilSeq = await checkedUntil(dir, target, call)
  const options = { views, target, writes: false, untilSeq, stop: call.stop }
  const compared =
    file === undefined
      ? undefined
      : await checkKept(dir, { views, file }, also =>
          foldViews(dir, also ? { ...options, also } : options),
        )
  const results = compared ? compared.results : await foldViews(dir, options)
  if (!results) return undefined
  return file !== undefined && compared?.kept
    ? { views: results, db: { file, views: compared.kept } }
    : { views: results }
}

/**
 * How far the log is folded for a check. A run that is not sealed may have gone on since its views were folded: they are held against the
 * events that they say they hold, and it is said how far that is. Views of a sealed run have to hold all of it.
 */
async function checkedUntil(dir: string, target: string, call: Call): Promise<number> {
  const [{ status }, folded] = [await FOLDERS.info(dir), await readFolded(target)]
  if (status === 'sealed' || folded === undefined) return Infinity
  const end = await FOLDERS.end(dir)
  if (E.isLeft(end) || end.right.lastSeq <= folded.lastSeq) return Infinity
  call.note(
    `the run has gone on: its views hold ${folded.lastSeq} events and are checked as far, the log has ${end.right.lastSeq}`,
  )
  return folded.lastSeq
}

function chosen({ values }: Call): readonly FileView[] {
  const name = textOf(values, 'view')
  if (name === undefined) return VIEWS
  if (name === ARB) return ARB_VIEWS
  const view = viewNamed(name)
  if (view) return [view]
  const names = ALL_VIEWS.map(one => one.name).join(', ')
  throw new Refusal('usage', `there is no view '${name}'`, '--view', names)
}

function sayViews(call: Call, views: readonly ViewResult[], isCheck: boolean): void {
  const verdict = ({ same, differsAt }: ViewResult): string => {
    if (same) return 'same'
    if (differsAt >= 0) return `differs at byte ${differsAt}`
    return isCheck ? 'missing' : 'new'
  }
  const rows = views.map(view => [
    view.file,
    `${view.rows}`,
    `${view.bytes}`,
    view.blake3.slice(0, 16),
    verdict(view),
  ])
  const header = ['view', 'rows', 'bytes', 'blake3', isCheck ? 'the file' : 'the file before']
  for (const line of tableOf([header, ...rows])) call.say(line)
}
