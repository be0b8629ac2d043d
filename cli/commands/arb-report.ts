import { arbReport, GROUPS, type Group, type ReportRow } from '#projections/reports/arb-report.js'
import { factsOf, FILTER_HELP, FILTER_OPTIONS, PNL_HELP, PNL_OPTIONS } from '../arb-facts.js'
import { Refusal, textOf, type Call, type Command, type Values } from '../command.js'
import { dollars } from '../format/money.js'
import { tableOf } from '../format/table.js'
import { stopped } from '../ledgers.js'
import { writeWhole } from '../write-whole.js'

/** `polaris arb-report`: trades, profit and turnover of runs by group. */
export const arbReportCommand: Command = {
  name: 'arb-report',
  summary: 'trades, profit and turnover of runs by strategy, mode, source and day',
  usage: 'arb-report [DIR…] [--group-by strategy,mode,source,day] [--run-tag current|all|TAG]',
  example: 'arb-report runs/demo --group-by strategy,day',
  options: { 'group-by': { type: 'string' }, ...FILTER_OPTIONS, ...PNL_OPTIONS },
  help: {
    DIR: 'the runs (default: all of the runs directory)',
    '--group-by G,G': `any of ${GROUPS.join(', ')} (default: the first three)`,
    ...FILTER_HELP,
    ...PNL_HELP,
  },
  run: async call => {
    const groups = groupsOf(call.values)
    const found = await factsOf(call)
    if (!found) return stopped(call)
    const rows = arbReport(found.runs, { ...found, groups })
    say(call, groups, rows)
    const json = {
      ...{ window: found.shown, runs: found.names, pnl_model: found.model },
      rows: rows.map(({ group, ...row }) => ({ ...group, ...row })),
    }
    const file = textOf(call.values, 'output')
    if (file !== undefined) writeWhole(file, `${JSON.stringify(json, null, 2)}\n`)
    return { code: 0, json }
  },
}

function groupsOf(values: Values): readonly Group[] {
  const text = textOf(values, 'group-by') ?? GROUPS.slice(0, 3).join(',')
  const asked = [...new Set(text.split(','))]
  return asked.map(name => {
    const group = GROUPS.find(one => one === name)
    if (group) return group
    throw new Refusal('usage', `nothing is grouped by '${name}'`, '--group-by', GROUPS.join(', '))
  })
}

function say(call: Call, groups: readonly Group[], rows: readonly ReportRow[]): void {
  const cells = rows.map(({ group, trades, ...money }) => [
    ...groups.map(name => group[name] ?? ''),
    `${trades}`,
    ...[money.net_pnl_usd, money.gross_pnl_usd, money.turnover_usd].map(dollars),
  ])
  const heading = [...groups, 'trades', 'net_pnl_usd', 'gross_pnl_usd', 'turnover_usd']
  for (const line of tableOf([heading, ...cells])) call.say(line)
}
