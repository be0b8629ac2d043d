import { Refused } from './problems.js'

/** Rules of the earlier system's kind, told in a language of their own. */
export interface RulesDoor {
  /** Takes a rule, or a newer version of the one of this name; answers its id. Rejects with `Refused` where it is none. */
  readonly put: (rule: { readonly name: string; readonly dsl: string }) => Promise<{
    readonly rule_id: string
  }>
}

/** Messages to people. */
export interface AlertsDoor {
  /** Sends a text; answers what became of it: `sent`, `dry-run`, `cooldown` or `error`. */
  readonly test: (text: string) => Promise<{ readonly status: string }>
}

/** What the API serves where the engine has it. Whoever builds these hands them to `serve`; nothing else of the API changes. */
export interface Doors {
  readonly rules?: RulesDoor | undefined
  readonly alerts?: AlertsDoor | undefined
}

/** A door, or the plain answer that there is none yet. */
export function through<D extends object>(door: D | undefined, what: string): D {
  if (door) return door
  throw new Refused(501, `this server has no ${what}`, {
    expected: `a version of polaris with ${what}`,
  })
}
