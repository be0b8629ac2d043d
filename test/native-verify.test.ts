import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import t from 'tap'
import { packed } from '#engine/core/saved.js'
import { tsFold } from '#engine/book/ts-fold.js'
import { prng, type Prng } from '#engine/feeds/simulator/prng.js'
import { commits } from '#engine/log/jsonl-reader.js'
import { nodeDisk } from '#engine/log/node-disk.js'
import { packSegment } from '#engine/log/pack.js'
import { PATIENCE } from '#engine/log/scan.js'
import { Packer } from '#engine/log/packer.js'
import { segmentsOf } from '#engine/log/segments.js'
import { zstdAt } from '#engine/log/zstd.js'
import { createRun } from '#engine/log/run-dir.js'
import { verifyRun } from '#engine/log/verify.js'
import { loadAddon, type Addon } from '#engine/native/addon.js'
import { NativeFold } from '#engine/native/native-fold.js'
import { booksAt } from '#cli/books.js'
import { NATIVE_PACKING } from '#cli/start-run.js'
import { rowsOf, startOf } from '#cli/runs.js'
import type { Recorded } from '#schemas/recorded.js'
import { isInput } from '#schemas/registry.js'
import { polaris } from './helpers/cli.js'

const addon = loadAddon()
const skip = typeof addon === 'string' ? addon : false
const door = addon as Addon
const dir = mkdtempSync(join(tmpdir(), 'polaris-native-verify-'))
const honest = join(dir, 'honest')
t.teardown(() => {
  rmSync(dir, { recursive: true, force: true })
})

t.test('a run of many segments', { skip }, async t => {
  const { code } = polaris(
    ...['run', '--source', 'sim:parity-busy/3000', '--out', join(dir, 'whole')],
  )
  t.equal(code, 0)
  await segmented(join(dir, 'whole'), honest)
  t.ok(segmentsIn(honest).length > 5)
  const [ts, native] = await both(honest)
  t.match(JSON.parse(ts), { status: 'intact', sealed: true })
  t.equal(native, ts)
  const proofs = segmentsIn(honest).map(name => door.proveSegment(join(honest, name), '', 0))
  t.notOk((await Promise.all(proofs)).includes('null'), 'every segment is proven')
})

t.test('damage is what the reference says it is', { skip }, async t => {
  const kinds = new Map<string, number>()
  const copy = join(dir, 'copy')
  for (let seed = 1; seed <= 150; seed++) {
    const random = prng(seed, 'native-verify')
    rmSync(copy, { recursive: true, force: true })
    cpSync(honest, copy, { recursive: true })
    const what = damage(copy, random)
    const [ts, native] = await both(copy, random)
    if (native !== ts) t.equal(native, ts, `seed ${seed}: ${what}`)
    const { status, firstBad } = JSON.parse(ts) as {
      status: string
      firstBad?: { kind: string }
    }
    const kind = firstBad?.kind ?? status
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    const [one, two] = await Promise.all([story(copy), story(copy, door)])
    if (one !== two) t.equal(two, one, `seed ${seed}: ${what}, read commit by commit`)
    if (!t.passing()) return
  }
  t.ok(kinds.size > 5, JSON.stringify([...kinds]))
})

t.test('compressed segments, whole and damaged', { skip }, async t => {
  const small = join(dir, 'packed')
  cpSync(honest, small, { recursive: true })
  const compress = await zstdAt(3)
  const segments = await segmentsOf(nodeDisk, small)
  for (const segment of segments.slice(0, -1))
    await packSegment(nodeDisk, small, { segment, compress })
  const [whole, proven] = await both(small)
  t.match(JSON.parse(whole), { status: 'intact', sealed: true })
  t.equal(proven, whole)
  t.equal((await story(small, door)).replaceAll('.zst', ''), await story(honest))
  const copy = join(dir, 'packed-copy')
  let damaged = 0
  for (let seed = 1; seed <= 100; seed++) {
    const random = prng(seed, 'native-packed')
    rmSync(copy, { recursive: true, force: true })
    cpSync(small, copy, { recursive: true })
    const what = damage(copy, random)
    const [ts, native] = await both(copy, random)
    if (native !== ts) t.equal(native, ts, `seed ${seed}: ${what}`)
    if ((JSON.parse(ts) as { status: string }).status === 'damaged') damaged++
    if (!t.passing()) return
  }
  t.ok(damaged > 30, `${damaged} were damaged`)
})

t.test('segments are compressed behind the door as well', { skip }, async t => {
  const small = join(dir, 'packed-natively')
  cpSync(honest, small, { recursive: true })
  const remarks: string[] = []
  const packer = new Packer({
    ...{ dir: small, compress: 'zstd', level: 9, worker: NATIVE_PACKING },
    remark: line => remarks.push(line),
  })
  const segments = await segmentsOf(nodeDisk, small)
  for (const { number } of segments.slice(0, -1)) packer.add(number)
  await packer.settled(new AbortController().signal)
  t.strictSame(remarks, [])
  t.equal(segmentsIn(small).filter(name => name.endsWith('.zst')).length, segments.length - 1)
  const [ts, native] = await both(small)
  t.match(JSON.parse(ts), { status: 'intact', sealed: true })
  t.equal(native, ts)
  t.equal((await story(small)).replaceAll('.zst', ''), await story(honest))
})

