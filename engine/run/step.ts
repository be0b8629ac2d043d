import assert from 'node:assert'
import { isInput, TYPES, type Event, type EventOf, type TypeName } from '#schemas/registry.js'
import type { Recorded } from '#schemas/recorded.js'
import { foldEvent } from '#engine/book/ts-fold.js'
import type { Turn } from '#engine/core/turn.js'
import type { Deadline } from '#engine/oms/deadline.js'
import { ask, deliver } from './intents.js'
import { applyCommand, reconfigure } from './operator.js'
import { pullStale, pullStopped, requote } from './resting.js'
import { lookAtMarkets } from './look.js'
import { admitWaiting } from './signals.js'
import { compareHoldings, settlePositions } from './settlement.js'
import type { EngineState } from './state.js'
import { recordRest, settleTrust } from './trust.js'

type InputName = {
  [N in TypeName]: (typeof TYPES)[N]['kind'] extends 'decision' ? never : N
}[TypeName]
/** What may come in from outside of the engine. */
type Input = { [N in InputName]: EventOf<N> }[InputName]

/**
 * One turn, pure but for the state it owns: takes an input, leaves the decisions and effects it causes in `turn`, and
 * returns when the state next wants to hear from the clock. No clock, no randomness, no I/O. An input that `isFolded` is
 * one that the fold has just taken in a walk, with what it touched in `state.touched`.
 */
export function step(state: EngineState, input: Recorded, turn: Turn, isFolded = false): Deadline {
  const { event } = input
  turn.begin(input)
  if (advancesOrdinal(event, state.isStrict)) state.ordinal++
  turn.ordinal = state.ordinal
  state.now.tUs = input.tUs
  assert(isAnInput(event), `Invariant: ${event.type} is a decision, not an input`)
  take(state, turn, event, isFolded)
  if (state.undelivered.length > 0) deliver(state, turn)
  if (state.waiting.length > 0) admitWaiting(state, turn)
  if (!state.isStrict) follow(state, turn)
  return state.deadline
}

/** What every input may bring about, besides what it says itself. */
function follow(state: EngineState, turn: Turn): void {
  pullStopped(state, turn)
  state.exits.advance(turn)
  state.recovery.advance(turn)
  if (state.isSigned) state.stopCheck.advance(turn)
  if (turn.effects.length > 0)
    for (const effect of turn.effects) if (effect.tag === 'SendOrder') state.holdings.placed(effect)
}

/**
 * Whether ids count this input: what the market says, and nothing that an operator, a configuration or slow data says, so that
 * these rename nothing. In logs of the first schemas commands and configurations counted.
 */
function advancesOrdinal({ type }: Event, isStrict: boolean): boolean {
  if (type === 'BookChanged') return true
  if (TYPES[type].kind !== 'feed') return false
  return isStrict || !RENAMES_NOTHING.has(type)
}

const RENAMES_NOTHING: ReadonlySet<TypeName> = new Set([
  'CommandGiven',
  'ConfigChanged',
  'ReferenceReported',
  'MessageRefused',
  'TradeRecovered',
  'AccountReported',
  'TrackingsReported',
  'PostCountsReported',
  'PostsReported',
  'MarketGroupDescribed',
  'MarketDescribed',
  'MarketStatesReported',
  'QuotesSampled',
  'DepthsSampled',
  'LevelsSampled',
  'MarketSettled',
  'CursorMoved',
  'CollectorRan',
  'AlertDelivered',
])

const isAnInput = (event: Event): event is Input => isInput(event.type)

