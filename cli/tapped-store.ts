import * as E from 'fp-ts/lib/Either.js'
import type { Recorded } from '#schemas/recorded.js'
import type { LogWriter } from '#engine/log/event-log.js'
import type { RunStore } from '#engine/log/store/run-store.js'

/** A store whose new runs tell each turn as it is appended: for who waits for something to happen in a run of its own. */
export const tappedStore = (
  store: RunStore,
  tell: (turn: readonly Recorded[]) => void,
): RunStore => ({
  ...store,
  create: async (...how) =>
    E.map((log: LogWriter) => tapped(log, tell))(await store.create(...how)),
})

const tapped = (log: LogWriter, tell: (turn: readonly Recorded[]) => void): LogWriter => ({
  get lastSeq() {
    return log.lastSeq
  },
  get durableSeq() {
    return log.durableSeq
  },
  append: turn => {
    const fault = log.append(turn)
    if (!fault) tell(turn)
    return fault
  },
  appendEncoded: turns => log.appendEncoded(turns),
  ready: () => log.ready(),
  flush: () => log.flush(),
  mark: () => log.mark(),
  onDurable: listener => {
    log.onDurable(listener)
  },
  seal: () => log.seal(),
  close: () => log.close(),
})
