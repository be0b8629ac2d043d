import { ASK, BID, CHANGE, UNSAID, type Side } from '#schemas/levels.js'
import type { Event } from '#schemas/registry.js'
import { price, shares } from '#schemas/units.js'
import type { BookFold, Touched } from '#engine/book/fold.js'
import type { Prng } from '#engine/feeds/simulator/prng.js'

/** Divisors of the price range, and three that are not. */
const GRIDS = [1, 2, 5, 10, 16, 25, 50, 100, 625, 1_000, 2_500, 10_000, 0, 7, 300]

type Call = (fold: BookFold, touched: Touched) => unknown

/** Inputs that a feed may bring, sensible and not, over a few tokens of which some are never listed. */
export interface Garbage {
  /** Highest token that it speaks of. */
  readonly tokens: number
  /** Their usual price step. */
  readonly grid: number
  readonly event: () => Event
  /** One call of a fold, to be made on each of several. */
  readonly call: () => Call
  /** Changes, cuts or joins some bytes of lines in place. */
  readonly damage: (bytes: Uint8Array) => void
}

/** Garbage out of a seeded stream. */
export function garbage(random: Prng): Garbage {
  const tokens = 1 + random.below(6)
  const grid = random.oneIn(3) ? 1 : random.oneIn(2) ? 10 : 100
  // One in a hundred is never listed; a story may begin before its listings.
  const token = (): number => (random.oneIn(100) ? tokens + 1 : 1 + random.below(tokens))
  const pick = (from: readonly number[]): number => from[random.below(from.length)]!
  const near = (): number => 4_000 + random.below(2_000 / grid) * grid
  const at = (): number =>
    random.oneIn(12) ? random.below(10_001) : random.oneIn(20) ? pick([0, 10_000]) : near()
  const size = (): number => {
    if (random.oneIn(3)) return 0
    return random.oneIn(10) ? Number.MAX_SAFE_INTEGER - random.below(9) : 1 + random.below(1e9)
  }
  const changes = (): number[] =>
    Array.from({ length: 1 + random.below(random.oneIn(10) ? 60 : 6) }, () => {
      const said = random.oneIn(2) ? [at(), at()] : [UNSAID, UNSAID]
      return [token(), random.below(2), at(), size(), ...said]
    }).flat()
  const levels = (from: number): number[] =>
    Array.from({ length: random.below(8) }, () => {
      const where = random.oneIn(9) ? at() : from + random.below(900 / grid) * grid
      return [where, Math.max(1, size())]
    }).flat()
  const snapshot = () => ({ token: token(), bids: levels(4_000), asks: levels(5_000) })
  const tUs = (): number => 1_780_796_251_000_000 + random.below(1e6)

  const trade = (): Event => {
    const id = random.oneIn(9) ? 'tr\u00fc "1"' : `t-${random.below(1e6)}`
    const side: Side = random.oneIn(2) ? BID : ASK
    const of = { token: token(), side, price: price(at()), size: shares(1 + random.below(1e9)), id }
    return { type: 'TradePrinted', data: random.oneIn(4) ? { ...of, lag: 7 } : of }
  }

  const event = (): Event => {
    const kind = random.below(100)
    if (kind < 55) return { type: 'BookChanged', data: { d: changes() } }
    if (kind < 60) return { type: 'BookChanged', data: { d: changes(), l: random.below(99) - 50 } }
    if (kind < 72) return { type: 'BookSnapshot', data: snapshot() }
    if (kind < 74) return { type: 'BookSnapshot', data: { ...snapshot(), lag: -5 } }
    if (kind < 79) return trade()
    if (kind < 90) return listing(1 + random.below(tokens))
    if (kind < 93)
      return {
        type: 'TickSizeChanged',
        data: { token: token(), from: price(1), to: price(pick(GRIDS)) },
      }
    if (kind < 95)
      return { type: 'BookHashDiffers', data: { token: token(), venue: 'ab', ours: 'cd' } }
    if (kind < 97) return { type: 'FeedLost', data: { feed: 'f', why: 'gap \u00fc' } }
    return { type: 'FeedResumed', data: { feed: 'f' } }
  }
  const listing = (of: number): Event => {
    const tick = random.oneIn(9) ? pick(GRIDS) : grid
    const data = { token: of, market: 1, index: 0, key: 'k', outcome: 'Yes', tick: price(tick) }
    return { type: 'TokenListed', data }
  }

  const call = (): Call => {
    const kind = random.below(100)
    if (kind < 60) {
      const flat = changes()
      const frame = { changes: random.oneIn(2) ? flat : Float64Array.from(flat), tUs: tUs() }
      const length = random.oneIn(9) ? flat.length - CHANGE : flat.length
      return (fold, touched) => fold.change({ ...frame, length }, touched)
    }
    if (kind < 75) {
      const of = { ...snapshot(), tUs: tUs() }
      return (fold, touched) => fold.snapshot(of, touched)
    }
    const [of, bit, tick] = [token(), 2 ** random.below(7), pick(GRIDS)]
    const first = random.oneIn(9) ? tick : grid
    if (kind < 88) return fold => fold.list(1 + (of % tokens), first)
    if (kind < 92) return (fold, touched) => fold.regrid(of, tick, touched)
    if (kind < 94) return (fold, touched) => fold.restoreTrust(of, bit, touched)
    if (kind < 98) return (fold, touched) => fold.distrust(of, bit, touched)
    return (fold, touched) => fold.distrustAll(bit, touched)
  }

  const damage = (bytes: Uint8Array): void => {
    for (let k = random.below(3); k >= 0; k--) {
      const from = random.below(bytes.length)
      if (random.oneIn(2)) bytes[from] = random.below(256)
      else bytes.copyWithin(from, from + 1 + random.below(5))
    }
  }
  return { tokens, grid, event, call, damage }
}
