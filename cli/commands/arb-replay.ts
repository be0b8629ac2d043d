import { RunEnded } from '#schemas/events/run.js'
import { isInput } from '#schemas/registry.js'
import { Instruments } from '#engine/core/instruments.js'
import { shutDown } from '#engine/run/run.js'
import { startEngine } from '#engine/run/start.js'
import { ReplayMetrics, type ReplayMetric } from '#projections/arb/replay.js'
import { isoOf } from '#projections/iso.js'
import { World } from '#projections/world.js'
import { Refusal, textOf, type Call, type Command, type Values } from '../command.js'
import { dollars } from '../format/money.js'
import { tableOf } from '../format/table.js'
import { runDirsOf, stopped } from '../ledgers.js'
import { recordedFeed } from '../recorded-feed.js'
import { endOf, freshDir, rowsOf, runIdOf, startOf } from '../runs.js'
import { runPlan } from '../start-run.js'
import { stretchOf, type Stretch } from '../window-feed.js'
import { passConfig, startedWith } from '../passes.js'

const USAGE = 'arb-replay DIR… [--start ISO] [--end ISO] [--fast | --full] [--set KEY=VALUE…]'

/** `polaris arb-replay`: the recorded inputs of runs again, with every gate, and what each strategy makes of them. */
export const arbReplayCommand: Command = {
  name: 'arb-replay',
  summary:
    'trade the recorded inputs of runs again, with every gate: signals, trades and profit by strategy',
  usage: USAGE,
  example: 'arb-replay runs/demo --set parity.min_edge_bps=150',
  options: {
    ...{ start: { type: 'string' }, end: { type: 'string' } },
    ...{ fast: { type: 'boolean' }, full: { type: 'boolean' } },
    out: { type: 'string' },
  },
  help: {
    '--start ISO':
      'signals before this are refused as paused, and not counted; books are followed from the beginning',
    '--end ISO': 'nothing behind this is read',
    '--fast': 'in memory only (default)',
    '--full': 'a run of its own for each, with its log, as what-if makes it',
    '--out DIR': 'directory of that run (default: below the runs directory)',
  },
  run: async call => {
    const stretch = stretchIn(call.values)
    const isFull = call.values['full'] === true
    if (isFull && call.values['fast'] === true)
      throw new Refusal('usage', '--fast and --full at once', 'command line', 'one of them')
    const dirs = runDirsOf(call, USAGE)
    if (dirs.length > 1 && textOf(call.values, 'out') !== undefined)
      throw new Refusal('usage', '--out is one directory', '--out', 'one recording')
    const all: Replayed[] = []
    for (const dir of dirs) {
      const one = await (isFull ? full : fast)(dir, stretch, call)
      if (!one) return stopped(call)
      all.push(one)
    }
    const strategies = summed(all.flatMap(({ metrics }) => metrics))
    const net = strategies.reduce((sum, of) => sum + of.net, 0)
    const inputs = all.reduce((sum, of) => sum + of.inputs, 0)
    say(call, strategies, net)
    const json = {
      ...{ mode: isFull ? 'full' : 'fast', inputs },
      start: stretch.fromUs === undefined ? null : isoOf(stretch.fromUs),
      end: stretch.toUs === undefined ? null : isoOf(stretch.toUs),
      ...{ strategies: strategies.map(shown), net_pnl: net },
      runDirs: all.flatMap(({ out }) => out ?? []),
    }
    return { code: inputs > 0 ? 0 : 1, json }
  },
}

/** What came of one recording. */
interface Replayed {
  readonly metrics: readonly ReplayMetric[]
  /** Inputs of the stretch. */
  readonly inputs: number
  readonly out?: string
}

function stretchIn(values: Values): Stretch {
  const stretch = { fromUs: timeOf(values, 'start'), toUs: timeOf(values, 'end') }
  const { fromUs = -Infinity, toUs = Infinity } = stretch
  if (fromUs <= toUs) return stretch
  throw new Refusal('usage', 'the end is before the start', '--end', 'a time behind --start')
}

/** A time with its offset from UTC: one without would be another on another machine. */
function timeOf(values: Values, name: string): number | undefined {
  const text = textOf(values, name)
  if (text === undefined) return undefined
  const ms = /T.*(Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isSafeInteger(ms) && ms >= 0) return ms * 1_000
  const expected = 'a time like 2026-02-10T06:00:00+00:00, with its offset from UTC'
  throw new Refusal('usage', `--${name} is '${text}'`, `--${name}`, expected)
}

