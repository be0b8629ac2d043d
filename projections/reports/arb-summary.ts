import { earnedBy, type PnlModel, type TradeRow } from '../arb/trade-result.js'
import type { Balance, FillFact, RiskFact, RunFacts } from '../arb/run-facts.js'
import type { SignalRow } from '../arb/signal.js'
import { ratioOf } from '../csv.js'
import { isoOf } from '../iso.js'
import { total, within, type ReportRun, type Window } from './arb-window.js'

/** Reasons that are shown. */
const RISKS_MAX = 15

/** What lies in the window. */
interface Part {
  readonly signals: readonly (SignalRow & { readonly run: RunFacts })[]
  readonly trades: readonly TradeRow[]
  readonly fills: readonly FillFact[]
}

/** The summary of runs in a window: totals, by strategy, and what risk said most. Money in 1e-6 dollar, ratios as decimals. */
export function arbSummary(
  runs: readonly ReportRun[],
  { window, model }: { window: Window; model: PnlModel },
) {
  const all: Part = {
    signals: within(runs, window, of => of.signals),
    trades: within(runs, window, of => of.trades),
    fills: within(runs, window, of => of.fills),
  }
  const codes = new Set([
    ...all.signals.map(of => of.strategy),
    ...all.trades.map(of => of.strategy),
    ...all.fills.map(of => of.strategy),
  ])
  const byStrategy = [...codes].sort().map(strategy => {
    const own = partOf(all, strategy)
    return { strategy_code: strategy, ...sumsOf(own, model), ...moreOf(own, model) }
  })
  return {
    totals: sumsOf(all, model),
    by_strategy: byStrategy.sort(
      (a, b) => b.net_pnl_usd - a.net_pnl_usd || b.signals_found - a.signals_found,
    ),
    risk_top: topOf(within(runs, window, of => of.risk)),
    balance: balanceOf(runs.map(({ facts }) => facts.balance)),
  }
}

/** What `arb-summary` says. */
export type ArbSummary = ReturnType<typeof arbSummary>

const partOf = ({ signals, trades, fills }: Part, strategy: string): Part => ({
  signals: signals.filter(of => of.strategy === strategy),
  trades: trades.filter(of => of.strategy === strategy),
  fills: fills.filter(of => of.strategy === strategy),
})

function sumsOf({ signals, trades, fills }: Part, model: PnlModel) {
  const count = (status: SignalRow['status']): number =>
    signals.filter(of => of.status === status).length
  const [found, executed] = [signals.length, count('executed')]
  const real = trades.filter(({ status }) => status !== 'voided')
  const earned = real.map(row => earnedBy(model, row).net)
  const [wins, losses] = [earned.filter(net => net > 0), earned.filter(net => net < 0)]
  const net = total(trades, row => earnedBy(model, row).net)
  const turnover = total(fills, ({ notional }) => notional)
  return {
    ...{ signals_found: found, signals_executed: executed, signals_rejected: count('rejected') },
    ...{ signals_expired: count('expired'), signals_new: count('new') },
    ...{ trades: real.length, wins: wins.length, losses: losses.length },
    open_trades: real.filter(({ status }) => status === 'open').length,
    gross_pnl_usd: total(trades, row => earnedBy(model, row).gross),
    net_pnl_usd: net,
    fees_usd: total(trades, row => earnedBy(model, row).fees),
    fees_paid_usd: total(fills, ({ fee }) => fee),
    slippage_usd: total(trades, ({ trade }) => trade.slippage),
    turnover_usd: turnover,
    ...expectationsOf(trades, net),
    ...spanOf('signal', signals),
    ...spanOf('trade', real),
    win_rate: ratio(wins.length, real.length),
    execution_rate: ratio(executed, found),
    trade_conversion_rate: ratio(real.length, executed),
    net_margin_on_turnover: ratio(net, turnover),
  }
}

/** What the models of the earlier system say beside what is counted. */
function expectationsOf(trades: readonly TradeRow[], net: number) {
  const expected = total(trades, ({ trade: { attachment: of } }) =>
    of ? of.expectedGross - of.entryFees : 0,
  )
  return {
    expected_net_pnl_usd: expected,
    mark_to_book_net_pnl_usd: total(trades, row => earnedBy('mark_to_book', row).net),
    pnl_gap_vs_expected_usd: net - expected,
  }
}

/** Of one strategy besides: means, and how long the exchange took to say the first word. */
function moreOf({ signals, trades }: Part, model: PnlModel) {
  const real = trades.filter(({ status }) => status !== 'voided')
  const mean = (of: (row: TradeRow) => number): number =>
    real.length === 0 ? 0 : Math.floor(total(real, of) / real.length)
  const waits = signals
    .flatMap(({ run, data }) => run.answeredUs.get(data.signal) ?? [])
    .filter(us => us >= 0)
    .sort((a, b) => a - b)
  return {
    avg_trade_pnl_usd: mean(row => earnedBy(model, row).net),
    avg_capital_used_usd: mean(({ capital }) => capital),
    avg_hold_minutes: Math.floor(mean(({ heldUs }) => heldUs) / 60) / 1e6,
    avg_detection_to_event_ms: msOf(waits.length === 0 ? 0 : total(waits, us => us) / waits.length),
    p50_detection_to_event_ms: msOf(percentile(waits, 50)),
    p95_detection_to_event_ms: msOf(percentile(waits, 95)),
  }
}

const msOf = (us: number): number => Math.floor(us) / 1_000

/** Between the two that lie next to it, by its distance from both; of numbers that are sorted. 0 where there are none. */
export function percentile(sorted: readonly number[], percent: number): number {
  const at = ((sorted.length - 1) * percent) / 100
  const low = sorted[Math.floor(at)] ?? 0
  const high = sorted[Math.ceil(at)] ?? low
  return low + (high - low) * (at - Math.floor(at))
}

function spanOf(name: 'signal' | 'trade', of: readonly { readonly tUs: number }[]) {
  const times = of.map(({ tUs }) => tUs)
  const [first, last] = [times.reduce(min, Infinity), times.reduce(max, -Infinity)]
  const iso = (tUs: number): string | null => (times.length === 0 ? null : isoOf(tUs))
  return { [`first_${name}_at`]: iso(first), [`last_${name}_at`]: iso(last) } as Readonly<
    Record<`first_${typeof name}_at` | `last_${typeof name}_at`, string | null>
  >
}

const min = (a: number, b: number): number => Math.min(a, b)
const max = (a: number, b: number): number => Math.max(a, b)

/** A decimal with at most six places, rounded down; 0 where there is nothing to divide by. */
const ratio = (part: number, whole: number): number =>
  whole === 0 ? 0 : ratioOf(part, whole) / 1e6

function topOf(risk: readonly RiskFact[]) {
  const counts = new Map<string, { reason: string; severity: string; events: number }>()
  for (const { reason, severity } of risk) {
    const of = counts.get(`${reason} ${severity}`) ?? { reason, severity, events: 0 }
    of.events++
    counts.set(`${reason} ${severity}`, of)
  }
  return [...counts]
    .sort(([a, one], [b, other]) => other.events - one.events || (a < b ? -1 : 1))
    .slice(0, RISKS_MAX)
    .map(([, of]) => of)
}

function balanceOf(all: readonly Balance[]) {
  return {
    deposits_usd: total(all, of => of.deposits),
    adopted_usd: total(all, of => of.adopted),
    realised_usd: total(all, of => of.realised),
    cash_usd: total(all, of => of.cash),
    positions_at_cost_usd: total(all, of => of.positions),
  }
}
