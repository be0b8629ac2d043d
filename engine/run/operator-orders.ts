import { QuoteRefused } from '#schemas/events/signal.js'
import type { EventOf } from '#schemas/registry.js'
import { shares } from '#schemas/units.js'
import { SHARED } from '#engine/risk/purses.js'
import type { Turn } from '#engine/core/turn.js'
import { gateOrder, type SingleOrder } from './purse-gate.js'
import type { EngineState } from './state.js'

/** Most intents remembered, so that each is acted on once; the oldest give way. */
const TAKEN_MAX = 4_096

type Legs = NonNullable<EventOf<'CommandGiven'>['data']['legs']>

/**
 * What an operator buys and sells by name. An order of several legs passes the gate whole or not at all; each leg then leaves as an
 * order of its own (`c<command>.<leg>.1`), as those of strategies do. An intent is acted on once, however often it is confirmed.
 */
export class OperatorOrders {
  readonly #taken = new Set<string>()
  readonly #state: EngineState
  readonly #nextCommand: () => number

  constructor(state: EngineState, nextCommand: () => number) {
    this.#state = state
    this.#nextCommand = nextCommand
  }

  place(turn: Turn, { data }: EventOf<'CommandGiven'>): void {
    const { intent, legs = [], tif = 'FAK', scope = SHARED } = data
    if (legs.length === 0 || (intent !== undefined && this.#taken.has(intent))) return
    if (intent !== undefined) this.#take(intent)
    const owner = `c${this.#nextCommand()}`
    const sizes = this.#gated(turn, { owner, scope, legs })
    if (!sizes) return
    for (const [leg, [token, side, limit]] of legs.entries())
      this.#state.oms.book.place(turn, turn.input.seq, {
        ...{ id: idOf(owner, leg), owner, action: 'order', leg, attempt: 1, actionAttempt: 1 },
        ...{ scope, token, side, limit, size: shares(sizes[leg]!), bucket: 'thin', tif },
        isPostOnly: false,
        untilUs: Number.POSITIVE_INFINITY,
      })
  }

  /** The size of each leg that may leave, with cash or shares set aside for all of them; undefined where one may not. */
  #gated(turn: Turn, of: { owner: string; scope: string; legs: Legs }): number[] | undefined {
    const { owner, scope, legs } = of
    const sizes: number[] = []
    for (const [leg, [token, side, limit, size]] of legs.entries()) {
      const one = { instance: owner, scope, token, side, limit, size, isMaker: false }
      const gated = this.#word(turn, one, idOf(owner, leg))
      if ('size' in gated) {
        sizes.push(gated.size)
        continue
      }
      const { exposure } = this.#state.purses.of(scope)
      for (let k = 0; k < leg; k++) exposure.release(idOf(owner, k), [legs[k]![0]])
      const { reasons } = gated
      turn.decide(turn.input.seq, QuoteRefused.make({ instance: owner, token, side, reasons }))
      return undefined
    }
    return sizes
  }

  #word(turn: Turn, of: SingleOrder, id: string): ReturnType<typeof gateOrder> {
    const state = this.#state
    if (state.isShadow) return { reasons: ['shadow-mode'] }
    if (state.marketOf[of.token] === undefined) return { reasons: ['unknown-token'] }
    return gateOrder(state, turn, of, { id, cause: turn.input.seq })
  }

  #take(intent: string): void {
    this.#taken.add(intent)
    const [oldest] = this.#taken
    if (this.#taken.size > TAKEN_MAX && oldest !== undefined) this.#taken.delete(oldest)
  }

  /** All that it remembers, for a checkpoint. */
  save() {
    return this.#taken
  }

  load(taken: ReturnType<OperatorOrders['save']>): void {
    for (const intent of taken) this.#taken.add(intent)
  }
}

const idOf = (owner: string, leg: number): string => `${owner}.${leg}.1`
