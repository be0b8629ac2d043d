import assert from 'node:assert'
import { CHANGE } from '#schemas/levels.js'
import { LineWriter } from '#schemas/line/writer.js'
import { packed } from '#engine/core/saved.js'
import type { BookFold } from '#engine/book/fold.js'
import { tsFold } from '#engine/book/ts-fold.js'
import { clearTouched, untouched } from '#engine/book/touched.js'
import { loadAddon, type Addon } from '#engine/native/addon.js'
import { NativeFold } from '#engine/native/native-fold.js'
import { bookRows } from './book-rows.js'
import { levelChanges } from './level-changes.js'
import type { Contender } from './stopwatch.js'

const BOOKS = 100
const TICK = 10
/** Level changes of one call. */
const BATCHES = [1, 16, 256, 4_096]

/** Both backends on frames of every batch size and on log lines; none where there is no addon. */
export function backends(changes: number): Contender[] {
  const addon = loadAddon()
  if (typeof addon === 'string') return []
  return [
    ...BATCHES.flatMap(batch => onFrames(addon, changes, batch)),
    ...onLines(addon, changes, 1),
    ...onLines(addon, changes, 8),
  ]
}

function onFrames(addon: Addon, changes: number, batch: number): Contender[] {
  const { opening, live } = levelChanges({
    books: BOOKS,
    tick: TICK,
    changes,
    seed: 7,
    isStated: true,
  })
  const frames: Float64Array[] = []
  for (let at = 0; at < live.length; at += batch * CHANGE)
    frames.push(live.slice(at, at + batch * CHANGE))
  return entrants(addon, opening, {
    group: `${BOOKS} books, ${batch} a call`,
    ops: live.length / CHANGE,
    feed: (fold, touched) => {
      for (const frame of frames) {
        fold.change({ changes: frame, length: frame.length, tUs: 2 }, touched)
        clearTouched(touched)
      }
    },
  })
}

/** The lines of whole segments as bytes: read, summed and folded in one call per 1,024 lines, as commits are. */
function onLines(addon: Addon, changes: number, changesEach: number): Contender[] {
  const rows = bookRows(Math.ceil(changes / changesEach), changesEach)
  const { opening } = levelChanges({
    books: BOOKS,
    tick: TICK,
    changes: 0,
    seed: 7,
    isStated: true,
  })
  const commits: Uint8Array[] = []
  for (let from = 0; from < rows.length; from += 1_024) {
    const writer = new LineWriter()
    for (const { seq, tUs, cause, event } of rows.slice(from, from + 1_024))
      writer.event(seq, tUs, cause, event)
    commits.push(writer.bytes.slice())
  }
  return entrants(addon, opening, {
    group: `${BOOKS} books, lines of ${changesEach}`,
    ops: rows.length * changesEach,
    feed: (fold, touched) => {
      for (const bytes of commits) {
        fold.lines(bytes, touched)
        clearTouched(touched)
      }
    },
  })
}

/** The two folds on one feed, after they were found to agree. */
function entrants(
  addon: Addon,
  opening: Float64Array,
  of: {
    group: string
    ops: number
    feed: (fold: BookFold, touched: ReturnType<typeof untouched>) => void
  },
): Contender[] {
  const { group, ops, feed } = of
  const entries = [
    { name: 'TypeScript', fold: tsFold() },
    { name: 'native', fold: new NativeFold(addon) },
  ].map(({ name, fold }) => {
    const touched = untouched()
    for (let token = 0; token < BOOKS; token++) fold.list(token, TICK)
    const ready = (): void => {
      for (let token = 0; token < BOOKS; token++)
        fold.snapshot({ token, bids: [], asks: [], tUs: 1 }, touched)
      fold.change({ changes: opening, length: opening.length, tUs: 1 }, touched)
      clearTouched(touched)
    }
    const run = (): void => {
      feed(fold, touched)
    }
    ready()
    run()
    return { name, group, ops, ready, run, fold }
  })
  const [ts, native] = entries.map(({ fold }) => packed(fold.save()))
  assert.equal(native, ts, `${group}: the backends agree`)
  return entries.map(({ fold: _fold, ...contender }) => contender)
}
