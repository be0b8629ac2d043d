import assert from 'node:assert'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Bench } from './question.js'
import { accesses } from './long-access.js'
import { timings } from './stopwatch.js'
import { tape } from './tape.js'

const CHILD = fileURLToPath(new URL('./long-child.js', import.meta.url))

/** What the child process saw of itself. */
export interface LongRun {
  readonly identical: boolean
  readonly lastSeq: number
  readonly seconds: number
  /** Resident bytes after the first 500,000 events (or the first half), and the most from there on. */
  readonly settledBytes: number
  readonly mostBytes: number
  /** The most that the system ever saw, from the start on. */
  readonly peakBytes: number
}

/** Does the memory of a replay grow with the length of the run? */
export const bench: Bench = {
  name: 'long',
  question: 'What does a run of ten million events cost in memory, on disk, and to come back to?',
  events: 10_000_000,
  samples: 1,
  dominates:
    'What the collector leaves for later: the engine keeps books, positions and the last 4,096 closed orders.',
  run: async ({ events, samples }, call) => {
    const dir = await tape(events, call, 'compressed')
    const runs: LongRun[] = []
    for (let k = 0; k < samples; k++) {
      call.progress(`replay ${k + 1} of ${samples} in a process of its own`)
      runs.push(await replayed(dir))
    }
    for (const { identical, lastSeq } of runs)
      assert(identical && lastSeq > events, `the tape does not replay: remove ${dir}`)
    const growth = runs.map(({ settledBytes, mostBytes }) => mostBytes - settledBytes)
    const times = runs.map(({ seconds, lastSeq }) => (seconds * 1e9) / lastSeq)
    return {
      contenders: timings([{ name: 'replay in a process of its own' }], [times]),
      facts: {
        lastSeq: runs[0]?.lastSeq ?? 0,
        growthMb: inMb(Math.max(...growth)),
        settledMb: inMb(Math.max(...runs.map(run => run.settledBytes))),
        peakMb: inMb(Math.max(...runs.map(run => run.peakBytes))),
        seconds: Math.max(...runs.map(({ seconds }) => Math.round(seconds * 10) / 10)),
        ...(await accesses(dir, events, call)),
      },
    }
  },
}

const inMb = (bytes: number): number => Math.round(bytes / 104_857.6) / 10

async function replayed(dir: string): Promise<LongRun> {
  const child = spawn(process.execPath, [CHILD, dir], { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  return JSON.parse(out) as LongRun
}
