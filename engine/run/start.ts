import type { EventOf } from '#schemas/registry.js'
import { tsFold } from '#engine/book/ts-fold.js'
import type { BookFold } from '#engine/book/fold.js'
import { SimExchange } from '#engine/gateways/sim/exchange.js'
import type { Walk } from '#engine/gateways/sim/walk.js'
import { STRATEGIES, type Strategies } from '#engine/strategies/registry.js'
import { EngineState } from './state.js'
import { Turner, type Keep } from './turner.js'

/** What may differ between machines without changing a decision: the fold's backend, and rules under test. */
export interface Parts {
  readonly fold?: BookFold
  readonly strategies?: Strategies
  /** Another backend of the exchange's level walk. */
  readonly walk?: Walk
}

/** An engine with its simulated exchange, made from `RunStarted` alone: a run and its replay begin the same way. */
export function startEngine<F>(
  { data: { config, mode, schema, seed, faults } }: EventOf<'RunStarted'>,
  keep: Keep<F>,
  { fold = tsFold(), strategies = STRATEGIES, walk }: Parts = {},
): Turner<F> {
  const state = new EngineState({ config, mode, schema }, fold, strategies)
  const { sim, risk } = state.config
  const exchange = new SimExchange(
    { sim, cash: risk.bankroll_micro, seed, faults },
    {
      book: token => fold.view(token),
      marketOf: token => {
        const market = state.marketOf[token]
        return market === undefined ? undefined : state.markets[market]
      },
      ...(walk && { walk }),
    },
  )
  return new Turner(state, exchange, keep)
}
