import type { EventOf } from '#schemas/registry.js'
import type { Turn } from '#engine/core/turn.js'
import type { EngineState } from './state.js'

/** Does what the operator says. What a command changes is a fold of the log like everything else. */
export function applyCommand(state: EngineState, turn: Turn, event: EventOf<'CommandGiven'>): void {
  const { kill, oms } = state
  const cause = turn.input.seq
  const { command, scope } = event.data
  if (kill.handle(turn, event)) {
    if (command === 'resume' || command === 'clear-hard-stop') oms.quotes.retry(turn, cause)
    if (command !== 'shutdown') return
    oms.quotes.isClosed = true
    state.timers.drop()
    return
  }
  const isMeant = (of: { readonly scope: string }): boolean =>
    scope === undefined || of.scope === scope
  if (command === 'cancel-all') {
    // Targets go too: what an instance wants anew it has to say anew.
    for (const { id, scope: own } of state.instances.all)
      if (isMeant({ scope: own })) oms.quotes.drop(turn, cause, id)
    oms.cancelAll(turn, { cause, why: 'operator' }, isMeant)
  }
  if (command === 'order') state.exits.orders.place(turn, event)
  if (command === 'flatten') {
    // Who wants out does not want to be quoted back in: new risk is paused until `resume`.
    if (scope === undefined) kill.isPaused = true
    else kill.paused.add(scope)
    oms.cancelAll(turn, { cause, why: 'operator' }, isMeant)
    state.exits.want(turn, cause, scope)
  }
}

/** Another configuration decides from here on. Quotes of instances that ended or were remade leave the market. */
export function reconfigure(
  state: EngineState,
  turn: Turn,
  { data: { config } }: EventOf<'ConfigChanged'>,
): void {
  const ended = state.reconfigure(config)
  if (state.isStrict) return
  for (const id of ended) {
    state.timers.drop(id)
    state.oms.quotes.drop(turn, turn.input.seq, id)
  }
  // A new instance, or a remade one, looks at the books as they stand with the next change of each.
  for (const market of state.markets) if (market) state.moved(market.market)
}
