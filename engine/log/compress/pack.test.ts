import * as E from 'fp-ts/lib/Either.js'
import t from 'tap'
import { commits } from '../read/jsonl-reader.js'
import { packSegment, unpackSegment } from './pack.js'
import { recoverRun } from '../write/recover.js'
import { segmentsOf } from '../disk/segments.js'
import { bytesAt } from '../read/lines.js'
import { appendAll, ending, right, rowOf } from '../testing/builders.js'
import { dice } from '../testing/builders.js'
import { FaultyDisk } from '../testing/faulty-disk.js'
import { SAMPLE_DIR, sampleRun } from '../testing/sample-run.js'
import { verifyRun } from '../prove/verify.js'
import { zstdAt } from './zstd.js'

const IS_LONG = process.env['POLARIS_LONG'] === '1'
const compress = await zstdAt(9, {})

/** A run of several segments on a disk that fails once. */
async function diskWith(fault?: { op: number; how: 'crash' | 'EIO' | 'ENOSPC' | 'short' }) {
  const files = await sampleRun({ events: 60, isSealed: false })
  const disk = FaultyDisk.of([...files])
  return fault ? disk.failing(fault) : disk
}

const packAll = async (disk: FaultyDisk): Promise<void> => {
  const segments = await segmentsOf(disk, SAMPLE_DIR)
  for (const segment of segments.slice(0, -1))
    if (!segment.isPacked) await packSegment(disk, SAMPLE_DIR, { segment, compress })
}

async function headOf(disk: FaultyDisk): Promise<string> {
  const { status, head, lastSeq } = await verifyRun(SAMPLE_DIR, { disk })
  return `${status} ${lastSeq} ${head}`
}

void t.test('a segment is replaced by its compressed form, and reads the same', async t => {
  const disk = await diskWith()
  const whole = await headOf(disk)
  const texts = async (): Promise<string[]> => {
    const all: string[] = []
    for await (const read of commits(SAMPLE_DIR, 1, { disk })) {
      const { bytes, start, end } = right(read)
      all.push(`${start} ${end} ${Buffer.from(bytes).toString()}`)
    }
    return all
  }
  const plain = await texts()
  const [first] = await segmentsOf(disk, SAMPLE_DIR)
  await packAll(disk)
  const segments = await segmentsOf(disk, SAMPLE_DIR)
  t.ok(segments.length > 3)
  t.strictSame(
    segments.map(({ isPacked }) => isPacked),
    segments.map((_, i) => i < segments.length - 1),
  )
  t.equal(await headOf(disk), whole)
  t.strictSame(await texts(), plain)
  t.strictSame(
    (await bytesAt(disk, first!, 0, 300)).toString(),
    (await bytesAt(disk, segments[0]!, 0, 300)).toString(),
    'who listed it before reads it all the same',
  )
})

void t.test(
  'a crash or fault at every operation leaves the run whole, and packing goes on',
  async t => {
    const calm = await diskWith()
    const whole = await headOf(calm)
    const before = calm.ops
    await packAll(calm)
    const ops = calm.ops - before
    t.ok(ops > 30, `${ops} operations`)
    for (let op = 1; op <= ops; op++)
      for (const how of ['crash', 'EIO', 'ENOSPC', 'short'] as const) {
        const disk = await diskWith({ op, how })
        const done = await packAll(disk).then(
          () => true,
          () => false,
        )
        if (done !== (how === 'short')) t.fail(`${how} at op ${op}: done is ${done}`)
        for (let seed = 0; seed < (IS_LONG ? 20 : 3); seed++) {
          const left = disk.survivor({ tag: 'dice', roll: dice(op * 100 + seed) })
          const name = `${how} at op ${op}, seed ${seed}`
          if ((await headOf(left)) !== whole) t.fail(`${name}: ${await headOf(left)}`)
          await packAll(left)
          if ((await headOf(left)) !== whole) t.fail(`${name}, packed again: ${await headOf(left)}`)
        }
      }
  },
)

void t.test('bytes that do not unpack to the same are never taken', async t => {
  const disk = await diskWith()
  const [segment] = await segmentsOf(disk, SAMPLE_DIR)
  const wrong = (plain: Uint8Array): Uint8Array => {
    const other = Buffer.from(plain)
    other[100]! ^= 1
    return compress(other)
  }
  await t.rejects(packSegment(disk, SAMPLE_DIR, { segment: segment!, compress: wrong }), /same/)
  t.equal((await segmentsOf(disk, SAMPLE_DIR))[0]?.isPacked, false)
})

void t.test('a run whose last segment is compressed is resumed', async t => {
  for (const segmentBytes of [1_100, 1_000_000]) {
    const disk = FaultyDisk.of([...(await sampleRun({ isSealed: false, segmentBytes }))])
    const whole = await headOf(disk)
    const last = (await segmentsOf(disk, SAMPLE_DIR)).at(-1)!
    await packSegment(disk, SAMPLE_DIR, { segment: last, compress })
    t.equal(await headOf(disk), whole)
    const opened = await recoverRun({
      dir: SAMPLE_DIR,
      disk,
      commitEvents: 4,
      commitMs: Infinity,
      durability: 'commit',
      segmentBytes,
    })
    if (E.isLeft(opened)) return void t.fail(JSON.stringify(opened.left))
    const { log, lastSeq } = opened.right
    await appendAll(log, [[rowOf(lastSeq + 1)], ending(lastSeq + 2)])
    right(await log.seal())
    t.match(await verifyRun(SAMPLE_DIR, { disk }), { status: 'intact', lastSeq: lastSeq + 2 })
  }
})

void t.test('unpacking gives the plain file back', async t => {
  const disk = await diskWith()
  const [segment] = await segmentsOf(disk, SAMPLE_DIR)
  const before = disk.contents.get(segment!.path)
  await packSegment(disk, SAMPLE_DIR, { segment: segment!, compress })
  const [packed] = await segmentsOf(disk, SAMPLE_DIR)
  await unpackSegment(disk, SAMPLE_DIR, packed!)
  t.strictSame(disk.contents.get(segment!.path), before)
  t.equal((await segmentsOf(disk, SAMPLE_DIR))[0]?.isPacked, false)
})
