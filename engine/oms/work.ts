import {
  ChaseStarted,
  CooldownStarted,
  FlattenStarted,
  LegsSettled,
} from '#schemas/events/signal.js'
import type { DecisionConfig } from '#schemas/config.js'
import { orderId } from '#schemas/ids.js'
import { ASK, BID, type Side } from '#schemas/levels.js'
import { bps, shares, usdc } from '#schemas/units.js'
import type { Turn } from '#engine/core/turn.js'
import { chaseLimit, flattenLimit } from './prices.js'
import { heldOf, matchedOf, outcomeOf, targetAt, type Work } from './legs.js'
import type { OmsPort } from './port.js'
import type { Orders } from './orders.js'

/** What the steps of a signal work with: the OMS's own books, its configuration and its port. */
export interface SignalDesk {
  config: DecisionConfig['oms']
  readonly port: OmsPort
  readonly open: Map<string, Work>
  readonly orders: Orders
  readonly cooldowns: Map<number, number>
}

/** Chases of one leg before it is given up. */
const CHASES = 2

/** FIRE: the worst leg, at the limit of its plan. */
export function begin(desk: SignalDesk, turn: Turn, work: Work, cause: number): void {
  const [first] = work.turns
  const plan = first === undefined ? undefined : work.legs[first]?.plan
  if (first === undefined || !plan || desk.port.isStopped(work.scope))
    settle(desk, turn, work, cause)
  else place(desk, turn, work, { cause, leg: first, side: BID, limit: plan.limit, size: plan.size })
}

/** An order of this signal has closed: what comes next? */
export function advance(desk: SignalDesk, turn: Turn, work: Work, cause: number): void {
  switch (work.phase) {
    case 'fire':
      afterFire(desk, turn, work, cause)
      return
    case 'chase':
      chase(desk, turn, work, cause)
      return
    case 'flatten':
      flatten(desk, turn, work, cause)
  }
}

/** Nothing filled: the signal is over. Else the others are chased. */
function afterFire(desk: SignalDesk, turn: Turn, work: Work, cause: number): void {
  const held = targetAt(work, 1)
  if (held === 0) {
    settle(desk, turn, work, cause)
    return
  }
  const { signal, budgetBps } = work
  const data = { signal, size: shares(held), budget: bps(budgetBps) }
  const seq = turn.decide(cause, ChaseStarted.make(data))
  enter(work, 'chase', 1)
  chase(desk, turn, work, seq)
}

/** CHASE: two attempts at each later leg, for what the legs before it hold; then what has no match is flattened. */
function chase(desk: SignalDesk, turn: Turn, work: Work, cause: number): void {
  const { config, port } = desk
  for (; work.at < work.turns.length; work.at = nextPlace(work)) {
    const index = work.turns[work.at]!
    const leg = work.legs[index]!
    const wanted = targetAt(work, work.at) - heldOf(leg)
    if (wanted <= 0) continue
    const isOver = port.isOver(leg.plan.token)
    if (work.tries < CHASES && work.budgetBps > 0 && !isOver && !port.isStopped(work.scope)) {
      const first = Math.min(config.chase_step_bps, work.budgetBps)
      const stepBps = work.tries === 0 ? first : work.budgetBps
      const { limit } = leg.plan
      const at = chaseLimit(port.quote(leg.plan.token), { stepBps, limit, cap: leg.cap })
      place(desk, turn, work, { cause, leg: index, side: BID, limit: at, size: wanted })
      return
    }
    if (heldOf(leg) === 0) break
  }
  startFlatten(desk, turn, work, cause)
}

function startFlatten(desk: SignalDesk, turn: Turn, work: Work, cause: number): void {
  const matched = matchedOf(work)
  const left = work.legs.filter(leg => heldOf(leg) > matched)
  if (left.length === 0 || desk.port.isStopped(work.scope)) {
    settle(desk, turn, work, cause)
    return
  }
  const { signal } = work
  const rows = left.map(leg => [leg.plan.token, shares(heldOf(leg) - matched)] as const)
  const data = { signal, matched: shares(matched), left: rows }
  const seq = turn.decide(cause, FlattenStarted.make(data))
  work.matched = matched
  enter(work, 'flatten', 0)
  flatten(desk, turn, work, seq)
}

