import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { polaris, ROOT } from './helpers/cli.js'

const DATA = process.env['POLARIS_DATA'] ?? resolve(ROOT, '..', 'shared', 'data')
const RECORDING = join(DATA, 'polymarket-tickscope-stanleycup', 'polymarket_20260607_0130.parquet')
const dir = t.testdir()
const demo = join(dir, 'demo')
polaris('demo', '--out', demo)

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
  for (const [, words = '', answer] of ofRun('demo')) t.equal(asShown(words), answer, words)
})

const skip = existsSync(RECORDING) ? false : 'the recording of the game is not beside the clone'
t.test('the page shows what the recording says', { skip }, async t => {
  polaris('import', 'tickscope', RECORDING, '--out', join(dir, 'stanley'))
  for (const [, words = '', answer] of ofRun('stanley')) t.equal(asShown(words), answer, words)
})

t.test('day14-report: GO is 0, NO GO is 1, what it cannot read is 2', async t => {
  const out = join(dir, 'day14')
  const no = polaris('day14-report', demo, '--out', out, '--json')
  t.equal(no.code, 1)
  t.match(no.json, { go: false, rows: { total: 46, ok: 46 }, withoutFill: 43 })
  const report = readFileSync(join(out, 'report.json'), 'utf8')
  const sum = shadowSumOf(demo)
  t.equal(no.json['totalPnlMicro'], sum, 'the sum of shadow_log.csv')
  const words = ['--min-total-pnl=-100', '--max-legging-share', '1']
  t.equal(polaris('day14-report', demo, '--out', out, ...words).code, 0)
  polaris('day14-report', demo, demo, '--out', out)
  t.equal(readFileSync(join(out, 'report.json'), 'utf8'), report, 'named twice, read once')
  t.equal(polaris('day14-report', join(dir, 'none')).code, 2)
  const odd = polaris('day14-report', demo, '--min-set-ratio', '1.5', '--json')
  t.match(odd.json, { error: { code: 'usage', where: '--min-set-ratio' } })
})

/** The sum of the results in a run's `shadow_log.csv`, in 1e-6 dollar. */
function shadowSumOf(run: string): number {
  const text = readFileSync(join(run, 'views', 'shadow_log.csv'), 'utf8')
  const [header = '', ...lines] = text.trim().split('\n')
  const at = header.split(',').indexOf('total_pnl')
  return lines.reduce((sum, line) => sum + Math.round(Number(line.split(',')[at]) * 1e6), 0)
}
