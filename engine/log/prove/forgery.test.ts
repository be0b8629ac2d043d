import t from 'tap'
import { LineWriter } from '#schemas/line/writer.js'
import type { Recorded } from '#schemas/recorded.js'
import { Head, ZERO_HEAD } from './blake3.js'
import { jsonlReader } from '../read/jsonl-reader.js'
import { readAll, rowOf } from '../testing/builders.js'
import { FaultyDisk } from '../testing/faulty-disk.js'
import { SAMPLE_DIR } from '../testing/sample-run.js'
import { verifyRun, type Verdict } from './verify.js'

interface Forged {
  readonly commit: number
  readonly n: number
  readonly rows: readonly Recorded[]
}

/** What verify says of a forged log. */
async function verdictOn(commits: readonly Forged[]): Promise<Verdict> {
  return verifyRun(SAMPLE_DIR, { disk: await forged(commits) })
}

/** A log whose sums and heads are all right, whatever is in it. */
async function forged(commits: readonly Forged[]): Promise<FaultyDisk> {
  const writer = new LineWriter()
  const head = await Head.make()
  writer.segment({ segment: 1, run: 'forged', first: 1, head: ZERO_HEAD })
  for (const { commit, n, rows } of commits) {
    const start = writer.length
    for (const { seq, tUs, cause, event } of rows) writer.event(seq, tUs, cause, event)
    head.update(writer.bytes.subarray(start))
    writer.commit({ commit, n, head: head.digest() })
  }
  return FaultyDisk.of([[`${SAMPLE_DIR}/events-000001.jsonl`, writer.bytes]])
}

const rows = (...seqs: number[]): Recorded[] => seqs.map(seq => rowOf(seq))

void t.test(
  'a forger who computes sums and heads anew is believed: only an anchor helps',
  async t => {
    const [first, second] = rows(1, 2) as [Recorded, Recorded]
    const other = { ...second, event: rowOf(9).event }
    const forged = [{ commit: 1, n: 2, rows: [first, other] }]
    const verdict = await verdictOn(forged)
    t.match(verdict, { status: 'intact', lastSeq: 2, provenTo: 0 })
    const disk = FaultyDisk.of([])
    t.match(await verifyRun(SAMPLE_DIR, { disk }), { status: 'unreadable' })
  },
)

void t.test('but not where the numbers have a gap', async t => {
  const gap = await verdictOn([{ commit: 1, n: 4, rows: rows(1, 2, 4) }])
  t.match(gap, { status: 'damaged', firstBad: { kind: 'sequence', line: 4 } })
  const twice = await verdictOn([{ commit: 1, n: 3, rows: rows(1, 2, 2, 3) }])
  t.match(twice, { status: 'damaged', firstBad: { kind: 'sequence', line: 4 } })
  const few = await verdictOn([{ commit: 1, n: 4, rows: rows(1, 2, 3) }])
  t.match(few, { status: 'damaged', firstBad: { kind: 'sequence' } })
  const many = await verdictOn([{ commit: 1, n: 2, rows: rows(1, 2, 3) }])
  t.match(many, { status: 'damaged', firstBad: { kind: 'sequence', line: 4 } })
  const late = await verdictOn([
    { commit: 1, n: 1, rows: rows(1) },
    { commit: 2, n: 3, rows: rows(3) },
  ])
  t.match(late, { status: 'damaged', firstBad: { kind: 'sequence' } })
})

void t.test('nor where a commit is missing or told twice', async t => {
  const skipped = [
    { commit: 1, n: 1, rows: rows(1) },
    { commit: 3, n: 2, rows: rows(2) },
  ]
  t.match(await verdictOn(skipped), { firstBad: { kind: 'commit', line: 5 } })
  const empty = [
    { commit: 1, n: 1, rows: rows(1) },
    { commit: 2, n: 1, rows: [] },
  ]
  t.match(await verdictOn(empty), { firstBad: { kind: 'commit', line: 4 } })
})

void t.test('numbers with more digits than before are in order too', async t => {
  const many = Array.from({ length: 1_200 }, (_, i) => rowOf(i + 1))
  t.match(await verdictOn([{ commit: 1, n: 1_200, rows: many }]), { status: 'intact' })
})

void t.test('a reader stops at a forged number too, and says which line', async t => {
  const commits = [
    { commit: 1, n: 2, rows: rows(1, 2) },
    { commit: 2, n: 5, rows: rows(3, 5, 5) },
  ]
  const { rows: read, fault } = await readAll(jsonlReader(SAMPLE_DIR, await forged(commits)))
  t.strictSame(read, rows(1, 2))
  t.match(fault, { tag: 'Damaged', file: 'events-000001.jsonl', line: 6 })
})