/** FLATTEN: up to three steps for each leg with something left, each off the book of its moment; a residue stops trading. */
function flatten(desk: SignalDesk, turn: Turn, work: Work, cause: number): void {
  const { config, port } = desk
  for (; work.at < work.legs.length; work.at = nextPlace(work)) {
    const leg = work.legs[work.at]!
    if (port.isOver(leg.plan.token)) continue // decided meanwhile, and paid
    while (
      heldOf(leg) > work.matched &&
      work.tries < config.flatten_bps.length &&
      !port.isStopped(work.scope)
    ) {
      const limit = flattenLimit(port.quote(leg.plan.token), config.flatten_bps[work.tries]!)
      if (limit > 0) {
        const size = heldOf(leg) - work.matched
        place(desk, turn, work, { cause, leg: work.at, side: ASK, limit, size })
        return
      }
      work.tries++ // nobody bids: this step is spent
    }
    if (heldOf(leg) > work.matched) work.hasResidue = true
  }
  settle(desk, turn, work, cause)
}

/**
 * Nobody knows what became of an order: what is confirmed and has no match is flattened, then trading stops. Where that
 * order was itself a way out, another one could sell twice, so nothing more is sent.
 */
export function giveUp(desk: SignalDesk, turn: Turn, work: Work, cause: number): void {
  if (work.phase === 'flatten') settle(desk, turn, work, cause)
  else startFlatten(desk, turn, work, cause)
}

/** The signal is over; its markets rest. A residue or an unknown outcome trips the hard stop first. */
export function settle(desk: SignalDesk, turn: Turn, work: Work, cause: number): void {
  const { signal, markets, legs } = work
  if (work.hasResidue) {
    const left = legs.filter(leg => heldOf(leg) > work.matched)
    const detail = `${signal}: ${left.map(leg => `token ${leg.plan.token} ${heldOf(leg) - work.matched}`).join(', ')}`
    desk.port.trip(turn, { cause, why: 'residue', detail, scope: work.scope })
  }
  if (work.unknown !== '')
    desk.port.trip(turn, { cause, why: 'unknown-outcome', detail: work.unknown, scope: work.scope })
  const { result, matched } = outcomeOf(work)
  const rows = legs.map(({ plan: { token }, bought, sold, cash, fee }) => {
    return { token, bought: shares(bought), sold: shares(sold), cash: usdc(cash), fee: usdc(fee) }
  })
  const data = { signal, result, matched: shares(matched), legs: rows }
  const seq = turn.decide(cause, LegsSettled.make(data))
  desk.open.delete(signal)
  if (desk.config.cooldown_ms > 0) {
    const until = turn.tUs + desk.config.cooldown_ms * 1_000
    for (const market of markets) {
      desk.cooldowns.set(market, until)
      turn.decide(seq, CooldownStarted.make({ market, signal, until }))
    }
  }
  const pnl = legs.reduce((sum, { cash, fee }) => sum + cash - fee, matched)
  const isTraded = legs.some(({ bought }) => bought > 0)
  const tokens = legs.map(({ plan: { token } }) => token)
  desk.port.settled(turn, {
    signal,
    scope: work.scope,
    tokens,
    isKnown: result !== 'unknown',
    seq,
    pnl,
    isTraded,
  })
}

/** The next place of this phase, with all its attempts before it. */
function nextPlace(work: Work): number {
  work.tries = 0
  return work.at + 1
}

function enter(work: Work, phase: Work['phase'], at: number): void {
  work.phase = phase
  work.at = at
  work.tries = 0
}

function place(
  desk: SignalDesk,
  turn: Turn,
  work: Work,
  of: { cause: number; leg: number; side: Side; limit: number; size: number },
): void {
  const { signal, scope, phase: action, bucket } = work
  const { cause, leg, side, limit, size } = of
  const { plan } = work.legs[leg]!
  const attempt = ++work.legs[leg]!.attempts
  const actionAttempt = ++work.tries
  work.order = desk.orders.place(turn, cause, {
    ...{
      id: orderId({ signal, leg, attempt }),
      owner: signal,
      action,
      leg,
      attempt,
      actionAttempt,
    },
    ...{ scope, token: plan.token, side, limit, size, bucket },
    tif: 'FAK',
    isPostOnly: false,
    untilUs: Number.POSITIVE_INFINITY,
  })
}
