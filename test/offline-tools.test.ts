import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { marketSelectCommand } from '#cli/commands/market-select.js'
import { polarisWarm as polaris, polarisWith, ROOT, starting } from './helpers/cli.js'

const DATA = process.env['POLARIS_DATA'] ?? resolve(ROOT, '..', 'shared', 'data')
const GAME = join(DATA, 'polymarket-tickscope-stanleycup', 'polymarket_20260607_0130.parquet')
const RECORDINGS = [
  ['tickscope', GAME, 'stanley'],
  ['l2-snapshots', join(DATA, 'polymarket-l2-snapshots'), 'l2'],
] as const
const dir = t.testdir()
const demo = join(dir, 'demo')
polaris('demo', '--out', demo)
const strict = join(dir, 'demo-300')
polaris('run', '--source', demo, '--set', 'parity.min_edge_bps=300', '--out', strict)

/** What a page says that a command answers. */
const page = readFileSync(join(ROOT, 'docs', 'offline-tools.md'), 'utf8')
const shown = [...page.matchAll(/```\n\$ \.\/polaris ([^\n]*)\n([^]*?)\n?```/g)]
const ofRun = (name: string) => shown.filter(([, words = '']) => words.includes(`runs/${name}`))

/** Runs a command of the page on runs of this test, and answers as the page would have it. */
function asShown(words: string): string {
  const said = polaris(...words.split(' ').map(word => word.replace(/^runs(?=\/)/, dir)))
  return said.out.replaceAll(dir, 'runs').replace(/\n$/, '') || said.err
}

t.test('the page shows what the demo says', async t => {
  t.ok(ofRun('demo').length > 6)
  for (const [, words = '', answer] of ofRun('demo')) t.equal(asShown(words), answer, words)
})

for (const [kind, recording, name] of RECORDINGS) {
  const skip = existsSync(recording) ? false : `${name}: the recording is not beside the clone`
  t.test(`the page shows what a recording of ${kind} says`, { skip }, async t => {
    polaris('import', kind, recording, '--out', join(dir, name))
    t.ok(ofRun(name).length > 0)
    for (const [, words = '', answer] of ofRun(name)) t.equal(asShown(words), answer, words)
  })
}

t.test('day14-report: GO is 0, NO GO is 1, what it cannot read is 2', async t => {
  const out = join(dir, 'day14')
  const no = polaris('day14-report', demo, '--out', out, '--json')
  t.equal(no.code, 1)
  t.match(no.json, { go: false, rows: { total: 46, ok: 46 }, withoutFill: 43 })
  const report = readFileSync(join(out, 'report.json'), 'utf8')
  const sum = shadowRowsOf(demo).reduce((all, { pnl }) => all + pnl, 0)
  t.equal(no.json['totalPnlMicro'], sum, 'the sum of shadow_log.csv')
  const words = ['--min-total-pnl=-100', '--max-legging-share', '1']
  t.equal(polaris('day14-report', demo, '--out', out, ...words).code, 0)
  polaris('day14-report', demo, demo, '--out', out)
  t.equal(readFileSync(join(out, 'report.json'), 'utf8'), report, 'named twice, read once')
  t.equal(polaris('day14-report', join(dir, 'none')).code, 2)
  const odd = polaris('day14-report', demo, '--min-set-ratio', '1.5', '--json')
  t.match(odd.json, { error: { code: 'usage', where: '--min-set-ratio' } })
})

t.test('brain-sweep: a pass with the keys of a run signals what the run signalled', async t => {
  const run = join(dir, 'brain')
  const words = ['--mode', 'shadow', '--set', 'parity.min_edge_bps=120']
  polaris('run', '--source', 'sim:parity-busy/6000', '--seed', '3', '--out', run, ...words)
  const same = ['--min-edge', '40', '--premium', '80', '--cooldown', '30000']
  const { json, code } = polaris('brain-sweep', run, run, ...same, '--json')
  t.equal(code, 0)
  const firsts = shadowRowsOf(run).filter(({ notes }) => !/DEDUP_HIT/.test(notes))
  t.ok(firsts.length > 20)
  const totalPnlMicro = firsts.reduce((sum, { pnl }) => sum + pnl, 0)
  t.match(json['rows'], [{ signals: firsts.length, totalPnlMicro, leastEdge: 120 }])
  const ts = polaris('brain-sweep', run, ...same, '--backend', 'ts', '--json').json
  t.same(ts['rows'], json['rows'], 'by either fold')
  const all = polaris('brain-sweep', run, '--json', '--out', join(dir, 'brain.csv')).json
  t.equal((all['rows'] as unknown[]).length, 36)
  t.equal(all['passes'], 24, 'edges and premiums with one sum are one pass')
})

