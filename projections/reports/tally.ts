import type { Scored } from './ledger.js'

/** How many rows the worst of a report are. */
export const WORST = 20

/** What rows of the ledger come to: cash in 1e-6 dollar, ratios in 1e-6, rounded down. */
export interface Tally {
  readonly rows: number
  readonly pnl: number
  /** Mean of the rows; 0 for none. */
  readonly pnlAverage: number
  readonly pnlSet: number
  readonly pnlLeft: number
  /** Mean of the rows; 0 for none. */
  readonly ratioAverage: number
  /** Rows whose ratio is below the threshold. */
  readonly failed: number
  /** Their part of the rows; the whole where there are none, since nothing was shown to work. */
  readonly legging: number
  /** Sum over the rows that earned least. */
  readonly worst: number
  /** Rows of which nothing filled: their ratio is 0, and they count among the failed. */
  readonly withoutFill: number
}

/** Adds rows up; `ratio` is the threshold of a row, in 1e-6. */
export function tallyOf(rows: readonly Scored[], ratio: number): Tally {
  const sum = (of: (row: Scored) => number): number => rows.reduce((all, row) => all + of(row), 0)
  const pnl = sum(({ account }) => account.total)
  const failed = rows.filter(({ account }) => account.setRatio < ratio).length
  const n = rows.length
  return {
    rows: n,
    pnl,
    pnlAverage: n === 0 ? 0 : Math.floor(pnl / n),
    pnlSet: sum(({ account }) => account.pnlSet),
    pnlLeft: sum(({ account }) => account.pnlLeft),
    ratioAverage: n === 0 ? 0 : Math.floor(sum(({ account }) => account.setRatio) / n),
    failed,
    legging: n === 0 ? 1_000_000 : Math.floor((failed * 1_000_000) / n),
    worst: worstOf(rows).reduce((all, { account }) => all + account.total, 0),
    withoutFill: rows.filter(isUnfilled).length,
  }
}

/** The rows that earned least, worst first; of equals those that came first. */
export function worstOf(rows: readonly Scored[]): readonly Scored[] {
  return rows
    .map((row, k) => ({ row, k }))
    .sort((a, b) => a.row.account.total - b.row.account.total || a.k - b.k)
    .slice(0, WORST)
    .map(({ row }) => row)
}

const isUnfilled = ({ account: { set, left } }: Scored): boolean =>
  set === 0 && left.every(({ size }) => size === 0)

/** The value at floor((n − 1) × part) of the sorted ones, in the unit of the values; 0 for none. */
export function quantileOf(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(((sorted.length - 1) * percent) / 100)] ?? 0
}
