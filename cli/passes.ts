import { completed, decisionPart, type Config } from '#schemas/config.js'
import { RunStarted } from '#schemas/events/run.js'
import { SCHEMA, type EventOf } from '#schemas/registry.js'
import { summary, summaryOver, tally, type Summary } from '#projections/summary.js'
import type { Tape } from '#engine/book/tape.js'
import { passOver } from '#engine/run/pass.js'
import type { Parts } from '#engine/run/start.js'
import { textsOf, type Values } from './command.js'
import { changedConfig, digestOf, loadConfig } from './config.js'
import type { Chosen } from './grid.js'

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

/**
 * The configuration of the run, or today's where it decided nothing, with what the call sets and then with these values. `files` are those
 * of the run's strategies.
 */
export function passConfig(
  call: Values,
  { mode, config }: EventOf<'RunStarted'>['data'],
  of: Chosen = {},
  files: readonly string[] = [],
): Config {
  const chosen = Object.entries(of).map(([key, value]) => `${key}=${value}`)
  const values = { ...call, set: [...textsOf(call, 'set'), ...chosen] }
  return (mode === 'import' ? loadConfig(values) : changedConfig(values, completed(config), files))
    .config
}
