import { ASK, BID, UNSAID } from '#schemas/levels.js'
import { mirrored } from '#schemas/units.js'
import type { KalshiLevel } from './envelope.js'

/** One market's book as Kalshi keeps it: bids of YES and bids of NO, sizes as totals. Owned by one import. */
export class KalshiBook {
  private readonly bids: Readonly<Record<'yes' | 'no', Map<number, number>>> = {
    yes: new Map(),
    no: new Map(),
  }

  restate(yes: readonly KalshiLevel[], no: readonly KalshiLevel[]): void {
    for (const [side, levels] of [
      ['yes', yes],
      ['no', no],
    ] as const) {
      this.bids[side].clear()
      for (const [at, size] of levels) if (size > 0) this.bids[side].set(at, size)
    }
  }

  /** Adds a signed change to a level. Returns the new total; a total below zero is stored as none, and returned. */
  change(side: 'yes' | 'no', at: number, change: number): number {
    const levels = this.bids[side]
    const total = (levels.get(at) ?? 0) + change
    if (total > 0) levels.set(at, total)
    else levels.delete(at)
    return total
  }

  /** The bids of a side, flat, best first. */
  bidsOf(side: 'yes' | 'no'): number[] {
    return [...this.bids[side]].sort(([a], [b]) => b - a).flat()
  }

  /** The asks of a side, flat, best first: the bids of the other, seen from this one. */
  asksOf(side: 'yes' | 'no'): number[] {
    const other = this.bids[side === 'yes' ? 'no' : 'yes']
    return [...other].sort(([a], [b]) => b - a).flatMap(([at, size]) => [mirrored(at), size])
  }
}

/** The two changes that a bid of one side makes: its own, and the mirrored ask on the other token. */
export function mirroredChanges(
  tokens: readonly [yes: number, no: number],
  { side, at, size }: { readonly side: 'yes' | 'no'; readonly at: number; readonly size: number },
): number[] {
  const [own, other] = side === 'yes' ? tokens : [tokens[1], tokens[0]]
  const one = [own, BID, at, size, UNSAID, UNSAID]
  const two = [other, ASK, mirrored(at), size, UNSAID, UNSAID]
  return [...one, ...two]
}
