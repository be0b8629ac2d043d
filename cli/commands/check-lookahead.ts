import { BACKEND_HELP, backendOf, servingOf, tapingOf } from '../backend.js'
import { textOf, wholeOf, wordOf, type Call, type Command } from '../command.js'
import { checkLookahead, type LookaheadVerdict } from '../lookahead.js'
import { passConfig, startedWith } from '../passes.js'
import { runDirOf, startOf } from '../runs.js'
import { filesFor } from '../strategies/kept.js'
import { withStrategies } from '../strategies/own.js'
import { tapesOf } from '../tape.js'

const USAGE = 'check-lookahead DIR [--cuts N] [--set KEY=VALUE…] [--backend B]'
/** Cuts spread evenly where nobody says how many: with those behind decisions some twenty runs of the whole. */
const CUTS = 20

/** `polaris check-lookahead`: no decision of a run depends on what came after it. */
export const checkLookaheadCommand: Command = {
  name: 'check-lookahead',
  summary: 'proves that no decision of a run depends on inputs that came after it',
  usage: USAGE,
  example: 'check-lookahead runs/demo --cuts 10',
  options: { cuts: { type: 'string' }, backend: { type: 'string' } },
  help: {
    '--cuts N': `cuts spread evenly (${CUTS}); up to as many again behind inputs that something was decided after`,
    '--set KEY=VALUE': 'decides with this value instead',
    '--backend B': BACKEND_HELP,
  },
  run: async call => {
    const dir = runDirOf(wordOf(call, 0, 'DIR', USAGE), call.values)
    const cuts = wholeOf(call.values, 'cuts', 1) ?? CUTS
    const { data } = await startOf(dir)
    const config = passConfig(call.values, data, {}, filesFor(dir, call.values))
    const backend = backendOf(textOf(call.values, 'backend') ?? config.run.backend, 'replay')
    const { tapes, inputs } = await tapesOf(dir, tapingOf(backend, call))
    const verdict = await checkLookahead({
      ...{ tapes, inputs, cuts, stop: call.stop, started: await startedWith(data, config) },
      partsOf: () => withStrategies(servingOf(backend, call.note), config),
      progress: (pass, of) => {
        call.progress(`cut ${pass} of ${of}`)
      },
    })
    const isClean = verdict.first === null
    say(call, { ...verdict, inputs })
    const { cuts: compared, decisions, isRepeatable, first } = verdict
    const facts = { isClean, cuts: compared, inputs, decisions, isRepeatable, first }
    return { code: call.stop.aborted ? 130 : isClean ? 0 : 1, json: { runDir: dir, ...facts } }
  },
}

function say(
  call: Call,
  { cuts, inputs, decisions, isRepeatable, first }: LookaheadVerdict & { inputs: number },
): void {
  const number = (n: number): string => n.toLocaleString('en')
  call.say(`${number(inputs)} inputs, ${number(decisions)} decisions, cut at ${cuts} places`)
  if (call.stop.aborted) call.say('stopped before all of them were compared')
  if (first === null) {
    if (!call.stop.aborted) call.say('clean: no decision depends on what came after it')
    return
  }
  const { cut, seq, expected, got } = first
  call.say(
    isRepeatable
      ? `not clean: decision ${number(seq)} is another when the run ends behind input ${number(cut)}`
      : `not clean: the same inputs are decided otherwise a second time, first at ${number(seq)} (seen behind input ${number(cut)})`,
  )
  call.say(`  the whole run  ${expected || 'nothing'}`)
  call.say(`  ${isRepeatable ? 'cut there' : 'run again'}      ${got || 'nothing'}`)
}
