import { BACKEND_HELP, backendOf, tapingOf } from '../backend.js'
import { Refusal, textOf, textsOf, wordOf, type Call, type Command } from '../command.js'
import { sweepPage } from '../format/sweep-page.js'
import { sweepTable, type SweepRow } from '../format/sweep-table.js'
import { tableOf } from '../format/table.js'
import { axesOf, gridOf } from '../grid.js'
import { passConfig, startedWith } from '../passes.js'
import { allPasses, WORKERS_HELP, workersOf } from '../pass-threads.js'
import { runDirOf, runIdOf, startOf } from '../runs.js'
import { codeIn } from '../strategies/own.js'
import { filesFor } from '../strategies/kept.js'
import { requireSound } from '../strategies/sound.js'
import { tapesOf, type Taped } from '../tape.js'
import { writeWhole } from '../write-whole.js'

const USAGE =
  'sweep DIR --vary KEY=V1,V2… [--vary …] [--set KEY=VALUE…] [--workers N] [--html FILE] [--backend B]'

/** `polaris sweep`: the same feed under every combination of some values. */
export const sweepCommand: Command = {
  name: 'sweep',
  summary:
    'the same feed under every combination of some values: signals, orders and profit of each',
  usage: USAGE,
  example: 'sweep runs/demo --vary parity.min_edge_bps=50,100,200 --vary sim.latency_ms=0,250',
  options: {
    vary: { type: 'string', multiple: true },
    workers: { type: 'string' },
    html: { type: 'string' },
    backend: { type: 'string' },
  },
  help: {
    '--vary KEY=V1,V2…': 'a key and the values that it takes in turn; repeat it for a grid',
    '--set KEY=VALUE': 'a value that all of them share',
    '--workers N': WORKERS_HELP,
    '--html FILE':
      'one page for a browser: the table, and the profit of each pair of keys as a heat map',
    '--backend B': BACKEND_HELP,
  },
  run: async call => {
    const dir = runDirOf(wordOf(call, 0, 'DIR', USAGE), call.values)
    const page = textOf(call.values, 'html')
    const { data } = await startOf(dir)
    const axes = axesOf(textsOf(call.values, 'vary'))
    if (axes.length === 0)
      throw new Refusal('usage', 'nothing varies', '--vary', 'KEY=V1,V2…, at least once')
    const grid = gridOf(axes)
    const files = filesFor(dir, call.values)
    const configs = grid.map(of => passConfig(call.values, data, of, files))
    await requireSound(configs[0]!, call)
    const wanted = textOf(call.values, 'backend') ?? configs[0]!.run.backend
    const backend = backendOf(wanted, 'replay')
    const taped = await tapesOf(dir, tapingOf(backend, call))
    const started = await Promise.all(configs.map(config => startedWith(data, config)))
    const results = await allPasses(
      started.map(of => ({ run: 0, started: of })),
      {
        runs: [taped.tapes],
        backend,
        code: codeIn(configs[0]!),
        workers: workersOf(call.values),
        call,
      },
    )
    const rows = grid.flatMap((set, k): SweepRow[] => {
      const of = results[k]
      return of?.tag === 'summary' ? [{ set, summary: of.summary }] : []
    })
    say(call, taped, rows)
    if (page !== undefined) {
      writeWhole(page, sweepPage({ name: runIdOf(dir), inputs: taped.inputs, axes, rows }))
      call.say(`the page: ${page}`)
    }
    const { inputs, bytes } = taped
    return {
      code: call.stop.aborted ? 130 : 0,
      json: { runDir: dir, inputs, tapeBytes: bytes, rows },
    }
  },
}

function say(call: Call, { inputs, bytes }: Taped, rows: readonly SweepRow[]): void {
  const perInput = inputs === 0 ? 0 : bytes / inputs
  call.say(
    `${inputs.toLocaleString('en')} inputs decoded once, ${perInput.toFixed(1)} bytes each; ${rows.length} passes`,
  )
  call.say('')
  for (const line of tableOf(sweepTable(rows))) call.say(line)
}