t.test('brain-sweep: the old defaults fire iff the asks sum to 0.9700', async t => {
  const run = join(dir, 'brain')
  const old = ['--min-edge', '10', '--premium', '80', '--cooldown', '1000', '--flat-fee', '210']
  const [row] = polaris('brain-sweep', run, ...old, '--json').json['rows'] as object[]
  t.match(row, { leastEdge: 300, flatFee: 210 })
  const twice = polaris('brain-sweep', run, '--premium', '80,80', '--json')
  t.match(twice.json, { error: { code: 'usage', where: '--premium' } })
})

t.test('brain-sweep: 16 columns, in their order', async t => {
  const [header] = readFileSync(join(dir, 'brain.csv'), 'utf8').split('\n')
  t.equal(
    header,
    'run_id,min_net_edge_bps,risk_premium_bps,cooldown_ms,flat_fee_bps,least_edge_bps,signals,repeats,' +
      'rows_ok,rows_bad,expected_net_bps_p50,total_pnl_sum,total_pnl_avg,set_ratio_avg,legging_rate,' +
      'worst_20_pnl_sum',
  )
})

t.test('run-compare: 24 columns, what summary and day14-report say of each run', async t => {
  const file = join(dir, 'compare.csv')
  const said = polaris('run-compare', strict, demo, '--out', file, '--json')
  t.equal(said.code, 0)
  const [header, ...rows] = readFileSync(file, 'utf8').trim().split('\n')
  t.equal(
    header,
    'run_id,status,mode,source,schema,config_digest,head,start_ms,end_ms,inputs,signals,dropped,orders,fills,' +
      'sets,realised_pnl,open_pnl,fees,shadow_rows_ok,shadow_rows_bad,total_shadow_pnl,set_ratio_avg,' +
      'legging_rate,go_no_go',
  )
  t.match(rows[0], /^demo,sealed,/, 'by time, then by name, however they are named')
  const [first] = said.json['runs'] as { pnlMicro: object; signals: number; shadow: object }[]
  const { pnlMicro, signals } = polaris('summary', demo, '--json').json
  t.match(first, { pnlMicro, signals, shadow: { totalPnlMicro: -2_731_423, go: false } })
  t.equal(polaris('run-compare', demo, demo).code, 2, 'two runs')
})

t.test('run-compare: a run that crashed, and one that is being written', async t => {
  const out = join(dir, 'written')
  const child = starting('run', '--source', 'sim:parity/2000000', '--out', out, '--acks', '--json')
  await new Promise(resolve => child.stdout?.once('data', resolve))
  const status = (): unknown => {
    const { json } = polaris('run-compare', demo, out, '--json')
    return (json['runs'] as { runId: string; status: string }[]).find(of => of.runId === 'written')
      ?.status
  }
  t.equal(status(), 'open')
  child.kill('SIGKILL')
  await new Promise(resolve => child.once('close', resolve))
  t.equal(status(), 'crashed')
})

t.test('dataset-split: parts follow each other, and name the events of each run', async t => {
  const file = join(dir, 'split.json')
  const said = polaris('dataset-split', demo, strict, '--steps', '2', '--out', file, '--json')
  t.equal(said.code, 0, said.err)
  interface Part {
    from_us: number
    to_us: number
    runs: { run_id: string; first_seq: number; last_seq: number }[]
    signals: number
  }
  type Step = Record<'train' | 'validation' | 'test', Part>
  const split = JSON.parse(readFileSync(file, 'utf8')) as { steps: Step[]; overfit_micro: number }
  const [first, second] = split.steps as [Step, Step]
  t.equal(first.train.to_us, first.validation.from_us)
  t.equal(first.validation.to_us, first.test.from_us)
  t.equal(first.test.to_us, second.test.from_us, 'tests follow each other')
  t.match(first.train.runs[0], { run_id: 'demo', first_seq: 1 })
  const { lastSeq } = polaris('verify', demo, '--json').json
  t.equal(second.test.runs[0]?.last_seq, lastSeq, 'to the last event')
  t.equal(first.validation.runs[0]?.first_seq, (first.train.runs[0]?.last_seq ?? 0) + 1)
  const odd = polaris('dataset-split', demo, '--train', '0.7', '--json')
  t.match(odd.json, { error: { code: 'usage', message: /add up to 1\.1/ } })
})

