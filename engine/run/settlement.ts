import { PositionSettled } from '#schemas/events/risk.js'
import { HoldingsDiffered, PositionAdopted } from '#schemas/events/venue.js'
import type { EventOf } from '#schemas/registry.js'
import { proceedsOf, shares, usdc } from '#schemas/units.js'
import type { Turn } from '#engine/core/turn.js'
import { SHARED } from '#engine/risk/purses.js'
import { pullMarket } from './resting.js'
import type { Difference } from './holdings.js'
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
    state.directional.earned(turn, turn.input.seq, { scope, token, pnl: payout - cost })
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
  const all = state.holdings.compare(turn, event)
  if (!all) return
  const differences = state.config.live.adopt_positions
    ? all.filter(one => !adopt(state, turn, one))
    : all
  if (state.isSigned)
    for (const { token, held, there, buys, sells } of differences) {
      const sizes = {
        here: shares(held),
        there: shares(there),
        buys: shares(buys),
        sells: shares(sells),
      }
      turn.decide(turn.input.seq, HoldingsDiffered.make({ token, ...sizes }))
    }
  const [first] = differences
  if (!first) {
    state.recovery.confirmed(turn)
    return
  }
  const { token, held, there, buys, sells } = first
  const flight = buys + sells > 0 ? ` (${buys} to buy and ${sells} to sell in flight)` : ''
  const detail = `token ${token}: ${held} here, ${there} at the exchange${flight}`
  state.kill.trip(turn, { cause: turn.input.seq, why: 'state-mismatch', detail })
}

/** Takes over what the account held before the run began, at its worth now. Whether it was that. */
function adopt(state: EngineState, turn: Turn, of: Difference): boolean {
  const { token, held, there, buys, sells, isFirst } = of
  if (!isFirst || held !== 0 || buys + sells !== 0) return false
  const { bid } = state.quote(token)
  const cost = bid > 0 ? proceedsOf(bid, there) : 0
  turn.decide(
    turn.input.seq,
    PositionAdopted.make({ token, size: shares(there), cost: usdc(cost) }),
  )
  state.exposure.adopt(token, { size: there, cost })
  state.positionMoved(SHARED, token)
  return true
}
