// A process of its own for `long.bench.ts`: replays the run that it is given and prints what it saw of itself.
import { replayRun } from '#cli/replay-run.js'
import { FOLDERS } from '#cli/runs.js'
import type { LongRun } from './long.bench.js'

const SETTLED_EVENTS = 500_000
const dir = process.argv[2] ?? ''
const { lastSeq: length } = await FOLDERS.info(dir)
const from = Math.min(SETTLED_EVENTS, Math.floor(length / 2))
let [settledBytes, mostBytes] = [0, 0]
const started = performance.now()
const { result } = await replayRun(dir, {
  progress: seq => {
    if (seq < from) return
    const bytes = process.memoryUsage.rss()
    if (settledBytes === 0) settledBytes = bytes
    mostBytes = Math.max(mostBytes, bytes)
  },
})
const found: LongRun = {
  identical: result.identical,
  lastSeq: result.lastSeq,
  seconds: (performance.now() - started) / 1_000,
  settledBytes,
  mostBytes,
  peakBytes: process.resourceUsage().maxRSS * 1_024,
}
process.stdout.write(`${JSON.stringify(found)}\n`)
