import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { defaults } from '#schemas/config.js'
import { Refusal } from '#cli/command.js'
import { KEYS, loadConfig } from '#cli/config.js'
import { adoptSecrets, oldSettings, oldSettingsMarkdown } from '#cli/old-settings/read.js'
import { OLD_SETTINGS } from '#cli/old-settings/table.js'
import { polaris, polarisWarm, polarisWith, ROOT } from './helpers/cli.js'

const dir = t.testdir()
const MANUAL = resolve(ROOT, '..', 'shared', 'reference', 'seeds', '000_c9d055696374c714.txt')
const load = (env: NodeJS.ProcessEnv) => loadConfig({}, env)
const arb = (name: string, value: string) => ({ [`POLARIS_ARB_${name}`]: value })

/** What was expected where a configuration is refused. */
function expectedBy(env: NodeJS.ProcessEnv): string {
  try {
    load(env)
  } catch (error) {
    if (error instanceof Refusal) return error.expected
  }
  return 'it was taken'
}

t.test(
  'every setting that the manual names is in the table',
  {
    skip: existsSync(MANUAL) ? false : 'the manual is not beside the clone',
  },
  async t => {
    const names = new Set(readFileSync(MANUAL, 'utf8').match(/POLARIS_[A-Z0-9_]+/g))
    t.ok(names.size > 20)
    t.same(
      [...names].filter(name => !Object.hasOwn(OLD_SETTINGS, name.replace('POLARIS_', ''))),
      [],
    )
  },
)

t.test('every setting names a key that is there, or says why there is none', async t => {
  for (const [name, setting] of Object.entries(OLD_SETTINGS))
    if ('key' in setting) t.ok(Object.hasOwn(KEYS, setting.key), name)
    else if ('why' in setting) t.ok(setting.why.length > 10, name)
})

t.test('units are converted exactly', async t => {
  const env = {
    ...arb('SINGLE_RISK_USD', '2.5'),
    ...arb('PAPER_INITIAL_BANKROLL_USD', '10.0000'),
    ...arb('A_MIN_EDGE_PCT', '0.0151'),
    ...arb('UNIVERSE_REFRESH_SEC', '180'),
    ...arb('F_MAX_HOURS_TO_RESOLVE', '0.5'),
    ...arb('UNIVERSE_MAX_HOURS', '72.0'),
    ...arb('STRATEGY_HEALTH_MIN_WIN_RATE', '0.35'),
    ...arb('PAPER_SPLIT_BY_STRATEGY', 'True'),
    POLARIS_CLOB_WS_BOOK_MAX_AGE_SEC: '2.5',
    POLARIS_CLOB_WS_URL: 'wss://localhost/ws',
  }
  const { config, sources } = load(env)
  t.equal(config.risk.signal_notional_max_micro, 2_500_000)
  t.equal(config.risk.bankroll_micro, 10_000_000)
  t.equal(config.basket.min_edge_bps, 151)
  t.equal(config.feed.refresh_ms, 180_000)
  t.equal(config.bond.horizon_max_ms, 1_800_000)
  t.equal(config.universe.hours_max, 72)
  t.equal(config.risk.health_win_min_bps, 3_500)
  t.equal(config.risk.scope, 'instance')
  t.equal(config.risk.book_age_max_ms, 2_500)
  t.equal(config.venue.channel, 'wss://localhost/ws')
  t.equal(sources['basket.min_edge_bps'], 'env')
})

t.test(
  'a value that does not convert exactly, or at all, is refused with what was expected',
  async t => {
    const refused = [
      ['SINGLE_RISK_USD', '0.0000001', /at most six decimals/],
      ['A_MIN_EDGE_PCT', '0.01234', /at most four decimals/],
      ['UNIVERSE_MAX_HOURS', '1.5', /whole hours/],
      ['SINGLE_RISK_USD', 'two', /dollars/],
      ['SINGLE_RISK_USD', '1e3', /dollars/],
      ['SINGLE_RISK_USD', '-1', /whole number ≥ 0/],
      ['SAFE_ARBITRAGE_ONLY', 'maybe', /true or false/],
      ['LIVE_ORDER_TYPE', 'GTC', /FAK/],
      ['RUST_BRIDGE_MODE', 'thread', /daemon/],
    ] as const
    for (const [name, value, expected] of refused)
      t.match(expectedBy(arb(name, value)), expected, `${name}=${value}`)
  },
)

t.test('what says nothing here is told with the reason, and changes nothing', async t => {
  const { config, remarks = [] } = load({
    ...arb('SCAN_INTERVAL_SEC', '20'),
    ...arb('OPENAI_API_KEY', 'sk-not-to-be-seen'),
    POLARIS_CLOB_HTTP2_ENABLED: 'true',
  })
  t.same(config, defaults())
  t.equal(remarks.length, 3)
  t.match(
    remarks.join('\n'),
    /POLARIS_ARB_SCAN_INTERVAL_SEC says nothing here: there are no cycles/,
  )
  t.notMatch(remarks.join('\n'), /not-to-be-seen/)
  t.same(
    oldSettings({ ...arb('SINGLE_RISK_USD', '') }),
    { said: [], remarks: [] },
    'empty is unset',
  )
})

