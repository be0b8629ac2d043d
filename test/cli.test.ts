import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { polarisWarm as polaris, ROOT, starting } from './helpers/cli.js'

const dir = t.testdir()
const demo = join(dir, 'demo')
const made = polaris('demo', '--out', demo, '--json')
const head = String(made.json['head'])
/** What the demo tells people. */
const told = polaris('demo', '--out', join(dir, 'demo-told')).out

t.test('the demo trades, and a second process proves it', async t => {
  t.equal(made.code, 0)
  t.match(made.json, { replay: { identical: true }, verify: { status: 'intact', sealed: true } })
  const { summary } = made.json as { summary: { signals: number; fills: number } }
  t.ok(summary.signals > 0 && summary.fills > 0)
  t.ok(
    readFileSync(join(ROOT, 'README.md'), 'utf8').includes(head),
    'its head stands in the README',
  )
})

t.test('the head does not depend on how the log is kept, or on the name of the run', async t => {
  const ways = [
    ['--durability', 'none'],
    ['--durability', 'interval', '--set', 'log.commit_events=7'],
    ['--set', 'log.commit_events=1', '--durability', 'none', '--set', 'log.commit_ms=1'],
    ['--set', 'log.commit_events=100000'],
  ]
  for (const [k, way] of ways.entries()) {
    const said = polaris(
      'run',
      '--source',
      'sim:mixed',
      '--seed',
      '9',
      ...way,
      '--out',
      join(dir, `way${k}`),
      '--json',
    )
    t.equal(said.json['head'], head, way.join(' '))
  }
})

t.test('an interrupted run ends sealed, and says 130', async t => {
  const out = join(dir, 'interrupted')
  const child = starting('run', '--source', 'sim:parity/2000000', '--out', out, '--acks', '--json')
  await new Promise(resolve => child.stdout?.once('data', resolve))
  child.kill('SIGINT')
  t.equal(await new Promise(resolve => child.once('close', resolve)), 130)
  t.match(polaris('verify', out, '--json').json, { status: 'intact', sealed: true })
  t.equal(polaris('replay', out, '--verify').code, 0)
})

t.test('a run of a run, under another configuration, keeps its feed and its ids', async t => {
  const out = join(dir, 'again')
  const said = polaris('run', '--source', demo, '--out', out, '--json')
  t.equal(said.code, 0)
  t.equal(polaris('replay', out, '--verify', '--json').json['identical'], true)
  const { signals } = polaris('summary', out, '--json').json as { signals: number }
  t.equal(signals, (made.json['summary'] as { signals: number }).signals)
  const strict = polaris(
    'run',
    '--source',
    demo,
    '--set',
    'parity.min_edge_bps=9000',
    '--set',
    'basket.min_edge_bps=9000',
    '--out',
    join(dir, 'strict'),
  )
  t.equal(strict.code, 0)
  t.match(polaris('summary', join(dir, 'strict'), '--json').json, { signals: 0, orders: 0 })
})

t.test('a shadow run records signals and sends no order', async t => {
  const out = join(dir, 'shadow')
  polaris('run', '--source', 'sim:parity', '--mode', 'shadow', '--out', out)
  const said = polaris('summary', out, '--json').json as {
    signals: number
    byReason: Record<string, number>
  }
  t.ok(said.signals > 0)
  t.match(said, { orders: 0 })
  t.ok(said.byReason['shadow-mode'])
})

t.test('nothing recorded is overwritten', async t => {
  const said = polaris('run', '--source', 'sim:parity', '--out', demo, '--json')
  t.equal(said.code, 2)
  t.match(said.json, { error: { code: 'exists', where: demo } })
})

t.test('book, runs, config and replay --until', async t => {
  const book = polaris('book', demo, '--at', '5000', '--depth', '2', '--json').json
  t.match(book, { seq: 5_000 })
  t.equal((book['books'] as unknown[]).length, 26)
  const runs = polaris('runs', '--runs-dir', dir, '--json').json as {
    runs: { runId: string; status: string }[]
  }
  t.ok(runs.runs.some(({ runId, status }) => runId === 'demo' && status === 'sealed'))
  const config = polaris('config', '--set', 'risk.open_max=5', '--json').json
  t.match(config, {
    config: { risk: { open_max: 5 } },
    sources: { 'risk.open_max': 'flag', 'risk.rejects_max': 'default' },
  })
  const until = polaris('replay', demo, '--until', '4000', '--json').json as { lastSeq: number }
  t.ok(until.lastSeq >= 3_990 && until.lastSeq <= 4_000)
})

