import t from 'tap'
import { CheckpointKeeper, CHECKPOINTS_NEWEST, surplus, type Kept } from './checkpoint-keeper.js'
import { CHECKPOINTS, checkpointsOf, findCheckpoint, writeCheckpoint } from './checkpoints.js'
import type { Mark } from '../event-log.js'
import { placeOf } from '../disk/mark.js'
import { commits, commitsBehind } from '../read/jsonl-reader.js'
import { packSegment } from '../compress/pack.js'
import { createRun } from '../write/run-dir.js'
import { segmentsOf } from '../disk/segments.js'
import type { Checkpoint } from '../store/checkpoint.js'
import { appendAll, right, startOf, turns } from '../testing/builders.js'
import { FaultyDisk } from '../testing/faulty-disk.js'
import { zstdAt } from '../compress/zstd.js'

const DIR = 'runs/marked'
const LAST = 120
const ORIGIN = { code: 'code', config: 'config' }
const stateAt = (mark: Mark): Checkpoint => ({
  mark,
  engine: `{"at":${mark.lastSeq}}`,
  feed: `"${mark.lastSeq}"`,
})

/** A run of several segments with a checkpoint behind each turn that can have one. */
async function marked(runId = 'marked'): Promise<{ disk: FaultyDisk; marks: Mark[] }> {
  const disk = new FaultyDisk()
  const log = right(
    await createRun(startOf(runId), {
      dir: DIR,
      disk,
      commitEvents: 5,
      commitMs: Infinity,
      durability: 'commit',
      segmentBytes: 2_500,
    }),
  )
  const marks: Mark[] = []
  for (const turn of turns(1, LAST)) {
    await appendAll(log, [turn])
    const mark = log.mark()
    if (mark) marks.push(mark)
  }
  right(await log.close())
  for (const mark of marks)
    await writeCheckpoint(disk, DIR, { run: runId, origin: ORIGIN, checkpoint: stateAt(mark) })
  return { disk, marks }
}

/** The newest usable checkpoint, and what was said of others. */
async function found(disk: FaultyDisk, atMost = Infinity, origin = ORIGIN) {
  const remarks: string[] = []
  const remark = (line: string): unknown => remarks.push(line)
  const checkpoint = await findCheckpoint(disk, DIR, {
    origin,
    atMost,
    remark: line => void remark(line),
  })
  return { seq: checkpoint?.mark.lastSeq, checkpoint, remarks }
}

t.test('the log behind a checkpoint is what a reader of the whole finds there', async t => {
  const { disk, marks } = await marked()
  t.ok(marks.length > 30, `${marks.length} marks`)
  const [segment] = await segmentsOf(disk, DIR)
  await packSegment(disk, DIR, { segment: segment!, compress: await zstdAt(1) })
  const all: string[] = []
  const seqs: number[] = []
  for await (const read of commits(DIR, 1, { disk })) {
    const { lastSeq, head, commit, start, end, segment: number } = right(read)
    seqs.push(lastSeq)
    all.push(JSON.stringify({ lastSeq, head, commit, start, end, number }))
  }
  for (const mark of marks) {
    const { checkpoint, seq, remarks } = await found(disk, mark.lastSeq)
    t.strictSame([seq, remarks], [mark.lastSeq, []])
    t.strictSame(checkpoint, stateAt(mark))
    const rest: string[] = []
    for await (const read of commitsBehind(DIR, mark, disk)) {
      const { lastSeq, head, commit, start, end, segment: number } = right(read)
      rest.push(JSON.stringify({ lastSeq, head, commit, start, end, number }))
    }
    t.strictSame(rest, all.slice(seqs.indexOf(mark.lastSeq) + 1))
  }
})

t.test('any changed byte of a checkpoint makes the one before it serve', async t => {
  const { disk, marks } = await marked()
  const last = marks.at(-1)!.lastSeq
  const path = `${DIR}/${CHECKPOINTS}/${last}.json`
  const whole = disk.contents.get(path)!
  for (let byte = 0; byte < whole.length; byte += 3) {
    const changed = Buffer.from(whole)
    changed[byte]! ^= 1
    const { seq, remarks } = await found(FaultyDisk.of([...disk.contents, [path, changed]]))
    if (seq !== marks.at(-2)!.lastSeq || remarks.length !== 1) t.fail(`byte ${byte}: ${seq}`)
    const cut = FaultyDisk.of([...disk.contents, [path, whole.subarray(0, byte)]])
    if ((await found(cut)).seq !== marks.at(-2)!.lastSeq) t.fail(`cut at ${byte}`)
  }
})

