import { existsSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { BAD, LineReader } from '#schemas/line/reader.js'
import type { Recorded } from '#schemas/recorded.js'
import type { EventOf } from '#schemas/registry.js'
import type { LogFault } from '#engine/log/event-log.js'
import { nodeDisk } from '#engine/log/node-disk.js'
import { Walk, type CommitBytes, type Stop } from '#engine/log/walk.js'
import { Refusal, textOf, type Values } from './command.js'

/** Where runs are kept. */
export const runsDirOf = (values: Values): string => textOf(values, 'runs-dir') ?? 'runs'

/** A run's directory as given: a path, or a name below the runs directory. */
export function runDirOf(word: string, values: Values): string {
  const candidates = [word, join(runsDirOf(values), word)]
  const found = candidates.find(dir => existsSync(dir) && statSync(dir).isDirectory())
  if (found !== undefined) return found
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

/** Whole commits of a run in order, each head verified. A damaged log is a Refusal that says where. */
export async function* commitsOf(dir: string): AsyncGenerator<CommitBytes, Stop> {
  const walk = await walkOf(dir)
  try {
    for (;;) {
      const next = await walk.next()
      if (next.tag === 'commit') {
        yield next
        continue
      }
      if (next.kind === 'end' || next.kind === 'tail') return next
      const where = `${join(dir, next.file)}, byte ${next.byte}`
      throw new Refusal(
        'damaged',
        `the log is damaged: ${next.message}`,
        where,
        `see 'polaris verify ${dir}'`,
      )
    }
  } finally {
    await walk.close()
  }
}

/** All events of a run in order, decoded; from `fromSeq` to `untilSeq`. */
export async function* rowsOf(
  dir: string,
  { fromSeq = 1, untilSeq = Number.POSITIVE_INFINITY } = {},
): AsyncGenerator<readonly Recorded[]> {
  const reader = new LineReader()
  for await (const commit of commitsOf(dir)) {
    if (commit.lastSeq < fromSeq) continue
    const rows = rowsIn(commit, reader, dir).filter(({ seq }) => seq >= fromSeq && seq <= untilSeq)
    if (rows.length > 0) yield rows
    if (commit.lastSeq >= untilSeq) return
  }
}

/** The first event of a run. */
export async function startOf(dir: string): Promise<EventOf<'RunStarted'>> {
  for await (const [first] of rowsOf(dir)) {
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

async function walkOf(dir: string): Promise<Walk> {
  const walk = await Walk.of(nodeDisk, dir)
  if (walk.segments.length > 0) return walk
  throw new Refusal('no-run', 'there are no segments', dir, 'events-000001.jsonl and on')
}

function rowsIn(
  { bytes, file, firstSeq }: CommitBytes,
  reader: LineReader,
  dir: string,
): Recorded[] {
  reader.over(bytes)
  const rows: Recorded[] = []
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(10, start)
    const kind = reader.read(start, end)
    const row = kind === BAD ? E.left(reader.fault) : reader.recorded(kind)
    if (E.isLeft(row)) {
      const where = `${join(dir, file)}, sequence ${firstSeq + rows.length}`
      throw new Refusal('unreadable-event', row.left?.message ?? 'unreadable line', where)
    }
    rows.push(row.right)
    start = end + 1
  }
  return rows
}