/** Every input has its case: one that is forgotten does not compile, since then not all ways answer. */
function take(state: EngineState, turn: Turn, event: Input, isFolded: boolean): true {
  switch (event.type) {
    case 'BookChanged':
    case 'BookSnapshot':
    case 'TickSizeChanged':
    case 'BookHashDiffers':
    case 'BookHashAgrees':
    case 'BookIncomplete':
    case 'FeedLost':
      if (!isFolded) foldEvent(state.fold, event, turn.tUs, state.touched)
      settleTrust(state, turn)
      if (!state.isStrict) requote(state, turn, state.touched.tokens)
      lookAtMarkets(state, turn)
      return true
    case 'MarketListed':
      state.list(event)
      return true
    case 'GroupListed':
      state.groups.list(event)
      for (const market of event.data.markets) state.moved(market)
      return true
    case 'TokenListed':
      foldEvent(state.fold, event, turn.tUs, state.touched)
      state.listToken(event)
      state.holdings.listed(turn, event.data.token)
      return true
    case 'MarketResolved':
      settlePositions(state, turn, event)
      return true
    case 'TradePrinted':
      notifyOfTrade(state, turn, event)
      return true
    case 'ReferenceReported':
      notifyOfReference(state, turn, event)
      return true
    case 'OrderSigned':
      state.oms.book.signed(turn, event)
      return true
    case 'SettlementReported':
      state.oms.book.settlements.reported(turn, event)
      return true
    case 'VenueConditionReported':
      state.venue.reported(turn, event)
      return true
    case 'OrderAcknowledged':
      state.oms.book.acknowledged(turn, event)
      return true
    case 'OrderRejected':
      state.oms.book.rejected(turn, event)
      return true
    case 'OrderCancelled':
      state.oms.book.cancelled(turn, event)
      return true
    case 'CancelRefused':
      state.oms.book.cancelRefused(turn, event)
      return true
    case 'OrderStatusReported':
      state.oms.book.reported(turn, event)
      return true
    case 'OrderOutcomeUnknown':
      state.oms.book.unknown(turn, event)
      return true
    case 'OpenOrdersReported':
      state.recovery.listed(turn, event)
      state.stopCheck.listed(turn, event)
      return true
    case 'HoldingsReported':
      compareHoldings(state, turn, event)
      return true
    case 'FillReported':
      state.oms.book.filled(turn, event)
      return true
    case 'ConversionReported':
      state.conversions.reported(turn, event)
      return true
    case 'ClockTicked':
      ticked(state, turn)
      return true
    case 'CommandGiven':
      applyCommand(state, turn, event)
      return true
    case 'ConfigChanged':
      reconfigure(state, turn, event)
      return true
    case 'RunRecovered':
      if (!state.isVenue) return true
      state.venue.restarted()
      state.recovery.begin(turn)
      return true
    case 'RunStarted':
      // Whoever begins at a venue does not know yet what the account has there.
      if (state.isSigned) state.recovery.begin(turn)
      return true
    case 'BookHashesChecked':
    case 'StampRefused':
    case 'MessageRefused':
    case 'AnswerRefused':
    case 'TradeRecovered':
    case 'FeedResumed':
    case 'RunEnded':
    // What collectors bring stands in the log for the tables that are folded of it; it decides nothing.
    case 'AccountReported':
    case 'TrackingsReported':
    case 'PostCountsReported':
    case 'PostsReported':
    case 'MarketGroupDescribed':
    case 'MarketDescribed':
    case 'MarketStatesReported':
    case 'QuotesSampled':
    case 'DepthsSampled':
    case 'LevelsSampled':
    case 'MarketSettled':
    case 'CursorMoved':
    case 'CollectorRan':
    case 'AlertDelivered':
      return true
  }
}

function ticked(state: EngineState, turn: Turn): void {
  recordRest(state, turn)
  state.oms.ticked(turn, turn.tUs)
  if (state.isStrict) return
  pullStale(state, turn)
  state.holdings.ticked(turn)
  state.recovery.ticked(turn)
  state.stopCheck.ticked(turn)
  for (const { instance: id, key } of state.timers.due(turn.tUs)) {
    const instance = state.instances.byId(id)
    if (instance) ask(state, turn, instance, { tag: 'timer', key })
  }
}

function notifyOfTrade(state: EngineState, turn: Turn, { data }: EventOf<'TradePrinted'>): void {
  const market = state.markets[state.marketOf[data.token] ?? -1]
  if (!market || market.isResolved) return
  for (const instance of state.instances.all)
    if (instance.running.subscribes.trades?.(market) === true) {
      const { token, side, price, size } = data
      ask(state, turn, instance, { tag: 'trade', token, side, price, size })
    }
}

function notifyOfReference(
  state: EngineState,
  turn: Turn,
  { data: { source, name, value } }: EventOf<'ReferenceReported'>,
): void {
  for (const instance of state.instances.all)
    if (instance.running.subscribes.references === true)
      ask(state, turn, instance, { tag: 'reference', source, name, value })
}
