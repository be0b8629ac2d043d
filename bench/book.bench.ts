import assert from 'node:assert'
import { ASK, BID, CHANGE } from '#schemas/levels.js'
import { tsFold } from '#engine/book/ts-fold.js'
import { clearTouched, untouched } from '#engine/book/touched.js'
import type { BookFold } from '#engine/book/fold.js'
import { mapSide, NaiveFold, sortedSide } from './contenders/naive-books.js'
import { peerBooks, peerNames } from './contenders/peer-books.js'
import { laddersAlone } from './ladder-alone.js'
import { levelChanges, type ChangePlan } from './level-changes.js'
import { backends } from './native-books.js'
import type { Bench } from './question.js'
import { hasRustBooks, RUST_BOOKS, rustBooks } from './rust-books.js'
import { race, type Contender } from './stopwatch.js'

/** Level changes of one call of the fold: what a socket read brings. */
const FRAME = 8 * CHANGE

/** What does one level change cost? Seeded life near a moving touch, 1 and 1,000 books, both common ticks; then both backends. */
export const bench: Bench = {
  name: 'book',
  question: 'What does one level change of an order book cost?',
  events: 100_000,
  samples: 31,
  dominates:
    'With one book the ladders themselves; with 1,000 books, probably, the cache misses of reaching their arrays; with the native fold at one change a call the call itself, on lines the reading of digits.',
  run: async ({ events, samples }, call) => {
    const contenders = await laddersAlone(events)
    for (const books of [1, 1_000])
      for (const tick of [100, 10])
        for (const isStated of [true, false])
          contenders.push(...entrants({ books, tick, isStated, changes: events, seed: 7 }))
    contenders.push(...backends(events))
    const installed = Object.keys(await peerBooks())
    const missing = peerNames().filter(name => !installed.includes(name))
    if (!hasRustBooks()) missing.push(`books in Rust (${RUST_BOOKS})`)
    const raced = await race(contenders, { samples, progress: call.progress })
    const rust = hasRustBooks() ? rustBooks(events, samples) : []
    return {
      contenders: [...raced, ...rust],
      facts: {
        missing: missing.length > 0 ? `${missing.join(', ')}; see bench/README.md` : 'none',
      },
    }
  },
}

function entrants(plan: ChangePlan): Contender[] {
  const { books, tick, isStated } = plan
  const { opening, live } = levelChanges(plan)
  const group = `${books} book${books > 1 ? 's' : ''}, tick ${tick / 10_000}, best ${isStated ? 'stated' : 'unstated'}`
  const ours = ladders(plan, opening, live)
  const rivals = { 'map, rescan': mapSide, 'sorted array': sortedSide }
  const ops = live.length / CHANGE
  const entries: Contender[] = [{ name: 'ladder', group, ops, ...ours }]
  ours.ready()
  ours.run()
  for (const [name, make] of Object.entries(rivals)) {
    const fold = new NaiveFold(books, make)
    const ready = (): void => fold.restart(opening)
    const run = (): void => fold.change(live)
    ready()
    run()
    agree(plan, ours.fold, fold)
    entries.push({ name, group, ops, ready, run })
  }
  const { checks, agreeBefore, pruned, repaired } = ours.fold.stats
  assert.deepEqual([pruned, repaired], [0, 0], 'no change crosses a book or is worse than stated')
  assert.deepEqual([checks, agreeBefore], isStated ? [ops, ops] : [0, 0], 'every best agrees')
  return entries
}

function ladders({ books, tick }: ChangePlan, opening: Float64Array, live: Float64Array) {
  const fold = tsFold()
  const touched = untouched()
  const wholes = Array.from({ length: books }, (_, token) => ({
    token,
    ...levelsOf(opening, token),
  }))
  for (let token = 0; token < books; token++) fold.list(token, tick)
  const frames: Float64Array[] = []
  for (let at = 0; at < live.length; at += FRAME) frames.push(live.slice(at, at + FRAME))
  return {
    fold,
    ready: (): void => {
      for (const whole of wholes) fold.snapshot({ ...whole, tUs: 1 }, touched)
    },
    run: (): void => {
      for (const changes of frames) {
        fold.change({ changes, length: changes.length, tUs: 2 }, touched)
        clearTouched(touched)
      }
    },
  }
}

/** The levels of one token in changes that only add. */
function levelsOf(changes: Float64Array, token: number): { bids: number[]; asks: number[] } {
  const [bids, asks]: [number[], number[]] = [[], []]
  for (let i = 0; i < changes.length; i += CHANGE)
    if (changes[i] === token)
      (changes[i + 1] === BID ? bids : asks).push(changes[i + 2]!, changes[i + 3]!)
  return { bids, asks }
}

/** Same levels in the same order in every book, or no race. */
function agree({ books }: ChangePlan, ours: BookFold, rival: NaiveFold): void {
  for (let token = 0; token < books; token++)
    for (const side of [BID, ASK] as const) {
      const levels: [number, number][] = []
      ours.view(token)?.walk(side, (price, size) => levels.push([price, size]))
      assert.deepEqual(rival.side(token, side).levels(), levels, `book ${token}, side ${side}`)
      assert.equal(rival.side(token, side).best(), levels[0]?.[0], 'best')
    }
}
