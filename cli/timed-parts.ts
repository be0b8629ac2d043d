import type { BookFold } from '#engine/book/fold.js'
import { STRATEGIES, type Strategies } from '#engine/strategies/registry.js'
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
    watch: (...of) => {
      fold.watch(...of)
    },
    unwatch: id => {
      fold.unwatch(id)
    },
    listen: levels => {
      fold.listen(levels)
    },
    save: () => fold.save(),
    load: saved => {
      fold.load(saved)
    },
  }
}

/** All rules, their looking timed. */
export const timedStrategies = (watch: Watch): Strategies =>
  Object.fromEntries(
    Object.entries(STRATEGIES).map(([name, make]) => [
      name,
      config => timedRule(make(config), watch),
    ]),
  )

function timedRule(rule: Strategy, watch: Watch): Strategy {
  const { name, look, lookAtGroup } = rule
  return {
    name,
    ...(look && { look: (...of) => watch.time(() => look.apply(rule, of)) }),
    ...(lookAtGroup && {
      lookAtGroup: (...of) => watch.time(() => lookAtGroup.apply(rule, of)),
    }),
    ...(rule.watch && { watch: market => rule.watch?.(market) }),
    ...(rule.watchGroup && { watchGroup: group => rule.watchGroup?.(group) }),
    save: () => rule.save(),
    load: saved => {
      rule.load(saved)
    },
  }
}
