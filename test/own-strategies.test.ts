import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { defaults } from '#schemas/config.js'
import { Reload } from '#cli/reload.js'
import { loadConfig } from '#cli/config.js'
import { polarisWarm as polaris, polarisWith, starting } from './helpers/cli.js'
import { ownRule } from './helpers/own-rule.js'

const dir = t.testdir()
const { file, source, changed, mine, runs, MARKET } = ownRule(dir)
const one = join(dir, 'one')

t.test('a strategy from a file trades, and the run keeps it', async t => {
  const said = polaris('run', ...MARKET, '--out', one, ...mine(), '--json')
  t.equal(said.code, 0, said.err)
  t.match(said.err, /my-rule\.1@[0-9a-f]{16} is new here: it is checked before it may trade/)
  const again = polaris('run', ...MARKET, '--out', join(dir, 'two'), ...mine(), '--json')
  t.notMatch(again.err, /is new here/, 'once is enough')
  t.equal(again.json['head'], said.json['head'])
  t.equal(readFileSync(join(one, 'strategies', 'my-rule.ts'), 'utf8'), source)
  const start = readFileSync(join(one, 'events-000001.jsonl'), 'utf8').split('\n')[1] ?? ''
  t.match(
    start,
    /"instances":\[{"id":"my-rule","strategy":"my-rule","scope":"shared","code":"my-rule\.1@[0-9a-f]{16}"}\]/,
  )
  t.notMatch(start, /my-rule\.ts/, 'no path of a machine stands in the log')
  t.ok((polaris('summary', one, '--json').json['fills'] as number) > 0)
})

t.test('a run is replayed wherever it lies, without the file that it was started with', async t => {
  const moved = join(dir, 'elsewhere', 'one')
  cpSync(one, moved, { recursive: true })
  t.match(polaris('replay', moved, '--verify', '--json').json, { identical: true })
  t.match(polaris('replay', moved, '--until', '9000', '--json').json, { identical: true })
  const kept = join(moved, 'strategies', 'my-rule.ts')
  const other = source.replace('bought.add(market)', 'bought.add(market + 1)')
  writeFileSync(kept, other)
  const refused = polaris('replay', moved, '--verify', '--json')
  t.equal(refused.code, 2)
  t.match(refused.json, { error: { code: 'other-code', where: kept } })
  t.match(
    refused.err,
    /made by my-rule\.1@[0-9a-f]{16}, and this file gives my-rule\.1@[0-9a-f]{16}/,
  )
  const named = ['--set', `code.strategies=["${file}"]`]
  t.match(polaris('replay', moved, '--verify', ...named, '--json').json, { identical: true })
  writeFileSync(kept, source.replace('// The cheap test', '// Another word'))
  t.equal(polaris('replay', moved, '--verify').code, 0, 'comments and types are no code')
  rmSync(join(moved, 'strategies'), { recursive: true })
  const missing = polaris('replay', moved, '--verify', '--json')
  t.match(missing.json, { error: { code: 'no-code', where: kept } })
  t.equal(missing.code, 2)
})

t.test('code that a run brings along runs only where its user has named it', async t => {
  const foreign = join(dir, 'from-somebody')
  cpSync(one, foreign, { recursive: true })
  const kept = join(foreign, 'strategies', 'my-rule.ts')
  const stranger = { POLARIS_STATE_DIR: join(dir, 'stranger') }
  for (const words of [
    ['replay', foreign, '--verify'],
    ['what-if', foreign, '--out', join(dir, 'never')],
    ['sweep', foreign, '--vary', 'my-rule.price_max=3000'],
    ['check-lookahead', foreign],
    ['run', '--resume', foreign],
  ]) {
    const said = polarisWith(stranger, ...words, '--json')
    t.equal(said.code, 2, words.join(' '))
    const isSealed = words[0] === 'run'
    t.match(said.json, { error: isSealed ? {} : { code: 'foreign-code', where: kept } })
  }
  t.match(polarisWith(stranger, 'verify', foreign, '--json').json, { status: 'intact' })
  const named = ['--set', `code.strategies=["${kept}"]`, '--json']
  const read = polarisWith(stranger, 'replay', foreign, '--verify', ...named)
  t.match(read.json, { identical: true }, 'once it is read it is named')
  const later = polarisWith(stranger, 'replay', foreign, '--verify', '--json')
  t.match(later.json, { identical: true }, 'and known from then on')
})

