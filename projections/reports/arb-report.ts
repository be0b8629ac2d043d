import { earnedBy, type PnlModel } from '../arb/trade-result.js'
import { isoOf } from '../iso.js'
import { total, within, type ReportRun, type Window } from './arb-window.js'

/** What a report may tell apart. */
export const GROUPS = ['strategy', 'mode', 'source', 'day'] as const
/** One of them. */
export type Group = (typeof GROUPS)[number]

/** One group of a report. Money in 1e-6 dollar. */
export interface ReportRow {
  readonly group: Readonly<Partial<Record<Group, string>>>
  readonly trades: number
  readonly net_pnl_usd: number
  readonly gross_pnl_usd: number
  /** Notional of all fills. */
  readonly turnover_usd: number
}

/** Trades and turnover by group, the one that earned most first. A trade is of the UTC day on which it ended, or while open began. */
export function arbReport(
  runs: readonly ReportRun[],
  { window, groups, model }: { window: Window; groups: readonly Group[]; model: PnlModel },
): readonly ReportRow[] {
  const trades = within(runs, window, of => of.trades).map(row => {
    const day = isoOf(row.closedUs ?? row.tUs).slice(0, 10)
    return { key: keyOf(groups, { ...row, day }), row, ...earnedBy(model, row) }
  })
  const fills = within(runs, window, of => of.fills).map(({ run, strategy, tUs, notional }) => {
    const { mode, source } = run
    return {
      key: keyOf(groups, { strategy, mode, source, day: isoOf(tUs).slice(0, 10) }),
      notional,
    }
  })
  const keys = [...new Set([...trades, ...fills].map(({ key }) => key))].sort()
  const rows = keys.map(key => {
    const own = trades.filter(of => of.key === key)
    return {
      group: JSON.parse(key) as ReportRow['group'], // what `keyOf` wrote
      trades: own.filter(({ row }) => row.status !== 'voided').length,
      net_pnl_usd: total(own, ({ net }) => net),
      gross_pnl_usd: total(own, ({ gross }) => gross),
      turnover_usd: total(
        fills.filter(of => of.key === key),
        ({ notional }) => notional,
      ),
    }
  })
  return rows.sort((a, b) => b.net_pnl_usd - a.net_pnl_usd)
}

const keyOf = (groups: readonly Group[], of: Readonly<Record<Group, string>>): string =>
  JSON.stringify(Object.fromEntries(groups.map(name => [name, of[name]])))
