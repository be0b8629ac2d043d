import { RunFactsFold } from '#projections/arb/run-facts.js'
import { PNL_MODELS, type PnlModel } from '#projections/arb/trade-result.js'
import { isoOf } from '#projections/iso.js'
import { windowOf, type ReportRun, type Window } from '#projections/reports/arb-window.js'
import { World } from '#projections/world.js'
import { forgottenFrom } from './arb-cleaned.js'
import { arbRunsOf, filtered, someOf, type RunFilter } from './arb-runs.js'
import { Refusal, textOf, wholeOf, type Call, type Values } from './command.js'
import { endOf, rowsOf, runIdOf } from './runs.js'

/** Options of every verb that looks at runs by what they are. */
export const FILTER_OPTIONS = {
  mode: { type: 'string' },
  source: { type: 'string' },
  'source-code': { type: 'string' },
  'run-tag': { type: 'string' },
  'since-hours': { type: 'string' },
} as const

/** What they say. */
export const FILTER_HELP = {
  '--mode M': 'only runs of this mode (default: all)',
  '--source-code S':
    'only runs of this source, as their first event has it; --source is the same (default: all)',
  '--run-tag T':
    'current: the tag of the run that was started last; all; or a tag (default: current)',
  '--since-hours N': 'only the last N hours of event time before the last event of all these runs',
}

/** How trades are to be valued. */
export const PNL_OPTIONS = { pnl: { type: 'string' }, output: { type: 'string' } } as const

/** What that says. */
export const PNL_HELP = {
  '--pnl MODEL': `${PNL_MODELS.join(', ')} (default: realised, which is what sales and payouts brought)`,
  '--output FILE': 'write the JSON there too',
}

/** The filter of a command line; `all` filters nothing. */
export function filterOf(values: Values, tag: string): RunFilter {
  const named = (name: string): string | undefined => {
    const text = textOf(values, name)
    return text === 'all' ? undefined : text
  }
  const source = textOf(values, 'source-code') === undefined ? 'source' : 'source-code'
  return { mode: named('mode'), source: named(source), tag: textOf(values, 'run-tag') ?? tag }
}

/** Facts of the runs that a command line means. */
export interface Found {
  readonly runs: readonly ReportRun[]
  readonly names: readonly string[]
  readonly window: Window
  readonly model: PnlModel
  /** As reports show it. */
  readonly shown: Readonly<Record<string, string | number | null>>
}

/** Reads the runs that a command line means; nothing where the operator stopped it. Runs of one head are one run. */
export async function factsOf(call: Call): Promise<Found | undefined> {
  const { values } = call
  const model = modelOf(values)
  const sinceHours = wholeOf(values, 'since-hours', 1)
  const filter = filterOf(values, 'current')
  const meant = filtered(await arbRunsOf(call), filter)
  const runs: ReportRun[] = []
  const names: string[] = []
  const heads = new Map<string, string>()
  for (const { dir, runId } of someOf(meant.runs, call)) {
    const { head, lastSeq } = await endOf(dir)
    const other = heads.get(head)
    if (other !== undefined) call.note(`${runId} is ${other} again: it has the same head`)
    if (other !== undefined) continue
    heads.set(head, runId)
    const facts = await runFacts(dir, lastSeq, call)
    if (!facts) return undefined
    runs.push({ facts, forgottenUs: await forgottenFrom(dir) })
    names.push(runId)
  }
  const window = windowOf(runs, sinceHours)
  const shown = {
    ...{ since_hours: sinceHours ?? null, start_at: isoOf(window.fromUs) },
    ...{ end_at: isoOf(window.toUs), mode: filter.mode ?? 'all' },
    ...{ source_code: filter.source ?? 'all', run_tag: meant.tag },
  }
  return { runs, names, window, model, shown }
}

async function runFacts(dir: string, untilSeq: number, { progress, stop }: Call) {
  const [fold, world] = [new RunFactsFold(), new World()]
  for await (const rows of rowsOf(dir, { untilSeq })) {
    if (stop.aborted) return undefined
    for (const row of rows) {
      world.take(row)
      fold.take(row, world)
    }
    progress(
      `${runIdOf(dir)}: ${(rows.at(-1)?.seq ?? 0).toLocaleString('en')} of ${untilSeq} events`,
    )
  }
  return fold.facts(world)
}

function modelOf(values: Values): PnlModel {
  const text = textOf(values, 'pnl') ?? 'realised'
  const model = PNL_MODELS.find(one => one === text)
  if (model) return model
  throw new Refusal('usage', `--pnl is '${text}'`, '--pnl', PNL_MODELS.join(', '))
}
