import t from 'tap'
import { BID, ASK, CHANGE } from '#schemas/levels.js'
import { LineWriter } from '#schemas/line/writer.js'
import type { Event } from '#schemas/registry.js'
import { packed, unpacked } from '#engine/core/saved.js'
import { foldContract } from '#engine/book/fold.contract.js'
import { NOTICE, type BookFold, type SavedFold, type Touched } from '#engine/book/fold.js'
import { tsFold } from '#engine/book/ts-fold.js'
import { clearTouched, untouched } from '#engine/book/touched.js'
import { prng } from '#engine/feeds/simulator/prng.js'
import { loadAddon, type Addon } from '#engine/native/addon.js'
import { NativeFold } from '#engine/native/native-fold.js'
import { garbage, type Garbage } from './helpers/garbage.js'
import { seeds } from './helpers/seeds.js'

const addon = loadAddon()
const skip = typeof addon === 'string' ? addon : false

/** Both folds, each with what it touched. */
class Twins {
  readonly touched: readonly [Touched, Touched] = [untouched(), untouched()]
  folds: readonly [BookFold, BookFold] = fresh()

  /** Calls both; the answer or what it failed with must be the same. Returns that. */
  both(call: (fold: BookFold, touched: Touched) => unknown): unknown {
    const [ts, native] = this.folds.map((fold, k) => outcome(() => call(fold, this.touched[k]!)))
    if (native !== ts) t.equal(native, ts, 'the same answer or failure')
    return ts
  }

  list({ tokens, grid }: Garbage): void {
    for (let token = 1; token <= tokens; token++) this.both(fold => fold.list(token, grid))
  }

  /** All that can be asked of them is the same. */
  agree(tokens: number, name: string): void {
    const [ts, native] = this.folds.map((fold, k) => everything(fold, this.touched[k]!, tokens))
    if (ts !== native) t.equal(native, ts, name)
    for (const touched of this.touched) clearTouched(touched)
  }

  /** Both go on from the other's checkpoint. */
  swap(): void {
    const [ts, native] = this.folds.map(fold => packed(fold.save()))
    t.equal(native, ts, 'the same text in a checkpoint')
    this.folds = fresh()
    this.folds[0].load(unpacked(native!) as SavedFold)
    this.folds[1].load(unpacked(ts!) as SavedFold)
  }
}

t.test('the contract of folds', { skip }, async t => {
  foldContract(t, () => new NativeFold(addon as Addon))
})

t.test('random frames and events give the same in both folds', { skip }, async t => {
  let disagreed = 0
  for (const seed of seeds(150, 1 / 10)) {
    const random = prng(seed, 'native-fold')
    const events = garbage(random)
    const twins = new Twins()
    if (seed % 5 > 0) twins.list(events)
    for (let batch = 0; batch < 40; batch++) {
      for (let k = random.below(12); k >= 0; k--) twins.both(events.call())
      disagreed += twins.touched[0].notices.length / NOTICE
      twins.agree(events.tokens, `seed ${seed}, batch ${batch}`)
      if (random.oneIn(16)) twins.swap()
    }
    if (!t.passing()) return
  }
  t.ok(disagreed > 1_000, `${disagreed} disagreements were told`)
})

t.test('random lines, whole and damaged, give the same in both folds', { skip }, async t => {
  let [failed, changed] = [0, 0]
  for (const seed of seeds(150, 1 / 10)) {
    const random = prng(seed, 'native-lines')
    const events = garbage(random)
    const twins = new Twins()
    if (seed % 5 > 0) twins.list(events)
    for (let batch = 0; batch < 20; batch++) {
      const bytes = linesOf(Array.from({ length: 1 + random.below(40) }, () => events.event()))
      if (random.oneIn(3)) events.damage(bytes)
      const answer = twins.both((fold, touched) => fold.lines(bytes, touched))
      if (typeof answer === 'string') failed++
      else changed += Number(answer)
      twins.agree(events.tokens, `seed ${seed}, batch ${batch}`)
    }
    if (!t.passing()) return
  }
  t.ok(failed > 100 && changed > 1_000, `${failed} batches failed, ${changed} changes folded`)
})

t.test('more touched than the answer has room for', { skip }, async t => {
  const twins = new Twins()
  const count = 3_000
  const flat: number[] = []
  for (let token = 1; token <= count; token++) {
    twins.both(fold => fold.list(token, 100))
    twins.both((fold, touched) =>
      fold.snapshot({ token, bids: [4_000, 5], asks: [6_000, 5], tUs: 1 }, touched),
    )
    flat.push(token, BID, 3_000, 7, 4_500, 6_000)
  }
  twins.agree(count, 'opened')
  twins.both((fold, touched) =>
    fold.change({ changes: Float64Array.from(flat), length: flat.length, tUs: 2 }, touched),
  )
  t.equal(twins.touched[1].tokens.length, count)
  t.equal(twins.touched[1].notices.length, count * 7)
  twins.agree(count, 'every book disagrees')
})

t.test('a fold of lines stops behind a sequence and at what is not levels', { skip }, async t => {
  const fold = new NativeFold(addon as Addon)
  fold.list(1, 100)
  const d = [1, ASK, 6_000, 5, -1, -1]
  const changed: Event = { type: 'BookChanged', data: { d } }
  const lost: Event = { type: 'FeedLost', data: { feed: 'f', why: 'w' } }
  const bytes = linesOf([changed, changed, changed, lost])
  const first = fold.fold(bytes, { untilSeq: 2 }, untouched())
  t.match(first, { why: 'due', seq: 2, changes: 2 })
  const second = fold.fold(bytes, { start: first.at, untilSeq: 9 }, untouched())
  t.match(second, { why: 'unsupported', seq: 3, changes: 1 })
  t.equal(bytes.indexOf(10, second.at), bytes.length - 1, 'at the last line')
  t.equal(fold.stats.changes, d.length / CHANGE + 2)
})

function fresh(): [BookFold, BookFold] {
  return [tsFold(), new NativeFold(addon as Addon)]
}

function outcome(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    return error instanceof Error ? error.message : error
  }
}

/** What was touched, statistics, trust, views and checkpoint, as text. */
function everything(fold: BookFold, { tokens, notices }: Touched, most: number): string {
  const books = Array.from({ length: most + 2 }, (_, token) => {
    const view = fold.view(token)
    if (!view) return outcome(() => fold.distrustOf(token))
    const { bestBid, bestAsk, tick, updatedUs } = view
    const levels = [BID, ASK].map(side => {
      const found: number[] = []
      view.walk(side as 0 | 1, (price, size) => found.push(price, size, view.sizeAt(BID, price)))
      return [...found, view.sizeAt(side as 0 | 1, bestBid), view.sizeAt(ASK, 5_001)]
    })
    return [fold.distrustOf(token), bestBid, bestAsk, tick, updatedUs, levels]
  })
  return JSON.stringify([tokens, notices, { ...fold.stats }, books]) + packed(fold.save())
}

function linesOf(events: readonly Event[]): Uint8Array {
  const writer = new LineWriter()
  events.forEach((event, k) => writer.event(k + 1, 1_780_796_251_000_000 + k, 0, event))
  return writer.bytes.slice()
}
