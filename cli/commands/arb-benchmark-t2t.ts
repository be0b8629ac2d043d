import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
// Types only: races load when one is asked for.
import type { Racer } from '#bench/orderbook/race.js'
import type { TapePlan, Workload } from '#bench/orderbook/tape.js'
import type { RaceFacts } from '#bench/orderbook/ts-race.js'
import { loadAddon } from '#engine/native/addon.js'
import { Refusal, textOf, wholeOf, type Call, type Command, type Values } from '../command.js'
import { tableOf } from '../format/table.js'

const BACKENDS = 'ts, native, daemon, subprocess, both or all'
const NAMES: Readonly<Record<string, readonly Racer[]>> = {
  ts: ['ts'],
  native: ['native'],
  daemon: ['daemon'],
  subprocess: ['subprocess'],
  both: ['ts', 'native'],
  all: ['ts', 'native', 'daemon', 'subprocess'],
}
const WORKLOADS: Readonly<Record<string, readonly Workload[]>> = {
  legacy: ['legacy'],
  honest: ['honest'],
  all: ['legacy', 'honest'],
}
/** Least, most and default of what may be chosen: those of the earlier system. */
const RANGES = {
  iterations: [1, 500, 120],
  updates: [100, 5_000, 1_000],
  'levels-per-side': [50, 2_000, 250],
} as const

/** What the backends found on one workload. */
type Results = Partial<Record<Racer, RaceFacts>>

/** `polaris arb-benchmark-t2t`: a book under a tape of updates, by every backend, which must agree. */
export const arbBenchmarkT2tCommand: Command = {
  name: 'arb-benchmark-t2t',
  summary: 'race an order book over a tape of updates by every backend, which must agree',
  usage:
    'arb-benchmark-t2t [--backend B] [--workload W] [--iterations N] [--updates N] [--levels-per-side N] [--output FILE]',
  example: 'arb-benchmark-t2t --backend both --iterations 20',
  options: {
    backend: { type: 'string' },
    workload: { type: 'string' },
    iterations: { type: 'string' },
    updates: { type: 'string' },
    'levels-per-side': { type: 'string' },
    output: { type: 'string' },
  },
  help: {
    '--backend B': `${BACKENDS} (default both; ts where there is no addon)`,
    '--workload W':
      'legacy: as the earlier system had it, its updates reach neither touch nor band; honest: all of them do, decoded within the clock; all (default)',
    '--iterations N': helpOf('iterations', 'how often the tape runs from its opening book'),
    '--updates N': helpOf('updates', 'updates of the tape'),
    '--levels-per-side N': helpOf('levels-per-side', 'levels of the opening book'),
    '--output FILE': 'also write the report as JSON',
  },
  run: async call => {
    const { values } = call
    const fallback = typeof loadAddon() === 'string' ? 'ts' : 'both'
    const racers = chosen(values, 'backend', NAMES, { fallback, expected: BACKENDS })
    const expected = 'legacy, honest or all'
    const workloads = chosen(values, 'workload', WORKLOADS, { fallback: 'all', expected })
    const plan: TapePlan = {
      iterations: inRange(values, 'iterations'),
      updates: inRange(values, 'updates'),
      levels: inRange(values, 'levels-per-side'),
    }
    const results: Partial<Record<Workload, Results>> = {}
    const comparison: Partial<Record<Workload, Record<string, number>>> = {}
    for (const workload of workloads) {
      const found = await race(call, { workload, racers, plan })
      results[workload] = found
      comparison[workload] = speedups(found)
      tell(call, workload, found)
    }
    const { iterations, updates, levels } = plan
    const report = {
      generated_at: new Date().toISOString(),
      payload: { iterations, updates, levels_per_side: levels },
      results,
      comparison,
    }
    const out = textOf(values, 'output')
    if (out !== undefined) {
      mkdirSync(dirname(out), { recursive: true })
      writeFileSync(out, `${JSON.stringify(report, null, 2)}\n`)
      call.note(`written to ${out}`)
    }
    return { code: 0, json: report }
  },
}

/** Every backend on one tape. A backend that is not there, or that disagrees, is a Refusal: there is nothing to compare. */
async function race(
  call: Call,
  { workload, racers, plan }: { workload: Workload; racers: readonly Racer[]; plan: TapePlan },
): Promise<Results> {
  const { tapeOf } = await import('#bench/orderbook/tape.js')
  const { difference, raceBy } = await import('#bench/orderbook/race.js')
  const text = JSON.stringify(tapeOf(workload, plan))
  const results: Results = {}
  let first: RaceFacts | undefined
  for (const racer of racers) {
    call.progress(`${workload}: ${racer}`)
    const facts = raceBy(racer, text)
    if (typeof facts === 'string')
      throw new Refusal('backend', facts, `--backend ${racer}`, 'a backend that is built here')
    first ??= facts
    const differs = difference(first, facts)
    if (differs !== undefined)
      throw new Refusal(
        'disagree',
        `${racer} disagrees with ${racers[0] ?? ''} on ${workload}: ${differs}`,
        '--backend',
        'the same answers from every backend',
      )
    results[racer] = facts
  }
  return results
}

/** Average per update of the first over that of each: above 1, it is faster than the first. */
function speedups(results: Results): Record<string, number> {
  const [[base, ours] = [], ...others] = Object.entries(results)
  return Object.fromEntries(
    others.map(([name, facts]) => [
      `${name}_vs_${base ?? ''}_speedup`,
      (ours?.avg_update_us ?? 0) / facts.avg_update_us,
    ]),
  )
}

function tell(call: Call, workload: Workload, results: Results): void {
  const [first] = Object.values(results)
  if (!first) return
  call.say(`${workload}: ${first.total_updates.toLocaleString('en')} updates a backend`)
  const rows = Object.entries(results).map(([name, of]) =>
    [
      name,
      ...[of.avg_update_us, of.p50_update_us, of.p95_update_us, of.p99_update_us].map(us =>
        us.toFixed(3),
      ),
      of.max_update_us.toFixed(1),
      of.decode_ms.toFixed(2),
      of.process_ms.toFixed(1),
    ].map(String),
  )
  const heading = ['backend', 'avg µs', 'p50', 'p95', 'p99', 'max', 'decode ms', 'process ms']
  for (const line of tableOf([heading, ...rows])) call.say(line)
  for (const [name, times] of Object.entries(speedups(results)))
    call.say(`${name}: ${times.toFixed(2)}`)
  call.say(
    `spread ${first.spread_avg}, depth ${first.bid_depth_1pct_avg} and ${first.ask_depth_1pct_avg}, ` +
      `skipped ${first.skipped_updates}, state ${first.state_hash}: the same by all`,
  )
}

function chosen<T>(
  values: Values,
  name: string,
  from: Readonly<Record<string, readonly T[]>>,
  { fallback, expected }: { fallback: string; expected: string },
): readonly T[] {
  const word = textOf(values, name) ?? fallback
  const found = Object.hasOwn(from, word) ? from[word] : undefined
  if (found) return found
  throw new Refusal('usage', `${name} is '${word}'`, `--${name}`, expected)
}

function inRange(values: Values, name: keyof typeof RANGES): number {
  const [least, most, fallback] = RANGES[name]
  const n = wholeOf(values, name) ?? fallback
  if (n >= least && n <= most) return n
  throw new Refusal('usage', `--${name} is ${n}`, `--${name}`, `${least} to ${most}`)
}

function helpOf(name: keyof typeof RANGES, what: string): string {
  const [least, most, fallback] = RANGES[name]
  return `${what}: ${least} to ${most} (default ${fallback})`
}
