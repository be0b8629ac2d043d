import { existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { polarisWarm as polaris, starting } from './helpers/cli.js'

const dir = t.testdir()

t.test('when a run ends its views are what project would write', async t => {
  const run = join(dir, 'calm')
  polaris('run', '--source', 'sim:parity/6000', '--out', run, '--set', 'views.every_ms=5')
  const said = polaris('project', run, '--check', '--json')
  t.equal(said.code, 0)
  t.equal((said.json['views'] as unknown[]).length, 13)
  const folded = readFileSync(join(run, 'views', 'folded.json'), 'utf8')
  polaris('project', run)
  t.equal(readFileSync(join(run, 'views', 'folded.json'), 'utf8'), folded)
})

t.test('killed and resumed, whatever lay there, they are too', async t => {
  // Long enough that no machine is at its end when it is killed.
  const lives = [
    [5, 60_000],
    [150, 120_000],
    [400, 250_000],
  ] as const
  for (const [k, [ms, inputs]] of lives.entries()) {
    const run = join(dir, `killed${k}`)
    const words = ['--acks', '--json', '--set', 'views.every_ms=5']
    const source = `sim:parity-busy/${inputs}`
    const child = starting('run', '--source', source, '--out', run, ...words)
    child.stdout?.once('data', () => setTimeout(() => child.kill('SIGKILL'), ms))
    child.stdout?.resume()
    await new Promise(resolve => child.once('close', resolve))
    mkdirSync(join(run, 'views'), { recursive: true })
    if (k === 1) writeFileSync(join(run, 'views', 'ticks.csv'), 'something else\n'.repeat(300_000))
    if (k === 2) rmSync(join(run, 'views'), { recursive: true, force: true })
    t.equal(polaris('run', '--resume', run, '--set', 'views.every_ms=5').code, 0)
    t.equal(polaris('project', run, '--check').code, 0, `killed after ${ms} ms`)
  }
})

t.test('views that cannot be written are said once, and the run goes on', async t => {
  const run = join(dir, 'stuck')
  const child = starting(
    'run',
    '--source',
    'sim:parity-busy/60000',
    '--out',
    run,
    '--acks',
    '--json',
  )
  child.stdout?.once('data', () => child.kill('SIGKILL'))
  await new Promise(resolve => child.once('close', resolve))
  rmSync(join(run, 'views'), { recursive: true, force: true })
  writeFileSync(join(run, 'views'), 'a file where a folder should be')
  const said = polaris('run', '--resume', run, '--json')
  t.equal(said.code, 0)
  t.equal(said.err.match(/live views stopped/g)?.length, 1)
  t.match(polaris('verify', run, '--json').json, { status: 'intact', sealed: true })
})

t.test('views.live = false writes none; the head is the same', async t => {
  const run = join(dir, 'quiet')
  const words = ['run', '--source', 'sim:parity/6000', '--json', '--out']
  const { head } = polaris(...words, run, '--set', 'views.live=false').json
  t.notOk(existsSync(join(run, 'views')))
  t.equal(polaris(...words, join(dir, 'loud')).json['head'], head)
})

t.test('run_latest names the newest run of the runs directory', async t => {
  const runs = join(dir, 'runs')
  mkdirSync(runs)
  const at = ['--runs-dir', runs]
  for (const name of ['one', 'two'])
    polaris('run', '--source', 'sim:parity/500', '--out', join(runs, name), ...at)
  t.equal(readlinkSync(join(runs, 'run_latest')), 'two')
  t.match(polaris('sql', 'run_latest', 'SELECT run_id FROM runs', '--json', ...at).json, {
    rows: [['two']],
  })
  t.equal(polaris('summary', join(runs, 'run_latest')).code, 0)
  t.match(polaris('runs', '--json', ...at).json, { runs: [{ runId: 'one' }, { runId: 'two' }] })
  rmSync(join(runs, 'run_latest'))
  writeFileSync(join(runs, 'run_latest'), 'one\n')
  t.match(polaris('sql', 'run_latest', 'SELECT run_id FROM runs', '--json', ...at).json, {
    rows: [['one']],
  })
})
