import type { Command } from '../command.js'
import { isSupervised, isWritten, SCOPES, stateOf } from '../matrix/matrix.js'
import { FOLDERS } from '../runs.js'

/** Of a run that is not there yet. */
const NOTHING = { lastSeq: 0, status: 'unborn' }

/** `polaris arb-paper-matrix-status`: how both portfolios do. */
export const arbPaperMatrixStatusCommand: Command = {
  name: 'arb-paper-matrix-status',
  summary: 'how the two paper runs of the matrix do; exit 1 unless both run',
  usage: 'arb-paper-matrix-status',
  example: 'arb-paper-matrix-status',
  options: {},
  help: {},
  run: async call => {
    const portfolios = []
    for (const scope of SCOPES) {
      const state = stateOf(scope)
      const [isKept, isRunning] = [await isSupervised(scope), await isWritten(state)]
      if (!state) {
        call.say(`${scope}: never started here`)
        portfolios.push({ scope, isSupervised: false, isRunning: false })
        continue
      }
      const { phase, runDir, log, restarts, why, supervisor, child, endsMs } = state
      const { lastSeq, status } = await FOLDERS.info(runDir).catch(() => NOTHING)
      const alone = isRunning && !isKept ? ', without its supervisor' : ''
      const said = isKept || isRunning ? phase : phase === 'running' ? 'gone' : phase
      call.say(
        `${scope}: ${said}${alone}, run ${status} at event ${lastSeq}, ${restarts} restarts${why === '' ? '' : ` (${why})`}`,
      )
      call.say(`  ${runDir}, said in ${log}`)
      portfolios.push({
        ...{ scope, phase: said, isSupervised: isKept, isRunning, runDir, log, restarts, why },
        ...{ supervisor, child, endsMs, run: status, lastSeq },
      })
    }
    const isUp = portfolios.every(({ isSupervised: kept, isRunning }) => kept && isRunning)
    return { code: isUp ? 0 : 1, json: { portfolios } }
  },
}
