import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Recorded } from '#schemas/recorded.js'
import { Refusal, textOf, wholeOf, type Call, type Command } from '../command.js'
import { loadConfig } from '../config.js'
import { tradeStory } from '../format/trade-story.js'
import { freshDir, rowsOf } from '../runs.js'
import { runPlan } from '../start-run.js'
import { faultsIn, simFeed } from './run.js'
import { sayTotals, summarise } from './summary.js'

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url))

/** `polaris demo`: the whole trip on a simulated market, proven by a second process. */
export const demoCommand: Command = {
  name: 'demo',
  summary:
    'trade a simulated market into one log, then prove in a second process that it replays to the same bytes',
  usage: 'demo [--scenario S] [--seed N] [--out DIR]',
  example: 'demo --seed 7',
  options: { scenario: { type: 'string' }, seed: { type: 'string' }, out: { type: 'string' } },
  help: {
    '--scenario S': 'simulated market (default: parity)',
    '--seed N': 'its seed (default 7)',
    '--out DIR': 'directory of the run (default: runs/demo, or the next free name)',
  },
  run: async call => {
    const { values } = call
    const { config } = loadConfig(values)
    const seed = wholeOf(values, 'seed') ?? 7
    const scenario = textOf(values, 'scenario') ?? 'parity'
    const feed = simFeed(`sim:${scenario}`, seed, undefined)
    const dir = freshDir(values, 'demo')
    call.say(
      `A simulated market (${feed.source}, seed ${seed}) is traded into one append-only log; the TypeScript backend serves.`,
    )
    const { durability } = config.log
    const end = await runPlan(
      {
        dir,
        feed,
        config,
        mode: 'paper_live',
        seed,
        faults: faultsIn(process.env),
        parent: '',
        durability,
        acks: false,
        backend: config.run.backend,
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

/** The first signal that ended in complete sets, event by event. */
async function sayOneTrade(call: Call, dir: string): Promise<string | undefined> {
  const rows: Recorded[] = []
  let signal: string | undefined
  for await (const some of rowsOf(dir))
    for (const row of some) {
      rows.push(row)
      if (row.event.type === 'LegsSettled' && row.event.data.matched > 0)
        signal ??= row.event.data.signal
    }
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
    [`./polaris book ${dir} --at 9000 --depth 3`, 'the books behind any event'],
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
