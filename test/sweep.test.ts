import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { RunStarted } from '#schemas/events/run.js'
import { backendOf } from '#cli/backend.js'
import { Refusal } from '#cli/command.js'
import { allPasses } from '#cli/pass-threads.js'
import { passConfig, startedWith } from '#cli/passes.js'
import { startOf } from '#cli/runs.js'
import { tapesOf } from '#cli/tape.js'
import { polarisWarm as polaris } from './helpers/cli.js'

const dir = t.testdir()
const run = join(dir, 'run <1>')
polaris('run', '--source', 'sim:parity-busy/3000', '--out', run)
const edges = ['--vary', 'parity.min_edge_bps=50,400,9000']
const latency = ['--vary', 'sim.latency_ms=0,250']

t.test('the rows are the same however many threads do the passes', async t => {
  const words = ['sweep', run, ...edges, ...latency, '--json']
  const alone = polaris(...words, '--workers', '1').json
  t.equal((alone['rows'] as unknown[]).length, 6)
  for (const more of [
    ['--workers', '2'],
    ['--workers', '5', '--backend', 'ts'],
    ['--workers', '99'],
    [],
  ]) {
    const { code, json, err } = polaris(...words, ...more)
    t.equal(code, 0, err)
    t.same(json, alone, more.join(' '))
  }
  t.match(polaris(...words, '--workers', '0').json, { error: { where: '--workers' } })
})

t.test('what fails in a thread is told once, with its pass', async t => {
  const { data } = await startOf(run)
  const good = await startedWith(data, passConfig({}, data))
  // No command line lets such a rule through.
  const strategy = { names: ['no-such-rule'], instances: [] }
  const config = { ...good.data.config, strategy }
  const broken = RunStarted.make({ ...good.data, config })
  const jobs = [good, good, broken]
  const { tapes } = await tapesOf(run)
  const nothing = (): void => undefined
  const call = { note: nothing, progress: nothing, stop: new AbortController().signal }
  const failed = await allPasses(
    jobs.map(started => ({ run: 0, started })),
    { runs: [tapes], backend: 'ts', workers: 2, call },
  ).catch((error: unknown) => error)
  t.ok(failed instanceof Refusal, String(failed))
  t.match(failed, { message: /^a pass failed: /, where: 'pass 3 of 3' })
})

t.test('an operator who stops it gets what had ended', async t => {
  const { data } = await startOf(run)
  const started = await startedWith(data, passConfig({}, data))
  const { tapes } = await tapesOf(run)
  const stop = new AbortController()
  const call = {
    note: () => undefined,
    progress: (line: string) => {
      if (line.startsWith('pass 2')) stop.abort()
    },
    stop: stop.signal,
  }
  const jobs = Array.from({ length: 40 }, () => ({ run: 0, started }))
  const ground = { runs: [tapes], backend: backendOf('auto', 'replay'), workers: 2, call }
  const ended = (await allPasses(jobs, ground)).filter(result => result !== undefined)
  t.ok(ended.length >= 2 && ended.length < 40, `${ended.length} had ended`)
})

t.test('a page shows the grid of two keys, and what stands in the table', async t => {
  const file = join(dir, 'pages', 'sweep.html')
  const { code, out, json } = polaris('sweep', run, ...edges, ...latency, '--html', file, '--json')
  t.equal(code, 0, out)
  const page = readFileSync(file, 'utf8')
  t.equal(page.match(/<h2>/g)?.length, 2)
  t.match(page, '<h2>parity.min_edge_bps and sim.latency_ms</h2>')
  t.match(page, 'Sweep of run &lt;1&gt;')
  t.notMatch(page, /<script|src=|href=|http/)
  t.equal(page.match(/<td[^>]*style="background/g)?.length, 6)
  t.equal(page.match(/<td class="best"/g)?.length, bests(json).length)
  // 9,000 bps are never offered: nothing is earned, and nothing is coloured.
  t.match(
    page,
    /<th scope="row">9000<\/th>(<td style="background:rgb\(255,255,255\)">\$0\.00<\/td>){2}/,
  )
})

t.test(
  'one key is a line of cells, and of three each pair has the best over the third',
  async t => {
    const file = join(dir, 'page.html')
    polaris('sweep', run, ...edges, '--html', file)
    const line = readFileSync(file, 'utf8')
    t.match(line, /<th scope="row">profit<\/th>(<td[^>]*>[^<]+<\/td>){3}/)
    const third = ['--vary', 'sim.reject_bps=0,9000']
    const { json } = polaris('sweep', run, ...edges, ...latency, ...third, '--html', file, '--json')
    const page = readFileSync(file, 'utf8')
    t.equal(page.match(/<caption>the best profit over /g)?.length, 3)
    t.match(page, '<caption>the best profit over sim.reject_bps</caption>')
    const rows = json['rows'] as Row[]
    const most = Math.max(
      ...rows
        .filter(({ set }) => set['sim.reject_bps'] === '0' && set['sim.latency_ms'] === '0')
        .map(profitIn),
    )
    t.ok(most > 0)
    const [, map = ''] = page.split('<h2>sim.latency_ms and sim.reject_bps</h2>')
    t.match(map.split('</table>')[0], `>$${(most / 1e6).toString()}`)
  },
)

interface Row {
  readonly set: Readonly<Record<string, string>>
  readonly summary: { readonly pnlMicro: { readonly realised: number; readonly open: number } }
}

const profitIn = ({ summary: { pnlMicro } }: Row): number => pnlMicro.realised + pnlMicro.open

function bests(json: Record<string, unknown>): number[] {
  const profits = (json['rows'] as Row[]).map(profitIn)
  return profits.filter(profit => profit === Math.max(...profits))
}
