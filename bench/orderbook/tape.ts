import { ASK, BID, type Side } from '#schemas/levels.js'
import { Ladder } from '#engine/book/ladder.js'
import { prng, type Prng } from '#engine/feeds/simulator/prng.js'

/** A level as the document of a tape tells it: decimal dollars and shares. */
export interface TapeLevel {
  readonly price: number
  readonly size: number
}

/** A race over an order book, as every backend reads it. */
export interface Tape {
  readonly iterations: number
  /** How far from a side's own best its depth is summed, as a part of it. */
  readonly depth_pct: number
  readonly initial_bids: readonly TapeLevel[]
  readonly initial_asks: readonly TapeLevel[]
  /** Decoded before the clock runs; or texts, each decoded within its own update. */
  readonly updates: readonly (Readonly<{ side: 'BID' | 'ASK' } & TapeLevel> | string)[]
}

/** How much of it. */
export interface TapePlan {
  readonly iterations: number
  readonly updates: number
  readonly levels: number
}

/** The workloads by name. */
export const WORKLOADS = ['legacy', 'honest'] as const
export type Workload = (typeof WORKLOADS)[number]

const SEED = 42
const DEPTH_PCT = 0.01
/** Middle of the opening book and distance of its levels, 1e-4 dollar. */
const [MIDDLE, STEP] = [5_000, 5]

/** The tape of a workload: the same for the same plan, everywhere. */
export function tapeOf(workload: Workload, plan: TapePlan): Tape {
  const random = prng(SEED, 'orderbook tape')
  const [bids, asks]: [TapeLevel[], TapeLevel[]] = [[], []]
  for (let k = 1; k <= plan.levels; k++) {
    bids.push({ price: (MIDDLE - STEP * k) / 10_000, size: between(random, 20, 150) })
    asks.push({ price: (MIDDLE + STEP * k) / 10_000, size: between(random, 20, 150) })
  }
  const { iterations } = plan
  const opening = { iterations, depth_pct: DEPTH_PCT, initial_bids: bids, initial_asks: asks }
  const updates = workload === 'legacy' ? legacy(random, plan) : honest(random, opening, plan)
  return { ...opening, updates }
}

/**
 * The workload of the earlier system, for comparison: its updates begin a cent from the middle, where they reach neither
 * the touch nor the band of 1 %, so that a program which ignores them gives the same answers.
 */
function legacy(random: Prng, { updates, levels }: TapePlan): Tape['updates'] {
  const furthest = Math.max(5, Math.floor(levels / 2))
  return Array.from({ length: updates }, () => {
    const side = random.below(2) === 0 ? 'BID' : 'ASK'
    const away = 100 + STEP * random.below(furthest + 1)
    const price = (side === 'BID' ? MIDDLE - away : MIDDLE + away) / 10_000
    const size = random.below(100) < 12 ? 0 : between(random, 5, 200)
    return { side, price, size }
  })
}

/**
 * Updates that all matter: they improve the touch, take it away, or set and delete levels within the band, on a book that
 * is never crossed and keeps near the middle. Each changes what a reader of touch and depth sees.
 */
function honest(
  random: Prng,
  { initial_bids, initial_asks }: Pick<Tape, 'initial_bids' | 'initial_asks'>,
  { updates }: TapePlan,
): string[] {
  const book = [new Ladder(1, STEP), new Ladder(-1, STEP)] as const
  for (const [side, levels] of [initial_bids, initial_asks].entries())
    for (const { price, size } of levels) {
      const at = Math.round(price * 10_000)
      if (at > 0 && at < 10_000) book[side]!.set(at, Math.round(size * 1e6))
    }
  return Array.from({ length: updates }, () => {
    const side: Side = random.below(2) === 0 ? BID : ASK
    const [price, size] = move(random, book, side)
    book[side].set(price, size)
    const told = { side: side === BID ? 'BID' : 'ASK', price: `${price / 10_000}` }
    return JSON.stringify({ ...told, size: `${size / 1e6}` })
  })
}

/** The next price and size of a side, which differ from what stands there. */
function move(random: Prng, book: readonly [Ladder, Ladder], side: Side): [number, number] {
  const [own, other] = [book[side], book[1 - side]!]
  const { direction, bestPrice: best } = own
  const kind = random.below(100)
  const better = best + direction * STEP
  const middle = (best + other.bestPrice) / 2
  const leads = (middle - MIDDLE) * direction > 300
  if (kind < 25 && !leads && better !== other.bestPrice) return [better, fresh(random, 0)]
  if (kind < 40 && own.next(own.best) >= 0 && !(-(middle - MIDDLE) * direction > 300))
    return [best, 0]
  const band = Math.floor((best * DEPTH_PCT) / STEP)
  const price = best - direction * STEP * random.below(Math.max(band, 1))
  const there = own.sizeAt(price)
  const isDeleted = there > 0 && price !== best && random.below(100) < 12
  return [price, isDeleted ? 0 : fresh(random, there)]
}

/** A size in 1e-6 share that is not the one that stands there. */
function fresh(random: Prng, there: number): number {
  const size = Math.round(between(random, 5, 200) * 1e6)
  return size === there ? size + 1 : size
}

/** A number of shares, 6 decimals, uniform. */
const between = (random: Prng, low: number, high: number): number =>
  (low * 1e6 + random.below((high - low) * 1e6 + 1)) / 1e6
