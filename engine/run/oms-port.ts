import type { OmsPort, Settled } from '#engine/oms/port.js'
import { isLeg, reserveKeyOf, type Order } from '#engine/oms/order.js'
import { BID } from '#schemas/levels.js'
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
      book(state, turn, order, fill)
    },
    over: (_, order) => {
      if (order.result !== 'unknown')
        state.purses.of(order.scope).exposure.release(order.id, [order.token])
      notify(state, order, { ...headOf(order), tag: 'order', state: order.result ?? 'none' })
    },
    settled: (turn, of) => {
      settled(state, turn, of)
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
): void {
  const { token, side, scope } = order
  const owner = reserveKeyOf(order)
  const { exposure } = state.purses.of(scope)
  exposure.book({ owner, token, side, size, cash, fee })
  // What a signal bought is its own until it ends: a quote of the same purse must not sell it.
  if (side === BID && isLeg(order) && state.oms.open.has(order.owner))
    exposure.reserveShares(owner, token, size)
  state.holdings.filled(turn)
  notify(state, order, { ...headOf(order), tag: 'fill', price, size })
  state.positionMoved(scope, token)
  settleLate(state, turn, token)
}

/** A signal is over: breakers judge it, what it reserved is free, and the exchange is asked what we hold. */
function settled(state: EngineState, turn: Turn, of: Settled): void {
  const { signal, scope, isKnown, seq, pnl, isTraded, tokens } = of
  const { exposure, breakers } = state.purses.of(scope)
  if (isKnown) exposure.release(signal, tokens)
  const strategy = state.instances.byId(state.instanceOf.get(signal) ?? '')?.strategy ?? ''
  state.instanceOf.delete(signal)
  breakers.settled(turn, seq, { signal, strategy, pnl, isTraded })
  if (!state.config.risk.reconcile || !isTraded) return
  if (state.isStrict && state.oms.open.size > 0) return
  state.holdings.ask(turn, seq, signal)
}
