import assert from 'node:assert'
import { kindOf } from '#schemas/registry.js'
import type { Recorded } from '#schemas/recorded.js'
import { foldEvent } from '#engine/book/ts-fold.js'
import type { Turn } from '#engine/core/turn.js'
import { compareHoldings, sayRest, settlePositions, settleTrust } from './facts.js'
import { admitWaiting, lookAtMarkets } from './signals.js'
import type { Deadline } from '#engine/oms/oms.js'
import type { EngineState } from './state.js'

/**
 * One turn, pure but for the state it owns: takes an input, leaves the decisions and effects it causes in `turn`, and
 * returns when the state next wants to hear from the clock. No clock, no randomness, no I/O. An input that `isFolded` is
 * one that the fold has just taken in a walk, with what it touched in `state.touched`.
 */
export function step(state: EngineState, input: Recorded, turn: Turn, isFolded = false): Deadline {
  const { event, tUs } = input
  turn.begin(input)
  if (kindOf(event.type) === 'feed') state.ordinal++
  turn.ordinal = state.ordinal
  switch (event.type) {
    case 'BookChanged':
    case 'BookSnapshot':
    case 'TickSizeChanged':
    case 'BookHashDiffers':
    case 'BookHashAgrees':
    case 'BookIncomplete':
    case 'FeedLost':
      if (!isFolded) foldEvent(state.fold, event, tUs, state.touched)
      settleTrust(state, turn)
      lookAtMarkets(state, turn)
      break
    case 'MarketListed':
      state.list(event)
      break
    case 'GroupListed':
      state.groups.list(event)
      for (const market of event.data.markets) state.moved(market)
      break
    case 'TokenListed':
      foldEvent(state.fold, event, tUs, state.touched)
      state.listToken(event)
      break
    case 'MarketResolved':
      settlePositions(state, turn, event)
      break
    case 'OrderAcknowledged':
      state.oms.acknowledged(turn, event)
      break
    case 'OrderRejected':
      state.oms.rejected(turn, event)
      break
    case 'OrderOutcomeUnknown':
      state.oms.unknown(turn, event.data.order)
      break
    case 'HoldingsReported':
      compareHoldings(state, turn, event)
      break
    case 'FillReported':
      state.oms.filled(turn, event)
      break
    case 'ClockTicked':
      sayRest(state, turn)
      state.oms.ticked(turn, tUs)
      break
    case 'CommandGiven':
      state.stop.obey(turn, event)
      break
    case 'ConfigChanged':
      state.reconfigure(event.data.config)
      break
    case 'TradePrinted':
    case 'BookHashesChecked':
    case 'StampRefused':
    case 'FeedResumed':
    case 'RunStarted':
    case 'RunRecovered':
    case 'RunEnded':
      break
    default:
      assert.fail(`Invariant: ${event.type} is a decision, not an input`)
  }
  if (state.waiting.length > 0) admitWaiting(state, turn)
  const [unsaid] = state.unsaid
  // What was not said yet is due at once: nothing in flight is due before now.
  return unsaid ?? state.oms.deadline
}
