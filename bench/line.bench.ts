import assert from 'node:assert'
import * as E from 'fp-ts/lib/Either.js'
import { BAD, HOT, LineReader } from '#schemas/line/reader.js'
import { LineWriter } from '#schemas/line/writer.js'
import type { Recorded } from '#schemas/recorded.js'
import type { EventOf } from '#schemas/registry.js'
import { bookRows } from './book-rows.js'
import { decodeJson, encodeJson, scratchBytes } from './contenders/json-line.js'
import type { Bench } from './question.js'
import { race, type Contender } from './stopwatch.js'

type Row = Recorded<EventOf<'BookChanged'>>

/**
 * Distinct rows of one round; a sample is many rounds. In the engine a line is written right after its event was made, so
 * the events lie in the cache: with a hundred thousand of them the bench would time the memory instead.
 */
const ROWS = 1_000

/** What do writing and reading one log line cost, its checksum included? */
export const bench: Bench = {
  name: 'line',
  question: 'What do writing and reading one BookChanged line cost, checksum included?',
  events: 2_000,
  samples: 101,
  dominates: 'The digits and the checksum: each touches every byte of the line once.',
  run: async ({ events, samples }, call) => {
    const rows = Math.min(events, ROWS)
    const contenders = [1, 2].flatMap(changes =>
      entrants(bookRows(rows, changes) as Row[], changes, Math.ceil(events / rows)),
    )
    return { contenders: await race(contenders, { samples, progress: call.progress }) }
  },
}

function entrants(rows: readonly Row[], changes: number, rounds: number): Contender[] {
  const writer = new LineWriter(1 << 20)
  const encode = (): void => {
    writer.reset()
    for (const { seq, tUs, cause, event } of rows) writer.event(seq, tUs, cause, event)
  }
  encode()
  const bytes = writer.bytes.slice()
  const ends: number[] = []
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) ends.push(at)
  const reader = new LineReader()
  const decode = (): void => {
    reader.over(bytes)
    let start = 0
    for (const end of ends) {
      assert(reader.read(start, end) !== BAD)
      start = end + 1
    }
  }
  const lines = ends.map((end, k) => bytes.subarray(k === 0 ? 0 : ends[k - 1]! + 1, end))
  rows.forEach((row, k) => agree(row, lines[k]!))
  const word = `${changes} change${changes > 1 ? 's' : ''}`
  const of = (group: string, name: string, round: () => unknown): Contender => {
    const run = (): void => {
      for (let k = 0; k < rounds; k++) round()
    }
    return { name, group: `${group}, ${word}`, ops: rows.length * rounds, run }
  }
  return [
    of('encode', 'LineWriter', encode),
    of('encode', 'JSON.stringify', () => rows.map(encodeJson)),
    of('decode', 'LineReader', decode),
    of('decode', 'JSON.parse, io-ts', () => lines.map(decodeJson)),
  ]
}

/** Both write the same bytes, and both read the same event out of them. */
function agree(row: Row, line: Uint8Array): void {
  const made = scratchBytes(encodeJson(row))
  assert.equal(Buffer.compare(made.subarray(0, -1), line), 0, 'the same bytes')
  const reader = new LineReader().over(line)
  assert.equal(reader.read(0, line.length), HOT)
  assert.deepEqual(reader.recorded(HOT), E.right(row))
  assert.deepEqual(decodeJson(line), row)
}
