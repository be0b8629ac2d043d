import t from 'tap'
import { RunFactsFold } from '../arb/run-facts.js'
import { eventful } from '../testing/eventful.js'
import { World } from '../world.js'
import { arbReport } from './arb-report.js'
import { arbSummary, percentile } from './arb-summary.js'
import { windowOf } from './arb-window.js'

const story = eventful([])
const [world, fold] = [new World(), new RunFactsFold()]
for (const row of story.rows) {
  world.take(row)
  fold.take(row, world)
}
const runs = [{ facts: fold.facts(world), forgottenUs: Infinity }]
const window = windowOf(runs, undefined)
const said = arbSummary(runs, { window, model: 'realised' })

t.test('a percentile lies between its neighbours', async t => {
  t.equal(percentile([], 50), 0)
  t.equal(percentile([7], 95), 7)
  t.equal(percentile([0, 10], 50), 5)
  t.equal(percentile([0, 10, 20, 30, 40], 95), 38)
})

t.test('the summary balances with fills, cash and positions of the engine', async t => {
  const { exposure } = story.loop.state
  const { balance, totals } = said
  const { cash_usd, positions_at_cost_usd, deposits_usd, adopted_usd, realised_usd } = balance
  t.equal(cash_usd, exposure.cash)
  t.equal(cash_usd + positions_at_cost_usd, deposits_usd + adopted_usd + realised_usd)
  t.equal(totals.net_pnl_usd, realised_usd)
  t.equal(totals.gross_pnl_usd - totals.fees_usd, totals.net_pnl_usd)
  const fills = story.all('OrderFilled')
  t.equal(
    totals.turnover_usd,
    fills.reduce((sum, { cash }) => sum + Math.abs(cash), 0),
  )
  t.equal(totals.fees_paid_usd, exposure.fees)
})

t.test('every signal is counted once, and rates are what they say', async t => {
  const { totals: of } = said
  t.equal(of.signals_found, story.all('SignalRaised').length)
  const parts = of.signals_executed + of.signals_rejected + of.signals_expired + of.signals_new
  t.equal(parts, of.signals_found)
  t.equal(of.win_rate, Math.floor((of.wins * 1e6) / of.trades) / 1e6)
  t.equal(of.trade_conversion_rate, Math.floor((of.trades * 1e6) / of.signals_executed) / 1e6)
  t.ok(of.trades < of.signals_executed, 'an attempt that bought nothing is no trade')
  const risk = said.risk_top.reduce((sum, { events }) => sum + events, 0)
  t.ok(risk >= story.all('IntentRefused').length)
})

t.test('by strategy and by day the sums are those of the totals', async t => {
  const sum = (name: 'net_pnl_usd' | 'trades' | 'turnover_usd'): number =>
    said.by_strategy.reduce((all, row) => all + row[name], 0)
  const rows = arbReport(runs, { window, model: 'realised', groups: ['strategy', 'day'] })
  for (const name of ['net_pnl_usd', 'trades', 'turnover_usd'] as const) {
    t.equal(sum(name), said.totals[name], name)
    t.equal(
      rows.reduce((all, row) => all + row[name], 0),
      said.totals[name],
      `${name} by day`,
    )
  }
})

t.test('the models of the earlier system look at the entry alone', async t => {
  const by = (model: 'entry_only' | 'mark_to_book' | 'hybrid') =>
    arbSummary(runs, { window, model }).totals
  t.equal(by('entry_only').gross_pnl_usd, 0)
  t.equal(by('entry_only').wins, 0, 'the model books nothing at entry')
  t.ok(said.totals.wins + said.totals.losses > 0, 'what was realised says something')
  t.ok(by('mark_to_book').net_pnl_usd < 0, 'selling at once costs the spread')
  t.equal(by('mark_to_book').net_pnl_usd, said.totals.mark_to_book_net_pnl_usd)
})

t.test('what is forgotten, or before the window, is in no report', async t => {
  const [{ facts }] = runs as [(typeof runs)[0]]
  const none = arbSummary([{ facts, forgottenUs: 0 }], { window, model: 'realised' })
  t.match(none.totals, {
    signals_found: 0,
    trades: 0,
    turnover_usd: 0,
    win_rate: 0,
    first_signal_at: null,
  })
  const half = facts.signals[Math.floor(facts.signals.length / 2)]!.tUs
  const later = arbSummary(runs, { window: { ...window, fromUs: half }, model: 'realised' })
  const before = facts.signals.filter(({ tUs }) => tUs < half).length
  t.equal(later.totals.signals_found, facts.signals.length - before)
})
