import type { OmsPort, Settled } from '#engine/oms/port.js'
import { isLeg, reserveKeyOf, type Order } from '#engine/oms/order.js'
import type { ProvisionalFill } from '#engine/oms/settlements.js'
import { ASK, BID } from '#schemas/levels.js'
import type { Withheld } from '#schemas/reasons.js'
import type { Turn } from '#engine/core/turn.js'
import { settleLate } from './settlement.js'
import { notify } from './intents.js'
import { gateOrder } from './purse-gate.js'
import type { EngineState } from './state.js'

/** What the order management may ask of the engine that it is part of. */
export function omsPortOf(state: EngineState): OmsPort {
  return {
    quote: token => state.quote(token),
    isStopped: scope => state.kill.isStoppedFor(scope),
    trip: (turn, of) => {
      state.kill.trip(turn, of)
    },
    accepted: (turn, order, { cause, isLate }) => {
      state.kill.accepted(turn, { cause, order: order.id, scope: order.scope, isLate })
      notify(state, order, { ...headOf(order), tag: 'order', state: 'resting' })
    },
    rejected: (turn, { id: order, scope }, cause) => {
      state.kill.rejected(turn, { cause, order, scope })
    },
    isOver: token => state.market(state.marketOf[token]!).isResolved,
    booked: (turn, order, fill) => {
      return book(state, turn, order, fill)
    },
    voided: (turn, fill, seq) => {
      unbook(state, turn, fill, seq)
    },
    withheld: order => withheldOf(state, order),
    over: (_, order) => {
      if (order.result !== 'unknown')
        state.purses.of(order.scope).exposure.release(order.id, [order.token])
      notify(state, order, { ...headOf(order), tag: 'order', state: order.result ?? 'none' })
    },
    settled: (turn, of) => {
      settled(state, turn, of)
    },
    convert: (turn, cause, of) => {
      state.conversions.convert(turn, cause, of)
    },
    gateQuote: (turn, { instance, scope, token, side, price: limit, size }, id) =>
      gateOrder(
        state,
        turn,
        { instance, scope, token, side, limit, size, isMaker: true },
        { id, cause: turn.input.seq },
      ),
  }
}

const headOf = ({ id: order, token, side }: Order) => ({ order, token, side })

function book(
  state: EngineState,
  turn: Turn,
  order: Order,
  { price, size, cash, fee }: { price: number; size: number; cash: number; fee: number },
): number {
  const { token, side, scope } = order
  const owner = reserveKeyOf(order)
  const { exposure } = state.purses.of(scope)
  const cost = exposure.book({ owner, token, side, size, cash, fee })
  if (side === ASK)
    state.directional.earned(turn, turn.input.seq, { scope, token, pnl: cash - fee - cost })
  // What a signal bought is its own until it ends: a quote of the same purse must not sell it.
  if (side === BID && isLeg(order) && state.oms.open.has(order.owner))
    exposure.reserveShares(owner, token, size)
  state.holdings.filled(turn)
  notify(state, order, { ...headOf(order), tag: 'fill', price, size })
  state.positionMoved(scope, token)
  settleLate(state, turn, token)
  return cost
}

/**
 * A fill failed to settle. What a signal bought has lost its match then, or what it sold is still there: trading stops, and the
 * operator decides. A quote's fill only moves the position that quotes lean on.
 */
function unbook(state: EngineState, turn: Turn, fill: ProvisionalFill, cause: number): void {
  const { order, trade, token, scope } = fill
  state.purses.of(scope).exposure.unbook(fill)
  state.holdings.filled(turn)
  state.positionMoved(scope, token)
  if (!isLeg(fill)) return
  const detail = `${order} ${trade}: failed to settle`
  state.kill.trip(turn, { cause, why: 'fill-voided', detail, scope })
}

/** The way out of the operator may leave behind a stop; getting out of a position may leave whatever the venue says. */
function withheldOf(state: EngineState, { action, scope }: Order): Withheld | undefined {
  const { kill, venue } = state
  if (action === 'exit') return undefined
  if (kill.isStoppedFor(scope)) return 'hard-stop'
  if (action === 'flatten') return undefined
  if (kill.isShuttingDown) return 'shutting-down'
  return venue.conditions.size > 0 ? 'venue-condition' : undefined
}

/** A signal is over: breakers judge it, what it reserved is free, and the exchange is asked what we hold. */
function settled(state: EngineState, turn: Turn, of: Settled): void {
  const { signal, scope, isKnown, seq, pnl, isTraded, tokens, matched } = of
  const { exposure, breakers } = state.purses.of(scope)
  if (isKnown) exposure.release(signal, tokens)
  const instance = state.instances.byId(state.instanceOf.get(signal) ?? '')
  const strategy = instance?.strategy ?? ''
  const isOpen = instance?.isDirectional === true && isTraded
  if (isOpen)
    for (const token of tokens) state.directional.bought(scope, token, { strategy, signal })
  if (isKnown) state.conversions.settled(turn, seq, { signal, scope, tokens, matched })
  state.instanceOf.delete(signal)
  breakers.settled(turn, seq, { signal, strategy, pnl, isTraded: isTraded && !isOpen })
  if (!state.config.risk.reconcile || !isTraded) return
  if (state.isStrict && state.oms.open.size > 0) return
  state.holdings.ask(turn, seq, signal)
}
