import type { BookFold } from '#engine/book/fold.js'
import type { Strategies } from '#engine/strategies/registry.js'
import type { Strategy } from '#engine/strategies/strategy.js'

/** Milliseconds that went into a part of the engine. */
export class Watch {
  ms = 0

  /** What the work gives; its time is added. */
  time<T>(work: () => T): T {
    const started = performance.now()
    try {
      return work()
    } finally {
      this.ms += performance.now() - started
    }
  }
}

/** A fold whose folding is timed. Its views are not: who looks at a book pays for the looking. */
export function timedFold(fold: BookFold, watch: Watch): BookFold {
  return {
    get stats() {
      return fold.stats
    },
    view: token => fold.view(token),
    distrustOf: token => fold.distrustOf(token),
    list: (...of) => watch.time(() => fold.list(...of)),
    change: (...of) => watch.time(() => fold.change(...of)),
    snapshot: (...of) => watch.time(() => fold.snapshot(...of)),
    regrid: (...of) => watch.time(() => fold.regrid(...of)),
    distrust: (...of) => watch.time(() => fold.distrust(...of)),
    restoreTrust: (...of) => watch.time(() => fold.restoreTrust(...of)),
    distrustAll: (...of) => watch.time(() => fold.distrustAll(...of)),
    lines: (...of) => watch.time(() => fold.lines(...of)),
    walk: (...of) => watch.time(() => fold.walk(...of)),
    walkTape: (...of) => watch.time(() => fold.walkTape(...of)),
    setTrigger: (...of) => {
      fold.setTrigger(...of)
    },
    dropTrigger: id => {
      fold.dropTrigger(id)
    },
    setInterest: (...of) => {
      fold.setInterest(...of)
    },
    save: () => fold.save(),
    load: saved => {
      fold.load(saved)
    },
  }
}

/** All strategies, what they are asked timed. */
export const timedStrategies = (all: Strategies, watch: Watch): Strategies =>
  Object.fromEntries(
    Object.entries(all).map(([name, strategy]) => [name, timedStrategy(strategy, watch)]),
  )

function timedStrategy(strategy: Strategy, watch: Watch): Strategy {
  return {
    ...strategy,
    start: params => {
      const running = strategy.start(params)
      return {
        ...running,
        on: (event, context) => watch.time(() => running.on(event, context)),
      }
    },
  }
}