t.test('explain: the chain of causes, the books, and what came of it', async t => {
  const { signals } = made.json['summary'] as { signals: number }
  t.ok(signals > 0)
  const said = polaris('explain', demo, 'seq:1', '--json')
  t.match(said.json, { chain: [{ seq: 1, type: 'RunStarted' }], children: [] })
  const signal = /One trade \((s\d+-\d+)\)/.exec(told)?.[1] ?? ''
  const why = polaris('explain', demo, `signal:${signal}`, '--json').json as {
    chain: { type: string }[]
    children: { type: string; data: Record<string, unknown> }[]
    book: unknown[]
  }
  t.equal(why.chain.at(-1)?.type, 'SignalRaised')
  t.match(why.chain[0]?.type, /^Book/)
  t.ok(why.children.some(({ type }) => type === 'LegsSettled'))
  t.equal(why.book.length, 4)
  const fired = why.children.find(({ type }) => type === 'OrderPlaced')?.data['order']
  const order = polaris('explain', demo, `order:${String(fired)}`, '--json').json as {
    chain: { type: string }[]
  }
  t.same(
    order.chain.slice(1, 3).map(({ type }) => type),
    ['SignalRaised', 'IntentApproved'],
  )
  t.match(polaris('explain', demo, 'signal:s1-9', '--json').json, { error: { code: 'not-found' } })
})

t.test('what the demo says to try next can be tried', async t => {
  const said = told.split('Try next:')[1] ?? ''
  const lines = said.split('\n').filter(line => line.includes('./polaris'))
  t.equal(lines.length, 3)
  for (const line of lines) {
    const from = line.indexOf('./polaris') + './polaris '.length
    const command = (line.slice(from).split(/ {2,}/)[0] ?? '').matchAll(/"([^"]*)"|(\S+)/g)
    const run = polaris(...[...command].map(([, quoted, plain]) => quoted ?? plain ?? ''))
    t.ok(run.code === 0 || run.code === 1, `${line}: ${run.err}`)
    t.not(run.out, '')
  }
})

t.test('what-if: nothing changes without a change, and what does is told in money', async t => {
  const same = polaris('what-if', demo, '--out', join(dir, 'same'), '--json')
  t.equal(same.code, 0)
  t.match(same.json, { changed: [], pnlMicro: { delta: 0 } })
  const other = polaris(
    'what-if',
    demo,
    '--set',
    'parity.min_edge_bps=300',
    '--out',
    join(dir, 'other'),
    '--json',
  )
  t.equal(other.code, 1)
  t.ok((other.json['changed'] as { kind: string }[]).some(({ kind }) => kind === 'disappears'))
  t.equal(polaris('replay', join(dir, 'other'), '--verify').code, 0)
})

t.test('bad input gets one clear error and exit 2', async t => {
  const refused = (...words: string[]) => {
    const said = polaris(...words, '--json')
    t.equal(said.code, 2, words.join(' '))
    return said.json['error'] as { code: string; message: string; where: string; expected: string }
  }
  t.match(refused('rnu'), { message: /Did you mean 'run'/ })
  t.match(refused('run'), { message: /--source is missing/ })
  t.match(refused('run', '--sorce', 'x'), { message: /Did you mean --source/ })
  t.match(refused('run', '--source', 'sim:paritty'), { expected: /parity-busy/ })
  t.match(refused('run', '--source', join(dir, 'nowhere')), { code: 'no-run' })
  t.match(refused('config', '--set', 'risk.open_mx=5'), { expected: /did you mean risk\.open_max/ })
  t.match(refused('config', '--set', 'risk.open_max="many"'), {
    message: /risk\.open_max is "many"/,
    expected: /whole number/,
  })
  t.match(refused('config', '--set', 'strategy.names=["partiy"]'), { expected: /parity/ })
  t.match(refused('import', 'tickscpe', 'x'), { expected: /tickscope/ })
  const nowhere = refused(
    'import',
    'tickscope',
    join(dir, 'nowhere.parquet'),
    '--out',
    join(dir, 'none'),
  )
  t.match(nowhere, { code: 'source' })
  t.notOk(existsSync(join(dir, 'none')), 'a run that recorded nothing leaves nothing behind')
  t.match(refused('verify', demo, '--head', 'xyz'), { where: '--head' })
  t.match(
    refused('run', '--source', 'sim:parity', '--mode', 'live', '--set', 'live.enabled=true'),
    { code: 'no-live' },
  )
  const toml = join(dir, 'bad.toml')
  writeFileSync(toml, '[risk]\nopen_max = = 3\n')
  t.match(refused('config', '--config', toml), { where: /bad\.toml:2/ })
})

