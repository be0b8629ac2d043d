import { PurseHoldings } from './purse-holdings.js'

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
  readonly held: PurseHoldings
}

/** A part of which nothing is known yet. */
export const part = (label: string): Part => ({
  label,
  held: new PurseHoldings(),
  signals: 0,
  approved: 0,
  orders: 0,
  fills: 0,
  sets: 0,
})
