import { ASK, BID, type Side } from '#schemas/levels.js'
import type { EngineState } from './state.js'

/**
 * The engine's whole memory as canonical JSON: equal for equal folds, on every machine and backend. What stands in it is
 * what decides; caches do not.
 */
export function stateText(state: EngineState): string {
  const { kill, oms } = state
  const tokens = state.marketOf.map((_, token) => token).filter(token => state.fold.view(token))
  return JSON.stringify({
    ordinal: state.ordinal,
    purses: [...state.purses.all].map(({ scope, exposure, breakers }) => ({
      scope,
      cash: exposure.cash,
      realised: exposure.realised,
      fees: exposure.fees,
      positions: [...exposure.positions].sort(([a], [b]) => a - b),
      reserved: [...exposure.reserved].sort(byText),
      shares: [...exposure.shares].sort(byText),
      gates: [
        [...breakers.closed].sort(byText),
        [...breakers.probes],
        breakers.day,
        breakers.dayPnl,
        breakers.fails,
      ],
      marks: [...breakers.marks].map(([name, marks]) => [
        name,
        marks.all().map(({ tUs, pnl }) => [tUs, pnl]),
      ]),
    })),
    kill: [
      [kill.isStopped, kill.isPaused, kill.isShuttingDown],
      [...kill.stopped].sort(),
      [...kill.paused].sort(),
      [...kill.counters].map(([scope, { rejects, errors }]) => [scope, rejects, errors]),
    ],
    asked: [questionOf(state), oms.placed],
    slots: [...state.instances.save().slots],
    instruments: state.instruments.save(),
    numbers: [...oms.quotes.save().numbers],
    recovering: state.recovery.isActive,
    instances: [...state.instanceOf],
    quotes: [...oms.quotes.targets].map(([key, { price, size, order }]) => [
      [key, price, size],
      order && [order.id, order.limit, order.size, order.filled, order.cancels],
    ]),
    live: [...oms.book.live.keys()],
    timers: state.timers.save().map(({ instance, key, atUs }) => [instance, key, atUs]),
    open: [...oms.open.values()].map(({ signal, phase, at, tries, legs, order }) => [
      [signal, phase, at, tries, order?.id ?? ''],
      legs.map(({ bought, sold, cash, fee, attempts }) => [bought, sold, cash, fee, attempts]),
    ]),
    waiting: state.waiting.all().map(({ signal }) => signal),
    cooldowns: [...oms.cooldowns].sort(([a], [b]) => a - b),
    resolved: state.markets.filter(market => market?.isResolved).map(market => market?.market),
    books: tokens.map(token => [
      token,
      state.fold.distrustOf(token),
      levelsOf(state, token, BID),
      levelsOf(state, token, ASK),
    ]),
  })
}

function levelsOf(state: EngineState, token: number, side: Side): number[] {
  const levels: number[] = []
  state.book(token).walk(side, (at, size) => {
    levels.push(at, size)
  })
  return levels
}

/** The open question what we hold, with all that its answer is compared by. */
function questionOf({ holdings: { question } }: EngineState): unknown {
  if (!question) return undefined
  const { seq, placed, isVoid, untilUs, ranges } = question
  return [seq, placed, isVoid, untilUs, [...ranges].sort(([a], [b]) => a - b)]
}

const byText = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0
