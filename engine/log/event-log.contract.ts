import * as E from 'fp-ts/lib/Either.js'
import type { Test } from 'tap'
import type { Recorded } from '#schemas/recorded.js'
import { COMMIT_BYTES_MAX, TURN_BYTES_MAX, type LogReader, type LogWriter } from './event-log.js'
import { TYPES } from '#schemas/registry.js'
import { appendAll, ending, encoded, readAll, right, rowOf, turns } from './testing/builders.js'

/** A new, empty log with commits of so many events, and its reader. */
export type OpenLog = (
  t: Test,
  options: { commitEvents: number },
) => Promise<{ log: LogWriter; reader: LogReader }>

const big = (seq: number, bytes: number): Recorded =>
  rowOf(seq, TYPES.FeedLost.make({ feed: 'x'.repeat(bytes), why: '' }))

/** What every log must do. */
export function eventLogContract(t: Test, open: OpenLog): void {
  void t.test('gives back every row, commit by commit', async t => {
    const { log, reader } = await open(t, { commitEvents: 8 })
    const all = turns(1, 100)
    await appendAll(log, all)
    t.equal(right(await log.flush()), 100)
    const { rows, commits, fault } = await readAll(reader)
    t.equal(fault, undefined)
    t.strictSame(rows, all.flat())
    t.equal(commits, right(await log.close()).commits)
  })

  void t.test('begins to read in the middle of a commit', async t => {
    const { log, reader } = await open(t, { commitEvents: 8 })
    const all = turns(1, 100)
    await appendAll(log, all)
    await log.flush()
    for (const from of [1, 2, 50, 99, 100, 101])
      t.strictSame((await readAll(reader, from)).rows, all.flat().slice(from - 1))
    await log.close()
  })

  void t.test('refuses a turn out of order whole, and goes on', async t => {
    const { log, reader } = await open(t, { commitEvents: 8 })
    t.equal(log.append([rowOf(1), rowOf(2)]), undefined)
    t.strictSame(log.append([rowOf(4)]), { tag: 'OutOfOrder', expected: 3, received: 4 })
    t.strictSame(log.append([rowOf(3), rowOf(5)]), { tag: 'OutOfOrder', expected: 4, received: 5 })
    t.equal(log.lastSeq, 2)
    t.equal(log.append([rowOf(3)]), undefined)
    await log.flush()
    t.strictSame((await readAll(reader)).rows, [rowOf(1), rowOf(2), rowOf(3)])
    await log.close()
  })

  void t.test('refuses a turn that no commit can hold, and takes the largest', async t => {
    const { log, reader } = await open(t, { commitEvents: 8 })
    const fault = log.append([big(1, TURN_BYTES_MAX)])
    t.match(fault, { tag: 'TurnTooBig', most: TURN_BYTES_MAX })
    const envelope = fault?.tag === 'TurnTooBig' ? fault.bytes - TURN_BYTES_MAX : 0
    const largest = TURN_BYTES_MAX - envelope
    t.match(log.append([big(1, largest + 1)]), { tag: 'TurnTooBig', bytes: TURN_BYTES_MAX + 1 })
    t.equal(log.append([big(1, largest)]), undefined)
    t.equal(log.append([rowOf(2)]), undefined)
    t.equal(right(await log.flush()), 2)
    t.equal((await readAll(reader)).commits, 2)
    t.ok(TURN_BYTES_MAX < COMMIT_BYTES_MAX)
    await log.close()
  })

  void t.test('keeps a turn whole where it is longer than a commit', async t => {
    const { log, reader } = await open(t, { commitEvents: 2 })
    await appendAll(log, [[rowOf(1)], [rowOf(2), rowOf(3), rowOf(4)], [rowOf(5)]])
    await log.flush()
    const sizes: number[] = []
    for await (const commit of reader.read(1)) sizes.push(right(commit).length)
    t.strictSame(sizes, [4, 1])
    await log.close()
  })

  void t.test('acknowledges in order, never what is not taken, and all of it', async t => {
    const { log } = await open(t, { commitEvents: 4 })
    const acked: number[] = []
    log.onDurable(seq => {
      t.ok(seq <= log.lastSeq)
      t.equal(log.durableSeq, seq)
      acked.push(seq)
    })
    await appendAll(log, turns(1, 200))
    t.equal(right(await log.flush()), 200)
    t.strictSame(
      acked,
      [...new Set(acked)].sort((a, b) => a - b),
    )
    t.equal(acked.at(-1), 200)
    t.equal(log.durableSeq, 200)
    await log.close()
  })

  void t.test('answers Sealed after RunEnded, after the seal and after close', async t => {
    const { log, reader } = await open(t, { commitEvents: 4 })
    await appendAll(log, [...turns(1, 5), ending(6)])
    t.strictSame(log.append([rowOf(7)]), { tag: 'Sealed' })
    const end = right(await log.seal())
    t.equal(end.lastSeq, 6)
    t.match(end.head, /^[0-9a-f]{64}$/)
    t.strictSame(log.append([rowOf(7)]), { tag: 'Sealed' })
    t.strictSame(await log.flush(), E.left({ tag: 'Sealed' }))
    t.equal((await readAll(reader)).rows.length, 6)
    const other = await open(t, { commitEvents: 4 })
    t.equal(right(await other.log.close()).lastSeq, 0)
    t.strictSame(other.log.append([rowOf(1)]), { tag: 'Sealed' })
  })

  void t.test('takes encoded turns as it takes others', async t => {
    const all = Array.from({ length: 300 }, (_, k) => [rowOf(k + 1)])
    const ends = await Promise.all(
      [0, 1, 29, 300].map(async most => {
        const { log, reader } = await open(t, { commitEvents: 8 })
        for (let from = 0; from < all.length;) {
          const next = all.slice(from, from + Math.max(1, most))
          const isEncoded = most > 0 && (most === 300 || from % 3 > 0)
          const fault = isEncoded ? log.appendEncoded(encoded(next.flat())) : undefined
          t.equal(fault, undefined)
          if (!isEncoded) await appendAll(log, next)
          from += next.length
        }
        t.equal(log.lastSeq, 300)
        t.equal(right(await log.flush()), 300)
        t.strictSame((await readAll(reader)).rows, all.flat())
        return right(await log.close())
      }),
    )
    for (const end of ends) t.strictSame(end, ends[0])
  })

  void t.test('refuses encoded turns as it refuses others', async t => {
    const { log } = await open(t, { commitEvents: 4 })
    t.strictSame(log.appendEncoded(encoded([rowOf(2)])), {
      tag: 'OutOfOrder',
      expected: 1,
      received: 2,
    })
    const bytes = TURN_BYTES_MAX + 1
    const tooBig = { ...encoded([rowOf(1)]), length: bytes }
    t.strictSame(log.appendEncoded(tooBig), { tag: 'TurnTooBig', bytes, most: TURN_BYTES_MAX })
    t.equal(log.lastSeq, 0)
    t.equal(log.appendEncoded(encoded([rowOf(1), rowOf(2)])), undefined)
    t.equal(log.append(ending(3)), undefined)
    t.strictSame(log.appendEncoded(encoded([rowOf(4)])), { tag: 'Sealed' })
    t.equal(right(await log.seal()).lastSeq, 3)
    t.strictSame(log.appendEncoded(encoded([rowOf(4)])), { tag: 'Sealed' })
  })

  void t.test('has one head for the same events, however they are committed', async t => {
    const heads = new Set<string>()
    for (const commitEvents of [1, 3, 1_000]) {
      const { log } = await open(t, { commitEvents })
      await appendAll(log, turns(1, 60))
      heads.add(right(await log.close()).head)
    }
    t.equal(heads.size, 1)
  })
}
