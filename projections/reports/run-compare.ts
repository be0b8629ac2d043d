import { microCell, msCell } from '../csv.js'
import type { Summary } from '../summary.js'
import type { ReportColumn } from './csv-table.js'
import { day14, type Thresholds } from './day14.js'
import type { RunLedger } from './ledger.js'
import type { ShadowProfile } from '../shadow.js'

/** A run beside others. */
export interface Compared {
  readonly ledger: RunLedger
  /** open (its process is alive), sealed, crashed, unknown. */
  readonly status: string
  readonly digest: string
  readonly summary: Summary
  readonly judged: ReturnType<typeof judge>
}

/** What the shadow accounts of one run come to by themselves. */
export function judge(
  run: RunLedger,
  of: { readonly profile: ShadowProfile; readonly thresholds: Thresholds },
) {
  const { overall, scores, isGo } = day14([run], of)
  return { tally: overall, bad: scores.bad, isGo }
}

/** `run_compare.csv`: 24 columns, one row a run. */
export const COMPARE_COLUMNS: readonly ReportColumn<Compared>[] = [
  ['run_id', ({ ledger }) => ledger.runId],
  ['status', ({ status }) => status],
  ['mode', ({ ledger }) => ledger.mode],
  ['source', ({ ledger }) => ledger.source],
  ['schema', ({ ledger }) => `${ledger.schema}`],
  ['config_digest', ({ digest }) => digest],
  ['head', ({ ledger }) => ledger.head],
  ['start_ms', ({ ledger }) => msCell(ledger.firstUs)],
  ['end_ms', ({ ledger }) => msCell(ledger.lastUs)],
  ['inputs', ({ summary }) => `${summary.inputs}`],
  ['signals', ({ summary }) => `${summary.signals}`],
  ['dropped', ({ summary }) => `${summary.dropped}`],
  ['orders', ({ summary }) => `${summary.orders}`],
  ['fills', ({ summary }) => `${summary.fills}`],
  ['sets', ({ summary }) => microCell(summary.setsMicro)],
  ['realised_pnl', ({ summary }) => microCell(summary.pnlMicro.realised)],
  ['open_pnl', ({ summary }) => microCell(summary.pnlMicro.open)],
  ['fees', ({ summary }) => microCell(summary.pnlMicro.fees)],
  ['shadow_rows_ok', ({ judged }) => `${judged.tally.rows}`],
  ['shadow_rows_bad', ({ judged }) => `${judged.bad}`],
  ['total_shadow_pnl', ({ judged }) => microCell(judged.tally.pnl)],
  ['set_ratio_avg', ({ judged }) => microCell(judged.tally.ratioAverage)],
  ['legging_rate', ({ judged }) => microCell(judged.tally.legging)],
  ['go_no_go', ({ judged }) => (judged.isGo ? 'GO' : 'NO GO')],
]
