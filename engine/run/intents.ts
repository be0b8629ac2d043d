import assert from 'node:assert'
import { QuoteRefused } from '#schemas/events/signal.js'
import { price as toPrice, PRICE_MAX } from '#schemas/units.js'
import { BID } from '#schemas/levels.js'
import type { Turn } from '#engine/core/turn.js'
import { isLeg, type Order } from '#engine/oms/order.js'
import type { Intent, StrategyEvent } from '#engine/strategies/strategy.js'
import { numbered, type Instance } from './instances.js'
import { gateOrder } from './purse-gate.js'
import { consider } from './signals.js'
import type { EngineState } from './state.js'

/** Most events that instances are told of in one turn: more is a strategy that answers itself for ever. */
const DELIVERIES_MAX = 10_000

/** Notes that the instance an order belongs to has to be told. It is, behind the input, by `deliver`. */
export function notify(state: EngineState, order: Order, event: StrategyEvent): void {
  const id = isLeg(order) ? state.instanceOf.get(order.owner) : order.owner
  const instance = id === undefined ? undefined : state.instances.byId(id)
  if (!instance) return
  const { orders, fills } = instance.running.subscribes
  if (event.tag === 'fill' ? fills === true : orders === true)
    state.undelivered.push({ instance: instance.id, event })
}

/** Tells instances what became of their orders and positions, and does what they want then. */
export function deliver(state: EngineState, turn: Turn): void {
  const { undelivered } = state
  for (let k = 0; k < undelivered.length; k++) {
    assert(
      k < DELIVERIES_MAX,
      `Invariant: instances are told of ${DELIVERIES_MAX} events in one turn at most`,
    )
    const { instance: id, event } = undelivered[k]!
    const instance = state.instances.byId(id)
    if (instance) ask(state, turn, instance, event)
  }
  undelivered.length = 0
}

/** Tells one instance of an event, and does what it wants. */
export function ask(
  state: EngineState,
  turn: Turn,
  instance: Instance,
  event: StrategyEvent,
): void {
  const intents = instance.running.on(event, instance.context)
  for (let k = 0; k < intents.length; k++) act(state, turn, instance, intents[k]!)
}

function act(state: EngineState, turn: Turn, instance: Instance, intent: Intent): void {
  const cause = turn.input.seq
  switch (intent.tag) {
    case 'set':
      consider(state, turn, instance, intent.proposal)
      return
    case 'quote': {
      const { token, side, price, size } = intent
      const { id, scope } = instance
      checkTerms(state, instance, { token, price, size })
      state.oms.quotes.set(turn, cause, { instance: id, scope, token, side, price, size })
      watchAge(state, token)
      return
    }
    case 'order':
      placeSingle(state, turn, instance, intent)
      return
    case 'cancel': {
      const order = state.oms.orders.get(intent.order)
      if (order && !isLeg(order) && order.owner === instance.id)
        state.oms.book.cancel(turn, order, { cause, why: 'strategy' })
      return
    }
    case 'timer':
      if (!state.kill.isShuttingDown)
        state.timers.set({ instance: instance.id, key: intent.key, atUs: intent.atUs, cause })
  }
}

/** A strategy speaks of what exists, in its units: anything else is a bug of the strategy, and ends the run. */
function checkTerms(
  state: EngineState,
  { id }: Instance,
  { token, price, size }: { token: number; price: number; size: number },
): void {
  const isWhole = Number.isSafeInteger(price) && Number.isSafeInteger(size)
  assert(
    isWhole && price >= 0 && price <= PRICE_MAX && size >= 0,
    `Invariant: instance ${id} names price ${price} and size ${size} of token ${token}`,
  )
  assert(state.marketOf[token] !== undefined, `Invariant: instance ${id} names token ${token}`)
}

function placeSingle(
  state: EngineState,
  turn: Turn,
  instance: Instance,
  {
    token,
    side,
    limit,
    size,
    tif,
    post = false,
    untilUs,
    purpose,
  }: Extract<Intent, { tag: 'order' }>,
): void {
  if (state.isShadow) return
  const { id: owner, scope } = instance
  checkTerms(state, instance, { token, price: limit, size })
  const cause = turn.input.seq
  const id = `${numbered(instance, turn)}.0.1`
  const of = { instance: owner, scope, token, side, limit, size, isMaker: post }
  const gated = gateOrder(state, turn, of, { id, cause })
  if ('reasons' in gated) {
    const { reasons } = gated
    turn.decide(cause, QuoteRefused.make({ instance: owner, token, side, reasons }))
    if (instance.running.subscribes.refusals === true)
      state.undelivered.push({ instance: owner, event: { tag: 'refused', token, side, reasons } })
    return
  }
  state.oms.book.place(turn, cause, {
    ...{ id, owner, action: 'order', leg: 0, attempt: 1, actionAttempt: 1, scope, token, side },
    ...{ limit: toPrice(limit), size: gated.size, bucket: 'thin', tif, isPostOnly: post },
    untilUs: untilUs ?? Number.POSITIVE_INFINITY,
    ...(purpose !== undefined && { purpose }),
  })
  if (side === BID) watchAge(state, token)
}

/** What rests is to leave the market when its book gets too old: the clock has to look then. */
function watchAge(state: EngineState, token: number): void {
  const { updatedUs } = state.book(token)
  const dueUs = updatedUs + state.config.risk.book_age_max_ms * 1_000 + 1
  if (dueUs < state.staleCheck.dueUs) state.staleCheck = { dueUs, cause: 0 }
}
