import * as E from 'fp-ts/lib/Either.js'
import type { Config } from '#schemas/config.js'
import { MODES, type Mode } from '#schemas/reasons.js'
import { tsFold } from '#engine/book/ts-fold.js'
import { Instruments } from '#engine/core/instruments.js'
import type { Feed, FeedInput } from '#engine/feeds/feed.js'
import { MemoryLog } from '#engine/log/write/memory-log.js'
import { run } from '#engine/run/run.js'
import type { Parts } from '#engine/run/start.js'
import { BACKEND_HELP, backendOf, servingOf, type Backend } from '../backend.js'
import { Refusal, textOf, wholeOf, type Call, type Command, type Values } from '../command.js'
import { loadConfig } from '../config.js'
import { tableOf } from '../format/table.js'
import { logRefusal } from '../runs.js'
import { startedOf } from '../start-run.js'
import { strategiesOf } from '../strategies/own.js'
import { timedFold, timedStrategies, Watch } from '../timed-parts.js'
import { simFeed } from '../run-plan.js'

const [ROUNDS, ROUNDS_MAX, WARMUP, WARMUP_MAX] = [20, 1_000, 2, 100]
const [INPUTS, SEED] = [2_000, 42]

/** What one round gave and took. */
const FACTS = [
  'signals',
  'processed',
  'executed',
  'snapshot_load_ms',
  'scan_ms',
  'process_ms',
  'total_ms',
] as const
type Fact = (typeof FACTS)[number]
type Round = Readonly<Record<Fact, number>>

/** How each fact is told. */
interface Told {
  readonly avg: number
  readonly p50: number
  readonly p95: number
  readonly max: number
}

/** What a round is made of. */
interface Plan {
  readonly source: string
  readonly mode: Mode
  readonly config: Config
  readonly events: number
  readonly backend: Backend
  /** A fresh fold, and the walk that all rounds share. */
  readonly partsOf: () => Parts
}

/** `polaris arb-benchmark`: whole cycles of the engine on simulated markets, in memory. */
export const arbBenchmarkCommand: Command = {
  name: 'arb-benchmark',
  summary: 'whole cycles of the engine on simulated markets: what they find and what they cost',
  usage: 'arb-benchmark [--mode M] [--rounds N] [--warmup N] [--source sim:S] [--events N]',
  example: 'arb-benchmark --rounds 5 --warmup 1',
  options: {
    mode: { type: 'string' },
    rounds: { type: 'string' },
    warmup: { type: 'string' },
    source: { type: 'string' },
    seed: { type: 'string' },
    events: { type: 'string' },
    backend: { type: 'string' },
  },
  help: {
    '--mode M': 'shadow, paper_live (default) or paper_replay; one that sends orders is refused',
    '--rounds N': `rounds that count, 1 to ${ROUNDS_MAX} (default ${ROUNDS})`,
    '--warmup N': `rounds before them that do not, 0 to ${WARMUP_MAX} (default ${WARMUP})`,
    '--source S': 'a simulated market (default sim:mixed)',
    '--seed N': `seed of the first round that counts (default ${SEED}); each round has the next`,
    '--events N': `feed inputs of a round (default ${INPUTS})`,
    '--backend B': BACKEND_HELP,
  },
  run: async call => {
    const { values } = call
    const { config } = loadConfig(values)
    const backend = backendOf(textOf(values, 'backend') ?? config.run.backend)
    const source = sourceOf(values)
    const mode = modeOf(values)
    const events = wholeOf(values, 'events', 1) ?? INPUTS
    const rounds = within(values, 'rounds', { least: 1, most: ROUNDS_MAX, fallback: ROUNDS })
    const warmup = within(values, 'warmup', { least: 0, most: WARMUP_MAX, fallback: WARMUP })
    const first = wholeOf(values, 'seed') ?? SEED
    const note = (line: string): void => {
      call.note(line)
    }
    const serving = servingOf(backend, note)
    const partsOf = (): Parts => ({ ...servingOf(backend, note).parts, ...sweepOf(serving.parts) })
    const plan: Plan = { source, mode, config, events, backend, partsOf }
    const found: Round[] = []
    try {
      for (let k = -warmup; k < rounds && !call.stop.aborted; k++) {
        call.progress(`round ${Math.max(k + 1, 0)} of ${rounds}`)
        const round = await oneRound(plan, k < 0 ? first + rounds - 1 - k : first + k, call)
        if (k >= 0) found.push(round)
      }
    } finally {
      serving.close()
    }
    if (call.stop.aborted) return { code: 130, json: { rounds: found.length } }
    const told = Object.fromEntries(
      FACTS.map(fact => [fact, toldOf(found.map(round => round[fact]))]),
    )
    say(call, plan, { rounds, told })
    return { code: 0, json: { mode, source, backend, rounds, warmup, events, ...told } }
  },
}

const sweepOf = ({ sweep }: Parts): Parts => (sweep ? { sweep } : {})

