import assert from 'node:assert'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bench } from './question.js'
import type { Timing } from './stopwatch.js'

/** Frames a second: what the whole venue averages, and three times that. */
const RATES = [6_700, 20_000] as const
/** Seconds at each rate, at most. */
const LONG_S = 20

interface Quantiles {
  readonly p50Ns: number
  readonly p99Ns: number
  readonly p999Ns: number
  readonly maxNs: number
}

interface Measured {
  readonly counted: number
  readonly updates: number
  readonly decisions: number
  readonly lateMs: number
  readonly gc: { readonly count: number; readonly longestMs: number }
  readonly turn: Quantiles
  readonly durable: Quantiles
}

/** Does a paper run over two thousand tokens keep up with the venue, on one core? */
export const bench: Bench = {
  name: 'desk',
  question:
    'How long from a frame to its turn, in a paper run of every default strategy over 2,000 tokens, on one core?',
  events: RATES[1] * LONG_S,
  samples: 1,
  dominates:
    'Half of all turns change a book that no strategy cares for: microseconds. The tail is the garbage collector, the worst leg of a signal with its whole chase, and whoever else wants the core. Durable: the sync of the disk.',
  run: ({ events }, call) => {
    const contenders: Timing[] = []
    const facts: Record<string, number | string> = {
      core: pinned().length > 0 ? 'one' : 'not pinned',
    }
    for (const rate of RATES) {
      call.progress(`${rate} frames a second`)
      const found = measured(Math.min(events, rate * LONG_S), rate)
      const group = `${rate.toLocaleString('en')} frames/s`
      const rows = { 'frame to turn': found.turn, 'frame to turn on the disk': found.durable }
      for (const [name, { p50Ns, p99Ns, p999Ns, maxNs }] of Object.entries(rows)) {
        contenders.push({
          ...{ group, name, medianNs: p50Ns, p99Ns, opsPerS: 1e9 / p50Ns },
          ratio: p50Ns / found.turn.p50Ns,
        })
        facts[`${group}: ${name}, p99.9 ms`] = ms(p999Ns)
        facts[`${group}: ${name}, longest ms`] = ms(maxNs)
      }
      facts[`${group}: frames counted`] = found.counted
      facts[`${group}: level changes in them`] = found.updates
      facts[`${group}: events that they led to`] = found.decisions
      facts[`${group}: longest GC pause ms`] = Number(found.gc.longestMs.toFixed(2))
    }
    return Promise.resolve({ contenders, facts })
  },
}

const ms = (ns: number): number => Number((ns / 1e6).toFixed(2))

/** Keeps a process on one core, where the system can: its garbage collector and the threads of its log as well. */
function pinned(): readonly string[] {
  if (cpus().length < 2 || spawnSync('taskset', ['--version']).status !== 0) return []
  return ['taskset', '-c', '1']
}

function measured(inputs: number, rate: number): Measured {
  const dir = mkdtempSync(join(tmpdir(), 'polaris-desk-'))
  const script = fileURLToPath(new URL('desk/live-desk.js', import.meta.url))
  const of = [process.execPath, script, join(dir, 'run'), `${inputs}`, `${rate}`, '7']
  const [command = '', ...words] = [...pinned(), ...of]
  try {
    const { status, stdout, stderr } = spawnSync(command, words, { encoding: 'utf8' })
    assert.equal(status, 0, stderr)
    return JSON.parse(stdout) as Measured
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
