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
import { heldOf, matchedOf, outcomeOf, targetAt, type Execution } from './legs.js'
import type { OmsPort } from './port.js'
import type { Orders } from './orders.js'

/** What the steps of an execution need: the OMS's own books, its configuration and its port. */
export interface ExecutionDesk {
  config: DecisionConfig['oms']
  readonly port: OmsPort
  readonly open: Map<string, Execution>
  readonly orders: Orders
  readonly cooldowns: Map<number, number>
  /** Sizes up to this are what a venue's rounding leaves: nothing is bought or sold for them. 1e-6 share. */
  dust: number
}

/** Chases of one leg before it is given up. */
const CHASES = 2

/** FIRE: the worst leg, at the limit of its plan. */
export function begin(desk: ExecutionDesk, turn: Turn, execution: Execution, cause: number): void {
  const [first] = execution.turns
  const plan = first === undefined ? undefined : execution.legs[first]?.plan
  if (first === undefined || !plan || desk.port.isStopped(execution.scope))
    settle(desk, turn, execution, cause)
  else
    place(desk, turn, execution, {
      cause,
      leg: first,
      side: BID,
      limit: plan.limit,
      size: plan.size,
    })
}

/** An order of this signal has closed: what comes next? */
export function advance(
  desk: ExecutionDesk,
  turn: Turn,
  execution: Execution,
  cause: number,
): void {
  switch (execution.phase) {
    case 'fire':
      afterFire(desk, turn, execution, cause)
      return
    case 'chase':
      chase(desk, turn, execution, cause)
      return
    case 'flatten':
      flatten(desk, turn, execution, cause)
  }
}

/** Nothing filled: the signal is over. Else the others are chased. */
function afterFire(desk: ExecutionDesk, turn: Turn, execution: Execution, cause: number): void {
  const held = targetAt(execution, 1)
  if (held === 0) {
    settle(desk, turn, execution, cause)
    return
  }
  if (execution.converts === 'yes' && !desk.port.isStopped(execution.scope)) {
    const [first, ...others] = execution.legs.map(({ plan: { token } }) => token)
    execution.converts = 'asked'
    const { signal, scope } = execution
    desk.port.convert(turn, cause, { signal, scope, gives: first!, takes: others, size: held })
    return
  }
  const { signal, budgetBps } = execution
  const data = { signal, size: shares(held), budget: bps(budgetBps) }
  const seq = turn.decide(cause, ChaseStarted.make(data))
  enter(execution, 'chase', 1)
  chase(desk, turn, execution, seq)
}

/** What was converted is sold leg by leg, as what is flattened is; where nothing was, what was bought is. */
export function sellConverted(
  desk: ExecutionDesk,
  turn: Turn,
  execution: Execution,
  { done, gas, cause }: { done: boolean; gas: number; cause: number },
): void {
  execution.converts = 'over'
  execution.gas = gas
  const [first, ...others] = execution.legs
  if (done && first) {
    // What a conversion takes is sold for nothing, and what it gives is bought for nothing.
    const size = heldOf(first)
    first.sold += size
    for (const leg of others) leg.bought += size
  }
  startFlatten(desk, turn, execution, cause)
}

/** CHASE: two attempts at each later leg, for what the legs before it hold; then what has no match is flattened. */
function chase(desk: ExecutionDesk, turn: Turn, execution: Execution, cause: number): void {
  const { config, port } = desk
  for (; execution.at < execution.turns.length; execution.at = nextPlace(execution)) {
    const index = execution.turns[execution.at]!
    const leg = execution.legs[index]!
    const wanted = targetAt(execution, execution.at) - heldOf(leg)
    if (wanted <= desk.dust) continue
    const isOver = port.isOver(leg.plan.token)
    if (
      execution.tries < CHASES &&
      execution.budgetBps > 0 &&
      !isOver &&
      !port.isStopped(execution.scope)
    ) {
      const first = Math.min(config.chase_step_bps, execution.budgetBps)
      const stepBps = execution.tries === 0 ? first : execution.budgetBps
      const { limit } = leg.plan
      const at = chaseLimit(port.quote(leg.plan.token), { stepBps, limit, cap: leg.cap })
      place(desk, turn, execution, { cause, leg: index, side: BID, limit: at, size: wanted })
      return
    }
    if (heldOf(leg) === 0) break
  }
  startFlatten(desk, turn, execution, cause)
}