/** A pass that leaves nothing behind; nothing where the operator stopped it. */
async function fast(dir: string, stretch: Stretch, call: Call): Promise<Replayed | undefined> {
  const { data } = await startOf(dir)
  const started = await startedWith(
    { ...data, mode: 'paper_replay' },
    passConfig(call.values, data),
  )
  const fold = new StretchFold(stretch)
  const loop = startEngine<never>(started, ({ rows }) => {
    fold.take(rows)
    return undefined
  })
  const { lastSeq } = await endOf(dir)
  const opening = { signal: call.stop, instruments: new Instruments().opening() }
  let isBegun = false
  for await (const batch of stretchOf(recordedFeed(dir), stretch).open(opening)) {
    if (!isBegun) loop.take(batch[0]?.tUs ?? 0, started)
    isBegun = true
    for (const { tUs, event } of batch) {
      loop.catchUp(Math.max(tUs, loop.tUs))
      loop.take(tUs, event)
    }
    if (call.stop.aborted) return undefined
    call.progress(
      `${runIdOf(dir)}: ${fold.inputs.toLocaleString('en')} inputs of ${lastSeq} events`,
    )
  }
  if (!isBegun) loop.take(0, started)
  shutDown(loop)
  loop.catchUp(Number.POSITIVE_INFINITY)
  loop.take(loop.tUs, RunEnded.make({ why: 'source-ended' }))
  return fold.result
}

/** A run with a log of its own, as `what-if` makes it. */
async function full(dir: string, stretch: Stretch, call: Call): Promise<Replayed | undefined> {
  const { data } = await startOf(dir)
  const config = passConfig(call.values, data)
  const started = await startedWith({ ...data, mode: 'paper_replay' }, config)
  const out = freshDir(call.values, 'arb-replay')
  const { mode, schema, seed, faults } = started.data
  const { head: parent } = await endOf(dir)
  const feed = stretchOf(recordedFeed(dir), stretch)
  const plan = { dir: out, feed, config, mode, schema, seed, faults, parent }
  await runPlan({ ...plan, durability: 'none', acks: false, backend: 'ts' }, call)
  if (call.stop.aborted) return undefined
  const fold = new StretchFold(stretch)
  for await (const rows of rowsOf(out)) fold.take(rows)
  return { ...fold.result, out }
}

/** Counts what lies in the stretch: what was refused before it, because it had not begun, is nobody's. */
class StretchFold {
  readonly #world = new World()
  readonly #metrics: ReplayMetrics
  readonly #fromUs: number
  inputs = 0

  constructor({ fromUs = 0 }: Stretch) {
    this.#fromUs = fromUs
    this.#metrics = new ReplayMetrics(fromUs)
  }

  take(rows: readonly Parameters<World['take']>[0][]): void {
    for (const row of rows) {
      if (row.tUs >= this.#fromUs && isInput(row.event.type)) this.inputs++
      this.#world.take(row)
      this.#metrics.take(row, this.#world)
    }
  }

  get result(): Replayed {
    return { metrics: this.#metrics.metrics, inputs: this.inputs }
  }
}

/** By strategy over all recordings; falls of different ones do not add up, so that the greatest counts. */
function summed(metrics: readonly ReplayMetric[]): readonly ReplayMetric[] {
  const all = new Map<string, ReplayMetric>()
  for (const of of metrics) {
    const so = all.get(of.strategy)
    const add = (name: 'signals' | 'trades' | 'wins' | 'losses' | 'gross' | 'net' | 'turnover') =>
      of[name] + (so?.[name] ?? 0)
    all.set(of.strategy, {
      ...{ strategy: of.strategy, signals: add('signals'), trades: add('trades') },
      ...{ wins: add('wins'), losses: add('losses'), gross: add('gross'), net: add('net') },
      ...{ turnover: add('turnover'), drawdown: Math.max(of.drawdown, so?.drawdown ?? 0) },
    })
  }
  return [...all.values()].sort((a, b) => (a.strategy < b.strategy ? -1 : 1))
}

const shown = ({ strategy, gross, net, drawdown, turnover, ...counts }: ReplayMetric) => ({
  ...{ strategy_code: strategy, ...counts, gross_pnl_usd: gross, net_pnl_usd: net },
  ...{ max_drawdown_usd: drawdown, turnover_usd: turnover },
})

function say(call: Call, strategies: readonly ReplayMetric[], net: number): void {
  const rows = strategies.map(of => [
    of.strategy,
    ...[of.signals, of.trades, of.wins, of.losses].map(String),
    ...[of.net, of.gross, of.drawdown, of.turnover].map(dollars),
  ])
  const heading = [
    'strategy',
    'signals',
    'trades',
    'wins',
    'losses',
    'net',
    'gross',
    'fall',
    'turnover',
  ]
  for (const line of tableOf([heading, ...rows])) call.say(line)
  call.say(`net ${dollars(net)}`)
}
