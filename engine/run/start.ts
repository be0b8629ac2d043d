import type { EventOf } from '#schemas/registry.js'
import { tsFold } from '#engine/book/ts-fold.js'
import type { BookFold } from '#engine/book/fold.js'
import type { Gateway } from '#engine/gateways/gateway.js'
import { RecordedGateway } from '#engine/gateways/recorded/gateway.js'
import { SimExchange } from '#engine/gateways/sim/exchange.js'
import type { BookSweep } from '#engine/gateways/sim/sweep.js'
import { STRATEGIES, type Strategies } from '#engine/strategies/registry.js'
import { EngineState } from './state.js'
import { EngineLoop, type Keep } from './engine-loop.js'

/** The registry version from which on the simulated exchange's answers to questions about no order are timed by when they were asked. */
const TIMED_SINCE = 4

/** What may differ between machines without changing a decision: the fold's backend, and rules under test. */
export interface Parts {
  readonly fold?: BookFold
  readonly strategies?: Strategies
  /** Another backend of the exchange's level sweep. */
  readonly sweep?: BookSweep
  /** The way to a venue, for a run that is answered by one; its replay has the recorded answers instead. */
  readonly gateway?: Gateway
}

/**
 * An engine made from `RunStarted` alone: a run and its replay begin the same way. Its exchange is the simulated one, or a
 * venue, whose answers are inputs.
 */
export function startEngine<F>(
  { data }: EventOf<'RunStarted'>,
  keep: Keep<F>,
  { fold = tsFold(), strategies = STRATEGIES, sweep, gateway }: Parts = {},
): EngineLoop<F> {
  const { config, mode, schema, seed, faults, exchange, clock } = data
  const origin = { config, mode, schema, ...(exchange && { exchange }) }
  const state = new EngineState(origin, fold, strategies)
  const isWall = clock === 'wall'
  if (exchange === 'venue')
    return new EngineLoop(state, gateway ?? new RecordedGateway(), keep, { isWall, isVenue: true })
  const { sim, risk } = state.config
  const simulated = new SimExchange(
    {
      ...{ sim, cash: risk.bankroll_micro, seed, faults },
      ...{ keepsCash: state.isStrict, isKeyedBySeq: schema < TIMED_SINCE },
    },
    {
      book: token => fold.view(token),
      marketOf: token => {
        const market = state.marketOf[token]
        return market === undefined ? undefined : state.markets[market]
      },
      ...(sweep && { sweep }),
    },
  )
  return new EngineLoop(state, simulated, keep, { isWall, isVenue: false })
}
