import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { LineReader } from '#schemas/line/reader.js'
import { LineWriter } from '#schemas/line/writer.js'
import { TYPES } from '#schemas/registry.js'
import { Head, ZERO_HEAD } from '../prove/blake3.js'
import { commitLineOf, segmentLineOf } from './framing.js'
import { commits } from '../read/jsonl-reader.js'
import { right } from '../testing/builders.js'

const DIR = fileURLToPath(new URL('../../../../engine/log/fixtures/vectors', import.meta.url))
const linesOf = (name: string): Buffer[] =>
  readFileSync(`${DIR}/${name}`, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map(line => Buffer.from(`${line}\n`))
const ONE = linesOf('events-000001.jsonl')
const TWO = linesOf('events-000002.jsonl')
const expected = JSON.parse(readFileSync(`${DIR}/expected.json`, 'utf8')) as {
  readonly sums: readonly string[]
  readonly heads: readonly string[]
}

void t.test('the example log: its heads, after every event', async t => {
  const head = await Head.make()
  const heads: string[] = []
  for (const segment of [ONE.slice(1, -1), TWO.slice(1, -1)]) {
    head.restart(heads.at(-1) ?? ZERO_HEAD)
    for (const line of segment) {
      head.update(line)
      heads.push(head.digest())
    }
  }
  t.strictSame(heads, expected.heads)
})

void t.test('the example log: its sums', async t => {
  const reader = new LineReader()
  const sums = [...ONE.slice(1, -1), ...TWO.slice(1, -1)].map(line => {
    t.not(reader.over(line).read(0, line.length - 1), 0)
    return line.toString().slice(-11, -3)
  })
  t.strictSame(sums, expected.sums)
})

void t.test('the example log: its framing and level changes, byte for byte', async t => {
  const written = (write: (to: LineWriter) => void): string => {
    const writer = new LineWriter()
    write(writer)
    return Buffer.from(writer.bytes).toString()
  }
  const run = 'example'
  const [, , third, , fifth] = expected.heads as [string, string, string, string, string]
  const first = { segment: 1, run, first: 1, head: ZERO_HEAD }
  const second = { segment: 2, run, first: 4, head: third }
  t.equal(
    written(to => to.segment(first)),
    ONE[0]?.toString(),
  )
  t.equal(
    written(to => to.segment(second)),
    TWO[0]?.toString(),
  )
  t.equal(
    written(to => to.commit({ commit: 1, n: 3, head: third })),
    ONE.at(-1)?.toString(),
  )
  t.equal(
    written(to => to.commit({ commit: 2, n: 5, head: fifth })),
    TWO.at(-1)?.toString(),
  )
  const two = [12, 0, 5230, 1_500_000, 5220, 5240, 13, 1, 4770, 1_500_000, 4760, 4780]
  const one = [12, 0, 5230, Number.MAX_SAFE_INTEGER, 5230, 5240]
  const changed = (seq: number, tUs: number, d: number[]): string =>
    written(to => to.event(seq, tUs, 0, TYPES.BookChanged.make({ d })))
  t.equal(changed(2, 1_780_796_251_000_000, two), ONE[2]?.toString())
  t.equal(changed(4, 1_780_796_251_250_000, one), TWO[1]?.toString())
  t.strictSame(segmentLineOf(TWO[0]!), second)
  t.strictSame(commitLineOf(TWO.at(-1)!), { commit: 2, n: 5, head: fifth })
})

void t.test('the example log: its commits as bytes', async t => {
  const found: unknown[] = []
  for await (const commit of commits(DIR)) {
    const { firstSeq, lastSeq, head, file, start, end, bytes } = right(commit)
    const lines = (file === 'events-000001.jsonl' ? ONE : TWO).slice(1, -1)
    t.strictSame(Buffer.from(bytes), Buffer.concat(lines))
    found.push({ firstSeq, lastSeq, head, file, start, end })
  }
  const [, , third, , fifth] = expected.heads
  const ends = [Buffer.concat(ONE).length, Buffer.concat(TWO).length]
  t.strictSame(found, [
    {
      firstSeq: 1,
      lastSeq: 3,
      head: third,
      file: 'events-000001.jsonl',
      start: ONE[0]?.length,
      end: ends[0],
    },
    {
      firstSeq: 4,
      lastSeq: 5,
      head: fifth,
      file: 'events-000002.jsonl',
      start: TWO[0]?.length,
      end: ends[1],
    },
  ])
})

void t.test('only canonical framing lines with their sum are read', async t => {
  for (const [line, read] of [
    [TWO[0]!, segmentLineOf],
    [TWO.at(-1)!, commitLineOf],
  ] as const)
    for (let i = 0; i < line.length; i++) {
      const changed = Buffer.from(line)
      changed[i]! ^= 1
      if (read(changed) !== undefined) t.fail(`byte ${i} changed`)
      if (read(line.subarray(0, i)) !== undefined) t.fail(`cut to ${i}`)
    }
  t.equal(commitLineOf(Buffer.alloc(5_000, 32)), undefined)
  t.equal(segmentLineOf(Buffer.from('null\n')), undefined)
})
