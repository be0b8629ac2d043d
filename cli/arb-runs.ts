import { resolve } from 'node:path'
import { folderStore } from '#engine/log/store/folder-store.js'
import { Refusal, type Call } from './command.js'
import { FOLDERS, runDirOf, runIdOf, runsDirOf } from './runs.js'

/** A run as its small files say, and where it lies. */
export interface ArbRun {
  readonly dir: string
  readonly runId: string
  readonly mode: string
  readonly source: string
  readonly tag: string
  /** When it was started by the machine's clock, µs: the newest of several names the current tag. */
  readonly startedUs: number
}

/** The runs that are named, each once, or all that are in the runs directory and have begun; by name. */
export async function arbRunsOf(call: Call): Promise<readonly ArbRun[]> {
  const { positionals, values } = call
  const named = positionals.map(word => runDirOf(word, values))
  const dirs = named.length > 0 ? named : await allOf(runsDirOf(values))
  const distinct = dirs.filter(
    (dir, k) => dirs.findIndex(one => resolve(one) === resolve(dir)) === k,
  )
  const runs = await Promise.all(distinct.map(runAt))
  return runs.sort((a, b) => (a.runId < b.runId ? -1 : a.runId > b.runId ? 1 : 0))
}

/** A run that is sealed and of which nothing can be read is among them: that it is damaged is to be told. */
async function allOf(runsDir: string): Promise<readonly string[]> {
  const found = await folderStore(runsDir).list()
  const isThere = await Promise.all(
    found.map(async ({ run, status }) => {
      const hasBegun = await FOLDERS.hasBegun(run).catch(() => false)
      return hasBegun || status === 'sealed'
    }),
  )
  return found.flatMap(({ run }, k) => (isThere[k] === true ? [run] : []))
}

async function runAt(dir: string): Promise<ArbRun> {
  const { manifest } = await FOLDERS.info(dir)
  const { mode = '', source = '', runTag: tag = '', startedUs = 0 } = manifest ?? {}
  return { dir, runId: runIdOf(resolve(dir)), mode, source, tag, startedUs }
}

/** Which runs a report is about. */
export interface RunFilter {
  /** A mode, or undefined for all. */
  readonly mode: string | undefined
  readonly source: string | undefined
  /** `current`: that of the run that was started last; `all`; or a tag. */
  readonly tag: string
}

/** The runs that a filter lets through, and what its tag came to. */
export function filtered(
  runs: readonly ArbRun[],
  { mode, source, tag }: RunFilter,
): { readonly runs: readonly ArbRun[]; readonly tag: string } {
  const own = runs.filter(
    of => (mode ?? of.mode) === of.mode && (source ?? of.source) === of.source,
  )
  if (tag === 'all') return { runs: own, tag }
  const last = own.reduce<ArbRun | undefined>(
    (best, of) => (best && best.startedUs >= of.startedUs ? best : of),
    undefined,
  )
  const wanted = tag === 'current' ? (last?.tag ?? '') : tag
  return { runs: own.filter(of => of.tag === wanted), tag: wanted }
}

/** At least one run, or a Refusal. */
export function someOf(runs: readonly ArbRun[], call: Call): readonly ArbRun[] {
  if (runs.length > 0) return runs
  const where = call.positionals.length > 0 ? 'command line' : runsDirOf(call.values)
  throw new Refusal('no-run', 'no run is left to look at', where, 'DIR…, or other filters')
}
