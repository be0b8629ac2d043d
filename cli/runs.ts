import { existsSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { Recorded } from '#schemas/recorded.js'
import type { EventOf } from '#schemas/registry.js'
import type { LogFault, Mark } from '#engine/log/event-log.js'
import type { ScanApi } from '#engine/log/prove/scan.js'
import { folderStore } from '#engine/log/store/folder-store.js'
import type { Commit, RunEnd, RunStore } from '#engine/log/store/run-store.js'
import { LATEST, latestOf } from './latest.js'
import { Refusal, textOf, type Values } from './command.js'

/** Runs in folders: where verbs look where they are handed no other store. */
export const FOLDERS: RunStore = folderStore()

/** Where runs are kept. */
export const runsDirOf = (values: Values): string => textOf(values, 'runs-dir') ?? 'runs'

/** A run's directory as given: a path, or a name below the runs directory. */
export function runDirOf(word: string, values: Values): string {
  const candidates = [word, join(runsDirOf(values), word)]
  for (const dir of candidates) {
    const run = basename(dir) === LATEST ? latestOf(dir) : dir
    if (run !== undefined && existsSync(run) && statSync(run).isDirectory()) return run
  }
  throw new Refusal(
    'no-run',
    `there is no run '${word}'`,
    candidates.join(' or '),
    'the directory of a run',
  )
}

/** The first free name `base`, `base-2`, … below the runs directory: nothing recorded is ever overwritten. */
export function freshDir(values: Values, base: string): string {
  const out = textOf(values, 'out')
  if (out !== undefined) return out
  const first = join(runsDirOf(values), base)
  for (let k = 1; ; k++) {
    const dir = k === 1 ? first : `${first}-${k}`
    if (!existsSync(dir)) return dir
  }
}

/** The id of a run is the name of its directory. */
export const runIdOf = (dir: string): string => basename(dir)

/** `20261121-093005` of a moment, in UTC. */
export const stampOf = (ms: number): string =>
  new Date(ms).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)

/**
 * Whole commits of a run from `fromSeq` on, each head verified, by TypeScript or natively. A damaged log is a
 * Refusal that says where.
 */
export async function* commitsOf(
  dir: string,
  { fromSeq = 1, api, store = FOLDERS }: CommitsOptions = {},
): AsyncGenerator<Commit> {
  await requireBegun(store, dir)
  for await (const commit of store.commits(dir, { fromSeq, api })) yield found(commit, dir)
}

/** Which commits are read, where, and what derives their heads. */
export interface CommitsOptions {
  readonly fromSeq?: number
  readonly api?: ScanApi | undefined
  readonly store?: RunStore
}

/** The commits behind a mark, each head verified. */
export async function* commitsFrom(
  dir: string,
  behind: Mark,
  store = FOLDERS,
): AsyncGenerator<Commit> {
  for await (const commit of store.commits(dir, { behind })) yield found(commit, dir)
}

/** All events of a run in order, decoded; from `fromSeq` to `untilSeq`. */
export async function* rowsOf(
  dir: string,
  { fromSeq = 1, untilSeq = Number.POSITIVE_INFINITY, store = FOLDERS } = {},
): AsyncGenerator<readonly Recorded[]> {
  await requireBegun(store, dir)
  for await (const read of store.rows(dir, fromSeq)) {
    const rows = found(read, dir)
    const last = rows[rows.length - 1]?.seq ?? 0
    const wanted = last <= untilSeq ? rows : rows.filter(({ seq }) => seq <= untilSeq)
    if (wanted.length > 0) yield wanted
    if (last >= untilSeq) return
  }
}

/** The first event of a run. */
export async function startOf(dir: string, store = FOLDERS): Promise<EventOf<'RunStarted'>> {
  for await (const [first] of rowsOf(dir, { store })) {
    if (first?.event.type === 'RunStarted') return first.event
    break
  }
  throw new Refusal(
    'no-run',
    'the log does not begin with RunStarted',
    dir,
    'a run with at least one commit',
  )
}

/** Where the whole commits of a run end now. A damaged log is a Refusal that says where. */
export async function endOf(dir: string, store = FOLDERS): Promise<RunEnd> {
  await requireBegun(store, dir)
  return found(await store.end(dir), dir)
}

/** What went wrong with a log, as a Refusal. */
export function logRefusal(fault: LogFault): Refusal {
  switch (fault.tag) {
    case 'Exists':
      return new Refusal(
        'exists',
        'the run directory is not empty',
        fault.dir,
        'a new or empty directory',
      )
    case 'Held':
      return new Refusal(
        'held',
        'another process writes this run',
        fault.dir,
        'one writer at a time',
      )
    case 'Sealed':
      return new Refusal(
        'sealed',
        'the run is sealed: nothing follows its end',
        '',
        'an open or crashed run',
      )
    case 'Halted':
      return new Refusal(
        'halted',
        `the log halted: ${fault.cause}`,
        '',
        'a disk that takes writes and syncs',
      )
    case 'Damaged':
      return new Refusal(
        'damaged',
        fault.message,
        `${fault.file}:${fault.line}, byte ${fault.byte}`,
      )
    case 'Unreadable':
      return new Refusal('unreadable', fault.cause, fault.dir, 'the directory of a run')
    case 'TurnTooBig':
      return new Refusal(
        'turn-too-big',
        `a turn of ${fault.bytes} bytes`,
        '',
        `at most ${fault.most} bytes`,
      )
    case 'OutOfOrder':
      return new Refusal('bug', `sequence ${fault.received} after ${fault.expected - 1}`)
  }
}

/** The value of a log's answer, or its fault as a Refusal. */
export function orRefuse<A>(answer: E.Either<LogFault, A>): A {
  if (E.isRight(answer)) return answer.right
  throw logRefusal(answer.left)
}

async function requireBegun(store: RunStore, dir: string): Promise<void> {
  if (await store.hasBegun(dir).catch(() => false)) return
  throw new Refusal(
    'no-run',
    'nothing of a run was ever durable here',
    dir,
    'a run with at least one commit',
  )
}

/** What a reader found, or its fault as a Refusal that names the directory and the verb that tells more. */
function found<A>(read: E.Either<LogFault, A>, dir: string): A {
  if (E.isRight(read)) return read.right
  const { message, where, code } = logRefusal(read.left)
  const place = read.left.tag === 'Damaged' ? join(dir, where) : where
  throw new Refusal(code, message, place, `see 'polaris verify ${dir}'`)
}
