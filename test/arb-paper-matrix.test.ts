import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ROOT } from './helpers/cli.js'

const dir = t.testdir()
const MAIN = join(ROOT, 'dist', 'cli', 'main.js')
const SCOPES = ['shared', 'isolated'] as const

interface Portfolio {
  readonly scope: string
  readonly phase: string
  readonly isSupervised: boolean
  readonly isRunning: boolean
  readonly runDir: string
  readonly log: string
  readonly restarts: number
  readonly supervisor: number
  readonly child: number
  readonly run: string
  readonly lastSeq: number
}

/** Runs `polaris` in the folder that the matrix lives in. */
function polaris(...words: readonly string[]) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(POLARIS|RAZOR)_/.test(name)),
  )
  const said = spawnSync(process.execPath, [MAIN, ...words, '--json'], {
    cwd: dir,
    encoding: 'utf8',
    env,
  })
  return {
    code: said.status,
    json: JSON.parse(said.stdout) as { portfolios: Portfolio[]; error?: { code: string } },
  }
}

const START = ['arb-paper-matrix-start', '--source-feed', 'sim:closing/4000000', '--speed', '20']
const status = (): Portfolio[] => polaris('arb-paper-matrix-status').json.portfolios
const read = (file: string): string => readFileSync(join(dir, file), 'utf8')

async function until(what: string, holds: (all: Portfolio[]) => boolean): Promise<Portfolio[]> {
  for (let k = 0; k < 150; k++) {
    const all = status()
    if (holds(all)) return all
    await new Promise(resolve => setTimeout(resolve, 200))
  }
  throw new Error(`${what}: ${JSON.stringify(status())}`)
}

const areUp = (all: Portfolio[]): boolean => all.every(of => of.isRunning && of.lastSeq > 0)

t.teardown(() => {
  polaris('arb-paper-matrix-stop')
})

t.test('nothing is there before it is started', async t => {
  const { code, json } = polaris('arb-paper-matrix-status')
  t.equal(code, 1)
  t.match(json.portfolios, [{ isRunning: false }, { isRunning: false }])
  t.equal(polaris('arb-paper-matrix-stop').code, 0)
  t.equal(polaris(...START, '--duration-hours', '73').code, 2)
  t.equal(polaris(...START, '--bankroll-usd', '0').code, 2)
})

t.test('both portfolios start, once', async t => {
  t.equal(polaris(...START, '--with-conversion').code, 0)
  const all = await until('both run', areUp)
  t.same(
    all.map(({ scope }) => scope),
    SCOPES,
  )
  for (const { scope, supervisor, log } of all) {
    t.equal(read(`run/arb_paper_${scope}.pid`).trim(), `${supervisor}`)
    t.match(log, new RegExp(`^logs/arb_paper_${scope}_\\d{8}-\\d{6}\\.log$`))
  }
  const began = readFileSync(join(dir, all[0]?.runDir ?? '', 'events-000001.jsonl'), 'utf8')
  t.match(began.split('\n')[1], /"strategy":"conversion"/, 'C where it is asked for')
  const twice = polaris(...START)
  t.equal(twice.code, 2)
  t.equal(twice.json.error?.code, 'held')
  t.equal(polaris('arb-paper-matrix-status').code, 0)
})

t.test('a run that is killed goes on where it stopped', async t => {
  const [before] = status()
  process.kill(before!.child, 'SIGKILL')
  const after = await until('it goes on', all => {
    return areUp(all) && all[0]!.restarts === 1 && /resumed behind/.test(read(before!.log))
  })
  t.not(after[0]?.child, before?.child)
  t.equal(after[0]?.runDir, before?.runDir)
  t.equal(after[1]?.restarts, 0, 'the other one never stopped')
  const log = read(before!.log)
  t.match(log, /supervisor: killed by SIGKILL; again in 500 ms/)
  t.match(log, /resumed behind \d+/)
})

t.test(
  'without its supervisor a run goes on, is told, and keeps another from starting',
  async t => {
    const [, isolated] = status()
    process.kill(isolated!.supervisor, 'SIGKILL')
    const all = await until('it is alone', ([, of]) => of?.isSupervised === false)
    t.match(all[1], { isRunning: true, child: isolated?.child })
    t.equal(polaris('arb-paper-matrix-status').code, 1)
    t.equal(polaris(...START).json.error?.code, 'held')
  },
)

t.test('stop seals both, and they verify', async t => {
  const dirs = status().map(({ runDir }) => runDir)
  const { code, json } = polaris('arb-paper-matrix-stop')
  t.equal(code, 0, JSON.stringify(json))
  t.match(
    json.portfolios,
    SCOPES.map(scope => ({ scope, was: 'stopped', run: 'sealed' })),
  )
  t.notOk(existsSync(join(dir, 'run', 'arb_paper_shared.pid')))
  for (const run of dirs) t.equal(polaris('replay', run, '--verify').code, 0, run)
  t.notMatch(status(), [{ isRunning: true }])
})