t.test('RAZOR_MODE=live without live.enabled runs the simulator and says so', async t => {
  const said = polaris(
    'run',
    '--source',
    'sim:parity/500',
    '--mode',
    'live',
    '--out',
    join(dir, 'gate'),
  )
  t.equal(said.code, 0)
  t.match(said.err, /live\.enabled is false: the simulated exchange serves/)
})

t.test('verify', async t => {
  t.match(polaris('verify', demo, '--head', head, '--json').json, { status: 'intact', head })
  t.equal(polaris('verify', demo, '--head', 'f'.repeat(64)).code, 1)
  const empty = join(dir, 'no-log')
  mkdirSync(empty)
  const nothing = polaris('verify', empty, '--json')
  t.equal(nothing.code, 2)
  t.match(nothing.json, { status: 'unreadable', error: { code: 'unreadable', where: empty } })
  const changed = join(dir, 'changed')
  polaris('run', '--source', 'sim:parity/3000', '--out', changed)
  const [segment = ''] = readdirSync(changed).filter(name => name.startsWith('events-'))
  const file = join(changed, segment)
  const bytes = readFileSync(file)
  const at = bytes.indexOf('"d":[[', 40_000)
  bytes[at + 7] = bytes[at + 7] === 49 ? 50 : 49
  writeFileSync(file, bytes)
  const said = polaris('verify', changed, '--json')
  t.equal(said.code, 1)
  const line = bytes.subarray(0, at).toString('latin1').split('\n').length
  t.match(said.json, {
    status: 'damaged',
    firstBad: { file: segment, line, byte: bytes.lastIndexOf(10, at) + 1 },
  })
  t.equal(polaris('replay', changed, '--verify').code, 2, 'a damaged log is not replayed')
})

t.test('a run whose manifest is damaged is still listed', async t => {
  const runs = join(dir, 'listed')
  polaris('run', '--source', 'sim:parity/500', '--out', join(runs, 'one'))
  writeFileSync(join(runs, 'one', 'manifest.json'), '{')
  const listed = polaris('runs', '--runs-dir', runs, '--json').json as { runs: unknown[] }
  t.match(listed.runs, [{ runId: 'one', status: 'unknown' }])
})

t.test('a sealed run takes nothing more', async t => {
  t.match(polaris('run', '--resume', demo, '--json').json, { error: { code: 'sealed' } })
  const copy = join(dir, 'copy')
  polaris('run', '--source', 'sim:parity/1000', '--out', copy)
  const [segment = ''] = readdirSync(copy).filter(name => name.startsWith('events-'))
  appendFileSync(join(copy, segment), '{"n":9}\n')
  t.equal(polaris('verify', copy).code, 1)
})

t.test('a reader that goes away stops neither a run nor the exit code', async t => {
  const out = join(dir, 'unread')
  const child = starting('run', '--source', 'sim:parity/40000', '--out', out, '--acks', '--json')
  child.stdout?.once('data', () => child.stdout?.destroy())
  t.equal(await new Promise(resolve => child.once('close', resolve)), 0)
  t.match(polaris('verify', out, '--json').json, { status: 'intact', sealed: true })
})

t.test('help', async t => {
  t.equal(polaris('--help').code, 0)
  for (const verb of [
    'demo',
    'import',
    'run',
    'replay',
    'verify',
    'book',
    'summary',
    'runs',
    'config',
  ]) {
    const { code, out } = polaris(verb, '--help')
    t.equal(code, 0)
    t.match(out, new RegExp(`polaris ${verb}[^]*Example:[^]*Options:`))
  }
})
