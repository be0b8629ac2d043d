import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isoOf } from '#projections/iso.js'
import { polarisWarm as polaris } from './helpers/cli.js'

const dir = t.testdir()
const runs = join(dir, 'runs')
mkdirSync(runs)
const mixed = join(runs, 'mixed')
polaris('run', '--source', 'sim:mixed/6000', '--seed', '9', '--out', mixed)
const ask = (...words: readonly string[]) =>
  polaris('arb-replay', '--runs-dir', runs, ...words, '--json')
type Row = Record<string, number | string>
const rowsOf = (json: Record<string, unknown>): Row[] => json['strategies'] as Row[]
const summary = polaris('arb-summary', mixed, '--json').json as {
  by_strategy: Row[]
  totals: Row
  window: Row
}

t.test('flaw: a replay passes no gate', async t => {
  const { json } = ask(mixed)
  t.equal(json['net_pnl'], summary.totals['net_pnl_usd'], 'the engine again, so the same profit')
  for (const row of rowsOf(json)) {
    const was = summary.by_strategy.find(of => of['strategy_code'] === row['strategy_code'])!
    for (const name of ['trades', 'wins', 'losses', 'net_pnl_usd', 'turnover_usd'])
      t.equal(row[name], was[name], `${row['strategy_code'] ?? ''} ${name}`)
    t.equal(row['signals'], was['signals_found'])
  }
})

t.test('flaw: the wins of a replay count what earned nothing', async t => {
  const rows = rowsOf(ask(mixed).json)
  const sum = (name: string): number => rows.reduce((all, row) => all + Number(row[name]), 0)
  t.ok(sum('trades') > sum('wins') + sum('losses'), 'what is held has earned nothing yet')
})

t.test('in full it is a run of its own that says the same', async t => {
  const { json } = ask(mixed, '--full', '--out', join(runs, 'again'))
  t.same(rowsOf(json), rowsOf(ask(mixed).json))
  t.same(json['runDirs'], [join(runs, 'again')])
  t.match(polaris('replay', join(runs, 'again'), '--verify', '--json').json, { identical: true })
})

t.test('only a stretch is traded, and its books are whole', async t => {
  const [first, last] = ['start_at', 'end_at'].map(
    name => Date.parse(String(summary.window[name])) * 1_000,
  )
  const middle = isoOf(Math.floor((first! + last!) / 2))
  const [early, late] = [ask(mixed, '--end', middle), ask(mixed, '--start', middle)]
  const signals = (of: typeof early): number =>
    rowsOf(of.json).reduce((sum, row) => sum + Number(row['signals']), 0)
  t.ok(signals(early) > 0 && signals(late) > 0)
  t.ok(signals(early) + signals(late) <= Number(summary.totals['signals_found']) + 3)
  t.equal(ask(mixed, '--start', '2126-01-01T00:00:00Z').code, 1, 'nothing lies there')
  t.match(ask(mixed, '--start', '2026-01-01T00:00:00').json, { error: { where: '--start' } })
  t.match(ask(mixed, '--start', middle, '--end', '2000-01-01T00:00:00Z').json, {
    error: { where: '--end' },
  })
})
