import type { Recorded } from '#schemas/recorded.js'
import { pnl } from '../../profit.js'
import { Samples } from '../../samples.js'
import { summary, summaryOver, tally } from '../../summary.js'
import type { World } from '../../world.js'
import { Activity } from './activity.js'
import type { RunFacts } from './run-page.js'

/** Collects what a page shows of a log, in one walk. Owned by whoever folds it; the world takes each row before it. */
export class RunFold {
  readonly #activity = new Activity()
  readonly #samples = new Samples()
  readonly #settled = new Map<string, number>()
  readonly #summary = summary.initialState()
  readonly #books = pnl.initialState()

  take(row: Recorded, world: World): void {
    tally(this.#summary, row)
    pnl.evolve(this.#books, row, world)
    this.#samples.take(row, world)
    this.#activity.take(row, world)
    if (row.event.type !== 'LegsSettled') return
    const { result } = row.event.data
    this.#settled.set(result, (this.#settled.get(result) ?? 0) + 1)
  }

  /** What was collected, at the state of the world behind the last row. */
  facts(
    world: World,
  ): Pick<RunFacts, 'activity' | 'samples' | 'settled' | 'world' | 'pnl' | 'summary'> {
    return {
      ...{ activity: this.#activity, settled: this.#settled, world },
      samples: this.#samples.rows,
      pnl: pnl.rest(this.#books, world),
      summary: summaryOver(this.#summary, token => world.books.view(token)?.bestBid ?? 0),
    }
  }
}
