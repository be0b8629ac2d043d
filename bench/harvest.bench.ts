import assert from 'node:assert'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Bench } from './question.js'

const MAIN = fileURLToPath(new URL('../cli/main.js', import.meta.url))
const SOURCES = new URL('./harvest-sources.js', import.meta.url)
/** Ticks of the kernel's accounts in a second. */
const HERTZ = 100
/** Until everything was listed and the first round of everything is over, s. */
const WARM_S = 25
/** Markets, each of two tokens, and levels of each side of a book, as busy books of the venue have them. */
const [MARKETS, LEVELS] = [1_000, 40]

/** What a service of collectors costs at its default intervals, with tables kept as it goes. */
export const bench: Bench = {
  name: 'harvest',
  question:
    'How much of one core do collectors of 2,000 tokens with 40 levels a side take at their default intervals, tables included?',
  events: 120,
  samples: 1,
  dominates:
    'JSON.parse of books, the reading of their levels, and SQLite rows of samples; the sources are another thread’s and do not count.',
  run: async ({ events: seconds, samples }, call) => {
    const worker = new Worker(SOURCES, { workerData: { markets: MARKETS, levels: LEVELS } })
    const [base] = (await once(worker, 'message')) as [string]
    const dir = mkdtempSync(join(tmpdir(), 'polaris-bench-harvest-'))
    const words = [
      'harvest',
      'run',
      '--json',
      '--venue',
      base,
      '--runs-dir',
      dir,
      '--set',
      'harvest.scope=all',
    ]
    const child = spawn(process.execPath, [MAIN, ...words], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let rows = 0
    let runs = 0
    let bad = 0
    let rest = ''
    child.stdout.on('data', (data: Buffer) => {
      const lines = (rest + data.toString()).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const { rows: count = 0, status = '' } = JSON.parse(line) as {
          rows?: number
          status?: string
        }
        rows += count
        if (status !== '') runs++
        if (status === 'error' || status === 'missed') bad++
      }
    })
    try {
      call.progress('listing, and the first round')
      await pause(WARM_S * 1_000)
      const shares: number[] = []
      const before = { rows, runs, bytes: bytesOf(dir) }
      for (let k = 0; k < samples; k++) {
        const [from, at] = [cpuOf(child.pid ?? 0), process.hrtime.bigint()]
        for (let s = 0; s < seconds && !call.stop.aborted; s++) {
          call.progress(`${s} of ${seconds} s`)
          await pause(1_000)
        }
        const lasted = Number(process.hrtime.bigint() - at) / 1e9
        shares.push((cpuOf(child.pid ?? 0) - from) / lasted)
      }
      const lasted = seconds * samples
      assert(
        rows > before.rows && bad === 0,
        `collectors do not keep up: ${bad} runs failed or were missed`,
      )
      const median = [...shares].sort((a, b) => a - b)[Math.floor(shares.length / 2)] ?? 0
      const perRow = (median * lasted) / (rows - before.rows)
      return {
        contenders: [
          {
            ...{
              name: 'harvest run',
              group: '2,000 tokens',
              medianNs: perRow * 1e9,
              p99Ns: perRow * 1e9,
            },
            ...{ opsPerS: (rows - before.rows) / lasted, ratio: 1 },
          },
        ],
        facts: {
          'share of one core, %': Math.round(median * 1_000) / 10,
          'rows a second': Math.round((rows - before.rows) / lasted),
          'runs of collectors': runs - before.runs,
          'runs that failed or were missed': bad,
          'log and tables, MB a minute':
            Math.round(((bytesOf(dir) - before.bytes) / 1e6 / lasted) * 600) / 10,
          'memory of the process, MB': Math.round(memoryOf(child.pid ?? 0)),
        },
      }
    } finally {
      child.kill('SIGTERM')
      await once(child, 'exit')
      await worker.terminate()
      rmSync(dir, { recursive: true, force: true })
    }
  },
}

/** Seconds of processor time that a process has taken, its threads included. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / HERTZ
}

function memoryOf(pid: number): number {
  const [, kb = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kb) / 1_000
}

function bytesOf(dir: string): number {
  return readdirSync(dir, { recursive: true, withFileTypes: true }).reduce(
    (sum, entry) => sum + (entry.isFile() ? statSync(join(entry.parentPath, entry.name)).size : 0),
    0,
  )
}