function startFlatten(desk: ExecutionDesk, turn: Turn, execution: Execution, cause: number): void {
  const matched = matchedOf(execution)
  const left = execution.legs.filter(leg => heldOf(leg) > matched + desk.dust)
  if (left.length === 0 || desk.port.isStopped(execution.scope)) {
    settle(desk, turn, execution, cause)
    return
  }
  const { signal } = execution
  const rows = left.map(leg => [leg.plan.token, shares(heldOf(leg) - matched)] as const)
  const data = { signal, matched: shares(matched), left: rows }
  const seq = turn.decide(cause, FlattenStarted.make(data))
  execution.matched = matched
  enter(execution, 'flatten', 0)
  flatten(desk, turn, execution, seq)
}

/** FLATTEN: up to three steps for each leg with something left, each off the book of its moment; a residue stops trading. */
function flatten(desk: ExecutionDesk, turn: Turn, execution: Execution, cause: number): void {
  const { config, port } = desk
  for (; execution.at < execution.legs.length; execution.at = nextPlace(execution)) {
    const leg = execution.legs[execution.at]!
    if (port.isOver(leg.plan.token)) continue // decided meanwhile, and paid
    while (
      heldOf(leg) > execution.matched + desk.dust &&
      execution.tries < config.flatten_bps.length &&
      !port.isStopped(execution.scope)
    ) {
      const limit = flattenLimit(port.quote(leg.plan.token), config.flatten_bps[execution.tries]!)
      if (limit > 0) {
        const size = heldOf(leg) - execution.matched
        place(desk, turn, execution, { cause, leg: execution.at, side: ASK, limit, size })
        return
      }
      execution.tries++ // nobody bids: this step is spent
    }
    if (heldOf(leg) > execution.matched + desk.dust) execution.hasResidue = true
  }
  settle(desk, turn, execution, cause)
}

/**
 * Nobody knows what became of an order: what is confirmed and has no match is flattened, then trading stops. Where that
 * order was itself a way out, another one could sell twice, so nothing more is sent.
 */
export function giveUp(desk: ExecutionDesk, turn: Turn, execution: Execution, cause: number): void {
  if (execution.phase === 'flatten') settle(desk, turn, execution, cause)
  else startFlatten(desk, turn, execution, cause)
}

/** The signal is over; its markets rest. A residue or an unknown outcome trips the hard stop first. */
export function settle(desk: ExecutionDesk, turn: Turn, execution: Execution, cause: number): void {
  const { signal, markets, legs } = execution
  if (execution.hasResidue) {
    const left = legs.filter(leg => heldOf(leg) > execution.matched + desk.dust)
    const detail = `${signal}: ${left.map(leg => `token ${leg.plan.token} ${heldOf(leg) - execution.matched}`).join(', ')}`
    desk.port.trip(turn, { cause, why: 'residue', detail, scope: execution.scope })
  }
  if (execution.unknown !== '')
    desk.port.trip(turn, {
      cause,
      why: 'unknown-outcome',
      detail: execution.unknown,
      scope: execution.scope,
    })
  const { result, matched } = outcomeOf(execution)
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
  const pnl = legs.reduce((sum, { cash, fee }) => sum + cash - fee, matched) - execution.gas
  const isTraded = legs.some(({ bought }) => bought > 0)
  const tokens = legs.map(({ plan: { token } }) => token)
  desk.port.settled(turn, {
    signal,
    scope: execution.scope,
    tokens,
    isKnown: result !== 'unknown',
    seq,
    pnl,
    isTraded,
    matched,
  })
}

/** The next place of this phase, with all its attempts before it. */
function nextPlace(execution: Execution): number {
  execution.tries = 0
  return execution.at + 1
}

function enter(execution: Execution, phase: Execution['phase'], at: number): void {
  execution.phase = phase
  execution.at = at
  execution.tries = 0
}

function place(
  desk: ExecutionDesk,
  turn: Turn,
  execution: Execution,
  of: { cause: number; leg: number; side: Side; limit: number; size: number },
): void {
  const { signal, scope, phase: action, bucket } = execution
  const { cause, leg, side, limit, size } = of
  const { plan } = execution.legs[leg]!
  const attempt = ++execution.legs[leg]!.attempts
  const actionAttempt = ++execution.tries
  execution.order = desk.orders.place(turn, cause, {
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
