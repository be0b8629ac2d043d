import { join } from 'node:path'
import t from 'tap'
import { polarisWarm as polaris } from './helpers/cli.js'

const dir = t.testdir()
/** Event time; two hours with `POLARIS_MATRIX=2h`. */
const LENGTH = process.env['POLARIS_MATRIX'] ?? '15m'
const NAMES = ['parity', 'basket', 'conversion', 'bond', 'tail', 'quoting']

/** What came in and went out, by the log alone, and what the views make of it: all in 1e-6 dollar. */
const BALANCE = `SELECT
  (SELECT coalesce(sum(cash_micro - fee_micro), 0) FROM fills)
  + (SELECT coalesce(sum(cash_micro - gas_micro), 0) FROM positions_converted)
  - (SELECT coalesce(sum(gas_micro), 0) FROM conversions_failed)
  + (SELECT coalesce(sum(payout_micro), 0) FROM positions_settled) AS moved,
  (SELECT coalesce(sum(cost_micro), 0) FROM positions WHERE qty_micro <> 0) AS held_at_cost,
  (SELECT realised_micro FROM pnl WHERE strategy = '*') AS realised,
  (SELECT sum(fee_micro) FROM fills) AS fees,
  (SELECT count(*) FROM positions_converted) AS conversions,
  (SELECT count(DISTINCT coalesce(scope, 'shared')) FROM fills) AS purses`

for (const scope of ['shared', 'instance'])
  t.test(`a paper run of every strategy balances to the micro dollar: purses ${scope}`, async t => {
    const run = join(dir, scope)
    const rules = [
      '--set',
      `strategy.names=${JSON.stringify(NAMES)}`,
      '--set',
      'strategy.safe_only=false',
    ]
    const purses = ['--set', `risk.scope="${scope}"`, '--set', 'conversion.min_edge_bps=-200']
    const made = polaris(
      'run',
      '--source',
      `sim:mixed/${LENGTH}`,
      ...rules,
      ...purses,
      '--out',
      run,
    )
    t.equal(made.code, 0, made.err)
    const { json } = polaris('sql', run, BALANCE, '--json')
    const [row = []] = json['rows'] as (string | number)[][]
    const [moved, held, realised, fees, conversions, scopes] = row.map(Number)
    t.equal(
      moved! + held!,
      realised,
      `${moved} moved and ${held} held at cost are ${realised} realised`,
    )
    const said = polaris('summary', run, '--json').json as {
      pnlMicro: { realised: number; fees: number }
    }
    t.equal(said.pnlMicro.realised, realised)
    t.equal(said.pnlMicro.fees, fees)
    t.ok(conversions! > 2, `${conversions} conversions and merges`)
    t.equal(scopes! > 1, scope === 'instance', `${scopes} purses traded`)
    t.equal(polaris('replay', run, '--verify', '--json').json['identical'], true)
  })
