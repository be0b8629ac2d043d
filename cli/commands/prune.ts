import { forgetLatestIfGone } from '../latest.js'
import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { folderStore } from '#engine/log/store/folder-store.js'
import type { RunStore } from '#engine/log/store/run-store.js'
import { VIEWS_DIR } from '#projections/sinks/files.js'
import { Refusal, textOf, type Command, type Values } from '../command.js'
import { candidatesIn, judge, type Retention, type Verdict } from '../retention.js'
import { logRefusal, runsDirOf } from '../runs.js'

const USAGE =
  'prune (--older-than AGE | --keep-bytes SIZE) [--views-only | --archive DIR] [--parents] [--dry-run]'
const AGES: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400, w: 604_800 }
const SIZES: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 }

/** `polaris prune`: let old runs go, whole ones only. */
export const pruneCommand: Command = {
  name: 'prune',
  summary: 'remove or archive old sealed runs, whole, by age and by total size',
  usage: USAGE,
  example: 'prune --older-than 30d --dry-run',
  options: {
    'older-than': { type: 'string' },
    'keep-bytes': { type: 'string' },
    'views-only': { type: 'boolean' },
    archive: { type: 'string' },
    parents: { type: 'boolean' },
    'dry-run': { type: 'boolean' },
  },
  help: {
    '--older-than AGE': 'runs that began longer ago: 90m, 12h, 30d, 8w',
    '--keep-bytes SIZE': 'the oldest, until all runs together take no more: 500MB, 50GB',
    '--views-only': 'only the views of these runs; the log gives them again',
    '--archive DIR': 'copy each run there and verify the copy before it goes',
    '--parents': 'also runs that a kept run names as its parent (else they are kept)',
    '--dry-run': 'say what would be done, and do nothing',
  },
  run: async call => {
    const { values } = call
    const runsDir = runsDirOf(values)
    const wanted = retentionOf(values)
    const into = archiveOf(values, runsDir)
    const isDry = values['dry-run'] === true
    if (!existsSync(runsDir))
      throw new Refusal('no-runs', 'there is no such directory', runsDir, 'the directory of runs')
    const store = folderStore(runsDir)
    const verdicts = judge(await candidatesIn(store, wanted.viewsOnly), wanted)
    const going = verdicts.filter(({ goes }) => goes)
    if (!isDry) await store.tidy()
    const failed: { runId: string; message: string }[] = []
    for (const verdict of going) {
      if (call.stop.aborted) break
      call.say(lineOf(verdict, { ...wanted, into, isDry }))
      if (isDry) continue
      const fault = await act(store, verdict, { viewsOnly: wanted.viewsOnly, into })
      if (fault !== undefined) failed.push({ runId: verdict.run.runId, message: fault })
    }
    if (!isDry) forgetLatestIfGone(runsDir)
    for (const { runId, message } of failed) call.note(`${runId} is as it was: ${message}`)
    for (const { run, why } of verdicts.filter(({ goes, why: one }) => !goes && one !== 'wanted'))
      call.say(`keep ${run.runId}: ${why}`)
    if (going.length === 0) call.say('nothing to do')
    const code = failed.length > 0 ? 2 : going.length === 0 ? 1 : 0
    return {
      code: call.stop.aborted ? 130 : code,
      json: factsOf(verdicts, { failed, into, isDry }),
    }
  },
}

async function act(
  store: RunStore,
  { run: { run, name } }: Verdict,
  { viewsOnly, into }: { viewsOnly: boolean; into: string | undefined },
): Promise<string | undefined> {
  try {
    if (viewsOnly) {
      await rm(join(run, VIEWS_DIR), { recursive: true, force: true })
      return undefined
    }
    const removed = await store.remove(run, into)
    if (E.isRight(removed)) return undefined
    const { left } = removed
    return left.tag === 'Exists' ? `the archive has a '${name}'` : logRefusal(left).message
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function lineOf(
  { run, why }: Verdict,
  of: { viewsOnly: boolean; into: string | undefined; isDry: boolean },
): string {
  const does = of.into === undefined ? 'remove' : 'archive'
  const what = of.viewsOnly ? `the views of ${run.runId}` : run.runId
  const where = of.into === undefined ? '' : ` to ${join(of.into, run.name)}`
  const size = `${(run.bytes / 1e6).toFixed(1)} MB`
  return `${of.isDry ? `would ${does}` : does} ${what}${where}: ${size}, ${why}`
}

function factsOf(
  verdicts: readonly Verdict[],
  of: {
    failed: readonly { runId: string; message: string }[]
    into: string | undefined
    isDry: boolean
  },
): unknown {
  const bytesOf = (some: readonly Verdict[]): number =>
    some.reduce((sum, { run }) => sum + run.bytes, 0)
  const isFailed = ({ run }: Verdict): boolean => of.failed.some(one => one.runId === run.runId)
  const row = ({ run: { runId, name, bytes }, why }: Verdict) => ({ runId, name, bytes, why })
  const gone = verdicts.filter(one => one.goes && !isFailed(one))
  return {
    dryRun: of.isDry,
    archive: of.into ?? '',
    bytesBefore: bytesOf(verdicts),
    bytesAfter: bytesOf(verdicts) - bytesOf(gone),
    pruned: gone.map(row),
    kept: verdicts.filter(({ goes }) => !goes).map(row),
    failed: of.failed,
  }
}

function retentionOf(values: Values): Retention {
  const age = scaled(values, 'older-than', /^(\d+)([mhdw])$/, AGES, '90m, 12h, 30d or 8w')
  const keepBytes = scaled(
    values,
    'keep-bytes',
    /^(\d+(?:\.\d+)?) ?([kmgt]?)b?$/,
    SIZES,
    'bytes, or 500MB, 50GB',
  )
  if (age === undefined && keepBytes === undefined)
    throw new Refusal('usage', 'which runs?', '--older-than or --keep-bytes', USAGE)
  const viewsOnly = values['views-only'] === true
  if (viewsOnly && values['archive'] !== undefined)
    throw new Refusal('usage', 'views are not archived', '--views-only, --archive', 'one of them')
  const beforeUs = age === undefined ? undefined : (Date.now() - age * 1_000) * 1_000
  return { beforeUs, keepBytes, viewsOnly, parents: values['parents'] === true }
}

function scaled(
  values: Values,
  name: string,
  form: RegExp,
  units: Readonly<Record<string, number>>,
  expected: string,
): number | undefined {
  const text = textOf(values, name)
  if (text === undefined) return undefined
  const found = form.exec(text.toLowerCase())
  const unit = found && units[found[2] ?? '']
  if (unit) return Math.floor(Number(found[1]) * unit)
  throw new Refusal('usage', `--${name} is '${text}'`, `--${name}`, expected)
}

/** The archive, made if need be; it must not lie below the runs, where it would be taken for one. */
function archiveOf(values: Values, runsDir: string): string | undefined {
  const into = textOf(values, 'archive')
  if (into === undefined) return undefined
  const way = relative(realOf(runsDir), realOf(into))
  if (!way.startsWith('..') && !isAbsolute(way))
    throw new Refusal('usage', `${into} lies in ${runsDir}`, '--archive', 'a directory outside it')
  if (values['dry-run'] !== true) mkdirSync(into, { recursive: true })
  return into
}

/** A path without links, as far as it is there. */
function realOf(path: string): string {
  const whole = resolve(path)
  if (existsSync(whole)) return realpathSync(whole)
  return join(realOf(dirname(whole)), basename(whole))
}