t.test('a setting that never was is refused with the nearest', async t => {
  t.match(expectedBy(arb('SINGEL_RISK_USD', '2')), /POLARIS_ARB_SINGLE_RISK_USD\?/)
  const said = polarisWith(arb('SINGEL_RISK_USD', '2'), 'config', '--json')
  t.equal(said.code, 2)
  t.match(said.json, { error: { where: 'POLARIS_ARB_SINGEL_RISK_USD' } })
})

t.test('old and new variables may say the same, and not different things', async t => {
  const both = (value: string) => ({
    ...arb('SINGLE_RISK_USD', '2'),
    POLARIS_RISK_SIGNAL_NOTIONAL_MAX_MICRO: value,
  })
  t.equal(load(both('2000000')).config.risk.signal_notional_max_micro, 2_000_000)
  t.throws(() => load(both('3000000')), {
    message: /SINGLE_RISK_USD makes risk\.signal_notional_max_micro 2000000, and .* 3000000/,
  })
})

t.test('switches and their order say which strategies run', async t => {
  const names = (env: NodeJS.ProcessEnv) => load(env).config.strategy.names
  t.same(names(arb('ENABLE_STRATEGY_F', 'true')), ['basket', 'parity', 'bond'])
  t.same(names(arb('ENABLE_STRATEGY_A', 'false')), ['parity'])
  t.same(names({ ...arb('ENABLE_STRATEGY_G', '1'), ...arb('STRATEGY_PRIORITY', 'G,B,A') }), [
    'tail',
    'parity',
    'basket',
  ])
  t.throws(() => load(arb('STRATEGY_PRIORITY', 'A,X')), { message: /'X' is no strategy/ })
})

t.test('the bridge says which backend serves', async t => {
  const backend = (on: string, mode = '') =>
    load({ ...arb('RUST_BRIDGE_ENABLED', on), ...arb('RUST_BRIDGE_MODE', mode) }).config.run.backend
  t.equal(backend('false', 'daemon'), 'ts')
  t.equal(backend('true'), 'daemon')
  t.equal(backend('true', 'subprocess'), 'subprocess')
  t.equal(backend('true', 'pyo3'), 'native')
  const { config, remarks } = load(arb('RUST_BRIDGE_MODE', 'daemon'))
  t.equal(config.run.backend, 'auto')
  t.match(remarks, [/RUST_BRIDGE_ENABLED is not set/])
})

t.test(
  'a file of variables is read where it is named, and its secrets are never printed',
  async t => {
    const file = join(dir, 'old.env')
    const key = `0x${'ab'.repeat(32)}`
    writeFileSync(
      file,
      `# old\nPOLARIS_ARB_SINGLE_RISK_USD=2\nOTHER=1\nPOLARIS_ARB_LIVE_PRIVATE_KEY=${key}\n`,
    )
    const words = ['config', '--env-file', file, '--json']
    const said = polaris(...words)
    t.match(said.json, { config: { risk: { signal_notional_max_micro: 2_000_000 } } })
    t.notMatch(said.out + said.err, /abab/)
    const stronger = polarisWith(arb('SINGLE_RISK_USD', '3'), ...words)
    t.match(stronger.json, { config: { risk: { signal_notional_max_micro: 3_000_000 } } })
    const two = polarisWith({ POLARIS_PRIVATE_KEY: `0x${'cd'.repeat(32)}` }, ...words)
    t.equal(two.code, 2)
    t.match(two.json, { error: { message: 'there are two keys' } })
    t.notMatch(two.out + two.err, /abab|cdcd/)
    // In a process of its own Node 20 looks for the file first, and says 9.
    t.equal(polarisWarm('config', '--env-file', join(dir, 'none')).code, 2)
  },
)

t.test('the key of the earlier system is the key, and gone from its old name', async t => {
  const env: NodeJS.ProcessEnv = { ...arb('LIVE_PRIVATE_KEY', 'k') }
  adoptSecrets(env)
  t.same(env, { POLARIS_PRIVATE_KEY: 'k' })
})

t.test('docs/settings.md says what the table says', async t => {
  const page = readFileSync(join(ROOT, 'docs', 'settings.md'), 'utf8')
  const tabled = page.split('<!-- settings:')[1]?.split('<!-- end of settings -->')[0] ?? ''
  const flat = (text: string) => text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---')
  t.ok(flat(tabled).includes(flat(oldSettingsMarkdown())), 'npm run docs writes it')
})
