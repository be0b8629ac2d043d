import type { Summary } from '#projections/summary.js'
import type { Chosen } from '../grid.js'
import { dollars, sharesText } from './money.js'

/** One combination of a sweep, and what came of it. */
export interface SweepRow {
  readonly set: Chosen
  readonly summary: Summary
}

const HEADING = ['signals', 'dropped', 'orders', 'fills', 'sets', 'realised', 'open', 'profit', '']

/** Realised and open profit, 1e-6 dollar. */
export const profitOf = ({ summary: { pnlMicro } }: SweepRow): number =>
  pnlMicro.realised + pnlMicro.open

/** A sweep as rows of text, the heading first. */
export function sweepTable(rows: readonly SweepRow[]): readonly (readonly string[])[] {
  const keys = Object.keys(rows[0]?.set ?? {})
  const facts = rows.map(row => {
    const { set, summary: of } = row
    const { realised, open } = of.pnlMicro
    const counts = [of.signals, of.dropped, of.orders, of.fills].map(String)
    const money = [realised, open, profitOf(row)].map(dollars)
    const stopped = of.hardStop === null ? '' : 'stopped'
    const values = keys.map(key => set[key] ?? '')
    return [...values, ...counts, sharesText(of.setsMicro), ...money, stopped]
  })
  return [[...keys, ...HEADING], ...facts]
}
