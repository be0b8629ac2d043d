import assert from 'node:assert'
import { CHANGE } from '#schemas/levels.js'
import { Ladder } from '#engine/book/ladder.js'
import { mapSide, sortedSide, type NaiveSide } from './contenders/naive-books.js'
import { peerBooks, type MakeBook } from './contenders/peer-books.js'
import { levelChanges } from './level-changes.js'
import type { Contender } from './stopwatch.js'

/**
 * Level changes into books and nothing else: no trust, no statistics, no notices. After every change each contender tells
 * best bid and best ask, and what it told must be the same for all.
 */
export async function laddersAlone(changes: number): Promise<Contender[]> {
  const peers = await peerBooks()
  const rivals: Record<string, MakeBook> = {
    'map, rescan': () => [mapSide(true), mapSide(false)],
    'sorted array': () => [sortedSide(true), sortedSide(false)],
    ...peers,
  }
  return [1, 1_000].flatMap(books => {
    const { opening, live } = levelChanges({ books, tick: 100, changes, seed: 11, isStated: false })
    const group = `${books} book${books > 1 ? 's' : ''}, tick 0.01, best told, nothing else`
    const ops = live.length / CHANGE
    const ours = new Ladders(books)
    const told = ours.restart(opening).change(live)
    const entries: Contender[] = [
      {
        ...{ name: 'ladder', group, ops },
        ready: () => ours.restart(opening),
        run: () => ours.change(live),
      },
    ]
    for (const [name, make] of Object.entries(rivals)) {
      // A peer that takes microseconds a change would make everybody wait.
      const some = name in peers ? live.subarray(0, PEER_CHANGES * CHANGE) : live
      const rival = new Rivals(books, make)
      const wanted = ours.restart(opening).change(some)
      assert.equal(rival.restart(opening).change(some), wanted, `${name} tells the same`)
      entries.push({
        ...{ name, group, ops: some.length / CHANGE },
        ready: () => rival.restart(opening),
        run: () => rival.change(some),
      })
    }
    assert.equal(ours.restart(opening).change(live), told)
    return entries
  })
}

const PEER_CHANGES = 5_000

class Ladders {
  readonly #books: number
  #sides: Ladder[] = []

  constructor(books: number) {
    this.#books = books
  }

  restart(opening: Float64Array): this {
    this.#sides = Array.from(
      { length: 2 * this.#books },
      (_, k) => new Ladder(k % 2 === 0 ? 1 : -1, 100),
    )
    this.change(opening)
    return this
  }

  /** A sum over all that was told. */
  change(changes: Float64Array): number {
    const sides = this.#sides
    let told = 0
    for (let i = 0; i < changes.length; i += CHANGE) {
      const at = (changes[i]! | 0) << 1
      sides[at + (changes[i + 1]! | 0)]!.set(changes[i + 2]! | 0, changes[i + 3]!)
      told = (Math.imul(told, 31) + sides[at]!.bestPrice + 7 * sides[at + 1]!.bestPrice) | 0
    }
    return told
  }
}

class Rivals {
  readonly #books: number
  readonly #make: MakeBook
  #sides: NaiveSide[] = []

  constructor(books: number, make: MakeBook) {
    this.#books = books
    this.#make = make
  }

  restart(opening: Float64Array): this {
    this.#sides = Array.from({ length: this.#books }, () => this.#make()).flat()
    this.change(opening)
    return this
  }

  change(changes: Float64Array): number {
    const sides = this.#sides
    let told = 0
    for (let i = 0; i < changes.length; i += CHANGE) {
      const at = changes[i]! * 2
      sides[at + changes[i + 1]!]!.set(changes[i + 2]!, changes[i + 3]!)
      told = (Math.imul(told, 31) + sides[at]!.best() + 7 * sides[at + 1]!.best()) | 0
    }
    return told
  }
}
