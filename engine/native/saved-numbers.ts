import type { SavedBook } from '#engine/book/book.js'
import type { BookStats, SavedFold } from '#engine/book/fold.js'
import type { Out } from './addon.js'

/** Names of the statistics in the order in which they cross. */
export const STATS = [
  'changes',
  'checks',
  'agreeBefore',
  'agreeAfter',
  'repaired',
  'pruned',
  'crossed',
] as const satisfies readonly (keyof BookStats)[]

/** Statistics out of their numbers. */
export function statsIn(numbers: ArrayLike<number>): BookStats {
  return {
    changes: numbers[0]!,
    checks: numbers[1]!,
    agreeBefore: numbers[2]!,
    agreeAfter: numbers[3]!,
    repaired: numbers[4]!,
    pruned: numbers[5]!,
    crossed: numbers[6]!,
  }
}

/** A fold of a checkpoint as the numbers that cross: statistics, then for each book five numbers and two sides. */
export function numbersOf({ stats, books }: SavedFold): Out {
  const flat: number[] = STATS.map(name => stats[name])
  for (const { token, updatedUs, distrust, changes, hadSnapshot, bids, asks } of books) {
    flat.push(token, updatedUs, distrust, changes, Number(hadSnapshot))
    for (const [tick = 1, ...levels] of [bids, asks]) flat.push(tick, levels.length / 2, ...levels)
  }
  return Float64Array.from(flat)
}

/** The books behind the statistics, with their keys in the order of the reference: a checkpoint is text. */
export function booksIn(flat: Float64Array): SavedBook[] {
  const books: SavedBook[] = []
  let at = 0
  const side = (): number[] => {
    const [tick, count] = [flat[at]!, flat[at + 1]!]
    const from = at + 2
    at = from + 2 * count
    return [tick, ...flat.subarray(from, at)]
  }
  while (at < flat.length) {
    const [token, updatedUs, distrust, changes] = [0, 1, 2, 3].map(k => flat[at + k]!)
    const hadSnapshot = flat[at + 4] !== 0
    at += 5
    const [bids, asks] = [side(), side()]
    books.push({
      token: token!,
      updatedUs: updatedUs!,
      distrust: distrust!,
      changes: changes!,
      hadSnapshot,
      bids,
      asks,
    })
  }
  return books
}
