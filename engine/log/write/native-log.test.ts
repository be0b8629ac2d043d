import * as E from 'fp-ts/lib/Either.js'
import t from 'tap'
import { TYPES } from '#schemas/registry.js'
import { ORIGIN } from './batching.js'
import { Head } from '../prove/blake3.js'
import { PENDING_BYTES_MAX } from '../event-log.js'
import { POSITION, TAKEN, type Journal, type JournalApi } from './journal.js'
import { NativeLog } from './native-log.js'
import { right, rowOf } from '../testing/builders.js'

/** A journal that does only what the test says, and keeps what it was told. */
class SlowDoor implements JournalApi {
  readonly told: string[] = []
  listener: () => void = () => undefined
  handedSeq = 0
  durableSeq = 0
  waitingBytes = 0
  fault: string | undefined
  hasEnded = false
  isHeld = false
  answer: number = TAKEN.taken

  journalOpen(...[, , , , listener]: Parameters<JournalApi['journalOpen']>): Journal {
    this.listener = listener
    return {} as Journal
  }
  journalAppend(...call: Parameters<JournalApi['journalAppend']>): number {
    const [, , length, turns, count, close] = call
    this.waitingBytes += length
    for (let i = 0; i < count; i++) this.handedSeq += turns[2 * i + 1]!
    this.told.push(close ? 'close' : 'append')
    return this.answer
  }
  journalStatus(_: Journal, out: Float64Array): string | undefined {
    out.fill(0)
    out[0] = out[POSITION] = this.durableSeq
    out[2] = out[POSITION + 2] = 1
    out[2 * POSITION] = this.waitingBytes
    out[2 * POSITION + 1] = Number(this.hasEnded)
    return this.fault
  }
  journalMark(): undefined {
    this.told.push('mark')
    return undefined
  }
  journalSync(): void {
    this.told.push('sync')
  }
  journalEnd(): void {
    this.told.push('end')
  }
  journalHold(_: Journal, isHeld: boolean): void {
    this.isHeld = isHeld
  }

  /** The disk made all durable that was handed over. */
  catchUp(): void {
    this.durableSeq = this.handedSeq
    this.waitingBytes = 0
    this.listener()
  }

  stop(fault?: string): void {
    this.fault = fault
    this.hasEnded = true
    this.listener()
  }
}

async function over(
  api: SlowDoor,
  of: { commitEvents?: number; durability?: 'commit' | 'interval' } = {},
): Promise<{ log: NativeLog; heads: number[]; released: () => number }> {
  const { commitEvents = 4, durability = 'commit' } = of
  const heads: number[] = []
  let released = 0
  const log = new NativeLog(
    { durability, commitMs: Infinity },
    {
      ...{ api, dir: 'none', runId: 'slow', commitEvents, at: ORIGIN, head: await Head.make() },
      writeHead: async ({ lastSeq }) => {
        heads.push(lastSeq)
      },
      onSeal: async () => undefined,
      onClose: async () => {
        released++
      },
    },
  )
  return { log, heads, released: () => released }
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

const big = (seq: number) => rowOf(seq, TYPES.FeedLost.make({ feed: 'x'.repeat(262_144), why: '' }))

void t.test(
  'a slow journal makes the writer wait at the bound, and lets it go on below',
  async t => {
    const api = new SlowDoor()
    const { log } = await over(api)
    while (!log.ready()) t.equal(log.append([big(log.lastSeq + 1)]), undefined)
    t.ok(api.waitingBytes >= PENDING_BYTES_MAX && api.waitingBytes < PENDING_BYTES_MAX + 1_048_576)
    let isRoom = false
    void log.ready()?.then(() => (isRoom = true))
    api.listener()
    await settle()
    t.equal(isRoom, false)
    api.waitingBytes -= 300_000
    api.listener()
    await settle()
    t.equal(isRoom, true)
    t.equal(log.ready(), undefined)
  },
)

void t.test('a full commit is handed over at once, an open one when it is asked for', async t => {
  const api = new SlowDoor()
  const { log } = await over(api)
  for (let seq = 1; seq <= 9; seq++) log.append([rowOf(seq)])
  t.strictSame([api.told, api.handedSeq], [['append', 'append'], 8])
  const flushed = log.flush()
  t.strictSame([api.told.at(-1), api.handedSeq], ['close', 9])
  api.catchUp()
  t.equal(right(await flushed), 9)
  log.append([rowOf(10)])
  t.equal(log.mark(), undefined)
  t.strictSame(api.told.slice(3), ['append', 'mark'])
})

void t.test('a flush at durability interval asks for a sync', async t => {
  const api = new SlowDoor()
  const { log } = await over(api, { durability: 'interval' })
  log.append([rowOf(1)])
  const flushed = log.flush()
  t.strictSame(api.told, ['close', 'sync'])
  api.catchUp()
  t.equal(right(await flushed), 1)
})

void t.test('the process waits for what is not durable, and for nothing else', async t => {
  const api = new SlowDoor()
  const { log, heads, released } = await over(api)
  t.equal(api.isHeld, false)
  log.append([rowOf(1)])
  t.equal(api.isHeld, false, 'an open commit keeps no process alive')
  const flushed = log.flush()
  t.equal(api.isHeld, true)
  api.catchUp()
  right(await flushed)
  t.equal(api.isHeld, false)
  const closed = log.close()
  await settle()
  t.strictSame([api.told.at(-1), api.isHeld, released()], ['end', true, 0])
  api.listener()
  t.equal(api.isHeld, true, 'until it is over')
  api.stop()
  t.equal(right(await closed).lastSeq, 1)
  t.strictSame([api.isHeld, released(), heads], [false, 1, [1]])
})

void t.test('who waits when the disk fails is told, and everyone after', async t => {
  const api = new SlowDoor()
  const { log, released } = await over(api)
  while (!log.ready()) log.append([big(log.lastSeq + 1)])
  const waiting = [log.ready(), log.flush(), log.close()]
  api.stop('EIO: no, write events-000001.jsonl')
  const halted = { tag: 'Halted', cause: /^EIO/ }
  for (const answer of waiting) t.match(await answer, E.left(halted))
  t.match(log.append([rowOf(log.lastSeq + 1)]), halted)
  for (const answer of [log.ready(), log.flush(), log.seal(), log.close()])
    t.match(await answer, E.left(halted))
  t.equal(log.mark(), undefined)
  t.strictSame([released(), api.isHeld], [1, false])
})

void t.test('a journal that is over before it was heard of halts the next append', async t => {
  const api = new SlowDoor()
  const { log } = await over(api, { commitEvents: 1 })
  api.answer = TAKEN.over
  api.fault = 'ENOSPC: no room'
  api.hasEnded = true
  t.match(log.append([rowOf(1)]), { tag: 'Halted', cause: /^ENOSPC/ })
  t.match(await log.close(), E.left({ tag: 'Halted' }))
})
