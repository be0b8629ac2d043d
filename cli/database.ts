import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { timeColumnOf } from '#projections/arb/forgotten.js'
import { isoOf } from '#projections/iso.js'
import { ALL_VIEWS } from '#projections/registry.js'
import type { RowSink, ViewResult } from '#projections/sinks/files.js'
import type { Kept } from '#projections/sinks/sqlite-comparing.js'
import { DATABASE, ViewDatabase, type RunRow } from '#projections/sinks/sqlite.js'
import type { FileView } from '#projections/view.js'
import { remembered } from './arb-cleaned.js'
import { Refusal, type Call } from './command.js'
import { foldViews } from './fold-views.js'
import { FOLDERS, runIdOf } from './runs.js'

/** Folds views of a run; what it drains goes to `also` too. */
type Fold = (also?: RowSink) => Promise<readonly ViewResult[] | undefined>

/** The database for a run: the one that is asked for, else the one beside it; undefined for `none`. */
export const databaseOf = (dir: string, asked: string | undefined): string | undefined =>
  asked === 'none' ? undefined : (asked ?? join(dirname(resolve(dir)), DATABASE))

/** Folds, and replaces the run's rows in the database with what was folded, in one transaction. */
export async function keepRun(
  dir: string,
  of: { views: readonly FileView[]; file: string; lastSeq: number; head: string },
  fold: Fold,
): Promise<{ readonly results: readonly ViewResult[] | undefined }> {
  const db = await opened(of.file, {})
  try {
    const replacing = db.replace(runIdOf(resolve(dir)), of.views)
    try {
      const results = await fold(replacing)
      if (results) replacing.commit(await rowOf(dir, of))
      else replacing.abandon()
      return { results }
    } catch (error) {
      replacing.abandon()
      throw error
    }
  } catch (error) {
    throw refusalOf(error, of.file)
  } finally {
    db.close()
  }
}

/** Whether the database holds these views of a run as they are at this end of its log. */
export async function isCurrent(
  file: string,
  at: { runId: string; views: readonly FileView[]; lastSeq: number; head: string },
): Promise<boolean> {
  if (!existsSync(file)) return false
  const db = await opened(file, {})
  try {
    return db.isCurrent(at)
  } finally {
    db.close()
  }
}

/** Takes rows of a run out of a database from a time on (µs); answers how many by table. */
export async function forgetIn(
  file: string,
  of: { readonly runId: string; readonly fromUs: number; readonly views: readonly FileView[] },
): Promise<Readonly<Record<string, number>>> {
  const db = await opened(file, {})
  try {
    const tables = of.views.map(view => ({ table: view.name, column: timeColumnOf(view) }))
    return db.forget(of.runId, { from: isoOf(of.fromUs), tables })
  } catch (error) {
    throw refusalOf(error, file)
  } finally {
    db.close()
  }
}

/** Folds these views of a run anew into a database that holds some of them. */
export async function restoreIn(
  dir: string,
  of: {
    readonly file: string
    readonly views: readonly FileView[]
    readonly at: { readonly lastSeq: number; readonly head: string }
    readonly call: Call
  },
): Promise<void> {
  const { file, at, call } = of
  const db = await opened(file, {})
  const names = db.viewsOf(runIdOf(resolve(dir)))
  db.close()
  const views = of.views.filter(({ name }) => names.includes(name))
  if (views.length === 0) return
  const options = { target: '', views, writes: false, untilSeq: at.lastSeq, stop: call.stop }
  await keepRun(dir, { ...at, views, file }, also =>
    foldViews(dir, also ? { ...options, also } : options),
  )
}

/** Makes views of the database anew; they are queries, and hold nothing. */
export async function defineViews(
  file: string,
  views: Readonly<Record<string, string>>,
): Promise<void> {
  const db = await opened(file, {})
  try {
    db.define(views)
  } finally {
    db.close()
  }
}

/** Folds, and compares what the database holds of the run; `kept` is undefined where it holds nothing of it. */
export async function checkKept(
  dir: string,
  { views, file }: { views: readonly FileView[]; file: string },
  fold: Fold,
): Promise<{
  readonly results: readonly ViewResult[] | undefined
  readonly kept?: readonly Kept[]
}> {
  const runId = runIdOf(resolve(dir))
  const db = existsSync(file) ? await opened(file, { isReadonly: true }) : undefined
  try {
    if (db?.holds(runId) !== true) return { results: await fold() }
    const comparing = db.compare(runId, views)
    const results = await fold(comparing)
    return { results, kept: comparing.end() }
  } catch (error) {
    throw refusalOf(error, file)
  } finally {
    db?.close()
  }
}

/**
 * Rebuilds the rows of runs that hold a view at another version, where the runs are still beside the database. Of the others it is said
 * that rows of theirs are gone, and why: no run keeps another from being projected.
 */
export async function rebuildStale(file: string, call: Call): Promise<string[]> {
  const db = await opened(file, {})
  const stale = db.stale().map(runId => ({ runId, names: db.viewsOf(runId) }))
  db.close()
  const rebuilt: string[] = []
  for (const { runId, names } of stale) {
    const dir = join(dirname(resolve(file)), runId)
    const gone = (why: string): void => {
      call.note(`rows of ${runId} are no longer in ${file}, since views changed: ${why}`)
    }
    if (!existsSync(dir)) {
      gone(`there is no ${dir}`)
      continue
    }
    call.progress(`rebuilding ${runId}: its views changed`)
    const held = ALL_VIEWS.filter(({ name }) => names.includes(name))
    const views = await remembered(dir, held)
    const { lastSeq, head } = await endIn(dir)
    const options = { target: '', views, writes: false, untilSeq: lastSeq, stop: call.stop }
    const at = { views, file, lastSeq, head }
    try {
      const { results } = await keepRun(dir, at, also =>
        foldViews(dir, also ? { ...options, also } : options),
      )
      if (!results) break
      rebuilt.push(runId)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      gone(error.message)
    }
  }
  return rebuilt
}

/** Where the log of a run ends now. A fault of it is told by the fold. */
export async function endIn(dir: string): Promise<{ lastSeq: number; head: string }> {
  return E.getOrElse(() => ({ lastSeq: Infinity, head: '' }))(await FOLDERS.end(dir))
}

async function rowOf(dir: string, at: { lastSeq: number; head: string }): Promise<RunRow> {
  const info = await FOLDERS.info(dir)
  const { manifest } = info
  const isKnown = at.head !== ''
  return {
    runId: runIdOf(resolve(dir)),
    mode: manifest?.mode ?? '',
    parent: manifest?.parent ?? '',
    status: info.status,
    head: isKnown ? at.head : info.head,
    lastSeq: isKnown ? at.lastSeq : info.lastSeq,
    startedUs: manifest?.startedUs ?? 0,
    tag: manifest?.runTag ?? '',
    configDigest: manifest?.configDigest ?? '',
  }
}

async function opened(file: string, how: { isReadonly?: boolean }): Promise<ViewDatabase> {
  try {
    return await ViewDatabase.open(file, how)
  } catch (error) {
    throw refusalOf(error, file)
  }
}

/** What the database says is told as such; a fault of the log stays what it is. */
function refusalOf(error: unknown, file: string): unknown {
  if (error instanceof Refusal || !(error instanceof Error)) return error
  return new Refusal(
    'database',
    error.message,
    file,
    "a database that 'polaris project' wrote, or --db none",
  )
}
