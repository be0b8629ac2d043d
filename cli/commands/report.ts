import { RunFold } from '#projections/reports/page/run-fold.js'
import { runPage } from '#projections/reports/page/run-page.js'
import { World } from '#projections/world.js'
import { backendOf, scanApi, servingOf } from '../backend.js'
import { Refusal, textOf, wordOf, type Call, type Command } from '../command.js'
import { ledgerOf, stopped, type LedgerOf } from '../ledgers.js'
import { replayRun } from '../replay-run.js'
import { FOLDERS, runDirOf } from '../runs.js'
import { writeWhole } from '../write-whole.js'

const USAGE = 'report DIR --html FILE'

/** `polaris report`: a run as one page that needs nothing else. */
export const reportCommand: Command = {
  name: 'report',
  summary: 'a run as one self-contained page: equity, profit, fills, signals, latency, proofs',
  usage: USAGE,
  example: 'report runs/demo --html report.html',
  options: { html: { type: 'string' } },
  help: { '--html FILE': 'where the page goes; it loads nothing from anywhere' },
  run: async call => {
    const dir = runDirOf(wordOf(call, 0, 'DIR', USAGE), call.values)
    const file = textOf(call.values, 'html')
    if (file === undefined) throw new Refusal('usage', '--html is missing', 'command line', USAGE)
    const folded = await foldedFrom(dir, call)
    if (!folded) return stopped(call)
    const { run, ...facts } = folded
    const verdict = await FOLDERS.verify(dir, { api: scanApi() })
    const replay = await replayed(run, call)
    if (call.stop.aborted) return stopped(call)
    const { head, lastSeq, firstUs, lastUs, digest } = run
    const html = runPage({ ...facts, head, lastSeq, firstUs, lastUs, digest, verdict, replay })
    writeWhole(file, html)
    const bytes = Buffer.byteLength(html)
    call.say(`wrote ${file}: ${bytes} bytes`)
    call.say(`verify ${verdict.status}; replay ${replay.identical ? 'identical' : 'not identical'}`)
    const isYes = verdict.status === 'intact' && replay.identical
    const { status } = verdict
    return {
      code: isYes ? 0 : 1,
      json: {
        file,
        bytes,
        head,
        lastSeq,
        verify: { status },
        replay: { identical: replay.identical },
      },
    }
  },
}

/** All that the page shows of the log itself, in one walk over it. */
async function foldedFrom(dir: string, call: Call) {
  const fold = new RunFold()
  let world = new World()
  const run = await ledgerOf(dir, call, (row, now) => {
    world = now
    fold.take(row, now)
  })
  return run ? { run, ...fold.facts(world) } : undefined
}

/** The same log run again, as far as it was read. */
async function replayed({ dir, lastSeq }: LedgerOf, call: Call) {
  const { parts, api, close } = servingOf(backendOf('auto', 'replay'), call.note)
  const { result } = await replayRun(dir, {
    ...{ parts, api, untilSeq: lastSeq },
    progress: seq => {
      call.progress(`replay: ${seq.toLocaleString('en')} events`)
    },
  }).finally(close)
  return result
}
