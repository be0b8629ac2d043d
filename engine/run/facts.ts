import {
  BookDisagreed,
  BookDistrusted,
  BookTrusted,
  PositionSettled,
  SnapshotRequested,
} from '#schemas/events/risk.js'
import type { EventOf } from '#schemas/registry.js'
import { DISTRUSTS } from '#schemas/reasons.js'
import { price, proceedsOf, shares, usdc } from '#schemas/units.js'
import { TRUST_BITS } from '#engine/book/book.js'
import { NOTICE } from '#engine/book/fold.js'
import { clearTouched } from '#engine/book/touched.js'
import type { Turn } from '#engine/core/turn.js'
import { SHARED } from '#engine/risk/purses.js'
import { pullMarket } from './resting.js'
import type { EngineState } from './state.js'

/** Reasons that only a snapshot cures and that no feed owes one for. */
const ASKS_FOR_SNAPSHOT =
  TRUST_BITS.crossed | TRUST_BITS.suspect | TRUST_BITS['hash-differs'] | TRUST_BITS.incomplete

/**
 * Tokens of which one turn says that their trust changed: a lost feed can concern more than one turn has room for. The
 * books are distrusted at once all the same; the clock brings the turns that say so of the rest.
 */
export const SAID_MAX = 4_000

/** Says what the fold found out about books: disagreements with the venue, and trust lost or won. */
export function settleTrust(state: EngineState, turn: Turn): void {
  const { notices, tokens } = state.touched
  for (let i = 0; i < notices.length; i += NOTICE) disagreed(turn, notices, i)
  const { seq, tUs } = turn.input
  for (let k = 0; k < tokens.length; k++)
    if (k < SAID_MAX) sayTrust(state, turn, tokens[k]!, seq)
    else state.unsaid.push({ token: tokens[k]!, cause: seq, dueUs: tUs })
}

/** Says the next part of what did not fit into the turn that caused it. */
export function sayRest(state: EngineState, turn: Turn): void {
  for (const { token, cause } of state.unsaid.splice(0, SAID_MAX))
    sayTrust(state, turn, token, cause)
}

function sayTrust(state: EngineState, turn: Turn, token: number, cause: number): void {
  const now = state.fold.distrustOf(token)
  const said = state.said[token]!
  if (now === said) return
  state.said[token] = now
  if (now === 0) turn.decide(cause, BookTrusted.make({ token }))
  for (const why of DISTRUSTS) {
    const bit = TRUST_BITS[why]
    if ((now & ~said & bit) === 0) continue
    const seq = turn.decide(cause, BookDistrusted.make({ token, why }))
    if ((bit & ASKS_FOR_SNAPSHOT) === 0) continue
    turn.decide(seq, SnapshotRequested.make({ token, why }))
    turn.ask({ tag: 'RequestSnapshot', token })
  }
}

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

/** Empties what the last input touched. */
export function forgetTouched(state: EngineState): void {
  clearTouched(state.touched)
}

function disagreed(turn: Turn, notices: readonly number[], i: number): void {
  const [token, bid, ask, venueBid, venueAsk, pruned, agrees] = notices.slice(i, i + NOTICE)
  turn.decide(
    turn.input.seq,
    BookDisagreed.make({
      token: token!,
      bid: price(bid!),
      ask: price(ask!),
      venueBid: price(venueBid!),
      venueAsk: price(venueAsk!),
      pruned: pruned!,
      agrees: agrees === 1,
    }),
  )
}
