import { ARB_VIEWS } from '#projections/arb/registry.js'
import { timeColumnOf } from '#projections/arb/forgotten.js'
import { isoOf } from '#projections/iso.js'
import type { Cells, FileView } from '#projections/view.js'
import { World } from '#projections/world.js'
import { remembered } from './arb-cleaned.js'
import type { ArbRun } from './arb-runs.js'
import { Refusal, type Call } from './command.js'
import { endOf, rowsOf } from './runs.js'

/** The arb table of this name, or a Refusal that names all. */
export function arbTable(name: string): FileView {
  const view = ARB_VIEWS.find(one => one.name === name)
  if (view) return view
  const names = ARB_VIEWS.map(one => one.name).join(', ')
  throw new Refusal('usage', `there is no table '${name}'`, '--table', names)
}

/** Where runs end: their last events, and the time of the latest of all. */
export interface Ends {
  readonly lastSeqs: readonly number[]
  readonly lastUs: number
}

/** Where runs end now. */
export async function endsOf(runs: readonly ArbRun[]): Promise<Ends> {
  const lastSeqs: number[] = []
  let lastUs = 0
  for (const { dir } of runs) {
    const { lastSeq: untilSeq } = await endOf(dir)
    lastSeqs.push(untilSeq)
    for await (const rows of rowsOf(dir, { fromSeq: untilSeq, untilSeq }))
      lastUs = Math.max(lastUs, rows.at(-1)?.tUs ?? 0)
  }
  return { lastSeqs, lastUs }
}

/** Rows of an arb table of one run as they are finished, without what was cleaned; from a time on (µs). Ends where the operator stops it. */
export async function* arbRows(
  view: FileView,
  { dir, runId }: ArbRun,
  { untilSeq, fromUs, stop }: { untilSeq: number; fromUs: number; stop: Call['stop'] },
): AsyncGenerator<readonly Cells[]> {
  const [own = view] = await remembered(dir, [view])
  const at = view.columns.indexOf(timeColumnOf(view))
  const from = isoOf(Math.max(0, fromUs))
  const recent = (rows: readonly Cells[]): readonly Cells[] =>
    rows.filter(cells => (cells[at] ?? '') >= from)
  const [world, open] = [new World(), own.open(runId)]
  for await (const rows of rowsOf(dir, { untilSeq })) {
    if (stop.aborted) return
    for (const row of rows) {
      world.take(row)
      open.take(row, world)
    }
    yield recent(open.drain())
  }
  yield recent([...open.drain(), ...open.rest(world)])
}
