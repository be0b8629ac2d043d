import { Holdings, type Pnl } from './holdings.js'

/** Counts of one strategy or market. */
export interface Counts {
  signals: number
  approved: number
  orders: number
  fills: number
  /** Complete sets, 1e-6 share. */
  sets: number
}

/** What a summary keeps of a run, a strategy or a market. */
export interface Part extends Counts {
  readonly label: string
  /** What is held, by purse: what one of them paid is no cost of another. */
  readonly purses: Map<string, Holdings>
}

/** A part of which nothing is known yet. */
export const part = (label: string): Part => ({
  label,
  purses: new Map(),
  signals: 0,
  approved: 0,
  orders: 0,
  fills: 0,
  sets: 0,
})

/** The purse of a part that an event is about. */
export function purseOf({ purses }: Part, { scope = '' }: { readonly scope?: string }): Holdings {
  const known = purses.get(scope)
  if (known) return known
  const fresh = new Holdings()
  purses.set(scope, fresh)
  return fresh
}

/** What a part made, over its purses: what is held complete pays a dollar, the rest its best bid. */
export function pnlOf(
  { purses }: Part,
  bidOf: (token: number) => number,
  setsAmong: (tokens: Iterable<number>) => readonly (readonly number[])[],
): Pnl {
  const sum = { realised: 0, open: 0, fees: 0 }
  for (const holdings of purses.values()) {
    const { realised, open, fees } = holdings.pnl(bidOf, setsAmong)
    sum.realised += realised
    sum.open += open
    sum.fees += fees
  }
  return sum
}
