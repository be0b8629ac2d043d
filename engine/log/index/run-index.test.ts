import t from 'tap'
import type { Recorded } from '#schemas/recorded.js'
import { typeOf } from '#schemas/registry.js'
import { TYPES } from '#schemas/registry.js'
import { writeIndex, buildIndex, INDEX } from './index-file.js'
import { jsonlReader } from '../read/jsonl-reader.js'
import { packSegment } from '../compress/pack.js'
import { createRun } from '../write/run-dir.js'
import { RunIndex } from './run-index.js'
import { segmentsOf } from '../disk/segments.js'
import { appendAll, readAll, right, startOf, rowOf } from '../testing/builders.js'
import { FaultyDisk } from '../testing/faulty-disk.js'
import { zstdAt } from '../compress/zstd.js'

const DIR = 'runs/indexed'
const LAST = 4_000

/** A run with causes and orders, over several segments and many marks. */
async function disk(): Promise<FaultyDisk> {
  const made = new FaultyDisk()
  const log = right(
    await createRun(startOf('indexed'), {
      dir: DIR,
      disk: made,
      commitEvents: 37,
      commitMs: Infinity,
      durability: 'none',
      segmentBytes: 150_000,
    }),
  )
  await appendAll(log, [...turns()])
  right(await log.close())
  return made
}

function* turns(): Generator<Recorded[]> {
  for (let seq = 1; seq <= LAST; seq++) {
    const row = rowOf(seq)
    if (seq % 50 === 7) {
      const event = TYPES.OrderClosed.make({ ...closed, order: `s${seq}-1.0.1` })
      yield [{ ...row, cause: seq - 3, event }]
    } else yield [row]
  }
}
const closed = TYPES.OrderClosed.make({
  order: '',
  result: 'none',
  filled: 0 as never,
  cash: 0 as never,
  fee: 0 as never,
}).data

const all = async (of: FaultyDisk): Promise<Recorded[]> =>
  (await readAll(jsonlReader(DIR, of))).rows

void t.test('every event is found by its number, as a reader of the whole finds it', async t => {
  const at = await disk()
  const rows = await all(at)
  t.equal(rows.length, LAST)
  for (const isPacked of [false, true]) {
    if (isPacked)
      for (const segment of (await segmentsOf(at, DIR)).slice(0, -1))
        await packSegment(at, DIR, { segment, compress: await zstdAt(3) })
    const index = await RunIndex.open(DIR, { disk: at })
    t.equal(index.lastSeq, LAST)
    for (const wanted of rows.filter((_, k) => k % 97 === 0 || k > LAST - 5))
      t.strictSame(await index.row(wanted.seq), wanted)
    t.equal(await index.row(LAST + 1), undefined)
    t.equal(await index.row(0), undefined)
    const told = rows.filter(({ cause }) => cause > 0)
    t.strictSame(
      [...index.toldBehind(1_000)].map(({ seq, cause }) => [seq, cause]),
      told.filter(({ seq }) => seq > 1_000).map(({ seq, cause }) => [seq, cause]),
    )
    for (const one of index.toldBehind(LAST - 200))
      t.strictSame(await index.at(one), rows[one.seq - 1])
  }
  t.ok(told(rows) > 50)
})

const told = (rows: readonly Recorded[]): number =>
  rows.filter(({ event }) => typeOf(event.type).kind === 'decision').length

void t.test(
  'an index is kept for segments that are over, and built again where it does not fit',
  async t => {
    const at = await disk()
    await RunIndex.open(DIR, { disk: at })
    const kept = [...at.contents.keys()].filter(path => path.includes(`/${INDEX}/`))
    t.equal(kept.length, (await segmentsOf(at, DIR)).length - 1)
    const [segment, other] = await segmentsOf(at, DIR)
    await writeIndex(at, DIR, { ...other!, number: segment!.number }, await buildIndex(at, other!))
    const foreign = await RunIndex.open(DIR, { disk: at })
    t.equal((await foreign.row(5))?.seq, 5, 'that of another segment')
    const path = kept[0]!
    const bytes = Buffer.from(at.contents.get(path)!)
    for (let byte = 0; byte < bytes.length; byte += 11) {
      const damaged = Buffer.from(bytes)
      damaged[byte]! ^= 1
      const again = FaultyDisk.of([...at.contents, [path, damaged]])
      const row = await (await RunIndex.open(DIR, { disk: again })).row(1_500)
      if (row?.seq !== 1_500) t.fail(`byte ${byte}`)
    }
  },
)

void t.test('what no commit line ends is not there, and a damaged line is told', async t => {
  const at = await disk()
  const last = (await segmentsOf(at, DIR)).at(-1)!
  const whole = at.contents.get(last.path)!
  const more = Buffer.concat([whole, Buffer.from('{"n":4001,"t":1,"c":4000,"e":"OrderClosed.1"')])
  const torn = FaultyDisk.of([...at.contents, [last.path, more]])
  t.equal((await RunIndex.open(DIR, { disk: torn })).lastSeq, LAST)
  const line = whole.indexOf('{"n":3990,')
  const bad = Buffer.from(whole)
  bad[whole.indexOf('"e"', line) + 6]! ^= 1
  const damaged = FaultyDisk.of([...at.contents, [last.path, bad]])
  await t.rejects((await RunIndex.open(DIR, { disk: damaged })).row(3_990), /event 3990/)
})
