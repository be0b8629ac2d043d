import type { DecisionConfig } from '#schemas/config.js'
import { Exposure } from './exposure.js'
import { CircuitBreakers } from './circuit-breakers.js'

/** The purse of every instance that names none. */
export const SHARED = 'shared'

type Risk = DecisionConfig['risk']

/** What one purse may do: the run's limits with those that are its own. */
export type Limits = Risk

/** Cash, positions, limits and circuit breakers of one scope key. */
export interface Purse {
  readonly scope: string
  readonly exposure: Exposure
  readonly breakers: CircuitBreakers
  limits: Limits
}

/** All purses of a run, by scope key. Positions are kept by (scope, token); global limits sit above all of them. */
export class Purses {
  readonly #purses = new Map<string, Purse>()
  #risk: Risk

  constructor(risk: Risk, scopes: readonly string[]) {
    this.#risk = risk
    for (const scope of scopes) this.open(scope)
  }

  /** Every purse, in the order in which they were opened. */
  get all(): Iterable<Purse> {
    return this.#purses.values()
  }

  /** Whether there is but one. */
  get isSingle(): boolean {
    return this.#purses.size < 2
  }

  /** The purse of a scope key; one that nobody opened has the run's own limits. */
  of(scope: string): Purse {
    return this.#purses.get(scope) ?? this.open(scope)
  }

  /** The purse of a scope key that exists. */
  find(scope: string): Purse | undefined {
    return this.#purses.get(scope)
  }

  open(scope: string): Purse {
    const known = this.#purses.get(scope)
    if (known) return known
    const limits = limitsOf(this.#risk, scope)
    const breakers = new CircuitBreakers(limits, scope === SHARED ? undefined : scope)
    const purse = { scope, exposure: new Exposure(limits.bankroll_micro), breakers, limits }
    this.#purses.set(scope, purse)
    return purse
  }

  /**
   * From here on other limits hold. A bankroll that is another comes in, or goes out, as cash; in logs of the first schemas
   * (`keepsCash`) it was ignored.
   */
  reconfigure(risk: Risk, keepsCash: boolean): void {
    this.#risk = risk
    for (const purse of this.#purses.values()) {
      const limits = limitsOf(risk, purse.scope)
      if (!keepsCash) purse.exposure.deposit(limits.bankroll_micro - purse.limits.bankroll_micro)
      purse.limits = limits
      purse.breakers.config = limits
    }
  }

  /** Positions at cost plus all that is reserved, over all purses; 1e-6 dollar. */
  get total(): number {
    let sum = 0
    for (const { exposure } of this.#purses.values()) sum += exposure.total
    return sum
  }

  /** What all purses together hold of a token, 1e-6 share. */
  held(token: number): number {
    let sum = 0
    for (const { exposure } of this.#purses.values())
      sum += exposure.positions.get(token)?.size ?? 0
    return sum
  }

  /** Tokens that any purse holds, rising. */
  get tokens(): number[] {
    const tokens = new Set<number>()
    for (const { exposure } of this.#purses.values())
      for (const token of exposure.positions.keys()) tokens.add(token)
    return [...tokens].sort((a, b) => a - b)
  }

  /** All that it remembers, for a checkpoint. */
  save() {
    return [...this.#purses.values()].map(({ scope, exposure, breakers }) => ({
      scope,
      exposure: exposure.save(),
      breakers: breakers.save(),
    }))
  }

  /** Takes up a checkpoint: of purses that hold nothing yet. */
  load(saved: ReturnType<Purses['save']>): void {
    for (const { scope, exposure, breakers } of saved) {
      const purse = this.open(scope)
      purse.exposure.load(exposure)
      purse.breakers.load(breakers)
    }
  }
}

/** The limits of a scope: what `risk.scopes` says of it, and the run's own for the rest. */
export function limitsOf(risk: Risk, scope: string): Limits {
  const own = risk.scopes.find(one => one.scope === scope)
  if (!own) return risk
  const { scope: _, ...limits } = own
  return { ...risk, ...limits }
}
