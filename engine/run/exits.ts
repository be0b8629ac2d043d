import { ASK } from '#schemas/levels.js'
import type { Turn } from '#engine/core/turn.js'
import { flattenLimit } from '#engine/oms/prices.js'
import { OperatorOrders } from './operator-orders.js'
import type { EngineState } from './state.js'

/** A position that the operator wants out of. */
interface Exit {
  readonly scope: string
  readonly token: number
  /** Number of the operator's command. */
  readonly command: number
  /** Sequence number of the `CommandGiven`. */
  readonly cause: number
}

/**
 * The operator's way out: after `flatten` every position is sold once at what the book bids, as soon as nothing of its purse
 * rests on that token any more. It is let out even behind a hard stop: that is what it is for.
 */
export class Exits {
  readonly #pending = new Map<string, Exit>()
  /** Commands that wanted out, or an order, so far: ids of their orders come from it, so that a command renames no other order. */
  #commands = 0
  /** What the operator buys and sells by name. */
  readonly orders: OperatorOrders
  readonly #state: EngineState

  constructor(state: EngineState) {
    this.#state = state
    this.orders = new OperatorOrders(state, () => ++this.#commands)
  }

  /** The operator wants out of all positions, or of those of one purse. */
  want(turn: Turn, cause: number, scope?: string): void {
    const command = ++this.#commands
    for (const purse of this.#state.purses.all) {
      if (scope !== undefined && purse.scope !== scope) continue
      for (const [token, { size }] of purse.exposure.positions)
        if (size > 0)
          this.#pending.set(`${purse.scope}|${token}`, {
            scope: purse.scope,
            token,
            command,
            cause,
          })
    }
    this.advance(turn)
  }

  /** Behind each input: sells what nothing rests on any more. */
  advance(turn: Turn): void {
    if (this.#pending.size === 0) return
    const { oms, purses, config } = this.#state
    for (const [key, { scope, token, command, cause }] of [...this.#pending]) {
      const { exposure } = purses.of(scope)
      const isBusy =
        exposure.reservedShares(token) > 0 ||
        [...oms.book.live.values()].some(one => one.scope === scope && one.token === token)
      if (isBusy) continue
      this.#pending.delete(key)
      const size = exposure.freeShares(token)
      const steps = config.oms.flatten_bps
      const limit = flattenLimit(this.#state.quote(token), steps[steps.length - 1] ?? 0)
      if (size === 0 || limit === 0) continue // gone meanwhile, or nobody bids
      const id = `c${command}-${scope}.${token}`
      exposure.reserveShares(id, token, size)
      oms.book.place(turn, cause, {
        ...{ id, owner: `c${command}`, action: 'exit', leg: 0, attempt: 1, actionAttempt: 1 },
        ...{ scope, token, side: ASK, limit, size, bucket: 'thin' },
        tif: 'FAK',
        isPostOnly: false,
        untilUs: Number.POSITIVE_INFINITY,
      })
    }
  }

  /** All that it remembers, for a checkpoint. */
  save() {
    return { pending: this.#pending, commands: this.#commands, taken: this.orders.save() }
  }

  load({ pending, commands, taken }: ReturnType<Exits['save']>): void {
    for (const [key, exit] of pending) this.#pending.set(key, exit)
    this.#commands = commands
    this.orders.load(taken)
  }
}
