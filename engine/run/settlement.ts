import { PositionSettled } from '#schemas/events/risk.js'
import type { EventOf } from '#schemas/registry.js'
import { proceedsOf, shares, usdc } from '#schemas/units.js'
import type { Turn } from '#engine/core/turn.js'
import { SHARED } from '#engine/risk/purses.js'
import { pullMarket } from './resting.js'
import type { EngineState } from './state.js'

/** Pays what we hold of a resolved market. */
export function settlePositions(
  state: EngineState,
  turn: Turn,
  { data: { market, payouts } }: EventOf<'MarketResolved'>,
): void {
  const facts = state.market(market)
  facts.isResolved = true
  facts.payouts = payouts
  state.groups.resolved(market, paidToYes(payouts, facts.tokens[0]))
  state.moved(market)
  for (const [token, at] of payouts) settle(state, turn, { market, token, at })
  pullMarket(state, turn, market)
}

/** What one share of YES gets, 1e-4 dollar; undefined where the payouts are not known yet. */
function paidToYes(
  payouts: EventOf<'MarketResolved'>['data']['payouts'],
  yes: number | undefined,
): number | undefined {
  return payouts.length === 0 ? undefined : (payouts.find(([token]) => token === yes)?.[1] ?? 0)
}

/**
 * A fill is told after its market was decided: what it bought is paid, and what it sold was paid for by mistake, as we did
 * not know that it was gone: that is taken back.
 */
export function settleLate(state: EngineState, turn: Turn, token: number): void {
  const { market, payouts } = state.market(state.marketOf[token]!)
  const paid = payouts.find(([one]) => one === token)
  if (paid) settle(state, turn, { market, token, at: paid[1] })
}

function settle(
  state: EngineState,
  turn: Turn,
  { market, token, at }: { market: number; token: number; at: number },
): void {
  for (const { scope, exposure } of state.purses.all) {
    const held = exposure.positions.get(token)
    if (!held) continue
    const { size, cost } = held
    const payout = size < 0 ? usdc(0 - proceedsOf(at, -size)) : proceedsOf(at, size)
    const data = { market, token, size: shares(Math.abs(size)), cost: usdc(cost), payout }
    const of = scope === SHARED ? data : { ...data, scope }
    turn.decide(turn.input.seq, PositionSettled.make(of))
    exposure.settle(token, payout)
    state.holdings.paid()
    state.positionMoved(scope, token)
  }
}

/** The exchange says what we hold. What is in flight is part of the comparison; what that does not explain stops trading. */
export function compareHoldings(
  state: EngineState,
  turn: Turn,
  event: EventOf<'HoldingsReported'>,
): void {
  const detail = state.holdings.compare(turn, event)
  if (detail === undefined) return
  if (detail === '') state.recovery.confirmed(turn)
  else state.kill.trip(turn, { cause: turn.input.seq, why: 'state-mismatch', detail })
}
