import type { Recorded } from '#schemas/recorded.js'
import type { Turn } from '#engine/core/turn.js'
import type { EngineLoop } from '#engine/run/engine-loop.js'

/** Holds the invariants after every turn; throws the first that breaks. */
export class Law {
  readonly #open = new Set<string>()
  readonly #orders = new Set<string>()
  readonly #stopped = new Set<string>()
  approved = 0
  quoted = 0
  filled = 0
  merged = 0
  converted = 0

  after({ state }: EngineLoop<never>, { rows }: Turn): void {
    for (const row of rows) this.#row(row)
    for (const { scope, exposure, limits } of state.purses.all) {
      const { cash, realised, positions, reserved, shares, total, cost: kept } = exposure
      let cost = 0
      for (const [token, held] of positions) {
        cost += held.cost
        holds(held.size > 0 && held.cost >= 0, `a position of ${scope} is held, at a cost`)
        holds(
          exposure.reservedShares(token) <= held.size,
          `no share of ${scope} is set aside twice`,
        )
      }
      holds(kept === cost, `the cost of ${scope} is the sum of its positions`)
      const start = limits.bankroll_micro
      holds(cash + cost === start + realised, `cash and cost of ${scope} are start and realised`)
      let sum = 0
      for (const amount of reserved.values()) {
        holds(amount >= 0, 'reserved cash is never negative')
        sum += amount
      }
      for (const { token, size } of shares.values())
        holds(size > 0 && positions.has(token), 'reserved shares are shares that are held')
      holds(exposure.free === cash - sum && total === cost + sum, 'reservations add up')
      holds(total <= limits.exposure_max_micro, `exposure of ${scope} is within its cap`)
      holds(cash >= 0, `cash of ${scope} is never borrowed`)
    }
  }

  atEnd(): void {
    holds(this.#open.size === 0, `every signal ends: ${[...this.#open].join()}`)
    holds(this.#orders.size === 0, `every order ends: ${[...this.#orders].join()}`)
  }

  #row({ seq, cause, event }: Recorded): void {
    holds(cause < seq, 'a cause comes first')
    switch (event.type) {
      case 'SignalRaised':
        this.#open.add(event.data.signal)
        break
      case 'IntentApproved':
        this.approved++
        break
      case 'IntentRefused':
      case 'DedupSignal':
      case 'SignalDropped':
      case 'LegsSettled':
        holds(this.#open.delete(event.data.signal), `${event.data.signal} ends once`)
        break
      case 'OrderPlaced': {
        const { order, action, scope = 'shared' } = event.data
        const isStopped = this.#stopped.has('') || this.#stopped.has(scope)
        holds(!isStopped || action === 'exit', `no order follows a hard stop, but ${order} does`)
        holds(!this.#orders.has(order), `${order} is placed once`)
        this.#orders.add(order)
        if (action === 'quote') this.quoted++
        break
      }
      case 'PositionsConverted':
        if (event.data.kind === 'merge') this.merged++
        else this.converted++
        break
      case 'OrderFilled':
        if (event.data.maker === true) this.filled++
        break
      case 'OrderClosed':
        holds(this.#orders.delete(event.data.order), `${event.data.order} ends once`)
        break
      case 'HardStopTripped':
        this.#stopped.add(event.data.scope ?? '')
        break
      case 'HardStopCleared':
        if (event.data.scope === undefined) this.#stopped.clear()
        else this.#stopped.delete(event.data.scope)
        break
      case 'FillRefused':
        throw new Error(`the exchange in the box tells the truth: ${event.data.reason}`)
      default:
    }
  }
}

/** Throws what does not hold. */
export function holds(is: boolean, law: string): void {
  if (!is) throw new Error(law)
}
