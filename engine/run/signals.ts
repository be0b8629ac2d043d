import {
  DedupSignal,
  IntentApproved,
  IntentRefused,
  SignalDropped,
  SignalQueued,
  SignalRaised,
} from '#schemas/events/signal.js'
import { signalId } from '#schemas/ids.js'
import type { Drop } from '#schemas/reasons.js'
import { bps, shares, usdc } from '#schemas/units.js'
import type { Turn } from '#engine/core/turn.js'
import { notionalOf, refusals } from '#engine/risk/gate.js'
import type { Proposal, Strategy } from '#engine/strategies/strategy.js'
import { forgetTouched } from './facts.js'
import { bucketOf } from './bucket.js'
import type { EngineState, Signal } from './state.js'

/** Most signals of one input; more are dropped, and say so. */
const SIGNALS_MAX = 48

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
      const proposal = strategy.look?.(facts, state.world)
      if (proposal) consider(state, turn, strategy, proposal)
    }
  }
  lookAtGroups(state, turn)
  forgetTouched(state)
}

/** Asks each rule about each group of which a market was touched. */
function lookAtGroups(state: EngineState, turn: Turn): void {
  const { tokens } = state.touched
  let seen: string[] | undefined
  for (let i = 0; i < tokens.length; i++) {
    const key = state.groups.keyOf(state.marketOf[tokens[i]!]!)
    if (key === undefined || seen?.includes(key)) continue
    seen ??= []
    seen.push(key)
    const facts = state.group(key)
    if (!facts) continue
    for (const strategy of state.strategies) {
      const proposal = strategy.lookAtGroup?.(facts, state.world)
      if (proposal) consider(state, turn, strategy, proposal)
    }
  }
}

/** A proposal becomes a signal, and every signal gets its end or its orders. */
function consider(state: EngineState, turn: Turn, { name }: Strategy, proposal: Proposal): void {
  const { market, group, legs } = proposal
  const id = signalId(turn.ordinal, ++turn.signals)
  const expiresUs = turn.tUs + proposal.ttlMs * 1_000
  const { bucket, worst, spread, depth, thickness } = bucketOf(state, legs)
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
    }),
  )
  const drop = (reason: Drop): void => {
    turn.decide(raised, SignalDropped.make({ signal: id, reason }))
  }
  if (turn.signals > SIGNALS_MAX) {
    drop('too-many-at-once')
    return
  }
  const repeats = state.dedup.repeats({ strategy: name, signal: id, proposal, tUs: turn.tUs })
  if (repeats !== undefined) {
    turn.decide(raised, DedupSignal.make({ signal: id, repeats }))
    return
  }
  const reason = notNow(state, turn, proposal)
  if (reason !== undefined) {
    drop(reason)
    return
  }
  const signal = { signal: id, strategy: name, proposal, bucket, thickness, expiresUs, seq: raised }
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
  const { signal, strategy, proposal, bucket, thickness } = of
  const { legs, edge } = proposal
  const markets = legs.map(({ token }) => state.market(state.marketOf[token]!))
  const caps = state.oms.capsOf({ edge, legs })
  const notional = notionalOf(legs, caps, markets)
  const books = legs.map(({ token }) => ({
    distrust: state.fold.distrustOf(token),
    ageUs: turn.tUs - state.book(token).updatedUs,
  }))
  const isResolved = markets.some(market => market.isResolved)
  const gates = state.gates.against(turn, { cause: of.seq, strategy })
  const intent = { isResolved, open: state.oms.open.size, books, gates }
  const { exposure, stop } = state
  const reasons = refusals(intent, notional, { risk: state.config.risk, exposure, stop })
  if (reasons.length > 0) {
    turn.decide(of.seq, IntentRefused.make({ signal, reasons }))
    return
  }
  exposure.reserve(signal, notional)
  state.strategyOf.set(signal, strategy)
  state.gates.approved(signal, strategy)
  const data = { signal, notional: usdc(notional), exposure: usdc(exposure.total) }
  const seq = turn.decide(of.seq, IntentApproved.make(data))
  const ids = state.marketsOf(legs)
  state.oms.begin(turn, { signal, markets: ids, bucket, edge, legs, thickness, seq })
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
