import { arbSummary, type ArbSummary } from '#projections/reports/arb-summary.js'
import {
  factsOf,
  FILTER_HELP,
  FILTER_OPTIONS,
  PNL_HELP,
  PNL_OPTIONS,
  type Found,
} from '../arb-facts.js'
import { textOf, type Call, type Command } from '../command.js'
import { dollars } from '../format/money.js'
import { tableOf } from '../format/table.js'
import { stopped } from '../ledgers.js'
import { writeWhole } from '../write-whole.js'

/** `polaris arb-summary`: signals, trades and profit of runs in a window, by strategy, and what risk said. */
export const arbSummaryCommand: Command = {
  name: 'arb-summary',
  summary:
    'signals, trades and profit of runs in a window: totals, by strategy, and what risk said',
  usage:
    'arb-summary [DIR…] [--since-hours N] [--mode M] [--source-code S] [--run-tag current|all|TAG]',
  example: 'arb-summary runs/demo --json',
  options: { ...FILTER_OPTIONS, ...PNL_OPTIONS },
  help: {
    DIR: 'the runs (default: all of the runs directory)',
    ...FILTER_HELP,
    ...PNL_HELP,
  },
  run: async call => {
    const found = await factsOf(call)
    if (!found) return stopped(call)
    const summary = arbSummary(found.runs, found)
    say(call, found, summary)
    const json = {
      ...{ window: found.shown, runs: found.names, pnl_model: found.model },
      ...summary,
    }
    const file = textOf(call.values, 'output')
    if (file !== undefined) writeWhole(file, `${JSON.stringify(json, null, 2)}\n`)
    return { code: 0, json }
  },
}

function say(call: Call, { shown, names, model }: Found, summary: ArbSummary): void {
  const { totals: of, balance } = summary
  call.say(
    `${names.join(', ')}: ${shown['start_at'] ?? ''} to ${shown['end_at'] ?? ''}, profit ${model}`,
  )
  call.say(
    `signals  ${of.signals_found}: ${of.signals_executed} executed, ${of.signals_rejected} rejected, ${of.signals_expired} expired, ${of.signals_new} new`,
  )
  call.say(
    `trades   ${of.trades}: ${of.wins} won, ${of.losses} lost, ${of.open_trades} open; win rate ${of.win_rate}, conversion ${of.trade_conversion_rate}`,
  )
  call.say(
    `profit   net ${dollars(of.net_pnl_usd)}, gross ${dollars(of.gross_pnl_usd)}, fees ${dollars(of.fees_usd)}, turnover ${dollars(of.turnover_usd)}`,
  )
  call.say(
    `balance  cash ${dollars(balance.cash_usd)} + positions at cost ${dollars(balance.positions_at_cost_usd)} = deposits ${dollars(balance.deposits_usd)} + adopted ${dollars(balance.adopted_usd)} + realised ${dollars(balance.realised_usd)}`,
  )
  const strategies = summary.by_strategy.map(row => [
    row.strategy_code,
    ...[row.signals_found, row.signals_executed, row.trades, row.win_rate].map(String),
    ...[row.net_pnl_usd, row.avg_trade_pnl_usd, row.avg_capital_used_usd].map(dollars),
    ...[row.avg_hold_minutes, row.p50_detection_to_event_ms, row.p95_detection_to_event_ms].map(
      String,
    ),
  ])
  const heading = ['strategy', 'signals', 'executed', 'trades', 'win_rate', 'net', 'avg_trade']
  const more = ['avg_capital', 'hold_min', 'p50_ms', 'p95_ms']
  call.say('')
  for (const line of tableOf([[...heading, ...more], ...strategies])) call.say(line)
  if (summary.risk_top.length === 0) return
  const risk = summary.risk_top.map(row => [row.reason, row.severity, `${row.events}`])
  call.say('')
  for (const line of tableOf([['risk', 'severity', 'events'], ...risk])) call.say(line)
}
