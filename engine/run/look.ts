import { clearTouched } from '#engine/book/touched.js'
import type { Turn } from '#engine/core/turn.js'
import { ask } from './intents.js'
import type { EngineState } from './state.js'

/** After a whole frame: asks each rule about each market whose books were touched. */
export function lookAtMarkets(state: EngineState, turn: Turn): void {
  const { tokens } = state.touched
  for (let i = 0; i < tokens.length; i++) {
    const market = state.marketOf[tokens[i]!]!
    if (isRepeated(state, tokens, i, market)) continue
    const facts = state.market(market)
    if (facts.isResolved) continue
    let event
    for (const instance of state.instances.all) {
      if (!instance.running.subscribes.books) continue
      event ??= { tag: 'book', market: facts } as const
      ask(state, turn, instance, event)
    }
  }
  lookAtGroups(state, turn)
  clearTouched(state.touched)
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
    for (const instance of state.instances.all)
      if (instance.running.subscribes.groups)
        ask(state, turn, instance, { tag: 'group', group: facts })
  }
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
