import type { Turn } from '#engine/core/turn.js'
import type { Purses } from '#engine/risk/purses.js'

interface Open {
  readonly strategy: string
  /** The signal that began it. */
  readonly signal: string
  /** What it made or lost so far, 1e-6 dollar. */
  pnl: number
}

/**
 * Positions whose profit depends on the outcome. The end of their signal says nothing of it, so the circuit breakers judge them when the
 * position ends: sold, or paid. In a purse that several strategies share, a token's position is the first one's.
 */
export class DirectionalPositions {
  readonly #open = new Map<string, Open>()
  readonly #purses: Purses

  constructor(purses: Purses) {
    this.#purses = purses
  }

  /** A signal of a directional strategy bought a token. */
  bought(scope: string, token: number, { strategy, signal }: Omit<Open, 'pnl'>): void {
    const key = keyOf(scope, token)
    if (!this.#open.has(key)) this.#open.set(key, { strategy, signal, pnl: 0 })
  }

  /** Some of a token was sold or paid, which made `pnl`, 1e-6 dollar. Nothing where the token is no such position. */
  earned(turn: Turn, cause: number, of: { scope: string; token: number; pnl: number }): void {
    const { scope, token } = of
    const key = keyOf(scope, token)
    const open = this.#open.get(key)
    if (!open) return
    open.pnl += of.pnl
    const { exposure, breakers } = this.#purses.of(scope)
    if (exposure.positions.has(token)) return
    this.#open.delete(key)
    const { strategy, signal, pnl } = open
    breakers.settled(turn, cause, { signal, strategy, pnl, isTraded: true })
  }

  /** All that it remembers, for a checkpoint. */
  save() {
    return this.#open
  }

  load(saved: ReturnType<DirectionalPositions['save']>): void {
    for (const [key, open] of saved) this.#open.set(key, open)
  }
}

const keyOf = (scope: string, token: number): string => `${scope}|${token}`
