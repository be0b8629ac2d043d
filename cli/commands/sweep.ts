import { setImmediate } from 'node:timers/promises'
import { completed, decisionPart, type Config } from '#schemas/config.js'
import { RunStarted } from '#schemas/events/run.js'
import { SCHEMA, type EventOf } from '#schemas/registry.js'
import { summary, summaryOver, tally, type Summary } from '#projections/summary.js'
import { passOver } from '#engine/run/pass.js'
import type { Parts } from '#engine/run/start.js'
import type { Tape } from '#engine/book/tape.js'
import { BACKEND_HELP, backendOf, scanApi, servingOf } from '../backend.js'
import { Refusal, textOf, textsOf, wordOf, type Call, type Command } from '../command.js'
import { changedConfig, digestOf, loadConfig } from '../config.js'
import { dollars, sharesText } from '../format/money.js'
import { tableOf } from '../format/table.js'
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
    const configs = grid.map(of => configWith(call, data, of))
    const wanted = textOf(call.values, 'backend') ?? configs[0]!.run.backend
    const backend = backendOf(wanted, 'replay')
    const taped = await tapesOf(dir, {
      api: backend === 'native' ? scanApi() : undefined,
      progress: inputs => {
        call.progress(`${inputs.toLocaleString('en')} inputs decoded`)
      },
    })
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

/** Values by key. */
export type Chosen = Readonly<Record<string, string>>

interface Row {
  readonly set: Chosen
  readonly summary: Summary
}

/** One pass over a run that is decoded, and what came of it. The result is that of a run that keeps a log. */
export function passed(
  started: EventOf<'RunStarted'>,
  tapes: readonly Tape[],
  parts: Parts,
): Summary {
  const state = summary.initialState()
  const loop = passOver({ started, tapes, parts }, ({ rows }) => {
    for (const row of rows) tally(state, row)
  })
  const { fold } = loop.state
  const view = summaryOver(state, token => fold.view(token)?.bestBid ?? 0)
  return { ...view, inputs: loop.inputs }
}

/**
 * What a pass begins with. A run is decided by the rules of its own schema, as `what-if` decides it; an import decided nothing, so it is a
 * replay on paper by the rules of today.
 */
export async function startedWith(
  { mode, schema, seed, faults }: EventOf<'RunStarted'>['data'],
  config: Config,
): Promise<EventOf<'RunStarted'>> {
  const decisions = decisionPart(config)
  return RunStarted.make({
    parent: '',
    mode: mode === 'import' ? 'paper_replay' : mode,
    source: 'run',
    schema: mode === 'import' ? SCHEMA : schema,
    seed,
    faults,
    config: decisions,
    digest: await digestOf(decisions),
  })
}

/** The configuration of the run, or today's where it decided nothing, with these values. */
export function configWith(
  call: Call,
  { mode, config }: EventOf<'RunStarted'>['data'],
  of: Chosen,
): Config {
  const chosen = Object.entries(of).map(([key, value]) => `${key}=${value}`)
  const values = { ...call.values, set: [...textsOf(call.values, 'set'), ...chosen] }
  return (mode === 'import' ? loadConfig(values) : changedConfig(values, completed(config))).config
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
