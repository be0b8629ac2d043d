import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { packed } from '#engine/core/saved.js'
import { tsFold } from '#engine/book/ts-fold.js'
import { prng, type Prng } from '#engine/feeds/simulator/prng.js'
import { nodeDisk } from '#engine/log/disk/node-disk.js'
import { packSegment } from '#engine/log/compress/pack.js'
import { PATIENCE } from '#engine/log/prove/scan.js'
import { Packer } from '#engine/log/compress/packer.js'
import { segmentsOf } from '#engine/log/disk/segments.js'
import { zstdAt } from '#engine/log/compress/zstd.js'
import { verifyRun } from '#engine/log/prove/verify.js'
import { loadAddon, type Addon } from '#engine/native/addon.js'
import { NativeFold } from '#engine/native/native-fold.js'
import { booksAt } from '#cli/books.js'
import { NATIVE_PACKING } from '#cli/start-run.js'
import { polarisWarm as polaris } from './helpers/cli.js'
import { damage, segmented, segmentsIn, story } from './helpers/damaged-runs.js'

const addon = loadAddon()
const skip = typeof addon === 'string' ? addon : false
const api = addon as Addon
const dir = mkdtempSync(join(tmpdir(), 'polaris-native-verify-'))
const honest = join(dir, 'honest')
t.teardown(() => {
  rmSync(dir, { recursive: true, force: true })
})

const IS_LONG = process.env['POLARIS_LONG'] === '1'

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
  const proofs = segmentsIn(honest).map(name => api.proveSegment(join(honest, name), '', 0))
  t.notOk((await Promise.all(proofs)).includes('null'), 'every segment is proven')
})

t.test('damage is what the reference says it is', { skip }, async t => {
  const kinds = new Map<string, number>()
  const copy = join(dir, 'copy')
  for (let seed = 1; seed <= (IS_LONG ? 150 : 60); seed++) {
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
    const [one, two] = await Promise.all([story(copy), story(copy, { api })])
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
  t.equal((await story(small, { api })).replaceAll('.zst', ''), await story(honest))
  const copy = join(dir, 'packed-copy')
  let damaged = 0
  for (let seed = 1; seed <= (IS_LONG ? 100 : 50); seed++) {
    const random = prng(seed, 'native-packed')
    rmSync(copy, { recursive: true, force: true })
    cpSync(small, copy, { recursive: true })
    const what = damage(copy, random)
    const [ts, native] = await both(copy, random)
    if (native !== ts) t.equal(native, ts, `seed ${seed}: ${what}`)
    if ((JSON.parse(ts) as { status: string }).status === 'damaged') damaged++
    if (!t.passing()) return
  }
  t.ok(damaged > 15, `${damaged} were damaged`)
})

t.test('segments are compressed natively as well', { skip }, async t => {
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
  for (let seed = 1; seed <= (IS_LONG ? 30 : 15); seed++) {
    const random = prng(seed, 'native-books')
    rmSync(copy, { recursive: true, force: true })
    cpSync(honest, copy, { recursive: true })
    if (seed % 2 === 0) damage(copy, random)
    const at = random.oneIn(5) ? Number.MAX_SAFE_INTEGER : 1 + random.below(last)
    const ts = await booksOf(copy, at, tsFold())
    // Never decoded by the other thread, always, and as it comes.
    for (const patience of [Number.POSITIVE_INFINITY, 0, PATIENCE]) {
      const native = await booksOf(copy, at, new NativeFold(api), patience)
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

/** The verdicts of TypeScript alone and with the addon, asked for a head and not. */
async function both(run: string, random?: Prng): Promise<[string, string]> {
  const plain = segmentsIn(run).filter(name => name.endsWith('.jsonl'))
  const [some = ''] = plain.map(name => readFileSync(join(run, name), 'latin1'))
  const heads = some.match(/[0-9a-f]{64}/g) ?? ['f'.repeat(64)]
  const head = random?.oneIn(3) ? { head: heads[random.below(heads.length)]! } : {}
  const [ts, native] = [await verifyRun(run, head), await verifyRun(run, { ...head, api })]
  return [JSON.stringify(ts), JSON.stringify(native)]
}