t.test('a checkpoint of other code, another configuration, run or log is not used', async t => {
  const { disk, marks } = await marked()
  const seqOf = async (one: FaultyDisk, origin = ORIGIN) => (await found(one, Infinity, origin)).seq
  t.equal(await seqOf(disk), marks.at(-1)!.lastSeq)
  t.equal(await seqOf(disk, { ...ORIGIN, code: 'other' }), undefined)
  t.equal(await seqOf(disk, { ...ORIGIN, config: 'other' }), undefined)
  const other = await marked('another')
  const logOf = ({ contents }: FaultyDisk) => [...contents].filter(([path]) => /events/.test(path))
  const stateOf = ({ contents }: FaultyDisk) => [...contents].filter(([path]) => /check/.test(path))
  t.equal(await seqOf(FaultyDisk.of([...logOf(other.disk), ...stateOf(disk)])), undefined)
  const renamed = new Map(disk.contents)
  renamed.set(`${DIR}/${CHECKPOINTS}/${LAST + 1}.json`, [...stateOf(disk)].at(-1)![1])
  t.equal(await seqOf(FaultyDisk.of(renamed)), marks.at(-1)!.lastSeq)
})

t.test('a log that was cut behind a checkpoint uses one before the cut', async t => {
  const { disk } = await marked()
  const last = (await segmentsOf(disk, DIR)).at(-1)!
  const bytes = disk.contents.get(last.path)!
  for (let length = 0; length < bytes.length; length += 13) {
    const cut = FaultyDisk.of([...disk.contents, [last.path, bytes.subarray(0, length)]])
    const { checkpoint } = await found(cut)
    const { segment = 0, byte = 0 } = (checkpoint && placeOf(checkpoint.mark)) ?? {}
    if (segment === 0 || (segment === last.number && byte > length)) t.fail(`cut to ${length}`)
  }
})

t.test(
  'the newest are kept, of older ones what has room and the first of each segment',
  async t => {
    const kept = new Map<number, Kept>()
    for (let k = 1; k <= 100; k++)
      kept.set(k * 10, { segment: 1 + Math.floor(k / 10), bytes: 1_000_000 })
    t.strictSame(surplus(kept, 1e9), [])
    t.strictSame(surplus(kept, 73_000_000), [20, 30])
    const gone = new Set(surplus(kept, 0))
    const left = [...kept.keys()].filter(seq => !gone.has(seq))
    t.strictSame(left.slice(-CHECKPOINTS_NEWEST), [...kept.keys()].slice(-CHECKPOINTS_NEWEST))
    t.strictSame(left.slice(0, -CHECKPOINTS_NEWEST), [10, 100, 200, 300, 400, 500, 600, 700, 800])
  },
)

t.test('a keeper goes on where another process stopped, and a full disk ends no run', async t => {
  const { disk, marks } = await marked()
  const remarks: string[] = []
  const keeperOn = (on: FaultyDisk) =>
    new CheckpointKeeper({
      dir: DIR,
      run: 'marked',
      origin: ORIGIN,
      disk: on,
      remark: line => void remarks.push(line),
    })
  const keeper = keeperOn(disk)
  keeper.keep(stateAt(marks.at(-1)!))
  t.ok(keeper.isBusy)
  keeper.keep(stateAt(marks[0]!))
  await keeper.settled()
  t.notOk(keeper.isBusy)
  const seqs = await checkpointsOf(disk, DIR)
  t.equal(seqs.length, marks.length)
  t.equal((await found(disk)).seq, marks.at(-1)!.lastSeq)
  for (let op = 1; op <= 4; op++) {
    const full = keeperOn(disk.failing({ op, how: 'ENOSPC' }))
    full.keep(stateAt(marks.at(-1)!))
    await full.settled()
  }
  t.equal(remarks.length, 4)
})
