import {
  DedupSignal,
  IntentApproved,
  IntentRefused,
  SignalDropped,
  SignalRaised,
} from '#schemas/events/signal.js'
import { signalId } from '#schemas/ids.js'
import { ASK, BID } from '#schemas/levels.js'
import { bps, shares, usdc } from '#schemas/units.js'
import { notionalOf as thicknessOf } from '#engine/book/view.js'
import type { Turn } from '#engine/core/turn.js'
import { notionalOf, refusals } from '#engine/risk/gate.js'
import type { Proposal, Strategy } from '#engine/strategies/strategy.js'
import { forgetTouched } from './facts.js'
import type { EngineState } from './state.js'

/** Most signals of one input; more are dropped, and say so. */
const SIGNALS_MAX = 48
/** Ask levels that tell how thick a leg is. */
const THICKNESS_LEVELS = 3

/** After a whole frame: asks each rule about each market whose books were touched. */
export function lookAtMarkets(state: EngineState, turn: Turn): void {
  const { tokens } = state.touched
  state.world.tUs = turn.tUs
  for (let i = 0; i < tokens.length; i++) {
    const market = state.marketOf[tokens[i]!]!
    if (isRepeated(state, tokens, i, market)) continue
    const facts = state.market(market)
    if (facts.isResolved) continue
    for (const strategy of state.strategies) {
      const proposal = strategy.look(facts, state.world)
      if (proposal) consider(state, turn, strategy, proposal)
    }
  }
  forgetTouched(state)
}

/** A proposal becomes a signal, and every signal gets its end or its orders. */
function consider(state: EngineState, turn: Turn, { name }: Strategy, proposal: Proposal): void {
  const { market, legs } = proposal
  const signal = signalId(turn.ordinal, ++turn.signals)
  const raised = turn.decide(
    turn.input.seq,
    SignalRaised.make({
      signal,
      strategy: name,
      market,
      size: shares(proposal.size),
      cost: usdc(proposal.cost),
      fee: usdc(proposal.fee),
      edge: bps(proposal.edge),
      expires: turn.tUs + proposal.ttlMs * 1_000,
      legs,
    }),
  )
  if (turn.signals > SIGNALS_MAX) {
    turn.decide(raised, SignalDropped.make({ signal, reason: 'too-many-at-once' }))
    return
  }
  const repeats = state.dedup.repeats({ strategy: name, signal, proposal, tUs: turn.tUs })
  if (repeats !== undefined) {
    turn.decide(raised, DedupSignal.make({ signal, repeats }))
    return
  }
  if (state.isShadow) {
    turn.decide(raised, SignalDropped.make({ signal, reason: 'shadow-mode' }))
    return
  }
  if (state.oms.isBusy(market)) {
    turn.decide(raised, SignalDropped.make({ signal, reason: 'market-busy' }))
    return
  }
  gate(state, turn, { signal, raised, proposal })
}

function gate(
  state: EngineState,
  turn: Turn,
  { signal, raised, proposal }: { signal: string; raised: number; proposal: Proposal },
): void {
  const { market, legs } = proposal
  const fees = state.market(market)
  const notional = notionalOf(legs, fees)
  const books = legs.map(({ token }) => ({
    distrust: state.fold.distrustOf(token),
    ageUs: turn.tUs - state.book(token).updatedUs,
  }))
  const intent = { legs, fees, isResolved: fees.isResolved, open: state.oms.open.size, books }
  const { exposure, stop } = state
  const reasons = refusals(intent, notional, { risk: state.config.risk, exposure, stop })
  if (reasons.length > 0) {
    turn.decide(raised, IntentRefused.make({ signal, reasons }))
    return
  }
  exposure.reserve(signal, notional)
  const data = { signal, notional: usdc(notional), exposure: usdc(exposure.total) }
  const approved = turn.decide(raised, IntentApproved.make(data))
  const thickness = legs.map(({ token, side }) =>
    thicknessOf(state.book(token), side === BID ? ASK : BID, THICKNESS_LEVELS),
  )
  state.oms.begin(turn, { signal, market, legs, thickness, seq: approved })
}

/** Whether an earlier touched token already led to this market. */
function isRepeated(
  state: EngineState,
  tokens: readonly number[],
  i: number,
  market: number,
): boolean {
  for (let k = 0; k < i; k++) if (state.marketOf[tokens[k]!] === market) return true
  return false
}
