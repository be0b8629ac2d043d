import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { polarisWarm as polaris, polarisWith } from './helpers/cli.js'

/** Section 9.1 of Razor's second phase: first the state machine, simulated, through the command line. */
const dir = t.testdir()
const SEEDS = [1, 7, 42] as const
const CHASE_FAILS = { RAZOR_SIM_FORCE_CHASE_FAIL: '1' }
const FLATTEN_FAILS = { ...CHASE_FAILS, RAZOR_SIM_FORCE_FLATTEN_FAIL: '1' }

interface Trade {
  readonly mode: string
  readonly action: string
  readonly attempt: string
  readonly result: string
  readonly reasons: string
}

/** Asks for live trading without its second key, and reads what the projected trade log says. */
function traded(name: string, seed: number, env: NodeJS.ProcessEnv = {}, length = 6_000) {
  const run = join(dir, `${name}-${seed}`)
  const source = ['--source', `sim:parity/${length}`, '--seed', `${seed}`, '--out', run]
  const quiet = ['--set', 'live.enabled=false', '--set', 'views.live=false']
  const said = polarisWith({ RAZOR_MODE: 'live', ...env }, 'run', ...source, ...quiet)
  const projected = polaris('project', run, '--view', 'trade_log', '--db', 'none')
  return { run, said, projected, trades: tradesOf(run) }
}

function tradesOf(run: string): Trade[] {
  const [, ...lines] = readFileSync(join(run, 'views', 'trade_log.csv'), 'utf8')
    .trim()
    .split('\n')
  return lines.map(line => {
    const cells = line.split(',')
    const [mode = '', action = '', attempt = ''] = [cells[2], cells[8], cells[9]]
    return { mode, action, attempt, result: cells[20] ?? '', reasons: cells[21] ?? '' }
  })
}

const told = (trades: readonly Trade[]): string[] =>
  trades.map(({ action, attempt, result }) => `${action} ${attempt} ${result}`)
const linesOf = (run: string): string => readFileSync(join(run, 'events-000001.jsonl'), 'utf8')

t.test('seed 003 §9.1: live without live.enabled runs the simulator and says so', async t => {
  const { run, said, projected, trades } = traded('gate', 7)
  t.same([said.code, projected.code], [0, 0])
  t.match(said.err, /live mode is asked for, but live\.enabled is false: the simulated exchange/)
  t.same([...new Set(trades.map(({ mode }) => mode))], ['sim'])
  t.match(linesOf(run), /"e":"RunStarted\.1"[^\n]*"mode":"paper_live"/, 'no line says live')
  t.equal(polaris('replay', run, '--verify').code, 0, 'the exchange in the box gave every answer')
})

t.test('never a real order: with both keys this version refuses to begin', async t => {
  const out = join(dir, 'both-keys')
  const words = ['--source', 'sim:parity/100', '--set', 'live.enabled=true', '--out', out, '--json']
  const said = polarisWith({ RAZOR_MODE: 'live' }, 'run', ...words)
  t.equal(said.code, 2)
  t.match(said.json, { error: { code: 'no-live' } })
  t.notOk(existsSync(out))
})

t.test('seed 003 §9.1: the trade log shows FIRE, CHASE, FLATTEN and COOLDOWN', async t => {
  for (const seed of SEEDS) {
    const { trades } = traded('busy', seed, {}, 40_000)
    const seen = new Set(trades.map(({ action }) => action))
    t.ok(
      ['FIRE', 'CHASE', 'FLATTEN', 'COOLDOWN'].every(action => seen.has(action)),
      `seed ${seed}: ${[...seen].join()}`,
    )
  }
})

t.test('seed 003 §9.1: a chase that is forced to fail ends in FLATTEN, for every seed', async t => {
  for (const seed of SEEDS) {
    const { said, trades } = traded('chase', seed, CHASE_FAILS)
    t.equal(said.code, 0)
    const [fire, first, second, ...rest] = told(trades)
    t.match([fire, first, second], [/^FIRE 1 (FULL|PARTIAL)$/, 'CHASE 1 NONE', 'CHASE 2 NONE'])
    t.match(rest[0], /^FLATTEN 1 (FULL|PARTIAL|NONE)$/, `seed ${seed}`)
    t.match(rest.at(-1), /^COOLDOWN/)
    t.notMatch(told(trades).join(), /HARDSTOP/)
  }
})

t.test('seed 003 §9.1: flattening that fails too ends in HARDSTOP, for every seed', async t => {
  for (const seed of SEEDS) {
    const { run, said, trades } = traded('stop', seed, FLATTEN_FAILS)
    t.match(said.err + said.out, /trading is stopped/)
    t.match(told(trades).slice(1), [
      'CHASE 1 NONE',
      'CHASE 2 NONE',
      'FLATTEN 1 NONE',
      'FLATTEN 2 NONE',
      'FLATTEN 3 NONE',
      'HARDSTOP  HARDSTOP',
      'COOLDOWN  NONE',
    ])
    t.match(trades[6], { reasons: 'RESIDUE' })
    const lines = linesOf(run)
    const stopped = lines.indexOf('HardStopTripped')
    t.ok(stopped > 0)
    t.equal(lines.indexOf('OrderPlaced', stopped), -1, 'no order follows')
    t.ok(lines.indexOf('BookChanged', stopped) > 0, 'recording goes on')
  }
})
