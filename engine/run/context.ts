import type { Context } from '#engine/strategies/strategy.js'
import type { EngineState } from './state.js'

/** What an instance of this scope sees of the engine: views, never the state itself. */
export function contextOf(state: EngineState, scope: string): Context {
  const { now } = state
  return {
    get tUs() {
      return now.tUs
    },
    book: token => state.book(token),
    distrustOf: token => state.fold.distrustOf(token),
    market: id => state.markets[id],
    marketOf: token => state.marketOf[token],
    position: token => state.purses.of(scope).exposure.positions.get(token)?.size ?? 0,
    cash: () => state.purses.of(scope).exposure.free,
  }
}
