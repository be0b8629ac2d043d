import type { Lot } from './lot.js'

interface Run {
  net: number
  peak: number
  fall: number
}

/** How far the realised profit of each strategy fell from its highest so far, which is at least nothing; 1e-6 dollar. */
export class Drawdowns {
  readonly #runs = new Map<string, Run>()
  /** What of each lot has been counted. */
  readonly #counted = new Map<Lot, number>()
  /** Lots of which something is left: what is closed changes only where a fill is taken back. */
  #open: Lot[] = []
  #seen = 0
  /** What has changed since the moment before. */
  readonly #changed = new Set<Run>()

  /** Counts what lots have realised since the last look, which was one event before. */
  look(lots: readonly Lot[], isVoid: boolean): void {
    while (this.#seen < lots.length) this.#open.push(lots[this.#seen++]!)
    for (const lot of isVoid ? lots : this.#open) {
      const more = lot.realised - (this.#counted.get(lot) ?? 0)
      if (more === 0) continue
      this.#counted.set(lot, lot.realised)
      const run = this.#of(lot.of.strategy)
      run.net += more
      this.#changed.add(run)
    }
    this.#open = this.#open.filter(({ remaining }) => remaining > 0)
  }

  /** A moment is over: what was paid within it came at once, whatever its order. */
  settle(): void {
    for (const run of this.#changed) {
      run.peak = Math.max(run.peak, run.net)
      run.fall = Math.max(run.fall, run.peak - run.net)
    }
    this.#changed.clear()
  }

  /** Of a strategy, by its code. */
  of(strategy: string): number {
    const { fall, peak, net } = this.#runs.get(strategy) ?? { fall: 0, peak: 0, net: 0 }
    return Math.max(fall, peak - net)
  }

  #of(strategy: string): Run {
    const known = this.#runs.get(strategy) ?? { net: 0, peak: 0, fall: 0 }
    this.#runs.set(strategy, known)
    return known
  }
}
