import { ASK, BID, type Side } from '#schemas/levels.js'
import type { EngineState } from './state.js'

/**
 * The engine's whole memory as canonical JSON: equal for equal folds, on every machine and backend. What stands in it is
 * what decides; caches do not.
 */
export function stateText(state: EngineState): string {
  const { exposure, stop, gates, oms } = state
  const tokens = state.marketOf.map((_, token) => token).filter(token => state.fold.view(token))
  return JSON.stringify({
    ordinal: state.ordinal,
    cash: exposure.cash,
    realised: exposure.realised,
    fees: exposure.fees,
    positions: [...exposure.positions].sort(([a], [b]) => a - b),
    reserved: [...exposure.reserved].sort(byText),
    stop: [stop.isStopped, stop.isPaused, stop.rejects, stop.errors],
    gates: [
      [...gates.closed].sort(byText),
      [...gates.probes],
      gates.day,
      gates.dayMade,
      gates.fails,
    ],
    marks: [...gates.marks].map(([name, marks]) => [
      name,
      marks.all().map(({ tUs, made }) => [tUs, made]),
    ]),
    asked: [state.asked?.seq, state.asked?.placed, oms.placed],
    rules: [...state.strategyOf],
    open: [...oms.open.values()].map(({ signal, phase, at, rung, legs, order }) => [
      [signal, phase, at, rung, order?.id ?? ''],
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

const byText = ([a]: readonly [string, number], [b]: readonly [string, number]): number =>
  a < b ? -1 : a > b ? 1 : 0
