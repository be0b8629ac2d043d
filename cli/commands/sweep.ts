import { setImmediate } from 'node:timers/promises'
import type { Summary } from '#projections/summary.js'
import { BACKEND_HELP, backendOf, servingOf, tapingOf } from '../backend.js'
import { Refusal, textOf, textsOf, wordOf, type Call, type Command } from '../command.js'
import { dollars, sharesText } from '../format/money.js'
import { tableOf } from '../format/table.js'
import { passConfig, passed, startedWith, type Chosen } from '../passes.js'
import { runDirOf, startOf } from '../runs.js'
import { tapesOf, type Taped } from '../tape.js'

const USAGE = 'sweep DIR --vary KEY=V1,V2… [--vary …] [--set KEY=VALUE…] [--backend B]'
/** More would be a mistake in the command line rather than a question. */
const COMBINATIONS_MAX = 10_000

/** `polaris sweep`: the same feed under every combination of some values. */
export const sweepCommand: Command = {
  name: 'sweep',
  summary:
    'the same feed under every combination of some values: signals, orders and profit of each',
  usage: USAGE,
  example: 'sweep runs/demo --vary parity.min_edge_bps=50,100,200 --vary sim.latency_ms=0,250',
  options: { vary: { type: 'string', multiple: true }, backend: { type: 'string' } },
  help: {
    '--vary KEY=V1,V2…': 'a key and the values that it takes in turn; repeat it for a grid',
    '--set KEY=VALUE': 'a value that all of them share',
    '--backend B': BACKEND_HELP,
  },
  run: async call => {
    const dir = runDirOf(wordOf(call, 0, 'DIR', USAGE), call.values)
    const { data } = await startOf(dir)
    const grid = gridOf(textsOf(call.values, 'vary'))
    const configs = grid.map(of => passConfig(call.values, data, of))
    const wanted = textOf(call.values, 'backend') ?? configs[0]!.run.backend
    const backend = backendOf(wanted, 'replay')
    const taped = await tapesOf(dir, tapingOf(backend, call))
    const rows: Row[] = []
    for (const [k, set] of grid.entries()) {
      call.progress(`pass ${k + 1} of ${grid.length}`)
      const started = await startedWith(data, configs[k]!)
      const { parts, close: end } = servingOf(backend, call.note)
      rows.push({ set, summary: passed(started, taped.tapes, parts) })
      end()
      await setImmediate()
      if (call.stop.aborted) break
    }
    say(call, taped, rows)
    const { inputs, bytes } = taped
    return {
      code: call.stop.aborted ? 130 : 0,
      json: { runDir: dir, inputs, tapeBytes: bytes, rows },
    }
  },
}

interface Row {
  readonly set: Chosen
  readonly summary: Summary
}

/** Every combination, the last key changing fastest. */
function gridOf(varied: readonly string[]): readonly Chosen[] {
  if (varied.length === 0)
    throw new Refusal('usage', 'nothing varies', '--vary', 'KEY=V1,V2…, at least once')
  const grid = varied.reduce<readonly Chosen[]>(
    (found, text) => {
      const { key, values } = axisOf(text)
      if (found.some(of => key in of)) throw new Refusal('usage', `${key} varies twice`, '--vary')
      return found.flatMap(of => values.map(value => ({ ...of, [key]: value })))
    },
    [{}],
  )
  if (grid.length <= COMBINATIONS_MAX) return grid
  const most = `at most ${COMBINATIONS_MAX.toLocaleString('en')}`
  throw new Refusal('usage', `${grid.length.toLocaleString('en')} combinations`, '--vary', most)
}

/** Commas within brackets or quotes belong to a value. */
function axisOf(text: string): { key: string; values: readonly string[] } {
  const at = text.indexOf('=')
  const values = text.slice(at + 1).match(/(?:\[[^\]]*\]|"[^"]*"|[^,])+/g) ?? []
  if (at < 1 || values.length === 0)
    throw new Refusal('usage', `--vary ${text}`, '--vary', 'KEY=V1,V2…')
  return { key: text.slice(0, at), values }
}

function say(call: Call, { inputs, bytes }: Taped, rows: readonly Row[]): void {
  const perInput = inputs === 0 ? 0 : bytes / inputs
  call.say(
    `${inputs.toLocaleString('en')} inputs decoded once, ${perInput.toFixed(1)} bytes each; ${rows.length} passes`,
  )
  call.say('')
  const keys = Object.keys(rows[0]?.set ?? {})
  const facts = rows.map(({ set, summary: of }) => {
    const { realised, open } = of.pnlMicro
    const counts = [of.signals, of.dropped, of.orders, of.fills].map(String)
    const money = [realised, open, realised + open].map(dollars)
    const stopped = of.hardStop === null ? '' : 'stopped'
    return [
      ...keys.map(key => set[key] ?? ''),
      ...counts,
      sharesText(of.setsMicro),
      ...money,
      stopped,
    ]
  })
  const heading = [
    'signals',
    'dropped',
    'orders',
    'fills',
    'sets',
    'realised',
    'open',
    'profit',
    '',
  ]
  for (const line of tableOf([[...keys, ...heading], ...facts])) call.say(line)
}
