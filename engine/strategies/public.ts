// What a strategy in a file of its own may import, as `polaris/strategy`. What stands here stays: a name that is taken away, or
// that comes to mean something else, breaks files of others.
export {
  NONE,
  strategy,
  type Context,
  type Intent,
  type ParamTable,
  type Proposal,
  type Running,
  type Strategy,
  type StrategyEvent,
  type StrategyOf,
  type Subscriptions,
} from './strategy.js'
export { exitsAfter, isFree, noPositions, type ExitRules, type Positions } from './exits.js'
export { outright, type Outright } from './outright.js'
export { completeSets, offerOf, setIntent, type Outcome, type Wanted } from './sets.js'
export { addTrade, flowOf, type Flow } from './flow.js'
export {
  depthWithin,
  execute,
  mirrorOf,
  notionalOf,
  type BookView,
  type Execution,
} from '#engine/book/view.js'
export { TESTS, type Trigger } from '#engine/book/trigger.js'
export { takerFee } from '#engine/venues/registry.js'
export { Count, Edge, Flag, key, Positive, Share, type Key } from '#schemas/config-codecs.js'
export { ASK, BID, type Side } from '#schemas/levels.js'
export {
  bps,
  costOf,
  mirrored,
  mulDivFloor,
  price,
  PRICE_MAX,
  proceedsOf,
  shares,
  sumOf,
  usdc,
  type Bps,
  type Price,
  type Shares,
  type Usdc,
} from '#schemas/units.js'
// Of these there are types alone.
export type { GroupFacts, MarketFacts } from '#engine/core/market.js'
export type { SignalLeg } from '#schemas/events/signal.js'
export type { TimeInForce } from '#schemas/reasons.js'
