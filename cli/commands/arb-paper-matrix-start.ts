import { spawn } from 'node:child_process'
import { mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Refusal, textOf, textsOf, wholeOf, type Command, type Values } from '../command.js'
import { loadConfig } from '../config.js'
import {
  isSupervised,
  isWritten,
  SCOPES,
  stateOf,
  until,
  type MatrixScope,
  type MatrixState,
} from '../matrix/matrix.js'
import { freshDir, stampOf } from '../runs.js'

const SUPERVISOR = fileURLToPath(new URL('../matrix/supervisor.js', import.meta.url))
const HOURS = { least: 1, most: 72, fallback: 8 }
const BANKROLL = 10
/** How long a run may take to seal itself. */
const GRACE_S = 30
/** How long a supervisor may take until it is there. */
const START_MS = 20_000
/** Strategies of the earlier matrix that are there: A, B, F and G. */
const STRATEGIES = ['basket', 'parity', 'tail', 'bond']

/** What both run: A, B, F and G, and C where it is asked for. */
const strategiesOf = (values: Values): string =>
  `strategy.names=${JSON.stringify(values['with-conversion'] === true ? [...STRATEGIES, 'conversion'] : STRATEGIES)}`

/** `polaris arb-paper-matrix-start`: both paper portfolios in the background, kept alive. */
export const arbPaperMatrixStartCommand: Command = {
  name: 'arb-paper-matrix-start',
  summary: 'two paper runs in the background, one purse for all and one for each, kept alive',
  usage: 'arb-paper-matrix-start [--duration-hours N] [--bankroll-usd N] [--source-prefix P]',
  example: 'arb-paper-matrix-start --duration-hours 8 --bankroll-usd 10',
  options: {
    'duration-hours': { type: 'string' },
    'bankroll-usd': { type: 'string' },
    'source-prefix': { type: 'string' },
    'source-feed': { type: 'string' },
    speed: { type: 'string' },
    'grace-seconds': { type: 'string' },
    'with-conversion': { type: 'boolean' },
  },
  help: {
    '--duration-hours N': `how long they run, ${HOURS.least} to ${HOURS.most} (default ${HOURS.fallback})`,
    '--bankroll-usd N': `whole dollars of the shared purse, and of each isolated one (default ${BANKROLL})`,
    '--source-prefix P': 'what their portfolios begin with: the venue (default polymarket)',
    '--source-feed S': 'another source for both, as `run --source` takes it: sim:closing',
    '--speed N': 'of a simulated source',
    '--with-conversion': 'strategy C too, which converts NO of one outcome into YES of the others',
    '--grace-seconds N': `how long a run may take to seal itself (default ${GRACE_S})`,
  },
  run: async call => {
    const { values } = call
    const states = SCOPES.map(scope => planned(scope, values))
    loadConfig({ ...values, set: [strategiesOf(values), ...textsOf(values, 'set')] })
    for (const { scope } of states) await requireFree(scope)
    for (const state of states) await started(state)
    for (const { scope, runDir, log } of states) call.say(`${scope}: ${runDir}, said in ${log}`)
    call.say('next: polaris arb-paper-matrix-status')
    return {
      code: 0,
      json: { started: states.map(({ scope, runDir, log }) => ({ scope, runDir, log })) },
    }
  },
}

/** Two of one portfolio would trade the same purse twice. */
async function requireFree(scope: MatrixScope): Promise<void> {
  const state = stateOf(scope)
  const [isKept, isAlive] = [await isSupervised(scope), await isWritten(state)]
  if (!isKept && !isAlive) return
  const who = isKept ? 'its supervisor runs' : `process ${state?.child ?? 0} writes its run`
  const expected = 'polaris arb-paper-matrix-stop first'
  throw new Refusal(
    'held',
    `the ${scope} portfolio runs already: ${who}`,
    state?.runDir ?? '',
    expected,
  )
}

function planned(scope: MatrixScope, values: Values): MatrixState {
  const hours = wholeOf(values, 'duration-hours', HOURS.least) ?? HOURS.fallback
  if (hours > HOURS.most)
    throw new Refusal(
      'usage',
      `--duration-hours is ${hours}`,
      '--duration-hours',
      `at most ${HOURS.most}`,
    )
  const bankroll = wholeOf(values, 'bankroll-usd', 1) ?? BANKROLL
  const source = `${textOf(values, 'source-prefix') ?? 'polymarket'}_${scope}${bankroll}`
  const nowMs = Date.now()
  const runDir = freshDir(values, `${stampOf(nowMs)}-arb-paper-${scope}`)
  const passed = ['config', 'env-file', 'runs-dir', 'speed'].flatMap(name => {
    const value = textOf(values, name)
    return value === undefined ? [] : [`--${name}`, value]
  })
  const sets = [
    strategiesOf(values),
    'strategy.safe_only=false',
    `risk.bankroll_micro=${bankroll * 1_000_000}`,
  ]
  const words = [
    ...[
      '--mode',
      'paper_live',
      '--run-tag',
      'auto',
      '--source',
      textOf(values, 'source-feed') ?? source,
    ],
    ...['--paper-capital-scope', scope === 'shared' ? 'shared' : 'strategy', ...passed],
    ...[...sets, ...textsOf(values, 'set')].flatMap(set => ['--set', set]),
  ]
  const log = join('logs', `arb_paper_${scope}_${stampOf(nowMs)}.log`)
  const graceMs = (wholeOf(values, 'grace-seconds', 1) ?? GRACE_S) * 1_000
  return {
    ...{ scope, words, runDir, log, graceMs, endsMs: nowMs + hours * 3_600_000 },
    ...{ phase: 'running', supervisor: 0, child: 0, restarts: 0, why: '' },
  }
}

async function started(state: MatrixState): Promise<void> {
  for (const dir of ['logs', 'run']) mkdirSync(dir, { recursive: true })
  const out = openSync(state.log, 'a')
  const words = [SUPERVISOR, JSON.stringify(state)]
  const child = spawn(process.execPath, words, { detached: true, stdio: ['ignore', out, out] })
  child.unref()
  const isThere = async (): Promise<boolean> =>
    stateOf(state.scope)?.runDir === state.runDir &&
    (child.exitCode !== null || (await isSupervised(state.scope)))
  if ((await until(isThere, START_MS)) && child.exitCode === null) return
  throw new Refusal(
    'supervisor',
    `the ${state.scope} portfolio did not start`,
    state.log,
    'see there',
  )
}
