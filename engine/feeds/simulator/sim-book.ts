import { ASK, BID } from '#schemas/levels.js'
import { PRICE_MAX } from '#schemas/units.js'

/** 1e-4 dollar per rung of the simulated ladder: the finest tick of the simulator. */
export const RUNG = 10
/** The highest rung, $1. A best bid on rung 0 or a best ask on this rung means none. */
export const TOP = PRICE_MAX / RUNG

/** 0 bids, 1 asks. */
export type BookSide = typeof BID | typeof ASK

/** One token's book as the simulated venue keeps it: sizes by rung. Changed in place by its market only. */
export class SimBook {
  private readonly sizes = [new Float64Array(TOP + 1), new Float64Array(TOP + 1)] as const
  private readonly bests: [number, number] = [0, TOP]
  private readonly counts: [number, number] = [0, 0]

  /** Rung of the best level, 0 (bids) or `TOP` (asks) where there is none. */
  best(side: BookSide): number {
    return this.bests[side]
  }

  /** How many levels a side has. */
  count(side: BookSide): number {
    return this.counts[side]
  }

  /** Size on a rung, 1e-6 share. */
  sizeAt(side: BookSide, rung: number): number {
    return this.sizes[side][rung] ?? 0
  }

  /** Sets a level; size 0 removes it. */
  set(side: BookSide, rung: number, size: number): void {
    const levels = this.sizes[side]
    const had = levels[rung] ?? 0
    levels[rung] = size
    if (had === 0 && size > 0) {
      this.counts[side]++
      const best = this.bests[side]
      if (side === BID ? rung > best : rung < best) this.bests[side] = rung
    } else if (had > 0 && size === 0) {
      this.counts[side]--
      if (rung === this.bests[side]) this.bests[side] = this.from(side, rung)
    }
  }

  /** Rung of the level with `rank` better ones, or of the worst level where there are fewer. */
  ranked(side: BookSide, rank: number): number {
    let rung = this.bests[side]
    for (let left = Math.min(rank, this.counts[side] - 1); left > 0; left--)
      rung = this.from(side, side === BID ? rung - 1 : rung + 1)
    return rung
  }

  /** The whole side, best first: price and size in turn. */
  levels(side: BookSide): number[] {
    const flat: number[] = []
    let rung = this.bests[side]
    for (let left = this.counts[side]; left > 0; left--) {
      flat.push(rung * RUNG, this.sizeAt(side, rung))
      if (left > 1) rung = this.from(side, side === BID ? rung - 1 : rung + 1)
    }
    return flat
  }

  /** Both sides, as `levels` gives them. */
  save(): readonly [number[], number[]] {
    return [this.levels(BID), this.levels(ASK)]
  }

  load(saved: readonly [readonly number[], readonly number[]]): void {
    for (const side of [BID, ASK] as const) {
      for (const at of this.levels(side).filter((_, i) => i % 2 === 0)) this.set(side, at / RUNG, 0)
      const flat = saved[side]
      for (let i = 0; i < flat.length; i += 2) this.set(side, flat[i]! / RUNG, flat[i + 1]!)
    }
  }

  /** The next level at or behind a rung, seen from the best. */
  private from(side: BookSide, start: number): number {
    const levels = this.sizes[side]
    let rung = start
    if (side === BID) while (rung > 0 && levels[rung] === 0) rung--
    else while (rung < TOP && levels[rung] === 0) rung++
    return rung
  }
}
