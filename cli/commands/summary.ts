import { summary, type Summary } from '#projections/summary.js'
import { wordOf, type Call, type Command } from '../command.js'
import { dollars, sharesText } from '../format/money.js'
import { tableOf } from '../format/table.js'
import { rowsOf, runDirOf } from '../runs.js'

const USAGE = 'summary DIR'

/** `polaris summary`: what a trader wants to know of a run first. */
export const summaryCommand: Command = {
  name: 'summary',
  summary: 'signals, orders, fills and profit of a run, and why signals were not traded',
  usage: USAGE,
  example: 'summary runs/demo',
  options: {},
  help: {},
  run: async call => {
    const view = await summarise(runDirOf(wordOf(call, 0, 'DIR', USAGE), call.values))
    sayTotals(call, view)
    return { code: 0, json: view }
  },
}

/** The summary of a run, folded from its log. */
export async function summarise(dir: string): Promise<Summary> {
  let state = summary.initialState()
  for await (const rows of rowsOf(dir)) for (const row of rows) state = summary.evolve(state, row)
  return summary.view(state)
}

/** The summary as a trader reads it. */
export function sayTotals(call: Call, view: Summary): void {
  const { pnlMicro: pnl } = view
  const reasons = Object.entries(view.byReason).map(([reason, count]) => `${count} × ${reason}`)
  const minutes = (view.durationUs / 60_000_000).toFixed(1)
  call.say(
    `${view.mode} on ${view.source}, ${minutes} min, ${view.inputs} inputs, ${view.decisions} decisions`,
  )
  call.say(
    `signals  ${view.signals}, of which ${view.dropped} not traded${reasons.length ? `: ${reasons.join(', ')}` : ''}`,
  )
  call.say(
    `orders   ${view.orders}, fills ${view.fills}, complete sets ${sharesText(view.setsMicro)}`,
  )
  call.say(
    `profit   realised ${dollars(pnl.realised)}, open ${dollars(pnl.open)}, fees ${dollars(pnl.fees)} (in both)`,
  )
  call.say(`stopped  ${view.hardStop ?? 'no'}`)
  for (const [gate, why] of Object.entries(view.gates)) call.say(`closed   ${gate}: ${why}`)
  const strategies = Object.entries(view.byStrategy).map(([name, of]) => ({ label: name, ...of }))
  const markets = [...strategies, ...Object.values(view.byMarket)]
  if (markets.length === 0) return
  const rows = markets.map(
    ({ label, signals, orders, fills, sets, pnlMicro: { realised, open } }) => [
      label.slice(0, 44),
      `${signals}`,
      `${orders}`,
      `${fills}`,
      sharesText(sets),
      dollars(realised),
      dollars(open),
    ],
  )
  call.say('')
  for (const line of tableOf([
    ['strategy, market', 'signals', 'orders', 'fills', 'sets', 'realised', 'open'],
    ...rows,
  ]))
    call.say(line)
}