/** A market from its listings to its end, through the same loop, engine, exchange and line writer as `run`. */
async function oneRound(plan: Plan, seed: number, call: Call): Promise<Round> {
  const { config, mode, source, backend } = plan
  const feed = await recorded(simFeed(source, seed, plan.events), call.stop)
  const of = { config, mode, seed, feed, parent: '', faults: [], dir: '' }
  const started = await startedOf({ ...of, durability: 'none', acks: false, backend })
  const [folding, scanning] = [new Watch(), new Watch()]
  const { fold: own = tsFold(), sweep } = plan.partsOf()
  const strategies = timedStrategies(strategiesOf(config), scanning)
  const parts = { fold: timedFold(own, folding), strategies, ...(sweep && { sweep }) }
  const log = await MemoryLog.open({ runId: 'benchmark', commitEvents: config.log.commit_events })
  const startedMs = performance.now()
  const ended = await run({ started, feed, log, stop: call.stop, parts })
  const totalMs = performance.now() - startedMs
  if (E.isLeft(ended)) throw logRefusal(ended.left)
  return {
    ...(await counted(log)),
    snapshot_load_ms: folding.ms,
    scan_ms: scanning.ms,
    process_ms: totalMs - folding.ms - scanning.ms,
    total_ms: totalMs,
  }
}

/** Signals that were raised, of these those that the gate judged, and those of which any order filled. */
async function counted(log: MemoryLog): Promise<Pick<Round, 'signals' | 'processed' | 'executed'>> {
  const [raised, judged, filled] = [new Set<string>(), new Set<string>(), new Set<string>()]
  for await (const rows of log.read(1)) {
    if (E.isLeft(rows)) throw logRefusal(rows.left)
    for (const { event } of rows.right) {
      if (event.type === 'SignalRaised') raised.add(event.data.signal)
      if (event.type === 'IntentApproved' || event.type === 'IntentRefused')
        judged.add(event.data.signal)
      if (event.type === 'OrderFilled') filled.add(event.data.order.split('.')[0] ?? '')
    }
  }
  return { signals: raised.size, processed: judged.size, executed: filled.size }
}

/** The same feed with its inputs made beforehand: a round measures the engine, not the simulator. */
async function recorded(feed: Feed, stop: AbortSignal): Promise<Feed> {
  const batches: (readonly FeedInput[])[] = []
  const instruments = new Instruments().opening()
  for await (const batch of feed.open({ signal: stop, instruments })) batches.push([...batch])
  return {
    source: feed.source,
    open: async function* () {
      for (const batch of batches) yield await Promise.resolve(batch)
    },
  }
}

/** Average, middle, the value that 95 % do not exceed, and the largest. */
function toldOf(list: readonly number[]): Told {
  const sorted = [...list].sort((a, b) => a - b)
  const at = (p: number): number => sorted[Math.round(p * (sorted.length - 1))] ?? 0
  const avg = sorted.reduce((sum, n) => sum + n, 0) / sorted.length
  return { avg, p50: at(0.5), p95: at(0.95), max: at(1) }
}

function say(
  call: Call,
  { source, mode, events, backend }: Plan,
  { rounds, told }: { rounds: number; told: Readonly<Record<string, Told>> },
): void {
  const inputs = events.toLocaleString('en')
  call.say(`${rounds} rounds of ${inputs} inputs, ${source}, mode ${mode}, backend ${backend}`)
  const rows = Object.entries(told).map(([fact, { avg, p50, p95, max }]) => [
    fact,
    ...[avg, p50, p95, max].map(n => n.toFixed(fact.endsWith('_ms') ? 3 : 1)),
  ])
  for (const line of tableOf([['per round', 'avg', 'p50', 'p95', 'max'], ...rows])) call.say(line)
}

function sourceOf(values: Values): string {
  const source = textOf(values, 'source') ?? 'sim:mixed'
  if (source.startsWith('sim:') && !source.includes('/')) return source
  throw new Refusal(
    'usage',
    `source is '${source}'`,
    '--source',
    'sim:SCENARIO; --events its length',
  )
}

function modeOf(values: Values): Mode {
  const asked = textOf(values, 'mode') ?? 'paper_live'
  const mode = MODES.find(one => one === asked && one !== 'import')
  if (mode === 'live')
    throw new Refusal(
      'no-live',
      'a benchmark sends no real orders',
      '--mode live',
      'shadow, paper_live or paper_replay',
    )
  if (mode !== undefined) return mode
  const expected = 'shadow, paper_live or paper_replay'
  throw new Refusal('usage', `mode is '${asked}'`, '--mode', expected)
}

function within(
  values: Values,
  name: string,
  { least, most, fallback }: { least: number; most: number; fallback: number },
): number {
  const n = wholeOf(values, name) ?? fallback
  if (n >= least && n <= most) return n
  throw new Refusal('usage', `--${name} is ${n}`, `--${name}`, `${least} to ${most}`)
}
