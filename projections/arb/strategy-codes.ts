/** Letters that the earlier system gave to strategies; docs/strategies/README.md has the same. */
const LETTERS: Readonly<Record<string, string>> = {
  basket: 'A',
  parity: 'B',
  conversion: 'C',
  bond: 'F',
  tail: 'G',
}

/** Strategies whose legs are complete sets: what one earns is the edge of each share, not of each dollar. */
const SETS: ReadonlySet<string> = new Set(['basket', 'parity'])

/** Code of a strategy in the arb tables: its letter, or its name where it has none; empty for the operator's own orders. */
export const codeOfStrategy = (name: string): string => LETTERS[name] ?? name

/** Whether the legs of a strategy make complete sets. */
export const tradesSets = (name: string): boolean => SETS.has(name)

/** Whether this is the id of a signal; an order of an instance or of the operator names these instead. */
export const isSignal = (id: string): boolean => /^s\d/.test(id)
