import { packed } from '#engine/core/saved.js'
import type { LogFault, LogWriter, Mark } from '#engine/log/event-log.js'
import type { EngineLoop } from './engine-loop.js'

/** Takes states of the engine, so that a later run or reader need not begin at the first event. */
export interface Checkpoints {
  /** At least so many events lie between two. */
  readonly everyEvents: number
  /** While true, nothing is kept. */
  readonly isBusy: boolean
  readonly keep: (of: { mark: Mark; engine: string; feed: string }) => void
}

/** Hands states of an engine to who keeps them, each as it is between two turns. */
export class StateKeeper {
  readonly #of: { readonly checkpoints: Checkpoints; readonly log: LogWriter }
  readonly #loop: EngineLoop<LogFault>
  /** Last event of the one before; where the engine begins, if there was none. */
  #lastSeq: number

  constructor(
    of: { readonly checkpoints: Checkpoints; readonly log: LogWriter },
    loop: EngineLoop<LogFault>,
  ) {
    this.#of = of
    this.#loop = loop
    this.#lastSeq = loop.lastSeq
  }

  /** To be called between two turns: keeps the state where it is time for one, and where the feed stands, which `feed` answers. */
  look(feed: () => unknown = () => undefined): void {
    const { checkpoints, log } = this.#of
    const loop = this.#loop
    if (loop.lastSeq < this.#lastSeq + checkpoints.everyEvents) return
    const mark = checkpoints.isBusy ? undefined : log.mark()
    if (!mark) return
    checkpoints.keep({ mark, engine: packed(loop.save()), feed: packed(feed()) })
    this.#lastSeq = loop.lastSeq
  }
}
