import type { RecordedConfig } from '#schemas/config.js'
import { tableOf, type RowView } from '../view.js'
import { CREATED, isoCell, jsonCell, RUN_ID } from './columns.js'

interface ParamRow {
  readonly seq: number
  readonly digest: string
  /** Keys that differ from the configuration before; all of them where there was none. */
  readonly scope: string
  readonly params: RecordedConfig
  readonly tUs: number
  retiredUs: number | undefined
}

const arbParamSnapshot: RowView<ParamRow[], ParamRow> = {
  name: 'arb_param_snapshot',
  version: 1,
  initialState: () => [],
  evolve: (rows, { seq, tUs, event }) => {
    if (event.type !== 'RunStarted' && event.type !== 'ConfigChanged') return
    const { config: params, digest } = event.data
    const changed = event.type === 'ConfigChanged' ? (event.data.changed ?? []) : []
    const last = rows.at(-1)
    if (last) last.retiredUs = tUs
    const scope = changed.length === 0 ? 'all' : changed.join(',')
    rows.push({ seq, digest, scope, params, tUs, retiredUs: undefined })
  },
  drain: () => [],
  rest: rows => [...rows],
  isWhole: true,
}

const NOBODY_SCORED = (): string => ''

/** `arb_param_snapshot.csv`: every configuration that decided, from when to when. */
export const arbParamSnapshotFile = tableOf(arbParamSnapshot, [
  RUN_ID,
  ['id', ({ seq }) => `${seq}`, 'text'],
  ['strategy_scope', ({ scope }) => scope, 'text'],
  // A run may come back to a configuration: the event makes the version one of its own.
  ['version', ({ digest, seq }) => `${digest.slice(0, 16)}-${seq}`, 'text'],
  ['status', ({ retiredUs }) => (retiredUs === undefined ? 'active' : 'retired'), 'text'],
  ['params', ({ params }) => jsonCell(params), 'text'],
  ['score_total', NOBODY_SCORED, 'micro'],
  ['score_breakdown', NOBODY_SCORED, 'text'],
  ['source_replay_run_id', NOBODY_SCORED, 'text'],
  ['source_paper_window_start', NOBODY_SCORED, 'text'],
  ['source_paper_window_end', NOBODY_SCORED, 'text'],
  CREATED,
  ['activated_at', ({ tUs }) => isoCell(tUs), 'text'],
  ['deactivated_at', ({ retiredUs }) => isoCell(retiredUs), 'text'],
])
