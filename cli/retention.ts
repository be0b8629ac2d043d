import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { RunInfo, RunStore } from '#engine/log/store/run-store.js'
import { VIEWS_DIR } from '#projections/sinks/files.js'

/** Which runs are too many. */
export interface Retention {
  /** Runs that began before this, µs since the epoch; undefined: none for their age. */
  readonly beforeUs: number | undefined
  /** All runs together may take this much; the oldest give way first; undefined: whatever they take. */
  readonly keepBytes: number | undefined
  /** Only the views go; the log stays. */
  readonly viewsOnly: boolean
  /** Also runs whose head a kept run names as its parent. */
  readonly parents: boolean
}

/** A run as retention sees it. */
export interface Candidate {
  readonly runId: string
  /** What it goes by in its store. */
  readonly run: string
  /** What it is called in the list. */
  readonly name: string
  readonly startedUs: number
  readonly head: string
  readonly parent: string
  /** What would go: the whole folder, or its views. */
  readonly bytes: number
  /** Why it can never go, or nothing. */
  readonly bar: string
}

/** What is to be done with a run, and why. */
export interface Verdict {
  readonly run: Candidate
  readonly goes: boolean
  readonly why: string
}

/** Runs of a store, oldest first, with their sizes. Nothing outside is ever looked at. */
export async function candidatesIn(store: RunStore, viewsOnly: boolean): Promise<Candidate[]> {
  const runs: Candidate[] = []
  for (const info of await store.list()) {
    const { run, runId, name, head } = info
    const { bytes: whole, bar: link } = await store.footprint(run)
    const bytes = viewsOnly ? sizeOf(join(run, VIEWS_DIR)) : whole
    const { startedUs = 0, parent = '' } = info.manifest ?? {}
    runs.push({ run, runId, name, startedUs, head, parent, bytes, bar: barOf(info, link) })
  }
  return runs.sort((a, b) => a.startedUs - b.startedUs || (a.name < b.name ? -1 : 1))
}

/** Says of each run whether it goes. Pure. The oldest come first. */
export function judge(runs: readonly Candidate[], of: Retention): Verdict[] {
  const whys = new Map<Candidate, string>()
  for (const run of runs)
    if (run.bar === '' && run.bytes > 0 && of.beforeUs !== undefined && run.startedUs < of.beforeUs)
      whys.set(run, 'older than asked for')
  let left = runs.reduce((sum, run) => sum + (whys.has(run) ? 0 : run.bytes), 0)
  for (const run of runs) {
    if (of.keepBytes === undefined || left <= of.keepBytes) break
    if (run.bar !== '' || run.bytes === 0 || whys.has(run)) continue
    whys.set(run, 'the oldest, and all together are too big')
    left -= run.bytes
  }
  const spared = of.parents || of.viewsOnly ? new Map<Candidate, string>() : parentsIn(runs, whys)
  return runs.map(run => {
    const why = whys.get(run)
    const child = spared.get(run)
    if (child !== undefined) return { run, goes: false, why: `parent of ${child}, which is kept` }
    if (why !== undefined) return { run, goes: true, why }
    return { run, goes: false, why: run.bar || (run.bytes > 0 ? 'wanted' : 'nothing to remove') }
  })
}

/** Takes out of `whys` the parents of runs that stay, and theirs; says whose parents they are. */
function parentsIn(
  runs: readonly Candidate[],
  whys: Map<Candidate, string>,
): Map<Candidate, string> {
  const spared = new Map<Candidate, string>()
  for (let isMore = true; isMore;) {
    isMore = false
    for (const run of [...whys.keys()]) {
      const isChild = (one: Candidate): boolean => one.parent !== '' && one.parent === run.head
      const child = runs.find(one => isChild(one) && !whys.has(one))
      if (!child) continue
      whys.delete(run)
      spared.set(run, child.runId)
      isMore = true
    }
  }
  return spared
}

function barOf({ status }: Pick<RunInfo, 'status'>, link: string): string {
  if (link === 'a link') return link
  if (status === 'open') return 'being written'
  if (status !== 'sealed')
    return status === 'crashed' ? 'not sealed' : 'its manifest cannot be read'
  return link
}

/** Bytes of a folder's files; 0 where there is none. Links count for nothing. */
function sizeOf(dir: string): number {
  const found = lstatSync(dir, { throwIfNoEntry: false })
  if (!found?.isDirectory()) return 0
  return readdirSync(dir, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(dir, entry.name)
    if (entry.isDirectory()) return sum + sizeOf(path)
    return sum + (entry.isFile() ? lstatSync(path).size : 0)
  }, 0)
}
