import { mkdirSync, symlinkSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { RunStore } from '#engine/log/store/run-store.js'
import { ARB_VIEWS } from '#projections/arb/registry.js'
import { viewNamed } from '#projections/registry.js'
import type { RunSource } from '#projections/sinks/duckdb/run-source.js'
import { VIEWS_DIR } from '#projections/sinks/files.js'
import { readFolded } from '#projections/sinks/folded.js'
import { remembered } from './arb-cleaned.js'
import { Refusal } from './command.js'
import { foldViews } from './fold-views.js'
import { FOLDERS, logRefusal } from './runs.js'
import * as E from 'fp-ts/lib/Either.js'

/** What a query needs of its runs. */
export interface Wanted {
  /** Views by name. */
  readonly views: readonly string[]
  /** A folder for views that have to be folded first. */
  readonly temporary: string
  /** Where the runs live: in folders, where nothing is said. */
  readonly store?: RunStore
  readonly stop?: AbortSignal
  readonly progress?: (line: string) => void
}

/**
 * Runs as queries read them. A view is read from its file where that was folded from the log as it is now, else it is
 * folded into the temporary folder. Two runs of one name are told apart by their paths, which are whole where runs are
 * folders.
 */
export async function runSources(runs: readonly string[], wanted: Wanted): Promise<RunSource[]> {
  const paths = [...new Set(runs)]
  const isAmbiguous = new Set(paths.map(path => basename(path))).size < paths.length
  const sources: RunSource[] = []
  for (const [k, path] of paths.entries()) {
    const runId = isAmbiguous ? path : basename(path)
    sources.push(
      await sourceOf(path, runId, { ...wanted, temporary: join(wanted.temporary, `${k}`) }),
    )
  }
  return sources
}

async function sourceOf(dir: string, runId: string, wanted: Wanted): Promise<RunSource> {
  const { store = FOLDERS } = wanted
  const read = await store.files(dir, join(wanted.temporary, 'log'))
  if (E.isLeft(read)) throw refusalOf(read.left, dir)
  const { files, lastSeq, head } = read.right
  const { manifest, status } = await store.info(dir)
  const facts = {
    ...{ dir, head, status },
    mode: manifest?.mode ?? '',
    source: manifest?.source ?? '',
    parent: manifest?.parent ?? '',
    startedUs: manifest?.startedUs ?? 0,
    tag: manifest?.runTag ?? '',
    configDigest: manifest?.configDigest ?? '',
  }
  const views = await viewsOf(dir, { lastSeq, head }, wanted)
  const plain = new PlainNames(wanted.temporary)
  return {
    ...{ runId, lastSeq, facts },
    segments: files.map(one => ({ ...one, path: plain.of(one.path) })),
    views: new Map([...views].map(([name, path]) => [name, plain.of(path)])),
  }
}

/** Paths that a database would take for patterns, under names that it does not. */
class PlainNames {
  readonly #temporary: string
  #links = 0

  constructor(temporary: string) {
    this.#temporary = temporary
  }

  of(path: string): string {
    if (!/[*?[\]\\{}]/.test(path)) return path
    const folder = join(this.#temporary, 'named')
    mkdirSync(folder, { recursive: true })
    const link = join(folder, `${++this.#links}-${basename(path)}`)
    symlinkSync(path, link)
    return link
  }
}

function refusalOf(fault: Parameters<typeof logRefusal>[0], dir: string): Refusal {
  const { code, message, where } = logRefusal(fault)
  const place = fault.tag === 'Damaged' ? join(dir, where) : where
  return new Refusal(code, message, place, `a run; see 'polaris verify ${dir}'`)
}

async function viewsOf(
  dir: string,
  at: { lastSeq: number; head: string },
  { views, temporary, store = FOLDERS, stop, progress }: Wanted,
): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  if (at.lastSeq === 0) return found
  const folded = await readFolded(join(dir, VIEWS_DIR))
  const isCurrent = folded?.lastSeq === at.lastSeq && folded.head === at.head
  for (const { name, version, file, bytes } of isCurrent ? folded.views : []) {
    const path = join(dir, VIEWS_DIR, file)
    const size = await stat(path).then(
      of => of.size,
      () => -1,
    )
    // What was cleaned of an arb table may have changed since its file was written.
    if (isArb(name)) continue
    if (size === bytes && viewNamed(name)?.version === version && viewNamed(name)?.file === file)
      found.set(name, path)
  }
  const named = views.filter(name => !found.has(name)).flatMap(name => viewNamed(name) ?? [])
  const missing = named.some(({ name }) => isArb(name)) ? await remembered(dir, named) : named
  if (missing.length === 0) return found
  progress?.(`folding ${missing.map(({ name }) => name).join(', ')} of ${dir}`)
  const options = { target: temporary, views: missing, writes: true, untilSeq: at.lastSeq, store }
  await foldViews(dir, stop ? { ...options, stop } : options)
  for (const { name, file } of missing) found.set(name, join(temporary, file))
  return found
}

const isArb = (name: string): boolean => ARB_VIEWS.some(view => view.name === name)
