import {
  DedupSignal,
  IntentApproved,
  IntentRefused,
  SignalDropped,
  SignalQueued,
  SignalRaised,
} from '#schemas/events/signal.js'
import { SHARED } from '#engine/risk/purses.js'
import { signalId } from '#schemas/ids.js'
import type { Drop } from '#schemas/reasons.js'
import { bps, shares, usdc } from '#schemas/units.js'
import type { Turn } from '#engine/core/turn.js'
import { notionalOf, refusals } from '#engine/risk/gate.js'
import type { Proposal } from '#engine/strategies/strategy.js'
import { bucketOf } from './bucket.js'
import { numbered, type Instance } from './instances.js'
import { momentOf } from './purse-gate.js'
import type { Signal } from './memory.js'
import type { EngineState } from './state.js'

/** Most signals of one input; more are dropped, and say so. */
const SIGNALS_MAX = 48

/** A proposal becomes a signal, and every signal gets its end or its orders. */
export function consider(
  state: EngineState,
  turn: Turn,
  instance: Instance,
  proposal: Proposal,
): void {
  const { strategy: name, scope } = instance
  const { market, group, legs } = proposal
  turn.signals++
  // In logs of the first schemas signals are numbered over all strategies of one input.
  const id = state.isStrict ? signalId(turn.ordinal, turn.signals) : numbered(instance, turn)
  const expiresUs = turn.tUs + proposal.ttlMs * 1_000
  const { bucket, worst, spread, depth, topDepth } = bucketOf(state, legs)
  const raised = turn.decide(
    turn.input.seq,
    SignalRaised.make({
      signal: id,
      strategy: name,
      market,
      size: shares(proposal.size),
      cost: usdc(proposal.cost),
      fee: usdc(proposal.fee),
      edge: bps(proposal.edge),
      bucket,
      worst,
      spread: bps(spread),
      depth: usdc(depth),
      expires: expiresUs,
      legs,
      ...(group === undefined ? {} : { group }),
      ...(instance.id === name ? {} : { instance: instance.id }),
      ...(scope === SHARED ? {} : { scope }),
      ...(proposal.converts === true ? { converts: true } : {}),
      ...(proposal.used === undefined ? {} : { used: proposal.used }),
    }),
  )
  const drop = (reason: Drop): void => {
    turn.decide(raised, SignalDropped.make({ signal: id, reason }))
  }
  if (turn.signals > SIGNALS_MAX) {
    drop('too-many-at-once')
    return
  }
  const repeats = state.dedup.repeats({
    strategy: instance.id,
    signal: id,
    proposal,
    tUs: turn.tUs,
  })
  if (repeats !== undefined) {
    turn.decide(raised, DedupSignal.make({ signal: id, repeats }))
    return
  }
  const isHeldBack = instance.isDirectional && state.config.strategy.safe_only && !state.isShadow
  const isForOperator = proposal.isManual === true && !state.isShadow
  const reason = isForOperator ? 'manual' : isHeldBack ? 'safe-mode' : notNow(state, turn, proposal)
  if (reason !== undefined) {
    drop(reason)
    return
  }
  const signal = {
    ...{ signal: id, instance: instance.id, strategy: name, scope, proposal, bucket, topDepth },
    ...{ expiresUs, seq: raised },
  }
  if (!state.oms.isFull) gate(state, turn, signal)
  else enqueue(state, turn, signal)
}

/** A signal has ended: those that wait may come, each to its own end or to its orders. */
export function admitWaiting(state: EngineState, turn: Turn): void {
  while (!state.oms.isFull) {
    const signal = state.waiting.next()
    if (!signal) return
    const isLate = turn.tUs > signal.expiresUs
    const reason = isLate ? 'expired' : notNow(state, turn, signal.proposal)
    if (reason === undefined) gate(state, turn, signal)
    else turn.decide(signal.seq, SignalDropped.make({ signal: signal.signal, reason }))
  }
}

/** Why the markets of a proposal take no signal now. */
function notNow(state: EngineState, turn: Turn, { legs }: Proposal): Drop | undefined {
  if (state.isShadow) return 'shadow-mode'
  const markets = state.marketsOf(legs)
  if (markets.some(market => state.oms.isBusy(market))) return 'market-busy'
  return markets.some(market => state.oms.isResting(market, turn.tUs)) ? 'cooldown' : undefined
}

function enqueue(state: EngineState, turn: Turn, signal: Signal): void {
  const { signal: id, seq: raised } = signal
  // The next decision's number: the signal waits under its SignalQueued.
  const seq = turn.nextSeq
  if (state.waiting.push({ ...signal, seq }, state.config.oms.queue_max)) {
    turn.decide(raised, SignalQueued.make({ signal: id, waiting: state.waiting.length }))
  } else turn.decide(raised, SignalDropped.make({ signal: id, reason: 'queue-full' }))
}

function gate(state: EngineState, turn: Turn, of: Signal): void {
  const { signal, instance, strategy, scope, proposal, bucket, topDepth } = of
  const { legs, edge } = proposal
  const tokens = legs.map(({ token }) => token)
  const markets = tokens.map(token => state.market(state.marketOf[token]!))
  const caps = state.oms.capsOf({ edge, legs })
  const notional = notionalOf(legs, caps, markets)
  const reasons = refusals(
    momentOf(state, turn, { scope, strategy, cause: of.seq, tokens }),
    notional,
  )
  const converts = proposal.converts === true
  // Conversions at a real venue are transactions of the chain, which this version does not send.
  if (converts && state.isVenue) reasons.push('no-conversions')
  if (reasons.length > 0) {
    turn.decide(of.seq, IntentRefused.make({ signal, reasons }))
    return
  }
  const { exposure, breakers } = state.purses.of(scope)
  exposure.reserve(signal, notional)
  state.instanceOf.set(signal, instance)
  breakers.approved(signal, strategy)
  const data = { signal, notional: usdc(notional), exposure: usdc(exposure.total) }
  const seq = turn.decide(of.seq, IntentApproved.make(data))
  const ids = state.marketsOf(legs)
  state.oms.begin(turn, {
    signal,
    scope,
    markets: ids,
    bucket,
    edge,
    legs,
    topDepth,
    converts,
    seq,
  })
}
