import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '#cli/config.js'
import { findings, type Finding } from '#cli/doctor/finding.js'
import { tradeLooks } from '#cli/doctor/trades.js'
import { polaris, polarisWarm, polarisWith } from './helpers/cli.js'
import { ownRule } from './helpers/own-rule.js'

const dir = t.testdir()
/** The earlier system's defaults, in its own words. */
const EARLIER = {
  POLARIS_ARB_PAPER_INITIAL_BANKROLL_USD: '10',
  POLARIS_ARB_SINGLE_RISK_USD: '2',
  POLARIS_ARB_MAX_EXPOSURE_USD: '6',
  POLARIS_ARB_DAILY_STOP_LOSS_USD: '0.5',
}

async function found(
  set: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Map<string, Finding>> {
  const looks = tradeLooks(loadConfig({ set }, env).config)
  return new Map((await findings(looks)).map(of => [of.name, of]))
}

t.test('flaw: with the defaults of the earlier system no complete set ever fits', async t => {
  const said = await found([], EARLIER)
  for (const name of ['trades-parity', 'trades-basket']) {
    t.match(said.get(name), { status: 'fail', detail: /^can never fire: a set of 5 shares/ })
    t.match(said.get(name)?.detail, /risk\.signal_notional_max_micro at least \d+$/)
  }
  const market = ['--source', 'sim:parity-busy/40000', '--seed', '3', '--quiet']
  const small = join(dir, 'small')
  polarisWith(EARLIER, 'run', ...market, '--out', small)
  const { signals, orders } = polaris('summary', small, '--json').json
  t.ok(Number(signals) > 20, `${String(signals)} signals`)
  t.equal(orders, 0, 'and so it is')
})

t.test('what it says would let it does, and less does not', async t => {
  const least = Number(
    /at least (\d+)$/.exec((await found([], EARLIER)).get('trades-parity')?.detail ?? '')?.[1],
  )
  const at = (micro: number) => found([`risk.signal_notional_max_micro=${micro}`])
  t.equal((await at(least)).get('trades-parity')?.status, 'ok')
  t.match((await at(least - 1)).get('trades-parity'), {
    status: 'warn',
    detail: /only sets with an edge of \d+ bps or more fit/,
  })
  const market = ['--source', 'sim:parity-busy/40000', '--seed', '3', '--quiet']
  const words = [
    '--set',
    `risk.signal_notional_max_micro=${least}`,
    '--set',
    'parity.size_max_micro=5000000',
  ]
  polaris('run', ...market, ...words, '--out', join(dir, 'let'))
  t.ok(Number(polaris('summary', join(dir, 'let'), '--json').json['orders']) > 0)
})

t.test('every limit that is in the way is named', async t => {
  const said = await found([
    'risk.bankroll_micro=1000000',
    'risk.exposure_max_micro=1000000',
    'risk.global_exposure_max_micro=1000000',
  ])
  const { detail = '' } = said.get('trades-parity') ?? {}
  for (const key of ['bankroll_micro', 'exposure_max_micro', 'global_exposure_max_micro'])
    t.match(detail, new RegExp(`risk\\.${key} at least`))
  t.notMatch(detail, /signal_notional/)
  const own = 'strategy.instances=[{ id = "one", strategy = "parity", scope = "tiny" }]'
  const purse = await found([
    own,
    'strategy.names=["parity"]',
    'risk.scopes=[{ scope = "tiny", bankroll_micro = 100 }]',
  ])
  t.equal(purse.get('trades-parity')?.status, 'ok')
  t.match(purse.get('trades-one'), {
    status: 'fail',
    detail: /of its purse in risk\.scopes: bankroll_micro at least/,
  })
})

t.test('sizes, edges, prices and a world in which nothing can be', async t => {
  const refused = [
    ['parity.size_max_micro=4999999', /parity\.size_max_micro at least 5000000/],
    ['parity.min_edge_bps=10000', /parity\.min_edge_bps below 10000/],
    ['sim.reject_bps=10000', /sim\.reject_bps below 10000/],
  ] as const
  for (const [set, detail] of refused)
    t.match((await found([set])).get('trades-parity'), { status: 'fail', detail })
  t.match((await found(['parity.ttl_ms=100'])).get('trades-parity'), {
    status: 'warn',
    detail: /parity\.ttl_ms at least 160/,
  })
  const bond = ['strategy.names=["bond", "quoting"]', 'strategy.safe_only=false']
  t.equal((await found(bond)).get('trades-bond')?.status, 'ok')
  t.match((await found([...bond, 'bond.price_min=9960'])).get('trades-bond'), {
    status: 'fail',
    detail: /price_min below price_max/,
  })
  t.match((await found([...bond, 'risk.signal_notional_max_micro=4000000'])).get('trades-bond'), {
    status: 'fail',
  })
  t.match((await found([...bond, 'quoting.size_micro=4000000'])).get('trades-quoting'), {
    status: 'fail',
    detail: /can never quote/,
  })
})

t.test('what depends on the outcome is held back by safe mode', async t => {
  const said = (await found(['strategy.names=["bond"]'])).get('trades-bond')
  t.match(said, { status: 'warn', detail: /strategy\.safe_only = false, or --mode shadow/ })
  const { file, runs } = ownRule(dir)
  const set = [
    '--set',
    `code.strategies=["${file}"]`,
    '--set',
    'strategy.names=["my-rule"]',
    ...runs,
  ]
  const { json } = polarisWarm('doctor', ...set, '--json')
  t.match(
    (json['checks'] as Finding[]).find(({ name }) => name === 'trades-my-rule'),
    { status: 'warn' },
  )
})
