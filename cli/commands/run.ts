import type { WallClock } from '#engine/core/wall-clock.js'
import { SCENARIOS } from '#engine/feeds/simulator/scenario.js'
import type { LiveEnd } from '#engine/run/live-options.js'
import type { RunEnd } from '#engine/run/run.js'
import { BACKEND_HELP } from '../backend.js'
import { Refusal, textOf, type Call, type Command } from '../command.js'
import { lasting, runLivePlan } from '../live-plan.js'
import { VENUE_HELP, VENUE_OPTIONS } from '../venue-options.js'
import { planOf, resumedPlanOf, RUN_USAGE, VENUE, type Plan } from '../run-plan.js'
import { FOLDERS, runDirOf } from '../runs.js'
import { resumePlan, runPlan } from '../start-run.js'

/** `polaris run`: trade a simulated market, or the feed of a recorded run, into a new log. */
export const runCommand: Command = {
  name: 'run',
  summary: 'run strategies, risk and orders over a source, into one log',
  usage: RUN_USAGE,
  example: 'run --source sim:parity --seed 7',
  options: {
    source: { type: 'string' },
    mode: { type: 'string' },
    seed: { type: 'string' },
    events: { type: 'string' },
    durability: { type: 'string' },
    backend: { type: 'string' },
    out: { type: 'string' },
    resume: { type: 'string' },
    speed: { type: 'string' },
    unfinished: { type: 'boolean' },
    acks: { type: 'boolean' },
    'confirm-live': { type: 'boolean' },
    ...VENUE_OPTIONS,
  },
  help: {
    '--source S': `sim:SCENARIO (${SCENARIOS.map(({ name }) => name).join(', ')}), a run's directory, or ${VENUE}: the venue as it is now`,
    '--mode M': 'shadow, paper_live, paper_replay or live (default: paper)',
    '--confirm-live':
      'real orders: besides it live trading needs RAZOR_MODE=live in the environment and live.enabled = true in the configuration',
    '--seed N': 'seed of the simulated market and exchange (default 7)',
    '--events N': 'length of a simulated market in feed inputs',
    '--durability D': 'commit, interval or none (default: commit)',
    '--backend B': BACKEND_HELP,
    '--out DIR': 'directory of the new run',
    '--resume DIR': 'go on with a crashed run',
    '--speed N':
      'seconds of the source in one of the machine’s, so that commands meet it alive (default: as fast as it can)',
    '--unfinished': 'take a source that is not sealed, as far as it goes now',
    ...VENUE_HELP,
    '--acks': 'print {"acked":n} once that sequence is durable (with --json: before the result)',
  },
  run: async call => {
    const word = textOf(call.values, 'resume')
    const unborn = word === undefined ? undefined : await unbornAt(call, word)
    const isResumed = word !== undefined && unborn === undefined
    const plan = isResumed ? await resumedPlanOf(call, word) : await planOf(call, unborn)
    const end = await (plan.clock
      ? ranLive(plan, plan.clock, call)
      : isResumed
        ? resumePlan(plan, call)
        : runPlan(plan, call))
    const { loop } = end
    const unknown = isLiveEnd(end) ? end.unknown : []
    const { kill } = loop.state
    const isStopped = kill.isStopped || kill.stopped.size > 0
    call.say(`run   ${plan.dir}`)
    call.say(`head  ${end.head}`)
    call.say(
      `${end.lastSeq} events: ${loop.inputs} inputs, ${loop.decisions} decisions, ${end.commits} commits`,
    )
    if (isStopped) call.say('trading is stopped: see the HardStopTripped event')
    if (unknown.length > 0)
      call.say(`nobody knows what became of ${unknown.join(', ')}: polaris reconcile tells`)
    call.say(`next: polaris summary ${plan.dir}`)
    return {
      code: unknown.length > 0 ? 1 : call.stop.aborted ? 130 : 0,
      json: {
        runDir: plan.dir,
        head: end.head,
        status: 'sealed',
        lastSeq: end.lastSeq,
        inputs: loop.inputs,
        decisions: loop.decisions,
        commits: end.commits,
        hardStop: isStopped,
        ...(plan.mode === 'live' && { unknown }),
      },
    }
  },
}

/**
 * The folder of a run that is to be resumed and never began: its writer was killed before a first commit was durable, so that
 * nothing is known of it but what this command says again. Undefined where it began.
 */
async function unbornAt({ values, note }: Call, word: string): Promise<string | undefined> {
  const dir = runDirOf(word, values)
  if (await FOLDERS.hasBegun(dir)) return undefined
  if (textOf(values, 'source') === undefined)
    throw new Refusal(
      'unborn',
      'nothing of this run was ever durable: it has to begin again',
      dir,
      'the command that began it, with the same --out; or --source with --resume',
    )
  note(`nothing of ${dir} was ever durable: it begins again`)
  return dir
}

/** A run by the machine's clock: on paper, or with real orders. */
async function ranLive(plan: Plan, clock: WallClock, call: Call): Promise<LiveEnd> {
  if (plan.mode !== 'live') return await runLivePlan(plan, { clock }, lasting(call))
  const { openTrading } = await import('../trading.js')
  const trading = await openTrading(plan, { clock, call })
  try {
    return await runLivePlan(plan, { clock, venue: trading.venue }, lasting(call))
  } finally {
    await trading.close()
  }
}

const isLiveEnd = (end: RunEnd | LiveEnd): end is LiveEnd => 'unknown' in end