t.test('what-if, sweep and check-lookahead take the code from the run', async t => {
  const set = ['--set', 'my-rule.price_max=4000', ...runs]
  const what = polaris('what-if', one, ...set, '--out', join(dir, 'what-if'), '--json')
  t.equal(what.code, 1, what.err)
  const { pnlMicro } = what.json as { pnlMicro: { before: number; after: number } }
  const axis = ['--vary', 'my-rule.price_max=3000,4000', ...runs, '--json']
  const rowsOf = (workers: string) => {
    const { json } = polaris('sweep', one, ...axis, '--workers', workers)
    type Row = { summary: { pnlMicro: { realised: number; open: number } } }
    return (json['rows'] as Row[]).map(({ summary: { pnlMicro: of } }) => of.realised + of.open)
  }
  t.same(rowsOf('1'), [pnlMicro.before, pnlMicro.after])
  t.same(rowsOf('2'), rowsOf('1'), 'threads have it too')
  t.match(polaris('check-lookahead', one, '--cuts', '3', '--json').json, { isClean: true })
  t.match(polaris('replay', join(dir, 'what-if'), '--verify', '--json').json, { identical: true })
  const newer = changed('newer.ts', ['limit: params.price_max', 'limit: params.price_max - 500'])
  const other = ['--set', `code.strategies=["${newer}"]`, '--out', join(dir, 'newer'), ...runs]
  t.equal(polaris('what-if', one, ...other).code, 1, 'other code is what one may ask about')
})

t.test('a parameter is checked as a key is', async t => {
  const said = (pair: string) => polaris('config', ...mine(), '--set', pair, '--json')
  t.match(
    said('my-rule.price_mx=1').err,
    /my-rule has no parameter 'price_mx'[^]*did you mean my-rule\.price_max\?/,
  )
  t.match(said('my-rule.price_max=1.5').err, /my-rule\.price_max is 1\.5[^]*whole number 0 … 10000/)
  const toml = join(dir, 'polaris.toml')
  writeFileSync(
    toml,
    '[code]\nstrategies = ["my-rule.ts"]\n[strategy]\nnames = ["my-rule", "parity"]\n[my-rule]\nsize_micro = 5_000_000\n',
  )
  const { config } = loadConfig({ config: toml }, {})
  t.same(config.strategy.names, ['parity'])
  t.same(config.strategy.instances, [
    { id: 'my-rule', strategy: 'my-rule', params: { size_micro: 5_000_000 } },
  ])
  t.same(config.code.strategies, [file], 'from the folder of the file that names it')
})

t.test('a killed run goes on with the code that it keeps, and no other', async t => {
  const out = join(dir, 'killed')
  const words = ['--set', 'log.checkpoint_events=2000', ...mine()]
  const child = starting(
    'run',
    '--source',
    'sim:mixed/400000',
    '--seed',
    '9',
    '--out',
    out,
    '--acks',
    '--json',
    ...words,
  )
  await new Promise<void>(resolve => {
    child.stdout?.on('data', (text: Buffer) => {
      if (/"acked":\d{5}/.test(text.toString())) resolve()
    })
  })
  child.kill('SIGKILL')
  await new Promise(resolve => child.once('close', resolve))
  t.ok(readdirSync(join(out, 'checkpoints')).length > 0)
  const newer = changed('resumed.ts', ['limit: params.price_max', 'limit: params.price_max - 500'])
  const refused = polaris('run', '--resume', out, '--set', `code.strategies=["${newer}"]`, '--json')
  t.match(refused.json, { error: { code: 'other-code' } })
  const resumed = polarisWith({}, 'run', '--resume', out, '--json')
  t.equal(resumed.code, 0, resumed.err)
  t.match(resumed.err, /resumed behind \d+, the last \d+ events replayed/, 'from its checkpoint')
  t.match(polaris('replay', out, '--verify', '--json').json, { identical: true })
})

t.test('a configuration that is read anew brings no other code into a run', async t => {
  const of = join(dir, 'reload.ts')
  writeFileSync(of, source)
  const toml = join(dir, 'reload.toml')
  const says = (names: string): void => {
    writeFileSync(toml, `[code]\nstrategies = ["reload.ts"]\n[strategy]\nnames = [${names}]\n`)
  }
  says('"my-rule"')
  const values = { config: toml }
  const reload = new Reload(values, 'polymarket', loadConfig(values, {}).config)
  says('"my-rule", "parity"')
  t.equal((await reload.next('test'))?.type, 'ConfigChanged')
  writeFileSync(of, source.replace('bought.add(market)', 'bought.add(-market)'))
  await t.rejects(reload.next('test'), {
    code: 'other-code',
    message: /did not begin with my-rule\.1@.*, but with/,
  })
  const bare = new Reload(values, 'polymarket', defaults())
  await t.rejects(bare.next('test'), { code: 'other-code' })
})