t.test('dataset-split: sweeps that were written before give the same risk', async t => {
  const words = ['--train', '0.4', '--validation', '0.4', '--test', '0.2', '--steps', '1']
  const whole = polaris('dataset-split', demo, ...words, '--out', join(dir, 'own.json'), '--json')
  const [step] = whole.json['steps'] as Record<string, { from_us: number; to_us: number }>[]
  const [train, validation] = ['train', 'validation'].map(part => {
    const file = join(dir, `${part}.csv`)
    const { from_us: from, to_us: to } = step![part]!
    polaris('shadow-sweep', demo, '--from-us', `${from}`, '--to-us', `${to}`, '--out', file)
    return file
  })
  const results = ['--results', `${train},${validation}`, '--out', join(dir, 'two.json')]
  const given = polaris('dataset-split', demo, ...words, ...results, '--json')
  t.ok(Number(whole.json['overfit_micro']) >= 0)
  t.equal(given.json['overfit_micro'], whole.json['overfit_micro'])
  const other = ['--results', `${train},${join(dir, 'compare.csv')}`]
  t.match(polaris('dataset-split', demo, ...other, '--json').json, {
    error: { code: 'unreadable' },
  })
})

t.test('market-select: stopped on the way it still writes what is there', async t => {
  const out = join(dir, 'select')
  const silent = () => undefined
  const world = { say: silent, note: silent, progress: silent, stream: silent }
  const values = { out, 'runs-dir': dir }
  const call = { ...world, positionals: [demo], values, stop: AbortSignal.abort() }
  t.equal((await marketSelectCommand.run(call)).code, 130)
  const file = join(out, 'recommendation.json')
  t.match(JSON.parse(readFileSync(file, 'utf8')), { progress: { complete: false, events_read: 0 } })
  const whole = polaris('market-select', demo, '--top', '2', '--out', out, '--json')
  t.equal(whole.code, 0)
  t.match(whole.json, { progress: { complete: true }, recommended: [{ rank: 1 }, { rank: 2 }] })
  t.match(
    readFileSync(join(out, 'suggest.toml'), 'utf8'),
    /^market_ids = \["sim-\d+", "sim-\d+"\]$/m,
  )
  t.equal(polaris('market-select', demo, '--min-trades', '100000', '--out', out).code, 1)
  t.equal(polaris('market-select', demo, '--prefer', 'fat').code, 2)
})

t.test('report: the same bytes for the same log, wherever it lies', async t => {
  const [one, two] = [join(dir, 'one.html'), join(dir, 'two.html')]
  const moved = join(dir, 'moved')
  cpSync(demo, moved, { recursive: true })
  t.equal(polaris('report', demo, '--html', one).code, 0)
  t.equal(polarisWith({ TZ: 'Asia/Tokyo', LANG: 'de_DE' }, 'report', moved, '--html', two).code, 0)
  t.equal(readFileSync(two, 'utf8'), readFileSync(one, 'utf8'))
  t.equal(polaris('report', demo).code, 2)
})

t.test('a damaged log among several is refused by its place, and nothing is written', async t => {
  const [broken, out] = [join(dir, 'broken'), join(dir, 'nothing')]
  cpSync(demo, broken, { recursive: true })
  const file = join(broken, 'events-000001.jsonl')
  const bytes = readFileSync(file)
  bytes[bytes.length >> 1]! ^= 1
  writeFileSync(file, bytes)
  for (const verb of [
    'day14-report',
    'shadow-sweep',
    'brain-sweep',
    'run-compare',
    'dataset-split',
  ]) {
    const said = polaris(verb, demo, broken, '--out', out, '--json')
    t.equal(said.code, 2, verb)
    t.match(said.json, { error: { code: 'damaged', where: /broken.events-000001\.jsonl:\d+/ } })
  }
  t.equal(polaris('market-select', broken, '--out', out).code, 2)
  t.equal(polaris('report', broken, '--html', out).code, 2)
  t.notOk(existsSync(out))
})

/** Rows of a run's `shadow_log.csv`: results in 1e-6 dollar. */
function shadowRowsOf(run: string): { pnl: number; notes: string }[] {
  const text = readFileSync(join(run, 'views', 'shadow_log.csv'), 'utf8')
  const [header = '', ...lines] = text.trim().split('\n')
  const at = header.split(',').indexOf('total_pnl')
  return lines.map(line => {
    const cells = line.split(',')
    return { pnl: Math.round(Number(cells[at]) * 1e6), notes: cells.slice(at).join() }
  })
}
