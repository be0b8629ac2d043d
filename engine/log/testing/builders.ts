import assert from 'node:assert'
import * as E from 'fp-ts/lib/Either.js'
import { CHANGE } from '#schemas/levels.js'
import type { ManifestStart } from '#schemas/manifest.js'
import { LineWriter } from '#schemas/line/writer.js'
import type { EncodedTurns } from '#schemas/encoded-turns.js'
import type { Recorded } from '#schemas/recorded.js'
import { TYPES, type Event } from '#schemas/registry.js'
import type { LogFault, LogReader, LogWriter } from '../event-log.js'

const STARTED_US = 1_780_796_251_000_000

/** A seeded source of whole numbers below a bound: the same ones for the same seed, everywhere. */
export function dice(seed: number): (below: number) => number {
  let state = seed | 0
  return below => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), state | 1)
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61)
    return ((x ^ (x >>> 14)) >>> 0) % below
  }
}

/** Event number `seq` of a run: books mostly, now and then a trade or a word of the operator. */
export function eventAt(seq: number): Event {
  if (seq % 7 === 3) return TYPES.FeedLost.make({ feed: `feed ${seq}`, why: 'gap "é"' })
  if (seq % 5 === 4) return TYPES.ClockTicked.make({ due: STARTED_US + seq * 1_000 })
  const d: number[] = []
  for (let i = 0; i <= seq % 2; i++) d.push(12 + i, i, 5_230, seq * 1_500_000, 5_220, 5_240)
  assert(d.length % CHANGE === 0)
  return TYPES.BookChanged.make({ d })
}

/** The row of `event` at `seq`. */
export const rowOf = (seq: number, event: Event = eventAt(seq)): Recorded => ({
  seq,
  tUs: STARTED_US + seq * 250,
  cause: 0,
  event,
})

/** Turns of one to three rows: sequences `from` to `to`. */
export function turns(from: number, to: number): Recorded[][] {
  const all: Recorded[][] = []
  for (let seq = from; seq <= to;) {
    const length = Math.min(1 + (seq % 3), to - seq + 1)
    all.push(Array.from({ length }, (_, i) => rowOf(seq + i)))
    seq += length
  }
  return all
}

/** Turns of one row each, encoded. */
export function encoded(rows: readonly Recorded[]): EncodedTurns {
  const writer = new LineWriter()
  const ends = rows.flatMap(({ seq, tUs, cause, event }) => {
    writer.event(seq, tUs, cause, event)
    return [writer.length, 1]
  })
  const { bytes, length } = writer
  return {
    firstSeq: rows[0]?.seq ?? 0,
    count: rows.length,
    bytes,
    length,
    ends: Uint32Array.from(ends),
  }
}

/** The last turn of a run that ends in order. */
export const ending = (seq: number): Recorded[] => [
  rowOf(seq, TYPES.RunEnded.make({ why: 'source-ended' })),
]

/** Manifest facts of a run on no particular machine. */
export const startOf = (runId: string): ManifestStart => ({
  runId,
  mode: 'shadow',
  parent: '',
  source: 'sim:test',
  startedUs: STARTED_US,
  runTag: '',
  node: 'v0',
  backend: 'ts',
  durability: 'commit',
  machine: { os: 'none', cpu: 'none' },
  configDigest: '',
})

/** The right side, or a failed assertion that shows the fault. */
export function right<T>(result: E.Either<unknown, T>): T {
  assert(E.isRight(result), `unexpected fault: ${JSON.stringify(result)}`)
  return result.right
}

/** Appends turns, with back-pressure; asserts that each is taken. */
export async function appendAll(log: LogWriter, all: readonly Recorded[][]): Promise<void> {
  for (const turn of all) {
    const waiting = log.ready()
    if (waiting) right(await waiting)
    const fault = log.append(turn)
    assert(!fault, JSON.stringify(fault))
  }
}

/** Everything a reader gives: rows, and the fault that ended them. */
export async function readAll(
  reader: LogReader,
  fromSeq = 1,
): Promise<{ rows: Recorded[]; commits: number; fault: LogFault | undefined }> {
  const rows: Recorded[] = []
  let commits = 0
  for await (const commit of reader.read(fromSeq)) {
    if (E.isLeft(commit)) return { rows, commits, fault: commit.left }
    rows.push(...commit.right)
    commits++
  }
  return { rows, commits, fault: undefined }
}
