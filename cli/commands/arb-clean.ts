import { existsSync } from 'node:fs'
import { isoOf } from '#projections/iso.js'
import { ARB_VIEWS } from '#projections/arb/registry.js'
import { readCleaned, runsDirAround, writeCleaned } from '../arb-cleaned.js'
import { filterOf, FILTER_OPTIONS } from '../arb-facts.js'
import { arbRows, endsOf } from '../arb-rows.js'
import { arbRunsOf, filtered, someOf, type ArbRun } from '../arb-runs.js'
import { Refusal, wholeOf, type Call, type Command, type Values } from '../command.js'
import { databaseOf, endIn, forgetIn, restoreIn } from '../database.js'
import { tableOf } from '../format/table.js'

/** `polaris arb-clean`: arb tables and reports forget runs, or the end of them; logs stay. */
export const arbCleanCommand: Command = {
  name: 'arb-clean',
  summary: 'make arb tables and reports forget runs; the logs stay, and --restore takes it back',
  usage:
    'arb-clean [DIR…] [--dry-run | --apply | --restore] [--mode M] [--source-code S] [--run-tag T] [--since-hours N]',
  example: 'arb-clean --run-tag all --dry-run',
  options: {
    'dry-run': { type: 'boolean' },
    apply: { type: 'boolean' },
    restore: { type: 'boolean' },
    ...FILTER_OPTIONS,
  },
  help: {
    DIR: 'the runs (default: all of the runs directory)',
    '--dry-run': 'count only (default)',
    '--apply':
      'forget: rows leave the database, and arb-cleaned.json beside the runs says so to whoever folds them anew',
    '--restore': 'the runs that are meant are forgotten no longer',
    '--mode M': 'only runs of this mode (default: all)',
    '--source-code S': 'only runs of this source; --source is the same (default: all)',
    '--run-tag T':
      'current: the tag of the run that was started last; all; or a tag (default: current)',
    '--since-hours N':
      'only what came in the last N hours before the last event of these runs (default, and 0: everything)',
  },
  run: async call => {
    const action = actionOf(call.values)
    const filter = filterOf(call.values, 'current')
    const meant = filtered(await arbRunsOf(call), filter)
    const runs = someOf(meant.runs, call)
    const ends = await endsOf(runs)
    const hours = wholeOf(call.values, 'since-hours') ?? 0
    const fromUs = hours === 0 ? 0 : Math.max(0, ends.lastUs - hours * 3_600_000_000)
    const counts = action === 'restore' ? {} : await countsOf(runs, { ends, fromUs, call })
    if (!counts) return { code: 130, json: { stopped: true } }
    const of = {
      ...{ mode: filter.mode ?? 'all', source_code: filter.source ?? 'all', run_tag: meant.tag },
      since_start: hours === 0 ? null : isoOf(fromUs),
      ...{ runs: runs.map(({ runId }) => runId), counts, applied: action !== 'dry-run' },
    }
    if (action === 'restore') {
      const restored = await restore(runs, call)
      call.say(`${restored.length} of ${runs.length} runs are no longer forgotten`)
      return { code: 0, json: { ...of, restored } }
    }
    say(call, counts)
    if (action === 'dry-run') {
      call.say('nothing was done: --apply forgets them')
      return { code: 0, json: of }
    }
    const deleted = await apply(runs, fromUs)
    call.say(`forgotten: ${runs.map(({ runId }) => runId).join(', ')}; the logs are as they were`)
    return { code: 0, json: { ...of, deleted } }
  },
}

type Action = 'dry-run' | 'apply' | 'restore'

function actionOf(values: Values): Action {
  const asked = (['dry-run', 'apply', 'restore'] as const).filter(name => values[name] === true)
  if (asked.length <= 1) return asked[0] ?? 'dry-run'
  throw new Refusal('usage', `${asked.join(' and ')} at once`, 'command line', 'one of them')
}

/** Rows by table that are not forgotten yet and would be; nothing where the operator stopped it. */
async function countsOf(
  runs: readonly ArbRun[],
  { ends, fromUs, call }: { ends: Awaited<ReturnType<typeof endsOf>>; fromUs: number; call: Call },
): Promise<Readonly<Record<string, number>> | undefined> {
  const counts: Record<string, number> = {}
  for (const view of ARB_VIEWS) {
    let count = 0
    for (const [k, run] of runs.entries()) {
      call.progress(`${view.name} of ${run.runId}`)
      const of = { untilSeq: ends.lastSeqs[k] ?? 0, fromUs, stop: call.stop }
      for await (const rows of arbRows(view, run, of)) count += rows.length
      if (call.stop.aborted) return undefined
    }
    counts[view.name] = count
  }
  return counts
}

/** Says first what is forgotten, so that whatever is folded from here on forgets it; then takes it out of the database. */
async function apply(
  runs: readonly ArbRun[],
  fromUs: number,
): Promise<Readonly<Record<string, number>>> {
  for (const runsDir of new Set(runs.map(({ dir }) => runsDirAround(dir)))) {
    const cleaned = new Map(await readCleaned(runsDir))
    for (const { dir, runId } of runs)
      if (runsDirAround(dir) === runsDir)
        cleaned.set(runId, Math.min(fromUs, cleaned.get(runId) ?? Number.POSITIVE_INFINITY))
    await writeCleaned(runsDir, cleaned)
  }
  const deleted: Record<string, number> = {}
  for (const { dir, runId } of runs) {
    const file = databaseOf(dir, undefined) ?? ''
    if (!existsSync(file)) continue
    const gone = await forgetIn(file, { runId, fromUs, views: ARB_VIEWS })
    for (const [name, rows] of Object.entries(gone)) deleted[name] = (deleted[name] ?? 0) + rows
  }
  return deleted
}

/** Names of the runs that were forgotten. Their rows come back into a database that has the run. */
async function restore(runs: readonly ArbRun[], call: Call): Promise<readonly string[]> {
  const restored: string[] = []
  for (const { dir, runId } of runs) {
    const runsDir = runsDirAround(dir)
    const cleaned = new Map(await readCleaned(runsDir))
    if (!cleaned.delete(runId)) continue
    await writeCleaned(runsDir, cleaned)
    restored.push(runId)
    const file = databaseOf(dir, undefined) ?? ''
    if (existsSync(file))
      await restoreIn(dir, { file, views: ARB_VIEWS, at: await endIn(dir), call })
  }
  return restored
}

function say(call: Call, counts: Readonly<Record<string, number>>): void {
  const rows = Object.entries(counts).map(([name, count]) => [name, `${count}`])
  for (const line of tableOf([['table', 'rows'], ...rows])) call.say(line)
}
