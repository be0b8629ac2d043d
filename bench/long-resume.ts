// A process of its own for `long-access.ts`: goes on with the crashed tape that it is given, and prints how long after
// its own start the first new event could be taken.
import type { Call } from '#cli/command.js'
import { resumePlan } from '#cli/start-run.js'
import { tapePlan } from './tape.js'

const [dir = '', events = '0'] = process.argv.slice(2)
const stop = new AbortController()
let found = { resumeMs: 0, resumeReplayed: 0 }
const call: Call = {
  positionals: [],
  values: {},
  say: () => undefined,
  note: line => {
    const replayed = /the last (\d+) events replayed/.exec(line)?.[1]
    if (!line.startsWith('resumed behind')) return
    found = { resumeMs: Math.round(performance.now()), resumeReplayed: Number(replayed ?? -1) }
  },
  progress: () => undefined,
  stream: () => undefined,
  stop: stop.signal,
}
const end = await resumePlan({ ...tapePlan(Number(events), 'compressed'), dir }, call)
process.stdout.write(`${JSON.stringify({ ...found, resumeEnd: end.lastSeq })}\n`)
