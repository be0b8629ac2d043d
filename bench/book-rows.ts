import { CHANGE } from '#schemas/levels.js'
import type { Recorded } from '#schemas/recorded.js'
import { TYPES } from '#schemas/registry.js'
import { levelChanges } from './level-changes.js'

const STARTED_US = 1_780_796_251_000_000

/** Rows of `BookChanged` with so many changes each, as a feed of 100 books gives them. */
export function bookRows(count: number, changesEach: number): Recorded[] {
  const plan = { books: 100, tick: 10, changes: count * changesEach, seed: 7, isStated: true }
  const { live } = levelChanges(plan)
  return Array.from({ length: count }, (_, k) => {
    const from = k * changesEach * CHANGE
    const d = [...live.subarray(from, from + changesEach * CHANGE)]
    const tUs = STARTED_US + k * 40_000
    return { seq: 1_000_001 + k, tUs, cause: 0, event: TYPES.BookChanged.make({ d }) }
  })
}
