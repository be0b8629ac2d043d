import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import t from 'tap'
import type { Recorded } from '#schemas/recorded.js'
import { Follower } from './follower.js'
import { jsonlReader } from './jsonl-reader.js'
import { sampleRun } from '../testing/sample-run.js'

async function all(of: AsyncIterable<E.Either<unknown, readonly Recorded[]>>): Promise<Recorded[]> {
  const rows: Recorded[] = []
  for await (const read of of) {
    if (E.isLeft(read)) throw new Error(JSON.stringify(read.left))
    rows.push(...read.right)
  }
  return rows
}
const sample = [...(await sampleRun())]
const vectors = t.testdir()
const files = sample
  .map(([path]) => basename(path))
  .filter(name => name.startsWith('events-'))
  .sort()
for (const [path, bytes] of sample) writeFileSync(join(vectors, basename(path)), bytes)
const whole = await all(jsonlReader(vectors).read(1))

t.test('a log that grows byte by byte is read whole, each event once', async t => {
  const dir = join(t.testdir(), 'run')
  mkdirSync(dir)
  const follower = new Follower(dir)
  const seen: Recorded[] = []
  t.same(await all(follower.rows(Infinity)), [], 'nothing is there yet')
  for (const name of files) {
    const bytes = readFileSync(join(vectors, name))
    writeFileSync(join(dir, name), '')
    for (let at = 0; at < bytes.length; at += 97) {
      appendFileSync(join(dir, name), bytes.subarray(at, at + 97))
      seen.push(...(await all(follower.rows(Infinity))))
    }
  }
  await follower.close()
  t.strictSame(seen, whole)
  t.equal(follower.lastSeq, whole.length)
})

t.test('nothing is read beyond what is asked for', async t => {
  const follower = new Follower(vectors)
  const last = whole.length
  const seen: Recorded[] = []
  for (let until = 0; until <= last; until++) {
    seen.push(...(await all(follower.rows(until))))
    t.ok(follower.lastSeq <= until)
  }
  await follower.close()
  t.strictSame(seen, whole)
})

t.test('a damaged line is a fault that says where', async t => {
  const dir = t.testdir({})
  const name = files[0] ?? ''
  const bytes = readFileSync(join(vectors, name))
  const at = bytes.indexOf('"t":', bytes.indexOf(10)) + 5
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(join(dir, name), bytes)
  const follower = new Follower(dir)
  const first = await follower.rows(Infinity).next()
  t.match(first.value, { _tag: 'Left', left: { tag: 'Damaged', file: name } })
  await follower.close()
})

t.test('a reader goes on behind any place of another', async t => {
  const first = new Follower(vectors)
  const places = [first.place]
  for await (const read of first.commits(Infinity)) if (E.isRight(read)) places.push(first.place)
  await first.close()
  t.ok(new Set(places.map(({ segment }) => segment)).size > 1, 'in more than one segment')
  for (const place of places) {
    const follower = new Follower(vectors, undefined, place)
    t.same(follower.place, place)
    t.strictSame(
      await all(follower.rows(Infinity)),
      whole.filter(({ seq }) => seq > place.lastSeq),
    )
    await follower.close()
  }
})
