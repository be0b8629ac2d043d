import t from 'tap'
import { HOT, LineReader, TRADE } from '#schemas/line/reader.js'
import { LineWriter } from '#schemas/line/writer.js'
import type { Event } from '#schemas/registry.js'
import { packed } from '#engine/core/saved.js'
import type { BookFold } from '#engine/book/fold.js'
import { clearTouched, untouched } from '#engine/book/touched.js'
import type { Interest } from '#engine/book/interest.js'
import { foldLine, tsFold } from '#engine/book/ts-fold.js'
import { TESTS, type Trigger } from '#engine/book/trigger.js'
import { prng, type Prng } from '#engine/feeds/simulator/prng.js'
import { loadAddon, type Addon } from '#engine/native/addon.js'
import { NativeFold } from '#engine/native/native-fold.js'
import { garbage } from './helpers/garbage.js'
import { seeds } from './helpers/seeds.js'

const addon = loadAddon()
const skip = typeof addon === 'string' ? addon : false
const START = 1_780_796_251_000_000

t.test('both folds name the same groups at the same events', { skip }, async t => {
  let [named, quiet, trades] = [0, 0, 0]
  for (const seed of seeds(200, 1 / 10)) {
    const random = prng(seed, 'native-walk')
    const { grid, tokens, event } = garbage(random)
    const folds: BookFold[] = [tsFold(), new NativeFold(addon as Addon)]
    for (const fold of folds) for (let token = 1; token <= tokens; token++) fold.list(token, grid)
    for (let batch = 0, seq = 0; batch < 12; batch++) {
      const triggers = triggersOf(random, tokens)
      const interests = Array.from({ length: tokens }, () => interestOf(random))
      const bytes = linesOf(
        seq,
        Array.from({ length: 1 + random.below(60) }, () => event()),
      )
      const told = folds.map(fold => {
        for (const [id, trigger] of triggers)
          if (trigger) fold.setTrigger(id, trigger)
          else fold.dropTrigger(id)
        for (const [k, interest] of interests.entries()) fold.setInterest(k + 1, interest)
        return walked(fold, bytes, seq)
      })
      const [ts, native] = told.map(({ story, saved }) => story.join('\n') + saved)
      if (native !== ts) t.equal(native, ts, `seed ${seed}, batch ${batch}`)
      named += told[0]!.story.length
      quiet += told[0]!.quiet
      trades += told[0]!.trades
      seq += 1_000
      if (told[0]!.story.at(-1)?.startsWith('AssertionError')) break // no engine goes on from there
    }
    if (!t.passing()) return
  }
  t.ok(named > 2_000 && quiet > 500, `${named} events were named, ${quiet} passed quietly`)
  t.ok(trades > 50, `${trades} of them were trades`)
})

t.test('the sum of a trigger is what its books say, however they came there', { skip }, async t => {
  for (const make of [tsFold, () => new NativeFold(addon as Addon)]) {
    const fold = make()
    const touched = untouched()
    for (const token of [1, 2]) fold.list(token, 100)
    fold.setTrigger(3, { test: 'spread', limit: 2_000, tokens: [1] })
    fold.setTrigger(7, { test: 'bids', limit: 9_000, tokens: [1, 2] })
    const fired = (bids: readonly number[], asks: readonly number[], token = 1): number[] => {
      clearTouched(touched)
      fold.snapshot({ token, bids, asks, tUs: 1 }, touched)
      return [...touched.fired]
    }
    t.same(fired([4_000, 1], [5_000, 1]), [3, 7], 'the first look is told')
    t.same(fired([4_000, 1], [5_900, 1]), [], 'a spread of 1,900, bids of 4,000 and 0')
    t.same(fired([4_000, 1], [6_000, 1]), [3])
    t.same(fired([4_000, 1], [6_000, 2]), [3], 'as long as it fires')
    t.same(fired([5_000, 1], [6_000, 1]), [3], 'and once after it ceased')
    t.same(fired([4_000, 1], [9_000, 1], 2), [7])
    fold.dropTrigger(7)
    t.same(fired([4_500, 1], [9_000, 1], 2), [])
    t.throws(() => {
      fold.setTrigger(8, { test: 'asks', limit: 1, tokens: [9] })
    })
  }
})

/** What a walk over these lines names: an event with the triggers that fire, or with what else there is to look at. */
function walked(fold: BookFold, bytes: Uint8Array, from: number) {
  const touched = untouched()
  const reader = new LineReader()
  const story: string[] = []
  let [start, seq, tUs, quiet, trades] = [0, from, 0, 0, 0]
  // Snapshots and rare forms are for the reference in one of the folds: of those only what both say is told.
  const tell = (isStop: boolean): void => {
    const { tokens, notices, fired } = touched
    if (isStop || fired.length + notices.length > 0)
      story.push(`${seq}: ${fired.join()} ${notices.join()} ${tokens.join()}`)
  }
  while (start < bytes.length) {
    clearTouched(touched)
    const dueUs = Number.POSITIVE_INFINITY
    const end = tried(() => fold.walk(bytes, { start, seq, tUs, untilSeq: dueUs, dueUs }, touched))
    if (typeof end === 'string') {
      story.push(end)
      break
    }
    quiet += end.lines
    seq = end.seq
    start = end.at
    if (end.why === 'end') break
    reader.over(bytes)
    seq++
    const kind = reader.next(start)
    const failed = end.why === 'unsupported' && tried(() => foldLine(fold, reader, start, touched))
    if (typeof failed === 'string') {
      story.push(failed)
      break
    }
    tUs = reader.tUs
    const isStop = end.why === 'actionable' && (kind === HOT || kind === TRADE)
    if (isStop && kind === TRADE) trades++
    tell(isStop)
    start = reader.end + 1
  }
  return { story, quiet, trades, seq, saved: packed(fold.save()) }
}

function tried<A>(call: () => A): A | string {
  try {
    return call()
  } catch (error) {
    return String(error)
  }
}

function triggersOf(random: Prng, tokens: number): [number, Trigger | undefined][] {
  return Array.from({ length: random.below(5) }, () => {
    const test = TESTS[random.below(TESTS.length)]!
    const some = Array.from({ length: 1 + random.below(3) }, () => 1 + random.below(tokens))
    const trigger = { test, limit: random.below(12_000), tokens: [...new Set(some)] }
    return [random.below(6), random.oneIn(4) ? undefined : trigger]
  })
}

function interestOf(random: Prng): Interest {
  const level = (): number[] => [random.below(2), 100 * random.below(101)]
  const levels = Array.from({ length: random.oneIn(2) ? 0 : random.below(4) }, level).flat()
  return { isWhole: random.oneIn(4), trades: random.oneIn(3), levels }
}

function linesOf(from: number, events: readonly Event[]): Uint8Array {
  const writer = new LineWriter()
  events.forEach((event, k) => writer.event(from + k + 1, START + from + k, 0, event))
  return writer.bytes.slice()
}
