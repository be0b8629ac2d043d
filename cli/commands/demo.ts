import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Recorded } from '#schemas/recorded.js'
import { BACKEND_HELP, backendOf, SERVES } from '../backend.js'
import { Refusal, textOf, wholeOf, type Call, type Command } from '../command.js'
import { loadConfig } from '../config.js'
import { tradeStory } from '#projections/trade-story.js'
import { freshDir, rowsOf } from '../runs.js'
import { runPlan } from '../start-run.js'
import { forScenario } from '../scenario-config.js'
import { faultsIn } from '../sim-faults.js'
import { simFeed, speedOf } from '../run-plan.js'
import { sayTotals, summarise } from './summary.js'

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url))

/** `polaris demo`: the whole trip on a simulated market, proven by a second process. */
export const demoCommand: Command = {
  name: 'demo',
  summary:
    'trade a simulated market into one log, then prove in a second process that it replays to the same bytes',
  usage: 'demo [--scenario S] [--seed N] [--backend B] [--out DIR]',
  example: 'demo --seed 9',
  options: {
    scenario: { type: 'string' },
    seed: { type: 'string' },
    backend: { type: 'string' },
    speed: { type: 'string' },
    out: { type: 'string' },
  },
  help: {
    '--scenario S': 'simulated market (default: mixed)',
    '--seed N': 'its seed (default 9)',
    '--backend B': BACKEND_HELP,
    '--speed N':
      'seconds of the market in one of yours, so that commands meet it alive (default: as fast as it can)',
    '--out DIR': 'directory of the run (default: runs/demo, or the next free name)',
  },
  run: async call => {
    const { values } = call
    const loaded = loadConfig(values)
    const backend = textOf(values, 'backend') ?? loaded.config.run.backend
    const seed = wholeOf(values, 'seed') ?? 9
    const scenario = textOf(values, 'scenario') ?? 'mixed'
    const feed = simFeed(`sim:${scenario}`, seed, undefined)
    const config = forScenario(loaded, feed.source)
    const dir = freshDir(values, 'demo')
    call.say(
      `A simulated market (${feed.source}, seed ${seed}) is traded into one append-only log; the ${SERVES[backendOf(backend)]} backend serves.`,
    )
    const { durability } = config.log
    const end = await runPlan(
      {
        dir,
        feed,
        config,
        speed: speedOf(values),
        mode: 'paper_live',
        seed,
        faults: faultsIn(process.env),
        parent: '',
        durability,
        acks: false,
        backend,
        hasLiveViews: true,
      },
      call,
    )
    const summary = await summarise(dir)
    call.say('')
    sayTotals(call, summary)
    const signal = await sayOneTrade(call, dir)
    call.say('\nA second process reads the log, verifies every byte, and runs it again …')
    const verify = await second(call, ['verify', dir])
    const replay = await second(call, ['replay', dir, '--verify'])
    const isProven = verify['status'] === 'intact' && replay['identical'] === true
    sayProof(call, { verify, replay })
    call.say(`\nhead  ${end.head}`)
    sayNext(call, dir, signal)
    return {
      code: isProven ? (call.stop.aborted ? 130 : 0) : 1,
      json: { runDir: dir, head: end.head, summary, replay, verify },
    }
  },
}

/** What the log shows of a signal's life, in the order of the state machine, and how often. */
const STATES = ['fire', 'chase', 'flatten', 'settled', 'cooldown', 'dedup', 'hard-stop'] as const
type StateName = (typeof STATES)[number]

/** The state of the order management that an event stands for, as trade logs name it. */
function stateOf({ event }: Recorded): StateName | undefined {
  switch (event.type) {
    case 'OrderPlaced':
      return STATES.find(state => state === event.data.action)
    case 'LegsSettled':
      return 'settled'
    case 'CooldownStarted':
      return 'cooldown'
    case 'DedupSignal':
      return 'dedup'
    case 'HardStopTripped':
      return 'hard-stop'
    default:
      return undefined
  }
}

/** The first basket that ended in complete sets, event by event (else the first signal that did); then all states. */
async function sayOneTrade(call: Call, dir: string): Promise<string | undefined> {
  const rows: Recorded[] = []
  const baskets = new Set<string>()
  const counts = new Map<StateName, number>()
  let [any, basket]: (string | undefined)[] = []
  for await (const some of rowsOf(dir))
    for (const row of some) {
      rows.push(row)
      const { event } = row
      const state = stateOf(row)
      if (state) counts.set(state, (counts.get(state) ?? 0) + 1)
      if (event.type === 'SignalRaised' && event.data.group !== undefined)
        baskets.add(event.data.signal)
      if (event.type !== 'LegsSettled' || event.data.matched === 0) continue
      any ??= event.data.signal
      if (baskets.has(event.data.signal)) basket ??= event.data.signal
    }
  const signal = basket ?? any
  const seen = STATES.map(state => `${state.toUpperCase()} ${counts.get(state) ?? 0}`)
  call.say(`\nStates of order management in the log: ${seen.join(' · ')}`)
  if (signal === undefined) return undefined
  call.say(`\nOne trade (${signal}) as the log tells it; ← names the event that caused it:`)
  for (const line of tradeStory(rows, signal)) call.say(line)
  return signal
}

function sayProof(
  call: Call,
  { verify, replay }: { verify: Record<string, unknown>; replay: Record<string, unknown> },
): void {
  call.say(
    `verify  ${String(verify['status'])}: ${String(verify['lastSeq'])} events, proven to ${String(verify['provenTo'])}`,
  )
  const speed = Number(replay['eventsPerSecond']).toLocaleString('en')
  call.say(
    `replay  ${replay['identical'] === true ? 'identical' : 'DIVERGED'}: ${String(replay['inputs'])} inputs ` +
      `gave the same ${String(replay['decisions'])} decisions, byte for byte (${speed} events/s)`,
  )
}

function sayNext(call: Call, dir: string, signal: string | undefined): void {
  call.say('      the same on every machine: the head is a function of the events alone')
  call.say('\nTry next:')
  const next: readonly (readonly [string, string])[] = [
    [
      `./polaris explain ${dir} signal:${signal ?? 's1-1'}`,
      'why, on which books, and what came of it',
    ],
    [
      `./polaris what-if ${dir} --set parity.min_edge_bps=300`,
      'the same feed, another rule: what changes?',
    ],
    [
      `./polaris sql ${dir} "select strategy, bucket, sum(matched) as sets from signals group by all"`,
      'ask the log anything',
    ],
  ]
  for (const [command, what] of next) call.say(`  ${command.padEnd(58)}  ${what}`)
}

/** Runs another verb in a process of its own and returns its facts. */
async function second(call: Call, words: readonly string[]): Promise<Record<string, unknown>> {
  const child = spawn(process.execPath, [MAIN, ...words, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal: call.stop,
  })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject).on('close', () => {
      resolve()
    })
  })
  try {
    return JSON.parse(out) as Record<string, unknown>
  } catch {
    throw new Refusal(
      'second-process',
      `'${words.join(' ')}' printed no facts`,
      MAIN,
      'one JSON object',
    )
  }
}