t.test('books behind any event are the same, scanned or read', { skip }, async t => {
  const copy = join(dir, 'books')
  const last = (JSON.parse((await both(honest))[0]) as { lastSeq: number }).lastSeq
  for (let seed = 1; seed <= 30; seed++) {
    const random = prng(seed, 'native-books')
    rmSync(copy, { recursive: true, force: true })
    cpSync(honest, copy, { recursive: true })
    if (seed % 2 === 0) damage(copy, random)
    const at = random.oneIn(5) ? Number.MAX_SAFE_INTEGER : 1 + random.below(last)
    const ts = await booksOf(copy, at, tsFold())
    // Never decoded by the other thread, always, and as it comes.
    for (const patience of [Number.POSITIVE_INFINITY, 0, PATIENCE]) {
      const native = await booksOf(copy, at, new NativeFold(door), patience)
      if (native !== ts) t.equal(native, ts, `seed ${seed}, behind ${at}, patience ${patience}`)
    }
  }
})

async function booksOf(
  run: string,
  at: number,
  fold: ReturnType<typeof tsFold>,
  patience = PATIENCE,
): Promise<string> {
  try {
    const { seq, tUs, listed } = await booksAt(run, at, { fold, patience })
    return JSON.stringify([seq, tUs, listed]) + packed(fold.save())
  } catch (error) {
    return String(error)
  }
}

/** The verdicts of TypeScript alone and with the door, asked for a head and not. */
async function both(run: string, random?: Prng): Promise<[string, string]> {
  const plain = segmentsIn(run).filter(name => name.endsWith('.jsonl'))
  const [some = ''] = plain.map(name => readFileSync(join(run, name), 'latin1'))
  const heads = some.match(/[0-9a-f]{64}/g) ?? ['f'.repeat(64)]
  const head = random?.oneIn(3) ? { head: heads[random.below(heads.length)]! } : {}
  const [ts, native] = [await verifyRun(run, head), await verifyRun(run, { ...head, door })]
  return [JSON.stringify(ts), JSON.stringify(native)]
}

/** Every commit that is read, and how reading ended. */
async function story(run: string, through?: Addon): Promise<string> {
  const told: unknown[] = []
  for await (const read of commits(run, 1, { door: through })) {
    if (E.isLeft(read)) told.push(read.left)
    else {
      const { bytes, ...of } = read.right
      told.push([of, bytes.length])
    }
  }
  return JSON.stringify(told)
}

/** Writes a run again in small segments. */
async function segmented(from: string, to: string): Promise<void> {
  const { mode, parent, source, digest } = (await startOf(from)).data
  const opened = await createRun(
    {
      ...{ runId: 'honest', mode, parent, source, configDigest: digest },
      ...{ startedUs: 0, runTag: '', node: '', backend: 'ts', durability: 'none' },
      machine: {},
    },
    { dir: to, durability: 'none', commitEvents: 64, commitMs: 50, segmentBytes: 60_000 },
  )
  if (E.isLeft(opened)) throw new Error(opened.left.tag)
  let turn: Recorded[] = []
  for await (const rows of rowsOf(from))
    for (const row of structuredClone(rows)) {
      if (isInput(row.event.type) && turn.length > 0) {
        opened.right.append(turn)
        turn = []
      }
      turn.push(row)
    }
  opened.right.append(turn)
  const sealed = await opened.right.seal()
  if (E.isLeft(sealed)) throw new Error(sealed.left.tag)
}

const segmentsIn = (run: string): string[] =>
  readdirSync(run)
    .filter(name => name.startsWith('events-'))
    .sort()

/** Changes a run in one of the ways in which runs break; what it did, in words. */
function damage(run: string, random: Prng): string {
  const names = segmentsIn(run)
  const name = names[random.below(names.length)]!
  const file = join(run, name)
  const bytes = readFileSync(file)
  const text = bytes.toString('latin1')
  const at = random.below(bytes.length)
  const write = (content: string | Buffer): void => {
    writeFileSync(file, content, 'latin1')
  }
  const kind = random.below(9)
  switch (kind) {
    case 0:
      bytes[at]! ^= 1 << random.below(8)
      write(bytes)
      return `flipped ${name}:${at}`
    case 1:
      write(bytes.subarray(0, at))
      return `cut ${name} at ${at}`
    case 2:
      rmSync(file)
      return `removed ${name}`
    case 3: {
      const lines = text.split('\n')
      lines.splice(random.below(lines.length), 1 + random.below(3))
      write(lines.join('\n'))
      return `lines left out of ${name}`
    }
    case 4: {
      const lines = text.split('\n')
      const from = random.below(lines.length)
      lines.splice(from, 0, lines[random.below(lines.length)]!)
      write(lines.join('\n'))
      return `a line twice in ${name}`
    }
    case 5:
      write(text + text.slice(at, at + 300))
      return `bytes behind ${name}`
    case 6: {
      const head = join(run, 'head.json')
      writeFileSync(head, readFileSync(head, 'latin1').replace(/"lastSeq":\d/, '"lastSeq":3'))
      return 'another witness'
    }
    case 7:
      writeFileSync(file, readFileSync(join(run, names[random.below(names.length)]!)))
      return `another segment as ${name}`
    default:
      return 'nothing'
  }
}
