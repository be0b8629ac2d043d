import { ASK, BID, CHANGE, UNSAID } from '#schemas/levels.js'
import { prng } from '#engine/feeds/simulator/prng.js'

/** Levels that a side keeps, and how far behind the touch they lie. */
const [LEVELS_MIN, LEVELS_MAX, REACH] = [12, 30, 24]

/** What level changes to make. The same options make the same ones. */
export interface ChangePlan {
  readonly books: number
  /** 1e-4 dollar. */
  readonly tick: number
  readonly changes: number
  readonly seed: number
  /** Whether each change states the best prices after it. */
  readonly isStated: boolean
}

/** Flat level changes, `CHANGE` numbers each: `opening` fills the books, `live` goes on from there. */
export interface LevelChanges {
  readonly opening: Float64Array
  readonly live: Float64Array
}

interface Side {
  readonly direction: 1 | -1
  /** Size by grid index. */
  readonly sizes: Map<number, number>
  best: number
}

/**
 * A market's life in level changes: mostly new sizes near the touch, about 35 of 100 add or delete a level, and the
 * fair price walks, so that the touch moves. No change crosses a book.
 */
export function levelChanges(plan: ChangePlan): LevelChanges {
  const random = prng(plan.seed, 'level-changes')
  const size = (): number => (1 + random.below(200_000)) * 10_000
  const top = 10_000 / plan.tick
  const out: number[] = []
  const books = Array.from({ length: plan.books }, () => ({
    fair: Math.floor(top / 2),
    sides: [side(1), side(-1)] as const,
  }))
  const say = (token: number, at: Side, index: number, to: number): void => {
    set(at, index, to)
    const [bids, asks] = books[token]!.sides
    const bid = bids.sizes.size === 0 ? 0 : bids.best * plan.tick
    const ask = asks.sizes.size === 0 ? 10_000 : asks.best * plan.tick
    const stated = plan.isStated ? [bid, ask] : [UNSAID, UNSAID]
    out.push(token, at.direction === 1 ? BID : ASK, index * plan.tick, to, ...stated)
  }
  const first = ({ fair }: { fair: number }, { direction }: Side): number =>
    direction === 1 ? fair : fair + 1
  for (const [token, book] of books.entries())
    for (const at of book.sides)
      for (let k = 0; k < 20; k++) say(token, at, first(book, at) - k * at.direction, size())
  const opening = Float64Array.from(out)
  out.length = 0
  while (out.length < plan.changes * CHANGE) {
    const token = random.below(plan.books)
    const book = books[token]!
    if (random.oneIn(20)) {
      const moved = book.fair + (random.oneIn(2) ? 1 : -1)
      if (moved > REACH + 2 && moved < top - REACH - 2) book.fair = moved
    }
    const at = book.sides[random.below(2)]!
    const touch = first(book, at)
    const depth = Math.min(random.below(REACH), random.below(REACH), random.below(REACH))
    const index = touch - depth * at.direction
    const isThere = at.sizes.has(index)
    const passed = book.sides.find(
      one => one.sizes.size > 0 && (one.best - first(book, one)) * one.direction > 0,
    )
    if (passed) say(token, passed, passed.best, 0)
    else if (!isThere && at.sizes.size < LEVELS_MAX) say(token, at, index, size())
    else if (isThere && at.sizes.size > LEVELS_MIN && random.below(100) < 17)
      say(token, at, index, 0)
    else if (isThere) say(token, at, index, size())
    else say(token, at, at.best, size())
  }
  return { opening, live: Float64Array.from(out) }
}

const side = (direction: 1 | -1): Side => ({ direction, sizes: new Map(), best: -1 })

function set(at: Side, index: number, size: number): void {
  if (size > 0) at.sizes.set(index, size)
  else at.sizes.delete(index)
  const all = [...at.sizes.keys()]
  at.best = at.direction === 1 ? Math.max(-1, ...all) : Math.min(Infinity, ...all)
}
