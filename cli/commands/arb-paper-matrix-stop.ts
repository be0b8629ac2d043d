import type { Command } from '../command.js'
import {
  isSupervised,
  isWritten,
  SCOPES,
  stateOf,
  until,
  type MatrixScope,
} from '../matrix/matrix.js'
import { FOLDERS } from '../runs.js'

/** What a supervisor needs beyond the grace of its child, ms. */
const MORE_MS = 5_000

/** `polaris arb-paper-matrix-stop`: ends both in order, sealed. */
export const arbPaperMatrixStopCommand: Command = {
  name: 'arb-paper-matrix-stop',
  summary: 'end the two paper runs of the matrix: sealed where they can be, killed where not',
  usage: 'arb-paper-matrix-stop',
  example: 'arb-paper-matrix-stop',
  options: {},
  help: {},
  run: async call => {
    const all = await Promise.all(SCOPES.map(stopped))
    for (const { scope, was, run } of all)
      call.say(`${scope}: ${was}${run === '' ? '' : `, its run is ${run}`}`)
    const isClean = all.every(({ was }) => was !== 'killed')
    return { code: isClean ? 0 : 1, json: { portfolios: all } }
  },
}

interface Stopped {
  readonly scope: MatrixScope
  readonly was: 'not running' | 'stopped' | 'killed'
  /** Status of its run; empty where there is none. */
  readonly run: string
}

async function stopped(scope: MatrixScope): Promise<Stopped> {
  const before = stateOf(scope)
  const isOver = async (): Promise<boolean> =>
    !(await isSupervised(scope)) && !(await isWritten(stateOf(scope)))
  const runOf = async (): Promise<string> =>
    before ? (await FOLDERS.info(before.runDir).catch(() => ({ status: '' }))).status : ''
  if (!before || (await isOver())) return { scope, was: 'not running', run: await runOf() }
  // Without its supervisor, whose lock says whether it lives, the child is asked itself.
  const ask = async (signal: NodeJS.Signals): Promise<void> => {
    const { supervisor, child } = stateOf(scope) ?? before
    if (await isSupervised(scope)) signalled(supervisor, signal)
    if (signal === 'SIGKILL' || !(await isSupervised(scope))) signalled(child, signal)
  }
  await ask('SIGINT')
  if (await until(isOver, before.graceMs + MORE_MS)) {
    const run = await runOf()
    return { scope, was: run === 'sealed' || run === '' ? 'stopped' : 'killed', run }
  }
  await ask('SIGKILL')
  await until(isOver, MORE_MS)
  return { scope, was: 'killed', run: await runOf() }
}

function signalled(pid: number, signal: NodeJS.Signals): void {
  if (pid <= 0) return
  try {
    process.kill(pid, signal)
  } catch {
    // It has gone meanwhile, which is what was wanted.
  }
}
